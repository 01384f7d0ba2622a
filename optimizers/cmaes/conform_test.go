package cmaes

import (
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/optimizertest"
	"github.com/metaml/metaml/optimizers/study"
)

func opener(set Settings) optimizertest.Open {
	return func(tb testing.TB, p study.Problem, _ *study.Prior) optimizers.Optimizer {
		tb.Helper()
		o, err := New(p, set)
		if err != nil {
			tb.Fatal(err)
		}
		return o
	}
}

// TestConforms runs the contract with the defaults, and with generations so small that most trials end in a later one.
func TestConforms(t *testing.T) {
	optimizertest.Conform(t, opener(Settings{}), optimizertest.Options{NumericOnly: true})
	optimizertest.Conform(t, opener(Settings{Population: 2, X0: Uniform, Restarts: IPOP}), optimizertest.Options{NumericOnly: true})
}
