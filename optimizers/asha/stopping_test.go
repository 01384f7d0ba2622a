package asha

import (
	"context"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/optimizertest"
	"github.com/metaml/metaml/optimizers/random"
	"github.com/metaml/metaml/optimizers/study"
)

func openStopping(tb testing.TB, p study.Problem, r Rule) optimizers.Optimizer {
	tb.Helper()
	inner, err := random.New(p, random.Settings{})
	if err != nil {
		tb.Fatal(err)
	}
	o, err := NewStopping(p, inner, r)
	if err != nil {
		tb.Fatal(err)
	}
	return o
}

func TestStoppingConforms(t *testing.T) {
	optimizertest.Conform(t, func(tb testing.TB, p study.Problem, _ *study.Prior) optimizers.Optimizer {
		return openStopping(tb, p, Rule{})
	}, optimizertest.Options{Stopping: true, Repeats: true})
}

// TestRule reports ten steps of trials side by side: rungs of eta = 3 and grace 0.1 are first reached at steps 2 (of
// share 1/9) and 4 (of 1/3).
func TestRule(t *testing.T) {
	ctx := context.Background()
	o := openStopping(t, nine(t), Rule{Grace: 0.1}).(optimizers.Stopper)
	expect := func(id study.TrialID, step int, loss float64, want bool) {
		t.Helper()
		if err := o.(optimizers.Optimizer).Tell(ctx, study.Trial{Suggestion: study.Suggestion{ID: id}}); err != nil {
			t.Fatal(err)
		}
		stop, err := o.Observe(ctx, id, study.Observation{Step: step, Steps: 10, Metrics: map[string]float64{"m": loss}})
		if stop != want || err != nil {
			t.Errorf("trial %d at step %d: stop %v, %v", id, step, stop, err)
		}
	}
	for id := range study.TrialID(3) { // the first three go on
		expect(id+1, 1, 1, false)
		expect(id+1, 2, float64(id), false)
	}
	expect(4, 1, 99, false) // below the first rung
	expect(4, 2, 0.5, true) // the second of four; one may go on
	expect(4, 3, 99, false) // between rungs
	expect(5, 2, 0, false)  // ties with the best
	expect(6, 2, 0.7, true) // the fourth of six; two may go on
	expect(7, 2, -1, false)
	expect(8, 5, 9, false) // alone at the second rung, the highest that it jumps over
	expect(1, 5, 1, false)
	expect(2, 4, 2, false)
	expect(3, 4, 1.5, true) // the second of four
	expect(7, 4, 0, false)
	expect(7, 10, 50, false) // it ends anyway
}
