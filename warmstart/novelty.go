package warmstart

import (
	"math"
	"slices"

	"github.com/metaml/metaml/transfer"
)

// novelty tells how far a task lies from prior ones, compared with how far they lie from each other. Distances are
// mean absolute differences of compressed meta-features, asinh of the robust-scaled value: heavy tails neither hide
// the other features nor cut off what lies outside everything known.
type novelty struct {
	scale   scaling
	scaled  [][]float64
	present [][]bool
	usual   []float64 // sorted: each prior task's distance from the nearest of another group
}

func newNovelty(m *transfer.Matrix) *novelty {
	rows := m.Features()
	n := &novelty{scale: robust(rows)}
	for _, x := range rows {
		y, known := n.compress(x)
		n.scaled, n.present = append(n.scaled, y), append(n.present, known)
	}
	for t := range m.Tasks {
		nearest := math.Inf(1)
		for s := range m.Tasks {
			if m.Tasks[s].Group != m.Tasks[t].Group {
				nearest = min(nearest, n.between(n.scaled[t], n.present[t], s))
			}
		}
		if !math.IsInf(nearest, 1) {
			n.usual = append(n.usual, nearest)
		}
	}
	slices.Sort(n.usual)
	return n
}

func (n *novelty) compress(x []float64) (y []float64, known []bool) {
	y, known = n.scale.apply(x), make([]bool, len(x))
	for f := range y {
		y[f] = math.Asinh(y[f])
		known[f] = !math.IsNaN(x[f])
	}
	return y, known
}

// between is the distance from prior task t, over the features known of both; infinite if there is none.
func (n *novelty) between(y []float64, known []bool, t int) float64 {
	sum, count := 0.0, 0
	for f, v := range y {
		if known[f] && n.present[t][f] {
			sum += math.Abs(v - n.scaled[t][f])
			count++
		}
	}
	if count == 0 {
		return math.Inf(1)
	}
	return sum / float64(count)
}

// distances returns the distance of x from every prior task.
func (n *novelty) distances(x []float64) []float64 {
	y, known := n.compress(x)
	d := make([]float64, len(n.scaled))
	for t := range d {
		d[t] = n.between(y, known, t)
	}
	return d
}

// nearest returns the distance of x from the nearest prior task.
func (n *novelty) nearest(x []float64) float64 {
	d := n.distances(x)
	if len(d) == 0 {
		return math.Inf(1)
	}
	return slices.Min(d)
}

// limit is the distance beyond which a task is unlike anything known: that of the 95 % quantile of prior tasks from
// their nearest. It is 0 where prior tasks have no meta-features.
func (n *novelty) limit() float64 {
	if len(n.usual) == 0 {
		return 0
	}
	return quantile(n.usual, familiarShare)
}

// strangeness is 0 up to the limit and rises to 1 at twice the limit.
func (n *novelty) strangeness(distance float64) float64 {
	limit := n.limit()
	switch {
	case distance <= limit:
		return 0
	case distance >= 2*limit:
		return 1
	}
	return distance/limit - 1
}
