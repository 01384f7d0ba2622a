package plugins_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins"
)

// coin is an optimizer that leaves everything to chance.
type coin struct{ problem study.Problem }

// Ask draws trial i from the stream (seed, i), so that a restarted process suggests the same.
func (c coin) Ask(_ context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
	batch := make([]study.Suggestion, n)
	for i := range batch {
		id := first + study.TrialID(i)
		rng := rand.New(rand.NewPCG(c.problem.Seed, uint64(id)))
		config, err := c.problem.Space.Sample(rng)
		if err != nil {
			return nil, err
		}
		batch[i] = study.Suggestion{ID: id, Config: config, Seed: rng.Uint64(), Origin: "coin"}
	}
	return batch, nil
}

// Tell learns nothing.
func (coin) Tell(context.Context, ...study.Trial) error { return nil }

// A program called metaml-optimizer-coin with this in its main function, put beside metaml, in its plugin folder or
// on PATH, is an optimizer named coin.
func ExampleServeOptimizer() {
	plugins.ServeOptimizer(plugins.OptimizerPlugin{
		Description: plugins.Description{
			Name: "coin", Version: "1.0",
			Capabilities: plugins.Capabilities{Conditions: true, Categorical: true, Pending: true},
		},
		Open: func(problem study.Problem, _ json.RawMessage) (optimizers.Optimizer, error) {
			return coin{problem}, nil
		},
	})
}
