package transfer

import (
	"cmp"
	"math"
	"slices"
)

// Policy says how Cautious weighs what prior tasks say.
type Policy struct {
	// Weights say how much each task speaks for the new one. They sum to one.
	Weights []float64
	// First are the weights of the first pick, where they are others; nil: Weights. They may be negative.
	First []float64
	// Safe are the weights of the choice that is made without evidence to the contrary: the same for all tasks is
	// the greedy portfolio. They sum to one.
	Safe []float64
	// Groups numbers each task's group from 0. The tasks of a group are one piece of evidence.
	Groups []int
	// Caution is by how many standard errors a configuration must be ahead of the safe choice to be picked, by rank;
	// the last value holds for all later ranks. At 0 the weighted gain alone decides as long as there is any; nil is 0.
	Caution []float64
	// Margin is by how much more a configuration must be ahead, in regret, by rank as Caution: what a departure must be
	// expected to bring at least for its risk. Where costs count, it is per cost of the safe choice.
	Margin []float64
	// Blur is by how much a regret on the new task may differ, either way and evenly, from that on a prior task that it
	// resembles, once something was chosen: what nearly is an improvement there counts for something. 0: by nothing.
	Blur float64
	// Cost is what trying a configuration costs, by column, all positive: gains are then compared per unit of cost.
	// Nil: all cost the same.
	Cost []float64
	// Budget bounds the sum of the costs picked and chosen before; configurations that no longer fit are passed over.
	// 0: no bound.
	Budget float64
}

// weights returns the weights of the pick of a rank, from 0.
func (p Policy) weights(rank int) []float64 {
	if rank == 0 && p.First != nil {
		return p.First
	}
	return p.Weights
}

// atRank returns the value for a rank, from 0: the last one for all later ranks, 0 if there are none.
func atRank(values []float64, rank int) float64 {
	if len(values) == 0 {
		return 0
	}
	return values[min(rank, len(values)-1)]
}

// Cautious chooses k of the columns as Portfolio does, but departs from the safe choice only where the evidence
// carries it. The safe choice is the column with the largest gain under p.Safe. Another column is picked if
//
//	E[d] - caution * SE[d] > margin and largest,   d_t = gain of the column on t - gain of the safe choice on t
//
// with expectation under p.Weights (p.First), and SE its standard error over groups, sqrt(sum_g (sum_{t in g} w_t (d_t -
// E[d]))^2): few alike tasks, or tasks that disagree, do not outvote what holds on all. This is safe policy
// improvement by a lower confidence bound (Thomas et al. 2015), one pick at a time. Columns of chosen count as
// chosen already. The result is shorter than k when the columns, or those that fit the budget, run out.
func (b *Belief) Cautious(columns, chosen []int, k int, p Policy) []CautiousPick {
	c := newCautious(b, columns, chosen, p)
	var picks []CautiousPick
	for len(picks) < k {
		pick, ok := c.next(len(chosen) + len(picks))
		if !ok {
			break
		}
		picks = append(picks, pick)
	}
	return picks
}

// CautiousPick is a pick with the evidence for it.
type CautiousPick struct {
	Pick
	Safe int // the safe choice; Config itself where that was picked
	// Lead is by how much the pick is expected to gain more than the safe choice, per unit of cost if costs count;
	// Doubt is its standard error.
	Lead, Doubt float64
}

// cautious is the state of one choice.
type cautious struct {
	belief  *Belief
	policy  Policy
	tried   *greedy // the least regrets of what was tried
	members [][]int // tasks by group, without those that never weigh anything
	tie     []float64
	open    []bool // by column
	spent   float64

	weights []float64 // of the policy, at the rank to pick
	blur    float64   // of the policy, from the second pick on

	own, safe []float64 // by column: expected gain under the weights and under the safe ones, per unit of cost
}

func newCautious(b *Belief, columns, chosen []int, p Policy) *cautious {
	c := &cautious{belief: b, policy: p, tried: newGreedy(b, nil), tie: b.Expected(p.Safe)}
	for t, g := range p.Groups {
		for len(c.members) <= g {
			c.members = append(c.members, nil)
		}
		if p.Weights[t] != 0 || p.First != nil && p.First[t] != 0 {
			c.members[g] = append(c.members[g], t)
		}
	}
	if len(b.Mean) == 0 {
		return c
	}
	n := len(b.Mean[0])
	c.open, c.own, c.safe = make([]bool, n), make([]float64, n), make([]float64, n)
	for _, column := range columns {
		c.open[column] = true
	}
	for _, column := range chosen {
		c.open[column] = false
		c.spent += c.cost(column)
		c.tried.choose(column)
	}
	return c
}

// next picks the configuration of that rank, from 0; false if none is left.
func (c *cautious) next(rank int) (CautiousPick, bool) {
	for column, open := range c.open {
		if open && c.policy.Budget > 0 && c.spent+c.cost(column) > c.policy.Budget {
			c.open[column] = false
		}
	}
	c.weights = c.policy.weights(rank)
	if rank > 0 {
		c.blur = c.policy.Blur
	}
	c.gains()
	safe, ok := c.safest()
	if !ok {
		return CautiousPick{}, false
	}
	pick := c.best(safe, atRank(c.policy.Caution, rank), atRank(c.policy.Margin, rank)/c.unit(safe))
	pick.Gain = c.own[pick.Config] * c.unit(pick.Config)
	c.open[pick.Config] = false
	c.spent += c.cost(pick.Config)
	c.tried.choose(pick.Config)
	return pick, true
}

// cost is what counts against the budget, unit what gains are divided by.
func (c *cautious) cost(column int) float64 {
	if c.policy.Cost == nil {
		return 0
	}
	return c.policy.Cost[column]
}

func (c *cautious) unit(column int) float64 {
	if c.policy.Cost == nil {
		return 1
	}
	return c.policy.Cost[column]
}

// gains sets own and safe, row by row, which is several times as fast as column by column.
func (c *cautious) gains() {
	clear(c.own)
	clear(c.safe)
	for t, current := range c.tried.current {
		w, s := c.weights[t], c.policy.Safe[t]
		if current == 0 && c.blur == 0 || w == 0 && s == 0 {
			continue
		}
		own, safe, blur := c.own, c.safe[:len(c.own)], c.blur
		switch { // without a call per cell where all are known
		case c.belief.SD != nil:
			sd := c.belief.SD[t][:len(own)]
			for column, r := range c.belief.Mean[t][:len(own)] {
				var gain float64
				switch {
				case sd[column] > 0:
					gain = c.belief.improvement(t, column, current)
				case blur == 0:
					gain = max(0, current-r)
				default:
					gain = blurredGain(current-r, blur)
				}
				own[column] += w * gain
				safe[column] += s * gain
			}
		case c.blur == 0:
			for column, r := range c.belief.Mean[t][:len(own)] {
				gain := max(0, current-r)
				own[column] += w * gain
				safe[column] += s * gain
			}
		default:
			for column, r := range c.belief.Mean[t][:len(own)] {
				gain := blurredGain(current-r, blur)
				own[column] += w * gain
				safe[column] += s * gain
			}
		}
	}
	for column := range c.own {
		c.own[column] /= c.unit(column)
		c.safe[column] /= c.unit(column)
	}
}

// gain is the expected improvement on the least regret found on task t, blurred where the cell is known.
func (c *cautious) gain(t, column int, current float64) float64 {
	if c.blur == 0 || c.belief.SD != nil && c.belief.SD[t][column] > 0 {
		return c.belief.improvement(t, column, current)
	}
	return blurredGain(current-c.belief.Mean[t][column], c.blur)
}

// blurredGain is E[(lead + e)+] with e uniform on [-blur, blur]: 0 below -blur, lead above blur, and between them
// (lead + blur)^2 / (4 blur). It has no branch: over the cells of a table none could be foretold.
func blurredGain(lead, blur float64) float64 {
	above := max(0, lead+blur)
	within := min(above, 2*blur)
	return within*within/(4*blur) + (above - within)
}

// safest returns the open column with the largest safe gain; among equals the least safe regret, then the first, wins.
func (c *cautious) safest() (int, bool) {
	best := bound{config: -1}
	for column, open := range c.open {
		if !open {
			continue
		}
		b := bound{config: column, gain: c.safe[column], tie: c.tie[column]}
		if best.config < 0 || better(b, best) < 0 {
			best = b
		}
	}
	return best.config, best.config >= 0
}

// best returns the open column most ahead of the safe one by the lower confidence bound, or the safe one if none is by
// the margin. The bound is at most the expected difference, so that columns are looked at by that until none can be
// further ahead.
func (c *cautious) best(safe int, caution, margin float64) CautiousPick {
	const rounding = 1e-12 // differences below are no difference
	least := max(rounding, margin)
	var order []int
	for column, open := range c.open {
		if open && column != safe && c.own[column]-c.own[safe] > least {
			order = append(order, column)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(c.own[b], c.own[a]) })
	best, ahead := CautiousPick{Pick: Pick{Config: safe}, Safe: safe}, margin
	for _, column := range order {
		mean := c.own[column] - c.own[safe]
		if mean <= ahead {
			break
		}
		doubt := c.doubt(column, safe, mean)
		if lower := mean - caution*doubt; lower > ahead {
			best.Config, best.Lead, best.Doubt, ahead = column, mean, doubt, lower
		}
		if caution == 0 {
			break // the first is the furthest ahead
		}
	}
	return best
}

// doubt is the standard error over groups of a column's mean lead over the safe one.
func (c *cautious) doubt(column, safe int, mean float64) float64 {
	variance := 0.0
	for _, tasks := range c.members {
		own := 0.0
		for _, t := range tasks {
			current := c.tried.current[t]
			lead := c.gain(t, column, current)/c.unit(column) - c.gain(t, safe, current)/c.unit(safe)
			own += c.weights[t] * (lead - mean)
		}
		variance += own * own
	}
	return math.Sqrt(variance)
}
