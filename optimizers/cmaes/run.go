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
	next         upcoming // what the next draw depends on, beside the distribution
	model        quadratic
	generation   []point // told since the last update, in that order
	evaluations  int
	misses       int // draws that found no new configuration

	order  []int // scratch
	sorted [][]float64
}

// newRun returns a descent that begins with a distribution, and a model without points.
func newRun(number int, d *distribution, axes []axis, model quadratic) *run {
	return &run{
		number: number, distribution: d, model: model, margins: newMargins(axes, d.lambda), stop: newStopping(d),
		order: make([]int, d.lambda), sorted: make([][]float64, d.lambda),
	}
}

// upcoming is what the next draw depends on: the directions of those since the last update, and the model's least
// point, while none was drawn.
type upcoming struct {
	drawn directions
	least []float64
}

// after returns what is upcoming once a sample was drawn.
func (u upcoming) after(s sample) upcoming {
	switch {
	case s.x == nil:
		return u
	case s.z == nil:
		return upcoming{drawn: u.drawn}
	}
	return upcoming{drawn: u.drawn.and(s.z)}
}

// upcoming returns what the next draw depends on; nothing of no descent.
func (r *run) upcoming() upcoming {
	if r == nil {
		return upcoming{}
	}
	return r.next
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
	r.model.note(r.generation)
	r.next = upcoming{least: r.model.minimiser(r.distribution)}
	r.generation = r.generation[:0]
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
