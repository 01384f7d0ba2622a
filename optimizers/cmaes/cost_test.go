package cmaes

import (
	"context"
	"math/rand/v2"
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

// TestEigenvectorsAreLazy counts decompositions: in ten dimensions one for each generation of ten points, in a hundred
// one for several generations, so that the cost of a trial stays quadratic.
func TestEigenvectorsAreLazy(t *testing.T) {
	for n, least := range map[int]int{10: 1, 100: 2} {
		d := newDistribution(newParameters(n, defaultPopulation(n)), make([]float64, n), 1)
		rng := rand.New(rand.NewPCG(1, 2))
		points, z := make([][]float64, d.lambda), make([]float64, n)
		decompositions, last := 0, 0
		const generations = 60
		for range generations {
			for k := range points {
				for i := range z {
					z[i] = rng.NormFloat64()
				}
				points[k] = make([]float64, n)
				d.place(z, points[k])
			}
			d.update(points)
			if d.decomposed != last {
				decompositions, last = decompositions+1, d.decomposed
			}
		}
		if want := generations / least; decompositions > want || decompositions < want/2 {
			t.Errorf("%d dimensions: %d decompositions in %d generations, want about %d", n, decompositions, generations, want)
		}
	}
}

// TestUpdateAllocates little: what a generation's update and its points' sampling need is kept.
func TestUpdateAllocates(t *testing.T) {
	d := newDistribution(newParameters(10, 10), make([]float64, 10), 1)
	points := make([][]float64, 10)
	for k := range points {
		points[k] = make([]float64, 10)
		points[k][k] = 1
	}
	if n := testing.AllocsPerRun(50, func() { d.update(points) }); n > 2 {
		t.Errorf("an update allocates %v times", n)
	}
}
