package de

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

// TestConforms runs the contract with the defaults, and with populations that are complete after a few trials.
func TestConforms(t *testing.T) {
	optimizertest.Conform(t, opener(Settings{}), optimizertest.Options{})
	optimizertest.Conform(t, opener(Settings{Population: 5}), optimizertest.Options{Trials: 40})
	optimizertest.Conform(t, opener(Settings{Population: 6, Strategy: Rand, ScaleFactor: 0.5, CrossoverRate: 0.9}), optimizertest.Options{})
}
