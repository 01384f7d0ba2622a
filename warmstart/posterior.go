package warmstart

import (
	"math"
	"slices"

	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/transfer"
)

// Settings of the posterior, by grouped cross-validation; see the table at the type posterior.
const (
	equalShare = .3 // of equal weights in those of the prior tasks
	costPower  = 1. // gamma: gains are weighed by cost^-gamma where time matters
)

// caution is by how many standard errors a configuration must be ahead of what is best for all tasks, by rank, where
// tasks come in families: the first picks decide the most, and the later ones are cheap to get wrong.
var caution = [...]float64{2, 2, 1.5, 1.5, 1, 1, 1, 1, 1, .5}

// posterior is the default: a distribution over prior tasks that says which of them the new one resembles, and a
// choice under it that never strays far from the greedy portfolio without evidence.
//
// Prior tasks are weighed by the proximities of a forest that predicts rows of regrets from meta-features, mixed with
// equal weights: w = (1 - lam) p + lam u. The share lam grows to one as the new task lies farther from all prior tasks
// than they do from each other; it is one where the prior tasks are few, or where meta-features do not surely tell
// anything of prior tasks held out with their groups (see telling). The next configuration is the greedy portfolio's,
// unless another one's expected gain under w is ahead by more than its standard error over groups allows; how much
// that counts depends on how much tasks come in families (see carefulness and transfer.Belief.Cautious).
//
// Ablations: the difference from the greedy portfolio in mean normalised regret at k = 1, 3, 5, 10, 25, averaged over
// cross-validations of the oboe table (its folds; other folds; without its largest group; half of its groups) and of
// the seed's classification tasks with 60 configurations, two forests each.
//
//	leaf 2, lam .3, caution 2 2 1.5 1.5 1 1 1 1 1 .5      -.016 +.000 -.009 -.013 -.006
//	caution 1 from the fifth pick on                      -.016 +.000 -.009 -.009 -.003
//	lam .2                                                -.020 +.005 -.009 -.016 -.008
//	lam .4, caution 1 from the fifth pick on              -.011 -.001 -.004 -.004 +.001
//	lam .2, caution 1 throughout                          -.012 +.016 +.005 -.007 -.002
//	lam 0, caution 2 2 1.5 1.5 1                          -.026 +.008 -.003 -.013 -.006
//	no caution, leaf 5, lam .15, then .5 (forest-greedy)  +.042 +.014 +.003 -.009 -.005
//
// On the seed's classification tasks, which come in no families and whose losses are noisy:
//
//	full caution, regrets of the knowledge base's scale   -.044 -.001 -.003 -.011 +.000
//	no caution                                            -.133 +.036 -.014 -.019 -.001
//	full caution, regrets half plain                      -.045 +.001 -.020 -.018 -.011
//	no caution, regrets half plain                        -.120 +.002 -.030 -.039 -.021
//	no caution, regrets plain                             -.099 +.004 -.032 -.029 -.021
//
// The same with 100 configurations, and on its regression tasks:
//
//	no caution             +.000 +.015 -.004 -.018 -.005   -.026 -.038 -.032 -.006 -.007
//	half from the second   +.000 +.002 -.015 -.016 -.004   -.026 -.033 -.029 -.010 -.010  (as it is)
//	full from the second   +.000 +.000 -.024 -.013 -.002   -.026 -.009 -.016 -.006 -.012
//
// Leaves of 2 tasks instead of 5 raise the variance of regrets that the forest explains on held-out groups from 16 to
// 21 % (oboe) and from 29 to 32 % (seed, regression); a Gaussian process beside the forest adds 1 to 3 points, at the
// price of negative weights.
type posterior struct{}

func (posterior) Learn(m *transfer.Matrix, seed uint64) (Recommender, error) {
	return learnPosterior(m, seed)
}

func learnPosterior(m *transfer.Matrix, seed uint64) (*taskPosterior, error) {
	belief, err := m.Believe(seed)
	if err != nil {
		return nil, err
	}
	p := &taskPosterior{m: m, plain: plainScales(m), candidates: m.Candidates(), groups: m.GroupNumbers(), caution: caution[:]}
	if len(m.Tasks) < fewestTasks {
		p.belief = belief // that of the greedy portfolio
		return p, nil
	}
	p.belief = withPlain(m, belief, p.plain)
	p.novelty = newNovelty(m)
	p.forest, err = growForest(m, belief.Components(forestOutputs, seed), forestTrees, posteriorLeaf, seed)
	if err != nil {
		return nil, err
	}
	if p.caution = p.needed(caution[:]); !p.telling() {
		p.forest, p.belief = nil, belief
	}
	return p, nil
}

// taskPosterior weighs prior tasks and chooses under the weights.
type taskPosterior struct {
	m          *transfer.Matrix
	belief     *transfer.Belief
	candidates []int
	groups     []int
	plain      []plainScale
	forest     *taskForest // nil where meta-features are not believed
	novelty    *novelty
	caution    []float64 // by rank
}

// plainScale is what transfer.Matrix.Plain says of a task; Spread is 0 where it says nothing.
type plainScale struct{ Best, Spread float64 }

func plainScales(m *transfer.Matrix) []plainScale {
	out := make([]plainScale, len(m.Tasks))
	for t := range out {
		out[t].Best, out[t].Spread, _ = m.Plain(t)
	}
	return out
}

// withPlain returns regrets half-way between those of the knowledge base's scale, on which losses that noise may
// explain are equal, and the plain ones of the task's own table: what little those add still breaks ties.
func withPlain(m *transfer.Matrix, b *transfer.Belief, scales []plainScale) *transfer.Belief {
	out := &transfer.Belief{Mean: slices.Clone(b.Mean), SD: b.SD}
	for t, scale := range scales {
		if scale.Spread == 0 {
			continue
		}
		row := slices.Clone(b.Mean[t])
		for c, loss := range m.Loss[t] {
			if m.Status[t][c] != study.Pending {
				row[c] = (row[c] + min(transfer.MaxRegret, (loss-scale.Best)/scale.Spread)) / 2
			}
		}
		out.Mean[t] = row
	}
	return out
}

func (p *taskPosterior) Recommend(q Query) Ranking {
	w, equal := p.weights(q.Features)
	return p.choose(w, equal, q)
}

// weights returns the weights of the prior tasks for x, and equal ones.
func (p *taskPosterior) weights(x []float64) (w, equal []float64) {
	equal = transfer.Uniform(len(p.m.Tasks))
	if p.forest == nil {
		return equal, equal
	}
	return mixed(p.forest.proximity(x), equal, p.novelty.strangeness(p.novelty.nearest(x))), equal
}

// unseen answers about prior task t as if its group were unknown.
func (p *taskPosterior) unseen(t int, q Query) Ranking {
	equal := uniformWithout(p.m, t)
	w := equal
	if p.forest != nil {
		w = mixed(p.forest.unseen(t, p.m.Tasks[t].Features), equal, p.novelty.strangeness(p.novelty.own[t]))
	}
	return p.choose(w, equal, q)
}

// mixed mixes a proximity (nil: unknown) with equal weights as the strangeness in [0, 1] asks for.
func mixed(proximity, equal []float64, strangeness float64) []float64 {
	if proximity == nil {
		return equal
	}
	return transfer.Mix(proximity, equal, equalShare+(1-equalShare)*strangeness)
}

func (p *taskPosterior) choose(w, equal []float64, q Query) Ranking {
	policy := transfer.Policy{Weights: w, Safe: equal, Groups: p.groups, Caution: p.caution}
	if q.Seconds > 0 {
		policy.Cost, policy.Budget = p.price(w, q.Seconds)
	}
	out := Ranking{Weights: w}
	for _, pick := range p.belief.Cautious(p.candidates, nil, q.K, policy) {
		out.Configs = append(out.Configs, pick.Config)
		out.Leads = append(out.Leads, Lead{Mean: pick.Lead, SE: pick.Doubt})
	}
	return out
}

// price returns cost^gamma of every column, and seconds on the same scale.
func (p *taskPosterior) price(w []float64, seconds float64) (cost []float64, budget float64) {
	cost = expectedCost(p.m, w)
	for c := range cost {
		cost[c] = math.Pow(cost[c], costPower)
	}
	return cost, math.Pow(seconds, costPower)
}

// leastCost is the shortest time, in seconds, by which gains are divided.
const leastCost = 1e-3

// expectedCost returns the seconds that a run of each configuration takes: the weighted mean over the prior tasks
// where that is known, times that ran out included; the median over all configurations where it is known of no task.
func expectedCost(m *transfer.Matrix, w []float64) []float64 {
	cost := make([]float64, len(m.Configs))
	var known []float64
	for c := range cost {
		sum, weight := 0.0, 0.0
		for t := range m.Tasks {
			if seconds := m.Cost[t][c]; !math.IsNaN(seconds) {
				sum += w[t] * seconds
				weight += w[t]
			}
		}
		cost[c] = max(leastCost, sum/weight) // NaN without weight
		if weight > 0 {
			known = append(known, cost[c])
		}
	}
	slices.Sort(known)
	usual := transfer.Median(known)
	if len(known) == 0 {
		usual = 1
	}
	for c := range cost {
		if math.IsNaN(cost[c]) {
			cost[c] = usual
		}
	}
	return cost
}
