package metafeatures

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// ridgePenalty is the penalty on the squared weights of standardised columns.
const ridgePenalty = 1

// ridge predicts by ridge regression (Hoerl & Kennard 1970) on columns standardised over the training rows.
func (l *landmarkSample) ridge() []float64 {
	predictions := make([]float64, len(l.y))
	for f := range l.folds {
		train := l.train(f)
		z, mean, scale := l.standardised(train)
		var gram mat.SymDense
		gram.SymOuterK(1, z)
		p := len(mean)
		for j := range p {
			gram.SetSym(j, j, gram.At(j, j)+ridgePenalty)
		}
		var level float64
		for _, i := range train {
			level += l.y[i] / float64(len(train))
		}
		b := make([]float64, p)
		for j := range b {
			for c, v := range z.RawRowView(j) {
				b[j] += v * (l.y[train[c]] - level)
			}
		}
		weights := factorise(&gram, 0).solve(b)
		floats.Mul(weights, scale)
		constant := level - floats.Dot(weights, mean)
		for i, fold := range l.fold {
			if fold == f {
				predictions[i] = constant + floats.Dot(weights, l.x[i])
			}
		}
	}
	return predictions
}

// standardised returns the training rows, columns being rows of the matrix, with mean 0 and variance 1, the means,
// and the inverse standard deviations (0 for constant columns).
func (l *landmarkSample) standardised(train []int) (z *mat.Dense, mean, scale []float64) {
	p := len(l.x[0])
	z, mean, scale = mat.NewDense(p, len(train), nil), make([]float64, p), make([]float64, p)
	for j := range p {
		column := z.RawRowView(j)
		for c, i := range train {
			column[c] = l.x[i][j]
		}
		m := momentsOf(column)
		mean[j] = m.mean
		if !m.constant {
			scale[j] = 1 / math.Sqrt(m.m2/m.n)
		}
		floats.AddConst(-m.mean, column)
		floats.Scale(scale[j], column)
	}
	return z, mean, scale
}
