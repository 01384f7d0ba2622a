package warmstart

import (
	"slices"

	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/transfer"
)

// nearest is auto-sklearn's rule (Feurer et al. 2015): meta-features scaled to [0,1] over the prior tasks, tasks in
// the order of their L1 distance, and of each its best configuration unless it was taken already. Where all tasks'
// best ones are fewer than asked for, the greedy portfolio fills up; it also serves a task without meta-features.
type nearest struct{}

func (nearest) Learn(m *transfer.Matrix, seed uint64) (Recommender, error) {
	fallback, err := greedy{}.Learn(m, seed)
	if err != nil {
		return nil, err
	}
	scale := minMax(m.Features())
	n := &nearestTasks{scale: scale, scaled: scale.applyAll(m.Features()), fallback: fallback}
	for t := range m.Tasks {
		n.best = append(n.best, best(m, t))
	}
	return n, nil
}

// best returns the column with the least loss on task t, the first among equals, -1 if none gave a result.
func best(m *transfer.Matrix, t int) int {
	at := -1
	for c, loss := range m.Loss[t] {
		if m.Status[t][c] == study.Complete && (at < 0 || loss < m.Loss[t][at]) {
			at = c
		}
	}
	return at
}

type nearestTasks struct {
	scale    scaling
	scaled   [][]float64
	best     []int // by task
	fallback Recommender
}

// fewestNeighbours is how many tasks the weights of a ranking name at least.
const fewestNeighbours = 9

func (n *nearestTasks) Recommend(q Query) Ranking {
	if transfer.Undefined(q.Features) {
		return n.fallback.Recommend(q)
	}
	order := byDistance(n.scale.apply(q.Features), n.scaled, manhattan)
	var picks []int
	asked := 0
	for _, t := range order {
		if len(picks) >= q.K {
			break
		}
		asked++
		if c := n.best[t]; c >= 0 && !slices.Contains(picks, c) {
			picks = append(picks, c)
		}
	}
	if len(picks) < q.K {
		picks = fillUp(picks, n.fallback.Recommend(Query{K: q.K + len(picks)}).Configs, q.K)
	}
	order = order[:min(max(asked, fewestNeighbours), len(order))]
	weights := make([]float64, len(n.best))
	for _, t := range order {
		weights[t] = 1 / float64(len(order))
	}
	return Ranking{Configs: picks, Weights: weights}
}
