package tpe

import (
	"cmp"
	"math"
	"slices"

	"github.com/metaml/metaml/optimizers/parzen"
	"github.com/metaml/metaml/optimizers/study"
)

// members are points of the model: those that can be compared, the best first, and the rest, which running trials,
// and those that ended without a loss, count as bad.
type members struct{ ranked, rest []int }

// ranking keeps the trials in the order of their losses.
type ranking struct {
	members
	number map[study.TrialID]int // of the trial's point in the model
	losses []float64             // by point
	class  []uint8               // by point
}

// The classes that losses are compared within: a full evaluation is better than one that was cut short or made at a
// lower fidelity, whatever their losses.
const (
	classFull uint8 = iota
	classPartial
	classNone // no loss: running, or failed
)

// add notes a trial whose point has the given number, and again when it has ended.
func (r *ranking) add(number int, t study.Trial, full bool) {
	if number == len(r.losses) {
		r.losses, r.class = append(r.losses, 0), append(r.class, classNone)
		r.rest = append(r.rest, number)
	}
	if len(t.Losses) == 0 || t.Status != study.Complete && t.Status != study.Pruned || math.IsNaN(t.Losses[0]) {
		return
	}
	at := slices.Index(r.rest, number)
	r.rest = slices.Delete(r.rest, at, at+1)
	r.losses[number], r.class[number] = t.Losses[0], classPartial
	if t.Status == study.Complete && full {
		r.class[number] = classFull
	}
	at, _ = slices.BinarySearchFunc(r.ranked, number, r.compare)
	r.ranked = slices.Insert(r.ranked, at, number)
}

// compare orders points, of equal losses the earlier one first.
func (r *ranking) compare(a, b int) int {
	return cmp.Or(cmp.Compare(r.class[a], r.class[b]), cmp.Compare(r.losses[a], r.losses[b]), cmp.Compare(a, b))
}

// arm returns the trials in which the same hyperparameters are active as at a point.
func (o *Optimizer) arm(pattern []float64) members {
	inside := func(all []int) []int {
		var out []int
		for _, i := range all {
			if parzen.SameActive(o.model.Point(i), pattern) {
				out = append(out, i)
			}
		}
		return out
	}
	return members{inside(o.ranking.ranked), inside(o.ranking.rest)}
}

// fit splits the trials: the best ceil(Good n) of n, MaxGood at most, are good, with weights that fall with the rank r
// as log(k+1) - log(r), and are 1 on average. All others, and what this call of Ask has taken, are bad.
func (a *asking) fit(of members) {
	k := min(int(math.Ceil(a.settings.Good*float64(len(of.ranked)))), a.settings.MaxGood)
	good, bad := a.good[:0], a.bad[:0]
	sum := 0.0
	for i, p := range of.ranked[:k] {
		w := math.Log(float64(k+1) / float64(i+1))
		sum += w
		good = append(good, parzen.Kernel{Point: p, Weight: w})
	}
	for i := range good {
		good[i].Weight *= float64(k) / sum
	}
	for _, list := range [][]int{of.ranked[k:], of.rest, a.points} {
		for _, p := range list {
			bad = append(bad, parzen.Kernel{Point: p, Weight: 1})
		}
	}
	a.good, a.bad = good, bad
	a.model.Fit(good, bad)
}
