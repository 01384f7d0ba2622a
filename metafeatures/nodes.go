package metafeatures

import (
	"math"
	"slices"

	"github.com/metaml/metaml/optimizers/surrogate/forest"
)

// foldTree is the decision tree of one fold and what it found important.
type foldTree struct {
	model      *forest.Forest
	train      []int
	importance []float64 // by column: the impurity its splits removed
}

// trees grows a decision tree for every fold.
func (l *landmarkSample) trees() ([]foldTree, error) {
	trees := make([]foldTree, l.folds)
	for f := range trees {
		t := foldTree{train: l.train(f), importance: make([]float64, len(l.x[0]))}
		opt := forest.Tree()
		opt.Rows, opt.Workers = t.train, 1
		if !l.classification {
			opt.MinLeaf = 5
		}
		var err error
		if t.model, err = l.grow(l.table, opt); err != nil {
			return nil, err
		}
		for _, n := range t.model.Nodes(0) {
			if n.Feature >= 0 {
				t.importance[n.Feature] += n.Gain
			}
		}
		trees[f] = t
	}
	return trees, nil
}

func (l *landmarkSample) grow(table *forest.Table, opt forest.Options) (*forest.Forest, error) {
	if !l.classification {
		y := make([][]float64, len(l.y))
		for i := range y {
			y[i] = l.y[i : i+1]
		}
		return table.Fit(y, opt)
	}
	classes := make([]int, len(l.y))
	for i, v := range l.y {
		classes[i] = int(v)
	}
	return table.FitClasses(classes, opt)
}

// least is the column of least importance, the first of several. An importance that overflowed is none of them.
func (t foldTree) least() int {
	best := 0
	for j, v := range t.importance {
		if v < t.importance[best] || math.IsNaN(t.importance[best]) && !math.IsNaN(v) {
			best = j
		}
	}
	return best
}

// most is the column of most importance, the last of several.
func (t foldTree) most() int {
	best := 0
	for j, v := range t.importance {
		if v >= t.importance[best] {
			best = j
		}
	}
	return best
}

// answer turns a tree's prediction into a class or value.
func (l *landmarkSample) answer(prediction []float64) float64 {
	if !l.classification {
		return prediction[0]
	}
	return float64(slices.Index(prediction, slices.Max(prediction)))
}

// treePredictions predicts by the whole trees.
func (l *landmarkSample) treePredictions(trees []foldTree) []float64 {
	predictions := make([]float64, len(l.y))
	for i, x := range l.x {
		predictions[i] = l.answer(trees[l.fold[i]].model.Predict(x))
	}
	return predictions
}

// bestNode predicts by the trees' roots alone: their first splits are the best single ones.
func (l *landmarkSample) bestNode(trees []foldTree) []float64 {
	predictions := make([]float64, len(l.y))
	for f, t := range trees {
		l.split(predictions, f, t.train, t.model.Nodes(0)[0])
	}
	return predictions
}

// node predicts by the best split on one column, chosen for every fold.
func (l *landmarkSample) node(column func(fold int) int) ([]float64, error) {
	predictions := make([]float64, len(l.y))
	single := make([][]float64, len(l.x))
	for f := range l.folds {
		j := column(f)
		for i, x := range l.x {
			single[i] = x[j : j+1]
		}
		table, err := forest.NewTable(single)
		if err != nil {
			return nil, err
		}
		opt := forest.Tree()
		opt.Rows, opt.MaxDepth, opt.Workers = l.train(f), 1, 1
		stump, err := l.grow(table, opt)
		if err != nil {
			return nil, err
		}
		root := stump.Nodes(0)[0]
		if root.Feature >= 0 {
			root.Feature = j
		}
		l.split(predictions, f, opt.Rows, root)
	}
	return predictions, nil
}

// split predicts a fold by one split: the mean or the most frequent class of the training rows on the same side.
func (l *landmarkSample) split(predictions []float64, fold int, train []int, root forest.Node) {
	var left, right []float64
	side := func(i int) *[]float64 {
		if root.Feature < 0 || l.x[i][root.Feature] <= root.Cut {
			return &left
		}
		return &right
	}
	for _, i := range train {
		s := side(i)
		*s = append(*s, l.y[i])
	}
	below, above := l.centre(left), l.centre(right)
	for i, f := range l.fold {
		if f != fold {
			continue
		}
		predictions[i] = below
		if side(i) == &right {
			predictions[i] = above
		}
	}
}

// centre is the most frequent class, the first of several, or the mean.
func (l *landmarkSample) centre(values []float64) float64 {
	if !l.classification {
		return total(values) / float64(len(values))
	}
	counts := make([]int, l.classes)
	for _, v := range values {
		counts[int(v)]++
	}
	return float64(slices.Index(counts, slices.Max(counts)))
}
