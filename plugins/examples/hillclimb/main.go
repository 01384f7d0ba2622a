// Command hillclimb is an optimizer of a third party: built as metaml-optimizer-hillclimb and put beside metaml, in its
// plugin folder or on PATH, it is the optimizer hillclimb. It tries neighbours of the best configuration so far, and
// every fourth time a random one.
package main

import (
	"context"
	"encoding/json"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/history"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins"
)

type climber struct {
	problem study.Problem
	history *history.History
}

func (c climber) Tell(_ context.Context, trials ...study.Trial) error {
	c.history.Tell(trials...)
	return nil
}

func (c climber) Ask(_ context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
	var answer []study.Suggestion
	for batch := c.history.Batch(); len(answer) < n; first++ {
		config, err := c.propose(first, batch)
		if err != nil {
			return answer, err // ErrExhausted, perhaps after some suggestions
		}
		answer = append(answer, study.Suggestion{ID: first, Config: config})
	}
	return answer, nil
}

func (c climber) propose(id study.TrialID, batch *history.Batch) (space.Config, error) {
	rng := c.problem.Stream(id)
	if best, ok := optimizers.Incumbent(c.problem, c.history.Finished()); ok && rng.IntN(4) > 0 {
		for config := range c.problem.Space.Neighbours(best.Config, rng) {
			if batch.Take(config, nil) {
				return config, nil
			}
		}
	}
	return batch.Draw(rng, nil)
}

func main() {
	plugins.ServeOptimizer(plugins.OptimizerPlugin{
		Description: plugins.Description{Name: "hillclimb", Version: "1.0",
			Capabilities: plugins.Capabilities{Conditions: true, Categorical: true, Pending: true}},
		Open: func(problem study.Problem, _ json.RawMessage) (optimizers.Optimizer, error) {
			return climber{problem, history.New(problem)}, nil
		},
	})
}
