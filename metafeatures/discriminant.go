package metafeatures

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// discriminant predicts by linear discriminant analysis (Fisher 1936) with the training folds' class shares as
// priors. Columns whose variance within classes is nothing or explained by other columns are left out.
func (l *landmarkSample) discriminant() []float64 {
	predictions := make([]float64, len(l.y))
	for f := range l.folds {
		rules := l.discriminantRules(l.train(f))
		for i, fold := range l.fold {
			if fold != f {
				continue
			}
			best := math.Inf(-1)
			predictions[i] = math.NaN()
			for _, r := range rules {
				if score := r.constant + floats.Dot(r.weights, l.x[i]); score > best {
					best, predictions[i] = score, r.class
				}
			}
		}
	}
	return predictions
}

// linearRule scores one class; the highest score wins.
type linearRule struct {
	class    float64
	weights  []float64
	constant float64
}

// discriminantRules returns a rule for every class of the training rows, none if there are no more rows than
// classes.
func (l *landmarkSample) discriminantRules(train []int) []linearRule {
	p := len(l.x[0])
	counts, means := make([]float64, l.classes), make([][]float64, l.classes)
	for _, i := range train {
		k := int(l.y[i])
		if means[k] == nil {
			means[k] = make([]float64, p)
		}
		counts[k]++
		floats.Add(means[k], l.x[i])
	}
	present := 0
	for k, m := range means {
		if m != nil {
			floats.Scale(1/counts[k], m)
			present++
		}
	}
	if len(train) <= present {
		return nil
	}
	deviations := mat.NewDense(p, len(train), nil)
	raw := deviations.RawMatrix()
	for c, i := range train {
		for j, v := range l.x[i] {
			raw.Data[j*raw.Stride+c] = v - means[int(l.y[i])][j]
		}
	}
	var within mat.SymDense
	within.SymOuterK(1/float64(len(train)-present), deviations)
	l.clearRounding(&within, train)
	solve := factorise(&within, 1e-8)
	var rules []linearRule
	for k, m := range means {
		if m == nil {
			continue
		}
		r := linearRule{class: float64(k), weights: solve.solve(m)}
		r.constant = math.Log(counts[k]/float64(len(train))) - floats.Dot(r.weights, m)/2
		rules = append(rules, r)
	}
	return rules
}

// clearRounding makes the variance within classes nothing where it is a share of the column's own square that rounding
// alone leaves, so that such columns are left out. Only landmarkers with a negligible share ask for it.
func (l *landmarkSample) clearRounding(within *mat.SymDense, train []int) {
	if l.negligible == 0 {
		return
	}
	for j := range within.SymmetricDim() {
		var squares float64
		for _, i := range train {
			squares += l.x[i][j] * l.x[i][j]
		}
		if within.At(j, j) <= l.negligible*squares/float64(len(train)) {
			within.SetSym(j, j, 0)
		}
	}
}

// solve returns x with M x = b on the columns kept, 0 on the others.
func (t triangle) solve(b []float64) []float64 {
	reduced := make([]float64, len(t.kept))
	for i, j := range t.kept {
		reduced[i] = b[j]
	}
	t.forward(reduced)
	t.backward(reduced)
	x := make([]float64, len(b))
	for i, j := range t.kept {
		x[j] = reduced[i]
	}
	return x
}
