package kde

import (
	"math"
	"slices"
)

// NormalReference returns Scott's normal reference rule as statsmodels has it and HpBandSter uses it: per dimension
// 1.06 s n^(-1/(4+d)), with the standard deviation s (of the population) of the n points' coordinates, and of the
// numbers 0, 1, … of choices. Points that are inactive in a dimension do not count there; one in which no two differ
// gets 0, for the caller to bound from below. d counts all dimensions.
func NormalReference(dims []Dimension, points [][]float64) []float64 {
	h := make([]float64, len(dims))
	for j, d := range dims {
		n, mean, m2 := 0.0, 0.0, 0.0
		for _, x := range points {
			v := x[j]
			if math.IsNaN(v) {
				continue
			}
			if d.Choices > 0 {
				v = slice(v, d.Choices)
			}
			n++
			delta := v - mean
			mean += delta / n
			m2 += delta * (v - mean)
		}
		if n > 0 {
			h[j] = 1.06 * math.Sqrt(m2/n) * math.Pow(n, -1/float64(4+len(dims)))
		}
	}
	return h
}

// Gaps writes into h the bandwidths of the tree-structured Parzen estimator (Bergstra et al. 2011) for the coordinates
// x of one dimension: each point's distance to its neighbour on the side where that is farther. The edges of the cube
// are neighbours of the outermost points only when there is just one point. Coordinates that are NaN have none and
// get 0. order is scratch, nil or from the call before; it is returned for the next.
func Gaps(x, h []float64, order []int) []int {
	order = order[:0]
	for i, v := range x {
		h[i] = 0
		if !math.IsNaN(v) {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case x[a] < x[b]:
			return -1
		case x[a] > x[b]:
			return 1
		}
		return a - b
	})
	if len(order) == 1 {
		h[order[0]] = max(x[order[0]], 1-x[order[0]])
		return order
	}
	for r, i := range order {
		if r > 0 {
			h[i] = x[i] - x[order[r-1]]
		}
		if r+1 < len(order) {
			h[i] = max(h[i], x[order[r+1]]-x[i])
		}
	}
	return order
}
