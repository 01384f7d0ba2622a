package warmstart

import (
	"github.com/metaml/metaml/transfer"
)

// Settings of forest-greedy, by grouped cross-validation. The first configuration is a bet on what the
// meta-features say; the later ones are also insurance against their being wrong.
const (
	firstShare    = .3 // of the uniform weights in those of the first pick
	laterShare    = .5 // and of the later ones
	fewestTasks   = 25 // with fewer prior tasks nothing beats the greedy portfolio
	familiarShare = .95
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
	f := &weightedGreedy{belief: belief, candidates: m.Candidates(), uniform: transfer.Uniform(len(m.Tasks))}
	if len(m.Tasks) < fewestTasks {
		return f, nil
	}
	f.novelty = newNovelty(m)
	f.forest, err = growForest(m, belief, seed)
	return f, err
}

type weightedGreedy struct {
	belief     *transfer.Belief
	candidates []int
	uniform    []float64
	forest     *taskForest // nil with few tasks
	novelty    *novelty
}

func (g *weightedGreedy) Recommend(q Query) Ranking {
	var proximity []float64
	strangeness := 1.0
	if g.forest != nil {
		proximity = g.forest.proximity(q.Features)
		strangeness = g.novelty.strangeness(g.novelty.nearest(q.Features))
	}
	return g.choose(proximity, strangeness, q.K)
}

// choose picks under a proximity (nil: unknown) and a strangeness in [0, 1].
func (g *weightedGreedy) choose(proximity []float64, strangeness float64, k int) Ranking {
	first, later := g.uniform, g.uniform
	if proximity != nil {
		first = transfer.Mix(proximity, g.uniform, firstShare+(1-firstShare)*strangeness)
		later = transfer.Mix(proximity, g.uniform, laterShare+(1-laterShare)*strangeness)
	}
	picks := columns(g.belief.Portfolio(first, g.candidates, nil, min(k, 1)))
	picks = append(picks, columns(g.belief.Portfolio(later, g.candidates, picks, k-len(picks)))...)
	return Ranking{Configs: picks, Weights: first}
}
