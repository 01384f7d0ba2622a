package warmstart

import (
	"cmp"
	"slices"

	"github.com/metaml/metaml/transfer"
)

// forestTop predicts every configuration's regret on the new task by a forest on meta-features and takes the best
// by prediction. Its picks resemble each other: it stands here for comparison.
type forestTop struct{}

func (forestTop) Learn(m *transfer.Matrix, seed uint64) (Recommender, error) {
	belief, err := m.Believe(seed)
	if err != nil {
		return nil, err
	}
	f, err := growForest(m, belief.Components(forestOutputs, seed), forestTrees, forestLeaf, seed)
	if err != nil {
		return nil, err
	}
	return &topPredicted{m: m, belief: belief, candidates: m.Candidates(), forest: f}, nil
}

type topPredicted struct {
	m          *transfer.Matrix
	belief     *transfer.Belief
	candidates []int
	forest     *taskForest
}

func (p *topPredicted) Recommend(q Query) Ranking {
	weights := p.forest.proximity(q.Features)
	if weights == nil {
		weights = transfer.Uniform(len(p.m.Tasks))
	}
	return p.top(weights, q.K)
}

// unseen answers about prior task t as if its group were unknown.
func (p *topPredicted) unseen(t int, q Query) Ranking {
	weights := p.forest.unseen(t, p.m.Tasks[t].Features)
	if weights == nil {
		weights = uniformWithout(p.m, t)
	}
	return p.top(weights, q.K)
}

func (p *topPredicted) top(weights []float64, k int) Ranking {
	predicted := p.belief.Expected(weights)
	order := slices.Clone(p.candidates)
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(predicted[a], predicted[b]) })
	return Ranking{Configs: order[:min(max(k, 0), len(order))], Weights: weights}
}
