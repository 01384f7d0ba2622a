package metafeatures

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
)

// linearity fits a linear support-vector machine to every pair of classes: l1 is the mean distance of rows on the wrong
// side as 1-1/(1+m), l2 their share, l3 the share among points drawn between two rows of a class.
func (x *extraction) linearity(s *numericSample) ([]measure, error) {
	solver, points := x.rng(streamSolver), x.rng(streamInterpolation)
	var distance, errors, nonlinear []float64
	for _, pair := range x.pairsOfClasses(s) {
		rows := s.standardised(pair)
		m := &separator{rows: rows, positive: len(pair.a), rng: solver}
		if err := m.fit(x.spend); err != nil {
			return nil, err
		}
		var wrong, beyond float64
		for i, row := range rows {
			switch v := m.side(i) * m.decision(row); {
			case math.IsNaN(v):
				wrong, beyond = v, v // columns too large to be squared
			case v < 0 || (v == 0 && m.side(i) > 0):
				wrong++
				beyond -= v
			}
		}
		n := float64(len(rows))
		distance = append(distance, 1-1/(1+beyond/n))
		errors = append(errors, wrong/n)
		nonlinear = append(nonlinear, m.interpolated(points)/n)
	}
	return []measure{each("l1", distance), each("l2", errors), each("l3", nonlinear)}, nil
}

// standardised returns the pair's rows, the first class first, with mean 0 and variance 1 in every column that varies.
func (s *numericSample) standardised(pair classPair) [][]float64 {
	rows := pair.rows()
	out := make([][]float64, len(rows))
	for i := range out {
		out[i] = make([]float64, len(s.x[0]))
	}
	column := make([]float64, len(rows))
	for j := range s.x[0] {
		for i, r := range rows {
			column[i] = s.x[r][j]
		}
		m := momentsOf(column)
		deviation := math.Sqrt(m.m2 / m.n)
		for i, v := range column {
			if !m.constant {
				out[i][j] = (v - m.mean) / deviation
			}
		}
	}
	return out
}

// separator is a linear support-vector machine with hinge loss: the hyperplane w with the least |w|^2/2 + 2 sum of
// losses, the intercept being a weight like the others.
type separator struct {
	rows      [][]float64
	positive  int // the first rows, on the positive side
	rng       *rand.Rand
	weights   []float64
	intercept float64
}

func (m *separator) side(row int) float64 {
	if row < m.positive {
		return 1
	}
	return -1
}

func (m *separator) decision(row []float64) float64 { return floats.Dot(m.weights, row) + m.intercept }

// fit is dual coordinate descent (Hsieh et al. 2008), which ends when no projected gradients are farther apart than the
// tolerance, or after 300 rounds.
func (m *separator) fit(spend func(int) error) error {
	const penalty, tolerance, rounds = 2.0, 0.01, 300
	n, p := len(m.rows), len(m.rows[0])
	m.weights = make([]float64, p)
	alpha, curvature := make([]float64, n), make([]float64, n)
	for i, row := range m.rows {
		curvature[i] = floats.Dot(row, row) + 1
	}
	for range rounds {
		if err := spend(2 * n * p); err != nil {
			return err
		}
		low, high := math.Inf(1), math.Inf(-1)
		for _, i := range m.rng.Perm(n) {
			side := m.side(i)
			gradient := side*m.decision(m.rows[i]) - 1
			projected := gradient
			switch {
			case alpha[i] == 0:
				projected = min(gradient, 0)
			case alpha[i] == penalty:
				projected = max(gradient, 0)
			}
			low, high = min(low, projected), max(high, projected)
			if projected == 0 {
				continue
			}
			before := alpha[i]
			alpha[i] = min(max(before-gradient/curvature[i], 0), penalty)
			floats.AddScaled(m.weights, (alpha[i]-before)*side, m.rows[i])
			m.intercept += (alpha[i] - before) * side
		}
		if !(high-low > tolerance) {
			break
		}
	}
	return nil
}

// interpolated draws as many points as there are rows and counts those on the wrong side.
func (m *separator) interpolated(rng *rand.Rand) float64 {
	var wrong float64
	point := make([]float64, len(m.rows[0]))
	for i := range m.rows {
		class := m.rows[:m.positive]
		if i >= m.positive {
			class = m.rows[m.positive:]
		}
		between(rng, class, point)
		if (m.decision(point) > 0) != (m.side(i) > 0) {
			wrong++
		}
	}
	return wrong
}

// between draws a point of the box that two of the rows span.
func between(rng *rand.Rand, rows [][]float64, point []float64) {
	a, b := rows[rng.IntN(len(rows))], rows[rng.IntN(len(rows))]
	for j, v := range a {
		point[j] = v + (b[j]-v)*rng.Float64()
	}
}
