package warmstart

import (
	"cmp"
	"math"
	"slices"
)

// scaling puts meta-features on a common scale: (x - centre) / width, where a feature without spread has width 1.
// A missing value becomes the scaled median.
type scaling struct {
	centre, width, median []float64
}

// minMax scales to [0, 1] over the rows.
func minMax(rows [][]float64) scaling {
	return newScaling(rows, func(sorted []float64) (centre, width float64) {
		return sorted[0], sorted[len(sorted)-1] - sorted[0]
	})
}

// robust centres at the median and scales by the distance between the quartiles.
func robust(rows [][]float64) scaling {
	return newScaling(rows, func(sorted []float64) (centre, width float64) {
		return quantile(sorted, .5), quantile(sorted, .75) - quantile(sorted, .25)
	})
}

func newScaling(rows [][]float64, rule func(sorted []float64) (centre, width float64)) scaling {
	var s scaling
	if len(rows) == 0 {
		return s
	}
	for f := range rows[0] {
		var values []float64
		for _, row := range rows {
			if !math.IsNaN(row[f]) {
				values = append(values, row[f])
			}
		}
		slices.Sort(values)
		centre, width, median := 0.0, 1.0, 0.0
		if len(values) > 0 {
			centre, width = rule(values)
			median = quantile(values, .5)
		}
		if width == 0 {
			width = 1
		}
		s.centre, s.width, s.median = append(s.centre, centre), append(s.width, width), append(s.median, median)
	}
	return s
}

// apply returns x on the scale.
func (s scaling) apply(x []float64) []float64 {
	out := make([]float64, len(x))
	for f, v := range x {
		if math.IsNaN(v) {
			v = s.median[f]
		}
		out[f] = (v - s.centre[f]) / s.width[f]
	}
	return out
}

func (s scaling) applyAll(rows [][]float64) [][]float64 {
	out := make([][]float64, len(rows))
	for i, row := range rows {
		out[i] = s.apply(row)
	}
	return out
}

// manhattan is the sum of absolute differences.
func manhattan(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += math.Abs(v - b[i])
	}
	return sum
}

// squaredEuclid is the sum of squared differences.
func squaredEuclid(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += (v - b[i]) * (v - b[i])
	}
	return sum
}

// byDistance returns the rows in the order of their distance from x, the first of equals first.
func byDistance(x []float64, rows [][]float64, distance func(a, b []float64) float64) []int {
	order, d := make([]int, len(rows)), make([]float64, len(rows))
	for i, row := range rows {
		order[i], d[i] = i, distance(x, row)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(d[a], d[b]) })
	return order
}

// quantile interpolates linearly between sorted values (type 7 of Hyndman and Fan 1996).
func quantile(sorted []float64, p float64) float64 {
	h := p * float64(len(sorted)-1)
	i := int(h)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (h-float64(i))*(sorted[i+1]-sorted[i])
}
