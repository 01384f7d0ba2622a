package cmaes

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// box returns a study of n numbers in [-1, 3].
func box(tb testing.TB, n int) study.Problem {
	tb.Helper()
	params := make([]space.Hyperparameter, n)
	for i := range params {
		params[i] = space.Hyperparameter{Name: string(rune('a' + i)), Low: -1, High: 3}
	}
	s, err := space.New(params)
	if err != nil {
		tb.Fatal(err)
	}
	return study.Problem{Space: s, Objectives: []study.Objective{{Metric: "loss"}}, Seed: 7}
}

func optimizer(tb testing.TB, p study.Problem, set Settings) *Optimizer {
	tb.Helper()
	o, err := New(p, set)
	if err != nil {
		tb.Fatal(err)
	}
	return o
}

func sphere(c space.Config) float64 {
	sum := 0.0
	for _, name := range c.Names() {
		sum += math.Pow(c[name].Float()-0.5, 2)
	}
	return sum
}

// TestBIPOP follows the schedule of a run in which every descent takes 100 generations: the large regime doubles its
// population, and the small one has its turn until it has spent as many evaluations.
func TestBIPOP(t *testing.T) {
	p := box(t, 4)
	axes := optimizer(t, p, Settings{}).coordinates.axes
	s := restarts{strategy: BIPOP, sigma: 0.2, population: 8, rng: rand.New(rand.NewPCG(1, 2))}
	large, small, doublings := 0, 0, 0
	evaluations := 800
	for k := range 40 {
		r := s.next(evaluations, axes)
		if s.large != large || s.small != small {
			t.Fatalf("restart %d: %d and %d evaluations are counted, not %d and %d", k, s.large, s.small, large, small)
		}
		d := r.distribution
		evaluations = 100 * d.lambda
		if wantSmall := doublings > 0 && small < large; s.inSmall != wantSmall {
			t.Fatalf("restart %d: small is %v after %d large and %d small evaluations", k, s.inSmall, large, small)
		}
		if s.inSmall {
			if limit := 8 << doublings / 2; d.lambda < 8*3/4 || d.lambda > max(limit, 8) || d.sigma > 0.2 || d.sigma < 0.002 {
				t.Errorf("restart %d: small population %d of at most %d, step size %v", k, d.lambda, limit, d.sigma)
			}
			small += evaluations
		} else {
			if doublings++; d.lambda != 8<<doublings || d.sigma != 0.2 {
				t.Errorf("restart %d: population %d after %d doublings, step size %v", k, d.lambda, doublings, d.sigma)
			}
			large += evaluations
		}
		if r.number != k+1 {
			t.Errorf("restart %d has number %d", k, r.number)
		}
	}
	if doublings < 3 || small == 0 {
		t.Errorf("%d doublings, %d evaluations in small populations", doublings, small)
	}
}

func TestIPOPOnlyDoubles(t *testing.T) {
	p := box(t, 2)
	axes := optimizer(t, p, Settings{}).coordinates.axes
	s := restarts{strategy: IPOP, sigma: 0.1, population: 6, rng: rand.New(rand.NewPCG(1, 2))}
	for k := range 12 {
		if got, want := s.next(10, axes).distribution.lambda, 6<<min(k+1, maxDoublings); got != want {
			t.Errorf("restart %d has population %d, not %d", k, got, want)
		}
	}
}

// TestDescentsEnd runs into an optimum, and over a plain: the search begins anew, or by "none" is exhausted.
func TestDescentsEnd(t *testing.T) {
	for name, loss := range map[string]func(space.Config) float64{
		"sphere": sphere,
		"plain":  func(space.Config) float64 { return 3 },
		"inf":    func(space.Config) float64 { return math.NaN() }, // no usable loss
	} {
		o := optimizer(t, box(t, 2), Settings{})
		play(t, o, 1, 1500, loss)
		if o.run.number < 1 {
			t.Errorf("%s: no restart in 1500 trials, step size %v", name, o.run.distribution.sigma)
		}
		if name == "sphere" && o.best > 1e-12 {
			t.Errorf("the sphere's least loss is %v", o.best)
		}
		once := optimizer(t, box(t, 2), Settings{Restarts: None})
		ctx := context.Background()
		for id := study.TrialID(1); ; id++ {
			s, err := once.Ask(ctx, id, 1)
			if errors.Is(err, optimizers.ErrExhausted) && id > 60 {
				break
			}
			if err != nil || id == 1500 {
				t.Fatalf("%s: trial %d: %v", name, id, err)
			}
			trial := study.Trial{Suggestion: s[0]}
			_ = once.Tell(ctx, trial)
			trial.Status, trial.Losses = study.Complete, []float64{loss(trial.Config)}
			if err := once.Tell(ctx, trial); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestStopping checks each criterion on a distribution that meets it, and on one that meets none.
func TestStopping(t *testing.T) {
	axes := []axis{{}, {}}
	for _, tc := range []struct {
		name string
		want bool
		make func(d *distribution, s *stopping)
	}{
		{"healthy", false, func(_ *distribution, s *stopping) {
			for i := range 100 {
				s.note(float64(i), float64(i)+1)
			}
		}},
		{"losses agree", true, func(_ *distribution, s *stopping) {
			s.note(0, 1000)
			for range 100 {
				s.note(5, 5+1e-10)
			}
		}},
		{"losses agree, not for long enough", false, func(_ *distribution, s *stopping) {
			s.note(0, 1000)
			for range 10 {
				s.note(5, 5)
			}
		}},
		{"losses nearly agree", true, func(_ *distribution, s *stopping) {
			s.note(0, 1000)
			for range calm {
				s.note(5, 5+1e-6)
			}
		}},
		{"losses nearly agree, not for long enough", false, func(_ *distribution, s *stopping) {
			s.note(0, 1000)
			for range calm - 1 {
				s.note(5, 5+1e-6)
			}
		}},
		{"losses still differ", false, func(_ *distribution, s *stopping) {
			s.note(0, 1000)
			for range 100 {
				s.note(5, 5+1e-4)
			}
		}},
		{"everything fails", true, func(_ *distribution, s *stopping) {
			for range 100 {
				s.note(math.Inf(1), math.Inf(1))
			}
		}},
		{"steps too small", true, func(d *distribution, _ *stopping) { d.mean[0], d.mean[1], d.sigma = 0, 0, 1e-14 }},
		{"steps too large", true, func(d *distribution, _ *stopping) { d.sigma = 1e5 }},
		{"ill conditioned", true, func(d *distribution, _ *stopping) { d.d[0] = 1e-8 }},
		{"a coordinate does not move", true, func(d *distribution, _ *stopping) { d.mean[0], d.c[0], d.sigma = 1e6, 1e-25, 1 }},
	} {
		d := newDistribution(newParameters(2, 6), []float64{0.5, 0.5}, 0.3)
		s := newStopping(d)
		tc.make(d, &s)
		if got := s.finished(d, axes); got != tc.want {
			t.Errorf("%s: finished is %v", tc.name, got)
		}
	}
}
