package regret

import (
	"math/rand/v2"
	"slices"

	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/transfer"
	"github.com/metaml/metaml/warmstart"
)

// KnownFirst is the strategy of anyone who has some results on the very data and knows no more of them: the best of those
// first, then what is best for all tasks and was not run. It exists to be compared with.
const KnownFirst = "known-first"

// NewStrategy is warmstart.NewStrategy, and knows KnownFirst too.
func NewStrategy(name string) (warmstart.Strategy, error) {
	if name == KnownFirst {
		return knownFirst{}, nil
	}
	return warmstart.NewStrategy(name)
}

// askKnowing asks a strategy about each task to test when some results on the task itself are known: of configurations
// drawn at random among those that were run, the same for every strategy. Every task is learned with alone.
func (e *evaluation) askKnowing(strategy int, known *transfer.Matrix, test []int) error {
	name, most := e.opt.Strategies[strategy], e.opt.K[len(e.opt.K)-1]
	for _, t := range test {
		nr, ok := e.m.Normalised(t)
		if !ok {
			continue
		}
		itself := e.m.Rows([]int{t}).Knowing(0, drawn(e.m.Status[t], e.opt.Known, e.opt.Seed+uint64(t)))
		r, err := e.strategies[strategy].Learn(known.And(itself), e.opt.Seed)
		if err != nil {
			return err
		}
		row := len(known.Tasks)
		ranking := e.judged(r, t, most, &row)
		e.reached[name][t] = least(nr, ranking.Configs, e.opt.K)
		e.scaled[strategy][t] = least(e.m.Regret[t], ranking.Configs, e.opt.K)
	}
	return nil
}

// drawn returns n of the columns that were run, all if they are no more.
func drawn(status []study.Status, n int, seed uint64) []int {
	var run []int
	for c, s := range status {
		if s != study.Pending {
			run = append(run, c)
		}
	}
	rng := rand.New(rand.NewPCG(seed, 0x6f776e))
	rng.Shuffle(len(run), func(i, j int) { run[i], run[j] = run[j], run[i] })
	return run[:min(n, len(run))]
}

type knownFirst struct{}

// Learn implements warmstart.Strategy.
func (knownFirst) Learn(m *transfer.Matrix, seed uint64) (warmstart.Recommender, error) {
	greedy, err := warmstart.NewStrategy(warmstart.Greedy)
	if err != nil {
		return nil, err
	}
	r, err := greedy.Learn(m, seed)
	return knownFirstOf{m, r}, err
}

type knownFirstOf struct {
	m      *transfer.Matrix
	greedy warmstart.Recommender
}

// Recommend implements warmstart.Recommender.
func (f knownFirstOf) Recommend(q warmstart.Query) warmstart.Ranking {
	ranking := f.greedy.Recommend(warmstart.Query{Features: q.Features, K: len(f.m.Configs)})
	if q.Own != nil {
		loss, status := f.m.Loss[*q.Own], f.m.Status[*q.Own]
		best := -1
		for c, s := range status {
			if s == study.Complete && (best < 0 || loss[c] < loss[best]) {
				best = c
			}
		}
		ranking.Configs = slices.DeleteFunc(ranking.Configs, func(c int) bool { return status[c] != study.Pending })
		if best >= 0 {
			ranking.Configs = slices.Insert(ranking.Configs, 0, best)
		}
	}
	ranking.Configs = ranking.Configs[:min(q.K, len(ranking.Configs))]
	return ranking
}
