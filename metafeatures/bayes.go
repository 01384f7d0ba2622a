package metafeatures

import (
	"math"
)

// gaussians are the columns' means and variances within one class.
type gaussians struct {
	class          float64
	count          float64
	mean, variance []float64
	constant       float64 // of the log likelihood, with the prior
}

// naiveBayes predicts by Gaussian naive Bayes: columns independent and normal within each class. A billionth of the
// largest variance of any column is added to all, as scikit-learn does.
func (l *landmarkSample) naiveBayes() []float64 {
	predictions := make([]float64, len(l.y))
	for f := range l.folds {
		models := l.gaussians(l.train(f))
		for i, fold := range l.fold {
			if fold != f {
				continue
			}
			best := math.Inf(-1)
			predictions[i] = math.NaN()
			for _, m := range models {
				score := m.constant
				for j, v := range l.x[i] {
					d := v - m.mean[j]
					score -= d * d * m.variance[j] // holds 1/(2 variance)
				}
				if score > best {
					best, predictions[i] = score, m.class
				}
			}
		}
	}
	return predictions
}

// gaussians fits every class of the training rows.
func (l *landmarkSample) gaussians(train []int) []*gaussians {
	p := len(l.x[0])
	whole := &gaussians{mean: make([]float64, p), variance: make([]float64, p)}
	byClass := make([]*gaussians, l.classes)
	var models []*gaussians
	for _, i := range train {
		k := int(l.y[i])
		if byClass[k] == nil {
			byClass[k] = &gaussians{class: float64(k), mean: make([]float64, p), variance: make([]float64, p)}
		}
		whole.addMean(l.x[i])
		byClass[k].addMean(l.x[i])
	}
	for _, i := range train {
		whole.addVariance(l.x[i])
		byClass[int(l.y[i])].addVariance(l.x[i])
	}
	var largest float64
	for _, v := range whole.variance {
		largest = max(largest, v/whole.count)
	}
	for _, m := range byClass {
		if m != nil {
			m.finish(1e-9*largest, float64(len(train)))
			models = append(models, m)
		}
	}
	return models
}

// addMean is Welford's update of the mean.
func (g *gaussians) addMean(x []float64) {
	g.count++
	for j, v := range x {
		g.mean[j] += (v - g.mean[j]) / g.count
	}
}

func (g *gaussians) addVariance(x []float64) {
	for j, v := range x {
		g.variance[j] += (v - g.mean[j]) * (v - g.mean[j])
	}
}

// finish turns sums of squares into factors of the log likelihood.
func (g *gaussians) finish(added, rows float64) {
	g.constant = math.Log(g.count / rows)
	for j, s := range g.variance {
		variance := s/g.count + added
		g.constant -= math.Log(2*math.Pi*variance) / 2
		g.variance[j] = 1 / (2 * variance)
	}
}
