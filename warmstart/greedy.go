package warmstart

import (
	"github.com/metaml/metaml/transfer"
)

// greedy is the greedy portfolio: the configurations that together serve the prior tasks best, all tasks counting
// the same, whatever the new task is (as in auto-sklearn 2's portfolios, Feurer et al. 2022). It needs no
// meta-features and so cannot be misled by them.
type greedy struct{}

func (greedy) Learn(m *transfer.Matrix, seed uint64) (Recommender, error) {
	belief, err := m.Believe(seed)
	if err != nil {
		return nil, err
	}
	weights := transfer.Uniform(len(m.Tasks))
	return &portfolio{belief: belief, candidates: m.Candidates(), weights: weights}, nil
}

// portfolio chooses greedily under the same weights whatever the task.
type portfolio struct {
	belief     *transfer.Belief
	candidates []int
	weights    []float64
}

func (p *portfolio) Recommend(q Query) Ranking {
	return Ranking{Configs: columns(p.belief.Portfolio(p.weights, p.candidates, nil, q.K)), Weights: p.weights}
}

func columns(picks []transfer.Pick) []int {
	out := make([]int, len(picks))
	for i, p := range picks {
		out[i] = p.Config
	}
	return out
}
