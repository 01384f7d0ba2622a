package de

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/random"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

func find(tb testing.TB, name string) problem.Problem {
	tb.Helper()
	q, err := problem.Find(name)
	if err != nil {
		tb.Fatal(err)
	}
	return q
}

func optimizer(tb testing.TB, p study.Problem, set Settings) *Optimizer {
	tb.Helper()
	o, err := New(p, set)
	if err != nil {
		tb.Fatal(err)
	}
	return o
}

// play runs trials one at a time, from number first on, and returns the least regret.
func play(tb testing.TB, o optimizers.Optimizer, q problem.Problem, first study.TrialID, n int) float64 {
	tb.Helper()
	ctx, best := context.Background(), math.Inf(1)
	for id := first; id < first+study.TrialID(n); id++ {
		s, err := o.Ask(ctx, id, 1)
		if err != nil {
			tb.Fatal(err)
		}
		t := study.Trial{Suggestion: s[0]}
		if err := o.Tell(ctx, t); err != nil {
			tb.Fatal(err)
		}
		t.Status, t.Losses = study.Complete, []float64{q.Loss(t.Config)}
		if err := o.Tell(ctx, t); err != nil {
			tb.Fatal(err)
		}
		best = min(best, q.Regret(t.Config))
	}
	return best
}

// TestMutation makes mutants and crosses them in a population of exactly as many as a mutation needs: with the scale
// factor at 0.5 each is one of the few points that the formula allows.
func TestMutation(t *testing.T) {
	q := find(t, "branin")
	points := []member{{[]float64{0.1, 0.5}, 1}, {[]float64{0.2, 0.9}, 2}, {[]float64{0.6, 0.3}, 3}, {[]float64{0.9, 0.1}, 4}}
	rng := rand.New(rand.NewPCG(1, 2))
	for strategy, formula := range map[string]func(x, best, a, b, c float64) float64{
		CurrentToPBest: func(x, best, a, b, _ float64) float64 { return x + 0.5*(best-x) + 0.5*(a-b) },
		Rand:           func(_, _, a, b, c float64) float64 { return a + 0.5*(b-c) },
	} {
		o := optimizer(t, q.Study(1), Settings{Population: 4, Strategy: strategy})
		for _, m := range points {
			o.population.admit(m)
		}
		possible := map[[2]float64]bool{}
		for _, best := range points[:2] {
			for a := range 3 {
				for b := range 3 {
					if c := 3 - a - b; a != b {
						var v [2]float64
						for i := range v {
							v[i] = formula(points[3].u[i], best.u[i], points[a].u[i], points[b].u[i], points[c].u[i])
						}
						possible[v] = true
					}
				}
			}
		}
		seen := map[[2]float64]bool{}
		for range 500 {
			v := o.mutant(3, 0.5, rng)
			if !possible[[2]float64(v)] {
				t.Fatalf("%s: mutant %v is none of %v", strategy, v, possible)
			}
			seen[[2]float64(v)] = true
		}
		if len(seen) != len(possible) {
			t.Errorf("%s: %d different mutants of %d", strategy, len(seen), len(possible))
		}
	}
}

// TestCrossover takes one coordinate of the mutant at rate 0, all at rate 1, and moves what is outside halfway to the
// edge.
func TestCrossover(t *testing.T) {
	o := optimizer(t, find(t, "rosenbrock10").Study(1), Settings{})
	x, mutant := make([]float64, 10), make([]float64, 10)
	for i := range x {
		x[i], mutant[i] = 0.4, 0.7
	}
	mutant[3], mutant[4] = -0.2, 1.5
	o.population.admit(member{u: x})
	rng := rand.New(rand.NewPCG(1, 2))
	for rate, want := range map[float64]int{0: 1, 1: 10} {
		changed := 0
		for i, u := range o.cross(0, rate, mutant, rng) {
			if u != x[i] {
				changed++
			}
		}
		if changed != want {
			t.Errorf("at rate %v, %d coordinates change", rate, changed)
		}
	}
	if u := o.cross(0, 1, mutant, rng); u[3] != 0.2 || u[4] != 0.7 {
		t.Errorf("mutants outside come to lie at %v and %v, want 0.2 and 0.7", u[3], u[4])
	}
}

// TestWarmStartsCount begins with the challengers once warm starts and own trials together fill the population.
func TestWarmStartsCount(t *testing.T) {
	q := find(t, "cash")
	o := optimizer(t, q.Study(1), Settings{Population: 8})
	configs, err := q.Space.Design(space.Uniform, 5, 3)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range configs {
		warm := study.Trial{Suggestion: study.Suggestion{ID: study.TrialID(i + 1), Config: c, Origin: optimizers.OriginWarmStart}}
		ended := warm
		ended.Status, ended.Losses = study.Complete, []float64{q.Loss(c)}
		if err := o.Tell(context.Background(), warm, ended); err != nil {
			t.Fatal(err)
		}
	}
	play(t, o, q, 6, 5)
	var origins []string
	for _, trial := range o.history.Finished() {
		origins = append(origins, trial.Origin)
	}
	want := append(slices.Repeat([]string{optimizers.OriginWarmStart}, 5), OriginInitial, OriginInitial, OriginInitial, Origin, Origin)
	if !slices.Equal(origins, want) {
		t.Errorf("origins are %v", origins)
	}
}

// TestReplayWithLateResults tells a log in which each result comes five trials late one by one and at once: the next
// proposals are the same, on a space of every kind.
func TestReplayWithLateResults(t *testing.T) {
	q, ctx := find(t, "cash"), context.Background()
	o, log := optimizer(t, q.Study(4), Settings{}), []study.Trial{}
	record := func(t study.Trial) {
		log = append(log, t)
		_ = o.Tell(ctx, t)
	}
	for id := study.TrialID(1); id <= 80; id++ {
		s, err := o.Ask(ctx, id, 1)
		if err != nil {
			t.Fatal(err)
		}
		record(study.Trial{Suggestion: s[0]})
		if late, _ := o.history.Trial(id - 5); id > 5 {
			late.Status, late.Losses = study.Complete, []float64{q.Loss(late.Config)}
			record(late)
		}
	}
	replayed := optimizer(t, q.Study(4), Settings{})
	if err := replayed.Tell(ctx, log...); err != nil {
		t.Fatal(err)
	}
	want, err := o.Ask(ctx, 81, 6)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := replayed.Ask(ctx, 81, 6); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("a replay proposes %v, %v, want %v", got, err, want)
	}
}

// TestRegret compares 15 runs with random search after 200 trials: median regrets are a fraction of its own, also on
// conditional spaces.
func TestRegret(t *testing.T) {
	for name, fraction := range map[string]float64{"hartmann6": 0.25, "styblinski5": 0.6, "cash3": 0.1, "cash7": 0.1, "rosenbrock10": 0.1} {
		q := find(t, name)
		var ours, chance []float64
		for seed := range uint64(15) {
			p := q.Study(seed)
			ours = append(ours, play(t, optimizer(t, p, Settings{}), q, 1, 200))
			r, err := random.New(p, random.Settings{})
			if err != nil {
				t.Fatal(err)
			}
			chance = append(chance, play(t, r, q, 1, 200))
		}
		slices.Sort(ours)
		slices.Sort(chance)
		if ours[7] > fraction*chance[7] {
			t.Errorf("%s: median regret %v, random search %v", name, ours[7], chance[7])
		}
	}
}

// TestFiniteSpace tries every configuration of a small space once, and then is exhausted.
func TestFiniteSpace(t *testing.T) {
	s, err := space.New([]space.Hyperparameter{{Name: "a", Type: space.TypeInt, Low: 0, High: 20}})
	if err != nil {
		t.Fatal(err)
	}
	o, ctx := optimizer(t, study.Problem{Space: s}, Settings{}), context.Background()
	seen := map[int64]bool{}
	for id := study.TrialID(1); id <= 21; id++ {
		answer, err := o.Ask(ctx, id, 1)
		if err != nil {
			t.Fatal(err)
		}
		trial := study.Trial{Suggestion: answer[0]}
		_ = o.Tell(ctx, trial)
		trial.Status, trial.Losses = study.Complete, []float64{float64(id % 4)}
		_ = o.Tell(ctx, trial)
		seen[answer[0].Config["a"].Int()] = true
	}
	if _, err := o.Ask(ctx, 22, 1); len(seen) != 21 || !errors.Is(err, optimizers.ErrExhausted) {
		t.Errorf("%d of 21 configurations, then error %v", len(seen), err)
	}
}

func TestRefusesSettings(t *testing.T) {
	p := find(t, "branin").Study(1)
	for _, tc := range []struct {
		set  Settings
		want string
	}{
		{Settings{Strategy: "best/2/exp"}, `strategy is "best/2/exp"`}, {Settings{Population: 3}, "population is 3"},
		{Settings{ScaleFactor: 2.5}, "scale_factor is 2.5"}, {Settings{CrossoverRate: math.NaN()}, "crossover_rate is NaN"},
	} {
		if _, err := New(p, tc.set); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%+v: error %v, want %q", tc.set, err, tc.want)
		}
	}
}

// TestCostDoesNotGrow counts the allocations of a trial, early and late in a study.
func TestCostDoesNotGrow(t *testing.T) {
	q := find(t, "hartmann6")
	o := optimizer(t, q.Study(1), Settings{})
	first := study.TrialID(1)
	measure := func() float64 {
		return testing.AllocsPerRun(5, func() {
			play(t, o, q, first, 100)
			first += 100
		}) / 100
	}
	early := measure()
	play(t, o, q, first, 3000)
	first += 3000
	if late := measure(); early > 60 || late > 1.5*early {
		t.Errorf("%v allocations for each of the first trials, %v for each after 3600", early, late)
	}
}

// BenchmarkTrial is one trial in ten dimensions: Ask, Tell of its beginning and of its end.
func BenchmarkTrial(b *testing.B) {
	q := find(b, "rosenbrock10")
	o := optimizer(b, q.Study(1), Settings{})
	b.ReportAllocs()
	first := study.TrialID(1)
	for b.Loop() {
		play(b, o, q, first, 1)
		first++
	}
}
