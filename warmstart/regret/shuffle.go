package regret

import (
	"context"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/metaml/metaml/transfer"
	"github.com/metaml/metaml/warmstart"
)

// Shuffled returns the matrix with the meta-features of the tasks dealt out anew: what a strategy still gains then, it
// does not owe to them.
func Shuffled(m *transfer.Matrix, seed uint64) *transfer.Matrix {
	out := *m
	out.Tasks = slices.Clone(m.Tasks)
	for t, from := range rand.New(rand.NewPCG(seed, 2)).Perm(len(m.Tasks)) {
		out.Tasks[t].Features = m.Tasks[from].Features
	}
	return &out
}

// Shuffling says what a strategy owes to meta-features at one k.
type Shuffling struct {
	NR       float64 `json:"nr"` // with the meta-features dealt out anew
	NRGroups float64 `json:"nr_groups"`
	// Gain is the regret with the true meta-features less that with the shuffled ones, task by task.
	Gain Difference `json:"gain"`
	// Harm is the regret with the shuffled ones less that of the greedy portfolio; nil if that does not take part.
	Harm *Difference `json:"harm,omitempty"`
}

// testShuffled tests the strategies once more with the tasks' meta-features dealt out anew, on the same folds and groups.
func (e *evaluation) testShuffled(ctx context.Context) error {
	opt := e.opt
	opt.Forecasts = nil
	again := newEvaluation(Shuffled(e.m, opt.Seed), e.split, opt, nil)
	again.round = 1
	if err := again.addStrategies(); err != nil {
		return err
	}
	if err := again.run(ctx); err != nil {
		return err
	}
	e.shuffled = again.reached
	return nil
}

// shuffling compares the regrets with true and with shuffled meta-features; nil where they were not tested.
func (e *evaluation) shuffling(b *bootstrap, tasks []int) map[string]map[string]Shuffling {
	if e.shuffled == nil {
		return nil
	}
	out := make(map[string]map[string]Shuffling)
	for _, name := range e.opt.Strategies {
		truly, shuffled := columns(e.reached[name], tasks, len(e.opt.K)), columns(e.shuffled[name], tasks, len(e.opt.K))
		gain := e.compare(b, truly, shuffled)
		var harm map[string]Difference
		if safe, ok := e.reached[warmstart.Greedy]; ok {
			harm = e.compare(b, shuffled, columns(safe, tasks, len(e.opt.K)))
		}
		out[name] = make(map[string]Shuffling)
		for j, n := range e.opt.K {
			k := strconv.Itoa(n)
			s := Shuffling{NR: mean(shuffled[j]), NRGroups: b.overGroups(shuffled[j]), Gain: gain[k]}
			if d, ok := harm[k]; ok {
				s.Harm = &d
			}
			out[name][k] = s
		}
	}
	return out
}
