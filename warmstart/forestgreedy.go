package warmstart

import (
	"github.com/metaml/metaml/transfer"
)

// Settings of forest-greedy, by grouped cross-validation. The first configuration is a bet on what the
// meta-features say; the later ones are also insurance against their being wrong.
const (
	firstShare  = .15 // of the uniform weights in those of the first pick
	laterShare  = .5  // and of the later ones
	fewestTasks = 25  // with fewer prior tasks nothing beats the greedy portfolio
)

// forestGreedy chooses greedily, as the greedy portfolio does, with prior tasks weighted by the forest's proximity
// mixed with equal weights: w = (1 - lam) p + lam u. The share lam of equal weights grows to one, which is the
// greedy portfolio, as the new task lies farther from all prior tasks than they do from each other; it is one where
// the prior tasks are few.
//
// Equal weights count tasks, not groups: where groups counted the same, regret over tasks rose by .01 to .03 at
// every k and regret over groups did not fall.
type forestGreedy struct{}

func (forestGreedy) Learn(m *transfer.Matrix, seed uint64) (Recommender, error) {
	belief, err := m.Believe(seed)
	if err != nil {
		return nil, err
	}
	f := &weightedGreedy{m: m, belief: belief, candidates: m.Candidates()}
	if len(m.Tasks) < fewestTasks {
		return f, nil
	}
	f.novelty = newNovelty(m)
	f.forest, err = growForest(m, belief.Components(forestOutputs, seed), forestTrees, forestLeaf, seed)
	return f, err
}

type weightedGreedy struct {
	m          *transfer.Matrix
	belief     *transfer.Belief
	candidates []int
	forest     *taskForest // nil with few tasks
	novelty    *novelty
}

func (g *weightedGreedy) Recommend(q Query) Ranking {
	uniform := transfer.Uniform(len(g.m.Tasks))
	if g.forest == nil {
		return g.choose(nil, uniform, 1, q.K)
	}
	strangeness := g.novelty.strangeness(g.novelty.nearest(q.Features))
	return g.choose(g.forest.proximity(q.Features), uniform, strangeness, q.K)
}

// unseen answers about prior task t as if its group were unknown.
func (g *weightedGreedy) unseen(t int, q Query) Ranking {
	uniform := uniformWithout(g.m, t)
	if g.forest == nil {
		return g.choose(nil, uniform, 1, q.K)
	}
	strangeness := g.novelty.strangeness(g.novelty.own[t])
	return g.choose(g.forest.unseen(t, g.m.Tasks[t].Features), uniform, strangeness, q.K)
}

// choose picks under a proximity (nil: unknown) mixed with equal weights as the strangeness in [0, 1] asks for.
func (g *weightedGreedy) choose(proximity, uniform []float64, strangeness float64, k int) Ranking {
	first, later := uniform, uniform
	if proximity != nil {
		first = transfer.Mix(proximity, uniform, firstShare+(1-firstShare)*strangeness)
		later = transfer.Mix(proximity, uniform, laterShare+(1-laterShare)*strangeness)
	}
	picks := columns(g.belief.Portfolio(first, g.candidates, nil, min(k, 1)))
	picks = append(picks, columns(g.belief.Portfolio(later, g.candidates, picks, k-len(picks)))...)
	return Ranking{Configs: picks, Weights: first}
}

// uniformWithout weighs all tasks outside the group of t equally.
func uniformWithout(m *transfer.Matrix, t int) []float64 {
	w := make([]float64, len(m.Tasks))
	n := 0
	for s := range m.Tasks {
		if m.Tasks[s].Group != m.Tasks[t].Group {
			w[s] = 1
			n++
		}
	}
	for s := range w {
		w[s] /= float64(max(n, 1))
	}
	return w
}
