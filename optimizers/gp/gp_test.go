package gp

import (
	"context"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/optimizertest"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/study"
)

func TestConforms(t *testing.T) {
	open := func(tb testing.TB, p study.Problem, prior *study.Prior) optimizers.Optimizer {
		o, err := New(p, Settings{Candidates: 64, Starts: 2})
		if err == nil && prior != nil {
			err = o.Prime(context.Background(), *prior)
		}
		if err != nil {
			tb.Fatal(err)
		}
		return o
	}
	optimizertest.Conform(t, open, optimizertest.Options{Trials: 20, Horizon: 2, Prior: true})
}

// play runs a study of so many trials, one at a time, and returns the optimizer and the least regret.
func play(tb testing.TB, name string, seed uint64, trials int, s Settings) (*Optimizer, float64) {
	tb.Helper()
	p, err := problem.Find(name)
	if err != nil {
		tb.Fatal(err)
	}
	o, err := New(p.Study(seed), s)
	if err != nil {
		tb.Fatal(err)
	}
	best := p.Regret(o.design[0])
	for i := range trials {
		asked, err := o.Ask(context.Background(), study.TrialID(i+1), 1)
		if err != nil {
			tb.Fatal(err)
		}
		ended := study.Trial{Suggestion: asked[0], Status: study.Complete, Losses: []float64{p.Loss(asked[0].Config)}}
		if err := o.Tell(context.Background(), ended); err != nil {
			tb.Fatal(err)
		}
		best = min(best, p.Regret(asked[0].Config))
	}
	return o, best
}

// TestFindsTheOptimum asks for a regret on Branin's function that random search needs some ten million trials for.
func TestFindsTheOptimum(t *testing.T) {
	for seed := range uint64(2) {
		if _, regret := play(t, "branin", seed, 45, Settings{Candidates: 512, Starts: 4}); regret > 0.01 {
			t.Errorf("seed %d: regret %v after 45 trials", seed, regret)
		}
	}
}
