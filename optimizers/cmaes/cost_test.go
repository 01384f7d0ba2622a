package cmaes

import (
	"context"
	"testing"

	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// play runs n trials of a study, one at a time from number first on.
func play(tb testing.TB, o *Optimizer, first study.TrialID, n int, loss func(space.Config) float64) {
	tb.Helper()
	ctx := context.Background()
	for id := first; id < first+study.TrialID(n); id++ {
		s, err := o.Ask(ctx, id, 1)
		if err != nil {
			tb.Fatal(err)
		}
		t := study.Trial{Suggestion: s[0]}
		if err := o.Tell(ctx, t); err != nil {
			tb.Fatal(err)
		}
		t.Status, t.Losses = study.Complete, []float64{loss(t.Config)}
		if err := o.Tell(ctx, t); err != nil {
			tb.Fatal(err)
		}
	}
}

func rosenbrock(tb testing.TB) problem.Problem {
	tb.Helper()
	q, err := problem.Find("rosenbrock10")
	if err != nil {
		tb.Fatal(err)
	}
	return q
}

// BenchmarkTrial is one trial in ten dimensions: Ask, Tell of its beginning and of its end.
func BenchmarkTrial(b *testing.B) {
	q := rosenbrock(b)
	o, err := New(q.Study(1), Settings{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	first := study.TrialID(1)
	for b.Loop() {
		play(b, o, first, 1, q.Loss)
		first++
	}
}

// TestCostDoesNotGrow counts the allocations of a hundred trials, early and late in a study: a few for each, for what
// is handed out and remembered, and no more after thousands of trials.
func TestCostDoesNotGrow(t *testing.T) {
	q := rosenbrock(t)
	o, err := New(q.Study(1), Settings{})
	if err != nil {
		t.Fatal(err)
	}
	first := study.TrialID(1)
	measure := func() float64 {
		return testing.AllocsPerRun(10, func() {
			play(t, o, first, 100, q.Loss)
			first += 100
		}) / 100
	}
	early := measure()
	play(t, o, first, 4000, q.Loss)
	first += 4000
	late := measure()
	if early > 60 || late > 1.2*early {
		t.Errorf("%v allocations for each of the first trials, %v for each after 5000", early, late)
	}
}
