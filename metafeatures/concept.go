package metafeatures

import (
	"math"
)

// concept computes how the target varies between rows that are near each other, a value per row of a sample, from
// Euclidean distances of the numeric view with columns stretched to [0,1].
//
// By pymfe's definitions (Vilalta 1999): cohesiveness (sum over the other rows of 2^-r, where r is the distance
// rounded up, at least 1), wg_dist (mean distance to the other rows, weighted by 2^(-2d/(sqrt(columns)-d)));
// classification only: conceptvar (share of rows of another class, by the same weights) and impconceptvar (as
// cohesiveness, but over rows of another class). For regression target_conceptvar and target_impconceptvar put the
// difference of targets, as a share of their range, in the place of being of another class.
//
// On a sample, the sums over rows, cohesiveness and impconceptvar, are multiplied up to all rows.
func (x *extraction) concept() ([]measure, error) {
	s, err := x.pairSample()
	if err != nil || s.empty() {
		return nil, err
	}
	c := &concepts{sample: s, x: s.scaled(), spread: s.targetRange()}
	for _, sums := range []*[]float64{&c.weights, &c.distances, &c.differences, &c.near, &c.nearDifferences} {
		*sums = make([]float64, len(s.x))
	}
	for i, a := range c.x {
		if err := x.spend(i * len(a)); err != nil {
			return nil, err
		}
		for j := range c.x[:i] {
			c.add(i, j)
		}
	}
	return c.measures(), nil
}

// concepts are sums over the other rows, for every row.
type concepts struct {
	sample                *numericSample
	x                     [][]float64
	spread                float64   // of a numeric target
	weights               []float64 // of the other rows
	distances             []float64 // weighted
	differences           []float64 // of the target, weighted
	near, nearDifferences []float64 // by the weights of rounded distances
}

// targetRange is the range of a numeric target.
func (s *numericSample) targetRange() float64 {
	low, high := math.Inf(1), math.Inf(-1)
	for _, y := range s.y {
		low, high = min(low, y), max(high, y)
	}
	return high - low
}

// difference is 1 between classes, and between targets their difference as a share of the range.
func (c *concepts) difference(i, j int) float64 {
	d := math.Abs(c.sample.y[i] - c.sample.y[j])
	switch {
	case d == 0:
		return 0
	case c.sample.counts != nil:
		return 1
	}
	return d / c.spread
}

func (c *concepts) add(i, j int) {
	const least = 1e-9 // in the place of a distance of zero to the farthest corner
	d := math.Sqrt(squaredDistance(c.x[i], c.x[j]))
	room := math.Sqrt(float64(len(c.x[0]))) - d
	if room <= 0 {
		room = least
	}
	weight := math.Exp2(-2 * d / room)
	near := math.Exp2(-max(1, math.Ceil(d)))
	difference := c.difference(i, j)
	for _, r := range [2]int{i, j} {
		c.weights[r] += weight
		c.distances[r] += weight * d
		c.differences[r] += weight * difference
		c.near[r] += near
		c.nearDifferences[r] += near * difference
	}
}

func (c *concepts) measures() []measure {
	prefix := ""
	if c.sample.counts == nil {
		prefix = "target_"
	}
	up := float64(c.sample.rows-1) / float64(len(c.x)-1)
	n := len(c.x)
	variation, distance := make([]float64, n), make([]float64, n)
	for i, w := range c.weights {
		variation[i], distance[i] = ratio(c.differences[i], w), ratio(c.distances[i], w)
		c.near[i] *= up
		c.nearDifferences[i] *= up
	}
	return []measure{
		each("cohesiveness", c.near),
		each(prefix+"conceptvar", variation),
		each(prefix+"impconceptvar", c.nearDifferences),
		each("wg_dist", distance),
	}
}
