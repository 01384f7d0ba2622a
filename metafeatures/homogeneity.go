package metafeatures

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// homogeneity is the geometric mean ratio of the classes' standard deviations to those of the population, from
// Box's M statistic (Michie et al. 1994): exp(M / (columns x (rows - classes))). 1 where all classes have the same
// covariance matrix, larger where they differ; undefined where a class's matrix is singular, as with dependent
// columns or fewer rows than columns.
func (g targetGroups) homogeneity(c *crossed) float64 {
	p, n, k := float64(len(c.columns)), float64(len(c.rows)), float64(len(g.classes))
	if k < 2 {
		return math.NaN()
	}
	for _, rows := range g.classes {
		if len(rows) <= len(c.columns) {
			return math.NaN()
		}
	}
	pooled := mat.NewSymDense(len(c.columns), nil)
	var logs, inverse float64
	for _, rows := range g.classes {
		scatter := c.scatter(rows)
		weight := float64(len(rows)) - 1
		pooled.AddSym(pooled, scatter)
		scatter.ScaleSym(1/weight, scatter)
		logs += weight * logDeterminant(scatter)
		inverse += 1 / weight
	}
	pooled.ScaleSym(1/(n-k), pooled)
	gamma := 1 - (2*p*p+3*p-1)/(6*(p+1)*(k-1))*(inverse-1/(n-k))
	m := gamma * ((n-k)*logDeterminant(pooled) - logs)
	if ratio := math.Exp(m / (p * (n - k))); !math.IsInf(ratio, 0) {
		return ratio
	}
	return math.NaN()
}

// scatter sums the products of deviations from the class's means.
func (c *crossed) scatter(rows []int32) *mat.SymDense {
	deviations := mat.NewDense(len(c.columns), len(rows), nil)
	for j, column := range c.columns {
		var mean float64
		for _, r := range rows {
			mean += column[r]
		}
		mean /= float64(len(rows))
		to := deviations.RawRowView(j)
		for i, r := range rows {
			to[i] = column[r] - mean
		}
	}
	var s mat.SymDense
	s.SymOuterK(1, deviations)
	return &s
}

// logDeterminant is NaN for a matrix that is singular but for rounding.
func logDeterminant(m *mat.SymDense) float64 {
	f := factorise(m, 1e-12)
	if len(f.kept) < m.SymmetricDim() {
		return math.NaN()
	}
	var sum float64
	for i := range f.kept {
		sum += 2 * math.Log(f.rows[i][i])
	}
	return sum
}
