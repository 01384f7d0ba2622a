package transfer

import (
	"cmp"
	"container/heap"
	"math"
	"slices"
)

// Policy says how Cautious weighs what prior tasks say.
type Policy struct {
	// Weights say how much each task speaks for the new one. They sum to one.
	Weights []float64
	// Safe are the weights of the choice that is made without evidence to the contrary: the same for all tasks is
	// the greedy portfolio. They sum to one.
	Safe []float64
	// Groups numbers each task's group from 0. The tasks of a group are one piece of evidence.
	Groups []int
	// Caution is by how many standard errors a configuration must be ahead of the safe choice to be picked, by rank;
	// the last value holds for all later ranks. At 0 the weighted gain alone decides as long as there is any; nil is 0.
	Caution []float64
	// Cost is what trying a configuration costs, by column, all positive: gains are then compared per unit of cost.
	// Nil: all cost the same.
	Cost []float64
	// Budget bounds the sum of the costs picked; configurations that no longer fit are passed over. 0: no bound.
	Budget float64
}

func (p Policy) caution(rank int) float64 {
	if len(p.Caution) == 0 {
		return 0
	}
	return p.Caution[min(rank, len(p.Caution)-1)]
}

// Cautious chooses k of the columns as Portfolio does, but departs from the safe choice only where the evidence
// carries it. The safe choice is the column with the largest gain under p.Safe. Another column is picked if
//
//	E[d] - caution * SE[d] > 0 and largest,   d_t = gain of the column on t - gain of the safe choice on t
//
// with expectation under p.Weights, and SE its standard error over groups, sqrt(sum_g (sum_{t in g} w_t (d_t -
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
	safe    *greedy // the state of what was tried, and the queue of safe choices
	members [][]int // tasks by group, without those of weight 0
	open    []bool  // by column
	spent   float64

	difference []float64 // by column: expected gain less that of the safe choice
	reference  []float64 // by task: gain of the safe choice
}

func newCautious(b *Belief, columns, chosen []int, p Policy) *cautious {
	c := &cautious{belief: b, policy: p, safe: newGreedy(b, p.Safe)}
	c.safe.cost = p.Cost
	for t, g := range p.Groups {
		for len(c.members) <= g {
			c.members = append(c.members, nil)
		}
		if p.Weights[t] > 0 {
			c.members[g] = append(c.members[g], t)
		}
	}
	if len(b.Mean) == 0 {
		return c
	}
	n := len(b.Mean[0])
	c.open = make([]bool, n)
	c.difference, c.reference = make([]float64, n), make([]float64, len(b.Mean))
	for _, column := range chosen {
		c.safe.choose(column)
	}
	var rest []int
	for _, column := range columns {
		if !slices.Contains(chosen, column) {
			c.open[column] = true
			rest = append(rest, column)
		}
	}
	c.safe.fill(rest)
	return c
}

// next picks the configuration of that rank, from 0; false if none is left.
func (c *cautious) next(rank int) (CautiousPick, bool) {
	for column, open := range c.open {
		if open && c.policy.Budget > 0 && c.spent+c.cost(column) > c.policy.Budget {
			c.open[column] = false
		}
	}
	c.safe.queue = slices.DeleteFunc(c.safe.queue, func(b bound) bool { return !c.open[b.config] })
	if len(c.safe.queue) == 0 {
		return CautiousPick{}, false
	}
	heap.Init(&c.safe.queue)
	safe := c.safe.next()
	pick := c.best(safe.config, c.policy.caution(rank))
	if pick.Config != safe.config {
		c.safe.queue = append(c.safe.queue, safe)
	}
	for t, w := range c.policy.Weights {
		pick.Gain += w * c.belief.improvement(t, pick.Config, c.safe.current[t])
	}
	c.open[pick.Config] = false
	c.spent += c.cost(pick.Config)
	c.safe.choose(pick.Config)
	return pick, true
}

func (c *cautious) cost(column int) float64 {
	if c.policy.Cost == nil {
		return 0
	}
	return c.policy.Cost[column]
}

// best returns the open column most ahead of the safe one by the lower confidence bound, or the safe one. The bound is
// at most the expected difference, so that columns are looked at by that until none can be further ahead.
func (c *cautious) best(safe int, caution float64) CautiousPick {
	c.compare(safe)
	const least = 1e-12 // differences below are rounding
	var order []int
	for column, open := range c.open {
		if open && column != safe && c.difference[column] > least {
			order = append(order, column)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(c.difference[b], c.difference[a]) })
	best, ahead := CautiousPick{Pick: Pick{Config: safe}, Safe: safe}, 0.0
	for _, column := range order {
		mean := c.difference[column]
		if mean <= ahead {
			break
		}
		doubt := c.doubt(column, mean)
		if lower := mean - caution*doubt; lower > ahead {
			best.Config, best.Lead, best.Doubt, ahead = column, mean, doubt, lower
		}
	}
	return best
}

// compare sets the weighted difference of every column's gain from that of the safe one, and the latter by task.
func (c *cautious) compare(safe int) {
	clear(c.difference)
	sum := 0.0
	for t, w := range c.policy.Weights {
		if w == 0 {
			continue
		}
		current := c.safe.current[t]
		c.reference[t] = c.belief.improvement(t, safe, current) / c.safe.unit(safe)
		sum += w * c.reference[t]
		if c.belief.SD == nil { // the usual case, without a call per cell
			for column, r := range c.belief.Mean[t] {
				c.difference[column] += w * max(0, current-r)
			}
			continue
		}
		for column := range c.difference {
			c.difference[column] += w * c.belief.improvement(t, column, current)
		}
	}
	for column := range c.difference {
		c.difference[column] = c.difference[column]/c.safe.unit(column) - sum
	}
}

// doubt is the standard error of a column's mean difference over groups.
func (c *cautious) doubt(column int, mean float64) float64 {
	variance := 0.0
	for _, tasks := range c.members {
		own := 0.0
		for _, t := range tasks {
			gain := c.belief.improvement(t, column, c.safe.current[t]) / c.safe.unit(column)
			own += c.policy.Weights[t] * (gain - c.reference[t] - mean)
		}
		variance += own * own
	}
	return math.Sqrt(variance)
}
