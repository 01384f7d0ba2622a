package warmstart

import (
	"math"

	"github.com/metaml/metaml/metafeatures"
	"github.com/metaml/metaml/transfer"
)

const (
	kinShare = .7  // of the near-duplicates in the weights of all prior tasks
	kinScale = .02 // difference of meta-features over which a near-duplicate's weight falls to 1/e
)

// withKin gives most of the weight to the prior tasks that the new one is a near-duplicate of, if there are any: last
// month's version of the data, another variant of the study. They are one group, which by caution would hardly ever
// outvote the others; here it is not asked for. Where meta-features are not believed, neither is such likeness.
//
// Mean normalised regret on the oboe table at k = 1, 3, 5, 10, 25, leaving out one task at a time, so that a task's family
// stays (`metaml bench recommend --cv loo --strategy posterior`); where families are left out nothing changes:
//
//	as it is          .338 .207 .143 .090 .051
//	without           .376 .209 .145 .089 .052
func (p *taskPosterior) withKin(o opinion, x []float64) opinion { return p.withKinBut(o, x, -1) }

// withKinBut is withKin without one row, the task itself.
func (p *taskPosterior) withKinBut(o opinion, x []float64, itself int) opinion {
	// With others' meta-features, unrelated tasks may lie near and apart from all else.
	tasks, differences := p.m.Kin(x, p.m.Extractor == metafeatures.Extractor)
	w, sum := make([]float64, len(p.m.Tasks)), 0.0
	for i, t := range tasks {
		if t != itself {
			w[t] = math.Exp(-differences[i] / kinScale)
			sum += w[t]
		}
	}
	if sum == 0 {
		return o
	}
	for t := range w {
		w[t] /= sum
	}
	o.first, o.later, o.kin = transfer.Mix(o.first, w, kinShare), transfer.Mix(o.later, w, kinShare), true
	return o
}
