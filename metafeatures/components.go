package metafeatures

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// componentShare is the share of the variance for which principal components are counted.
const componentShare = 0.95

// principalComponents computes what auto-sklearn takes from the principal components of all columns, dummies
// included (see dummySample): how many of them explain 95 % of the variance, as a share of the columns, and the shape of
// the first one. Its sign, and so that of its skewness, is such that its value farthest from 0 is positive; in
// auto-sklearn it is whatever the solver gives.
func (x *extraction) principalComponents() ([]measure, error) {
	s, err := x.dummySample(x.componentRows(), streamProducts)
	if err != nil || len(s.x) < 2 || len(s.x[0]) == 0 {
		return nil, err
	}
	n, p := len(s.x), len(s.x[0])
	if err := x.spend(n*p*p/2 + 9*p*p*p); err != nil {
		return nil, err
	}
	columns := s.centred()
	var scatter mat.SymDense
	scatter.SymOuterK(1, columns.T())
	var eigen mat.EigenSym
	if !eigen.Factorize(&scatter, true) {
		return nil, nil
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	values := eigen.Values(nil) // ascending
	var first mat.VecDense
	first.MulVec(columns, vectors.ColView(p-1))
	m := momentsOf(first.RawVector().Data)
	skewness := m.m3 / m.n / math.Pow(m.m2/m.n, 1.5)
	if farthest(first.RawVector().Data) < 0 {
		skewness = -skewness
	}
	return []measure{
		one("PCAFractionOfComponentsFor95PercentVariance", float64(explaining(values, min(n, p)))/float64(p)),
		one("PCASkewnessFirstPC", skewness),
		one("PCAKurtosisFirstPC", m.m4/m.n/(m.m2/m.n*m.m2/m.n)-3),
	}, nil
}

// centred returns the rows as a matrix whose columns have mean 0.
func (s *numericSample) centred() *mat.Dense {
	m := mat.NewDense(len(s.x), len(s.x[0]), nil)
	mean := make([]float64, len(s.x[0]))
	for _, row := range s.x {
		floats.AddScaled(mean, 1/float64(len(s.x)), row)
	}
	for i, row := range s.x {
		floats.SubTo(m.RawRowView(i), row, mean)
	}
	return m
}

// componentRows is how many rows the covariances of principal components may take.
func (x *extraction) componentRows() int {
	e, err := x.encode()
	if err != nil {
		return 0 // met again at once by who asked
	}
	p := min(e.total, x.opt.MaxEncoded)
	return max(x.opt.MaxProducts/max(p*(p+1)/2, 1), 2*p)
}

// explaining counts the largest of the ascending values, at most so many, that sum up to the share of all.
func explaining(values []float64, most int) int {
	var all, sum float64
	for _, v := range values {
		all += max(v, 0)
	}
	for k := range most {
		if sum += max(values[len(values)-1-k], 0); sum/all >= componentShare {
			return k + 1
		}
	}
	return most
}

// farthest is the value farthest from 0, the first of several.
func farthest(values []float64) float64 {
	var most float64
	for _, v := range values {
		if math.Abs(v) > math.Abs(most) {
			most = v
		}
	}
	return most
}
