package cmaes

import (
	"cmp"
	"slices"
)

// point is an evaluated point of the search.
type point struct {
	x    []float64
	loss float64 // +Inf for a trial without a usable loss
}

// run is one descent of CMA-ES, from a start to a restart.
type run struct {
	number       int // of the descent, counted from 0
	distribution *distribution
	margins      *margins
	stop         stopping
	drawn        directions // of the points drawn since the last update
	generation   []point    // told since the last update, in that order
	evaluations  int
	misses       int // draws that found no new configuration

	order  []int // scratch
	sorted [][]float64
}

// newRun returns a descent that begins with a distribution.
func newRun(number int, d *distribution, axes []axis) *run {
	return &run{
		number: number, distribution: d, margins: newMargins(axes, d.lambda), stop: newStopping(d),
		order: make([]int, d.lambda), sorted: make([][]float64, d.lambda),
	}
}

// directions returns what was drawn since the last update; nothing of no descent.
func (r *run) directions() directions {
	if r == nil {
		return directions{}
	}
	return r.drawn
}

// tell adds a point, which it keeps; the last one of a generation updates the distribution. A foreign point was not
// drawn from the present distribution.
func (r *run) tell(p point, foreign bool) {
	if foreign {
		r.distribution.shorten(p.x)
	}
	r.generation = append(r.generation, p)
	r.evaluations++
	if len(r.generation) < r.distribution.lambda {
		return
	}
	r.rank()
	for i, k := range r.order {
		r.sorted[i] = r.generation[k].x
	}
	r.distribution.update(r.sorted)
	if r.quantile(0) == r.quantile(0.7) {
		r.distribution.widen()
	}
	r.margins.correct(r.distribution)
	r.stop.note(r.quantile(0), r.quantile(1))
	r.generation = r.generation[:0]
	r.drawn = directions{}
}

// quantile returns a quantile of the generation's losses, once it is ranked.
func (r *run) quantile(q float64) float64 {
	return r.generation[r.order[int(q*float64(len(r.order)-1))]].loss
}

// rank orders the generation by loss, those of equal loss as they were told.
func (r *run) rank() {
	for i := range r.order {
		r.order[i] = i
	}
	slices.SortStableFunc(r.order, func(a, b int) int { return cmp.Compare(r.generation[a].loss, r.generation[b].loss) })
}

// finished reports whether the descent has come to its end.
func (r *run) finished() bool {
	return r.misses >= r.distribution.lambda || r.stop.finished(r.distribution, r.margins.axes)
}
