package metafeatures

import (
	"cmp"
	"math"
	"slices"

	"github.com/metaml/metaml/optimizers/surrogate/forest"
)

// gainNodes predicts every fold by one split of the other folds, which rule finds.
func (l *landmarkSample) gainNodes(rule func(train []int) forest.Node) []float64 {
	predictions := make([]float64, len(l.y))
	for f := range l.folds {
		train := l.train(f)
		l.split(predictions, f, train, rule(train))
	}
	return predictions
}

// bestGain is the split with the largest information gain, on the first column of several.
func (l *landmarkSample) bestGain(train []int) forest.Node {
	best, least := forest.Node{Feature: -1}, math.Inf(1)
	for j := range l.x[0] {
		if cut, entropy := l.columnGain(train, j); entropy < least {
			best, least = forest.Node{Feature: j, Cut: cut}, entropy
		}
	}
	return best
}

// drawnGain is the best split on a column drawn among those that can be split.
func (l *landmarkSample) drawnGain(train []int) forest.Node {
	for _, j := range l.rng.Perm(len(l.x[0])) {
		if cut, entropy := l.columnGain(train, j); !math.IsInf(entropy, 1) {
			return forest.Node{Feature: j, Cut: cut}
		}
	}
	return forest.Node{Feature: -1}
}

// columnGain returns the cut of one column that leaves the least entropy of the classes, in nats times rows, and that
// entropy; infinite where the column cannot be split. Least entropy is largest gain.
func (l *landmarkSample) columnGain(train []int, column int) (cut, entropy float64) {
	rows := slices.Clone(train)
	slices.SortFunc(rows, func(a, b int) int { return cmp.Compare(l.x[a][column], l.x[b][column]) })
	left, right := make([]float64, l.classes), make([]float64, l.classes)
	for _, i := range rows {
		right[int(l.y[i])]++
	}
	entropy = math.Inf(1)
	for k, i := range rows[:len(rows)-1] {
		left[int(l.y[i])]++
		right[int(l.y[i])]--
		here, next := l.x[i][column], l.x[rows[k+1]][column]
		if here == next {
			continue
		}
		if e := disorder(left) + disorder(right); e < entropy {
			cut, entropy = here/2+next/2, e
		}
	}
	return cut, entropy
}

// disorder is the entropy of counts times their sum, in nats.
func disorder(counts []float64) float64 {
	var n, sum float64
	for _, c := range counts {
		if c > 0 {
			n += c
			sum += c * math.Log(c)
		}
	}
	if n == 0 {
		return 0
	}
	return n*math.Log(n) - sum
}
