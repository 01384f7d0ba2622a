package metafeatures

import (
	"math"
)

// nearestNeighbour predicts by the nearest row of another fold in Euclidean distance, columns being in their own
// units as in pymfe; of several equally near the first.
func (l *landmarkSample) nearestNeighbour() []float64 {
	least := make([]float64, len(l.x))
	nearest := make([]int, len(l.x))
	for i := range least {
		least[i] = math.Inf(1)
	}
	for i, a := range l.x {
		for j, b := range l.x[:i] {
			if l.fold[i] == l.fold[j] {
				continue
			}
			d := squaredDistance(a, b)
			if d < least[i] {
				least[i], nearest[i] = d, j
			}
			if d < least[j] {
				least[j], nearest[j] = d, i
			}
		}
	}
	return l.neighbours(nearest, least)
}

// eliteNeighbour predicts by the nearest row of another fold in the column most important to the fold's tree.
func (l *landmarkSample) eliteNeighbour(trees []foldTree) []float64 {
	least := make([]float64, len(l.x))
	nearest := make([]int, len(l.x))
	for i, a := range l.x {
		column := trees[l.fold[i]].most()
		least[i] = math.Inf(1)
		for j, b := range l.x {
			if l.fold[i] == l.fold[j] {
				continue
			}
			if d := math.Abs(a[column] - b[column]); d < least[i] {
				least[i], nearest[i] = d, j
			}
		}
	}
	return l.neighbours(nearest, least)
}

// neighbours returns the neighbours' targets; NaN where distances overflow.
func (l *landmarkSample) neighbours(nearest []int, least []float64) []float64 {
	predictions := make([]float64, len(nearest))
	for i, j := range nearest {
		predictions[i] = l.y[j]
		if math.IsInf(least[i], 0) {
			predictions[i] = math.NaN()
		}
	}
	return predictions
}

// squaredDistance sums in four lanes, which hides the latency of additions.
func squaredDistance(a, b []float64) float64 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float64
	i := 0
	for ; i+4 <= len(a); i += 4 {
		x, y := a[i:i+4:i+4], b[i:i+4:i+4]
		d0, d1, d2, d3 := x[0]-y[0], x[1]-y[1], x[2]-y[2], x[3]-y[3]
		s0 += d0 * d0
		s1 += d1 * d1
		s2 += d2 * d2
		s3 += d3 * d3
	}
	for ; i < len(a); i++ {
		d := a[i] - b[i]
		s0 += d * d
	}
	return (s0 + s1) + (s2 + s3)
}
