package gp

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/metaml/metaml/optimizers/acquisition"
	"github.com/metaml/metaml/optimizers/surrogate/gaussian"
)

// rounds is how often a climb turns from numbers to choices and back.
const rounds = 4

// mostExchanges is up to how many values of a choice are tried for an exchange.
const mostExchanges = 16

// climb is a local search for the maximum of the acquisition function.
type climb struct {
	inputs                        *inputs
	byMean, byVariance, byEarlier []float64
	changed                       []int // the coordinates of a point in which a neighbour differs
}

func newClimb(in *inputs) climb {
	d := len(in.dimensions)
	return climb{inputs: in, byMean: make([]float64, d), byVariance: make([]float64, d), byEarlier: make([]float64, len(in.columns))}
}

// from climbs from a candidate: by gradient in what is smooth, then by the best exchange of one of the other values, in
// turns, until nothing gains.
func (c *climb) from(m *model, start candidate, rng *rand.Rand) candidate {
	at := start
	for range rounds {
		at = c.ascend(m, at)
		better, ok := c.exchange(m, at, rng)
		if !ok {
			break
		}
		at = better
	}
	return at
}

// ascend climbs by gradient. Grid values move between their grid points and are rounded in the end.
func (c *climb) ascend(m *model, from candidate) candidate {
	var free []int // dimensions of the point
	for i, column := range c.inputs.columns {
		if c.inputs.smooth[column] && !math.IsNaN(from.point[i]) {
			free = append(free, i)
		}
	}
	if len(free) == 0 {
		return from
	}
	point := slices.Clone(from.point)
	x, lower, upper := make([]float64, len(free)), make([]float64, len(free)), make([]float64, len(free))
	for k, i := range free {
		x[k], upper[k] = point[i], 1
	}
	descent := func(x, gradient []float64) float64 {
		for k, i := range free {
			point[i] = x[k]
		}
		mean, variance := c.expect(m, point)
		sd := math.Sqrt(variance)
		value, byMean, bySD := acquisition.LogEIGradient(mean, sd, m.best)
		for k, i := range free {
			gradient[k] = -(byMean*c.byMean[i] + bySD*c.byVariance[i]/(2*sd))
		}
		return -value
	}
	gaussian.Minimize(descent, x, lower, upper, gaussian.Descent{Iterations: 30, Tolerance: 1e-7})
	row := slices.Clone(from.row)
	for k, i := range free {
		column := c.inputs.columns[i]
		row[column] = c.inputs.codec.Dimensions()[column].Nearest(x[k])
	}
	if !c.inputs.codec.Allowed(row) {
		return from
	}
	if to, fresh := c.candidate(m, row); fresh && to.score > from.score {
		return to
	}
	return from
}

// expect predicts a point, whose coordinate of the prior mean it sets first, and writes all derivatives.
func (c *climb) expect(m *model, point []float64) (mean, variance float64) {
	e, last := c.inputs.earlier, len(c.inputs.columns)
	if e != nil {
		point[last] = e.gradient(point[:last], c.byEarlier)
	}
	mean, variance = m.posterior.Gradient(point, c.byMean, c.byVariance)
	if e != nil {
		for i, d := range c.byEarlier {
			c.byMean[i] += c.byMean[last] * d
			c.byVariance[i] += c.byVariance[last] * d
		}
	}
	return mean, variance
}

// candidate judges a row that was not tried before.
func (c *climb) candidate(m *model, row []float64) (at candidate, fresh bool) {
	if m.tried(row) {
		return candidate{}, false
	}
	point := c.inputs.point(nil, row)
	mean, variance := m.posterior.Predict(point)
	return candidate{row: row, point: point, mean: mean, score: acquisition.LogEI(mean, math.Sqrt(variance), m.best)}, true
}

// exchange returns the best row that differs in one value on a grid or without order, if it is better.
func (c *climb) exchange(m *model, from candidate, rng *rand.Rand) (candidate, bool) {
	best, better := from, false
	worth := func(mean, bound float64) bool { return acquisition.LogEI(mean, math.Sqrt(bound), m.best) > best.score }
	var around *gaussian.Around
	row, point := slices.Clone(from.row), slices.Clone(from.point)
	for i, d := range c.inputs.codec.Dimensions() {
		if math.IsNaN(from.row[i]) || len(d.Levels) < 2 {
			continue
		}
		if around == nil {
			around = m.posterior.Around(from.point)
		}
		for _, v := range exchanges(d.Levels, d.Nominal, from.row[i], rng) {
			changed := c.inputs.codec.Change(row, i, v, rng)
			c.changed = c.inputs.follow(point, row, changed, c.changed[:0])
			if c.inputs.codec.Allowed(row) {
				if mean, variance, ok := around.Predict(point, c.changed, worth); ok {
					score := acquisition.LogEI(mean, math.Sqrt(variance), m.best)
					if score > best.score && !m.tried(row) {
						best, better = candidate{row: slices.Clone(row), point: slices.Clone(point), mean: mean, score: score}, true
					}
				}
			}
			for _, j := range changed {
				row[j] = from.row[j]
			}
			for _, j := range c.changed {
				point[j] = from.point[j]
			}
		}
	}
	return best, better
}

// exchanges lists other values for one of a grid: the next ones, and ones at twice the distance each time; any where
// there is no order.
func exchanges(levels []float64, nominal bool, value float64, rng *rand.Rand) []float64 {
	at, _ := slices.BinarySearch(levels, value)
	var others []float64
	if nominal {
		for k := range levels {
			if k != at {
				others = append(others, levels[k])
			}
		}
		if len(others) > mostExchanges {
			rng.Shuffle(len(others), func(i, j int) { others[i], others[j] = others[j], others[i] })
			others = others[:mostExchanges]
		}
		return others
	}
	for step := 1; step < len(levels); step *= 2 {
		if at-step >= 0 {
			others = append(others, levels[at-step])
		}
		if at+step < len(levels) {
			others = append(others, levels[at+step])
		}
	}
	return others
}
