package warmstart

import (
	"math"
	"slices"

	"github.com/metaml/metaml/transfer"
)

// Settings of the posterior, by grouped cross-validation; see the table at the type posterior.
const (
	equalShare = .2 // of equal weights in those of the prior tasks
	costPower  = 1. // gamma: gains are weighed by cost^-gamma where time matters
)

// caution is by how many standard errors a configuration must be ahead of what is best for all tasks, by rank: the
// first picks decide the most, and everything hangs on them.
var caution = [...]float64{2, 2, 1.5, 1.5, 1}

// posterior is the default: a distribution over prior tasks that says which of them the new one resembles, and a
// choice under it that never strays far from the greedy portfolio without evidence.
//
// Prior tasks are weighed by the proximities of a forest that predicts rows of regrets from meta-features, mixed with
// equal weights: w = (1 - lam) p + lam u. The share lam grows to one as the new task lies farther from all prior tasks
// than they do from each other; it is one where the prior tasks are few. The next configuration is the greedy
// portfolio's, unless another one's expected gain under w is ahead by more than its standard error over groups
// allows; see transfer.Belief.Cautious.
type posterior struct{}

func (posterior) Learn(m *transfer.Matrix, seed uint64) (Recommender, error) {
	return learnPosterior(m, seed)
}

func learnPosterior(m *transfer.Matrix, seed uint64) (*taskPosterior, error) {
	belief, err := m.Believe(seed)
	if err != nil {
		return nil, err
	}
	p := &taskPosterior{m: m, belief: belief, candidates: m.Candidates(), groups: m.GroupNumbers()}
	if len(m.Tasks) < fewestTasks {
		return p, nil
	}
	p.novelty = newNovelty(m)
	p.forest, err = growForest(m, belief.Components(forestOutputs, seed), forestTrees, posteriorLeaf, seed)
	return p, err
}

// taskPosterior weighs prior tasks and chooses under the weights.
type taskPosterior struct {
	m          *transfer.Matrix
	belief     *transfer.Belief
	candidates []int
	groups     []int
	forest     *taskForest // nil with few tasks
	novelty    *novelty
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
	policy := transfer.Policy{Weights: w, Safe: equal, Groups: p.groups, Caution: caution[:]}
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
