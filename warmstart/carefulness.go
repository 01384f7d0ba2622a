package warmstart

import (
	"math"
	"slices"

	"github.com/metaml/metaml/transfer"
)

// surelyTelling is by how many standard errors the slope of regrets on their prediction must be above 0 for
// meta-features to be believed. On the oboe table, its halves and the seed it lies 4 to 24 above; with shuffled
// meta-features it never was 2.5 above.
const surelyTelling = 3

// telling reports whether the meta-features surely say something of tasks of other groups.
func (p *taskPosterior) telling() bool {
	slope, se := p.slope()
	return slope > surelyTelling*se
}

// leastCare is the share of the caution that is needed from the second pick on, whatever the tasks.
const leastCare = .5

// needed returns the caution, by rank, that this knowledge base needs, of that for tasks that come in families.
func (p *taskPosterior) needed(caution []float64) []float64 {
	care := p.carefulness()
	out := make([]float64, len(caution))
	for rank, c := range caution {
		out[rank] = c * care
		if rank > 0 {
			out[rank] = c * max(care, leastCare)
		}
	}
	return out
}

// carefulness is the share, from 0 to 1, of the caution that the first pick needs. Where tasks come in families, a
// wrong bet is lost on all tasks of the next family; where they do not, bets average out. So caution grows with the
// number of groups over their effective number: from none where all groups are of one size to full where that is 2.
func (p *taskPosterior) carefulness() float64 {
	groups := float64(slices.Max(p.groups) + 1)
	families := groups / transfer.EffectiveGroups(transfer.Uniform(len(p.groups)), p.groups)
	return min(1, max(0, families-1))
}

// slope regresses the regrets of held-out tasks on what the forest grown without their group predicts of them, both less
// the mean of the tasks outside the group. The standard error is over groups.
func (p *taskPosterior) slope() (slope, se float64) {
	own := make([]moments, slices.Max(p.groups)+1)
	var all moments
	for _, t := range sample(len(p.m.Tasks)) {
		proximity := p.forest.unseen(t, p.m.Tasks[t].Features)
		if proximity == nil {
			continue
		}
		usual := p.belief.Expected(uniformWithout(p.m, t))
		x, y := deviations(p.belief.Expected(proximity), usual), deviations(p.belief.Mean[t], usual)
		for c := range x {
			own[p.groups[t]].add(x[c], y[c])
			all.add(x[c], y[c])
		}
	}
	if all.square == 0 {
		return 0, math.Inf(1)
	}
	slope = all.product / all.square
	variance := 0.0
	for _, g := range own {
		rest := g.product - slope*g.square
		variance += rest * rest
	}
	return slope, math.Sqrt(variance) / all.square
}

// moments are sums of x^2 and x y.
type moments struct{ square, product float64 }

func (m *moments) add(x, y float64) {
	m.square += x * x
	m.product += x * y
}

// deviations returns values less usual ones, less the mean of that: a task's level does not matter for the choice.
func deviations(values, usual []float64) []float64 {
	out, mean := make([]float64, len(values)), 0.0
	for c, v := range values {
		out[c] = v - usual[c]
		mean += out[c] / float64(len(values))
	}
	for c := range out {
		out[c] -= mean
	}
	return out
}
