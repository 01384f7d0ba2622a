package cmaes

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// TestDirections draws two generations in five dimensions: five at a time are at right angles, each as long as it was
// before it was turned, and a coordinate has the moments of a normal one.
func TestDirections(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var d directions
	var all [][]float64
	squares, fourth := 0.0, 0.0
	const draws = 20_000
	for range draws {
		z := make([]float64, 5)
		for i := range z {
			z[i] = rng.NormFloat64()
		}
		length := dot(z, z)
		d.turn(z)
		if !near(length, dot(z, z), 1e-9) {
			t.Fatalf("a vector of squared length %v is turned to %v", length, dot(z, z))
		}
		d = d.and(z)
		all = append(all, z)
		squares, fourth = squares+z[2]*z[2]/draws, fourth+math.Pow(z[2], 4)/draws
	}
	for k := 0; k < 100; k += 5 {
		for i := k; i < k+5; i++ {
			for j := k; j < i; j++ {
				if math.Abs(dot(all[i], all[j])) > 1e-9 {
					t.Errorf("vectors %d and %d of a set are not at right angles", i, j)
				}
			}
		}
	}
	if math.Abs(squares-1) > 0.04 || math.Abs(fourth-3) > 0.3 {
		t.Errorf("a coordinate has mean square %v and mean fourth power %v", squares, fourth)
	}
}

// parallel runs a study with workers whose trials take random times, and returns the log and the optimizer.
func parallel(tb testing.TB, q problem.Problem, seed uint64, workers, trials int) ([]study.Trial, *Optimizer) {
	tb.Helper()
	o := optimizer(tb, q.Study(seed), Settings{})
	rng, ctx := rand.New(rand.NewPCG(seed, 9)), context.Background()
	type running struct {
		trial study.Trial
		until float64
	}
	var log []study.Trial
	var busy []running
	now, begun := 0.0, 0
	record := func(t study.Trial) {
		log = append(log, t)
		if err := o.Tell(ctx, t); err != nil {
			tb.Fatal(err)
		}
	}
	for len(busy) > 0 || begun < trials {
		for len(busy) < workers && begun < trials {
			s, err := o.Ask(ctx, study.TrialID(begun+1), 1)
			if err != nil {
				tb.Fatal(err)
			}
			begun++
			t := study.Trial{Suggestion: s[0]}
			record(t)
			busy = append(busy, running{t, now - math.Log(rng.Float64())})
		}
		slices.SortFunc(busy, func(a, b running) int { return int(math.Copysign(1, a.until-b.until)) })
		t := busy[0].trial
		now, busy = busy[0].until, busy[1:]
		t.Status, t.Losses = study.Complete, []float64{q.Measure(t.Config, nil, seed)}
		record(t)
	}
	return log, o
}

// TestManyWorkers runs 24 workers on generations of ten, so that most results come a generation or more late: a replay
// of the log, told at once, gets to the same next trials, and the search still converges.
func TestManyWorkers(t *testing.T) {
	q := rosenbrock(t)
	var best []float64
	for seed := range uint64(7) {
		log, o := parallel(t, q, seed, 24, 1000)
		replayed := optimizer(t, q.Study(seed), Settings{})
		if err := replayed.Tell(context.Background(), log...); err != nil {
			t.Fatal(err)
		}
		want, err := o.Ask(context.Background(), 1001, 3)
		if err != nil {
			t.Fatal(err)
		}
		got, err := replayed.Ask(context.Background(), 1001, 3)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("a replay proposes %v, %v, want %v", got, err, want)
		}
		best = append(best, o.best)
	}
	slices.Sort(best)
	if best[3] > 60 {
		t.Errorf("24 workers reach a median of %v on rosenbrock10 in 1000 trials: %v", best[3], best)
	}
}

// TestRegret holds the median regrets of 20 runs under the peers' (BENCHMARKS: the better of Optuna and pycma from the
// same start). Random search is at 68,000 and 25,000 on rosenbrock10, and at 17.7 and 15.9 on ackley10.
func TestRegret(t *testing.T) {
	for _, tc := range []struct {
		problem      string
		set          Settings
		at100, at500 float64
	}{
		{"rosenbrock10", Settings{}, 2650, 17.3},
		{"ackley10", Settings{}, 11.3, 1.65},
		{"rosenbrock10", Settings{X0: Uniform, Sigma0: 0.25}, 28000, 91},
		{"ackley10", Settings{X0: Uniform, Sigma0: 0.25}, 16, 3.4},
	} {
		q, err := problem.Find(tc.problem)
		if err != nil {
			t.Fatal(err)
		}
		var early, late []float64
		for seed := range uint64(20) {
			o := optimizer(t, q.Study(seed), tc.set)
			play(t, o, 1, 100, q.Loss)
			early = append(early, o.best-q.Optimum)
			play(t, o, 101, 400, q.Loss)
			late = append(late, o.best-q.Optimum)
		}
		slices.Sort(early)
		slices.Sort(late)
		if early[10] > tc.at100 || late[10] > tc.at500 {
			t.Errorf("%s from %q: median regret %.4g after 100 trials, %.4g after 500; want %v and %v", tc.problem, tc.set.X0, early[10], late[10], tc.at100, tc.at500)
		}
	}
}

// TestForbiddenAndFinite tries every allowed configuration of a small space once, and then is exhausted.
func TestForbiddenAndFinite(t *testing.T) {
	s, err := space.New([]space.Hyperparameter{
		{Name: "a", Type: space.TypeInt, Low: 0, High: 6}, {Name: "b", Type: space.TypeBool},
	}, space.Condition{Op: space.OpAnd, Terms: []space.Condition{*space.Equals("a", space.Int(3)), *space.Equals("b", space.Bool(true))}})
	if err != nil {
		t.Fatal(err)
	}
	o := optimizer(t, study.Problem{Space: s, Seed: 1}, Settings{})
	play(t, o, 1, 13, func(c space.Config) float64 { return c["a"].Float() })
	for _, trial := range o.history.Finished() {
		if err := s.Validate(trial.Config); err != nil {
			t.Error(err)
		}
	}
	if _, err := o.Ask(context.Background(), 14, 1); !errors.Is(err, optimizers.ErrExhausted) {
		t.Errorf("13 of 13 configurations are tried: error %v", err)
	}
}

// TestNothingVaries has one configuration.
func TestNothingVaries(t *testing.T) {
	s, err := space.New([]space.Hyperparameter{{Name: "a", Low: 2, High: 2}})
	if err != nil {
		t.Fatal(err)
	}
	o := optimizer(t, study.Problem{Space: s}, Settings{})
	play(t, o, 1, 1, func(space.Config) float64 { return 1 })
	if _, err := o.Ask(context.Background(), 2, 1); !errors.Is(err, optimizers.ErrExhausted) {
		t.Errorf("error %v", err)
	}
}
