package cmaes

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// warm tells trials that others made.
func warm(t *testing.T, o *Optimizer, configs []space.Config, losses []float64) {
	t.Helper()
	for i, c := range configs {
		trial := study.Trial{Suggestion: study.Suggestion{ID: study.TrialID(i + 1), Config: c, Origin: optimizers.OriginWarmStart}}
		ended := trial
		ended.Status, ended.Losses = study.Complete, losses[i:i+1]
		if err := o.Tell(context.Background(), trial, ended); err != nil {
			t.Fatal(err)
		}
	}
}

func at(a, b float64) space.Config { return space.Config{"a": space.Float(a), "b": space.Float(b)} }

// TestStart begins at the center, at a random point that the seed decides, or at the best of a few warm starts, with
// the step size of the settings.
func TestStart(t *testing.T) {
	p := box(t, 2)
	configs, losses := []space.Config{at(-1, 3), at(2, 1), at(0, 0)}, []float64{5, 1, 3}
	for _, tc := range []struct {
		name  string
		set   Settings
		warm  bool
		mean  []float64
		sigma float64
	}{
		{"default", Settings{}, false, []float64{0.5, 0.5}, 1.0 / 6},
		{"warm starts", Settings{}, true, []float64{0.75, 0.5}, 0.1},
		{"warm starts, step size set", Settings{Sigma0: 0.3}, true, []float64{0.75, 0.5}, 0.3},
		{"center in spite of warm starts", Settings{X0: Center}, true, []float64{0.5, 0.5}, 1.0 / 6},
	} {
		o := optimizer(t, p, tc.set)
		if tc.warm {
			warm(t, o, configs, losses)
		}
		if d := o.start().distribution; !slices.Equal(d.mean, tc.mean) || d.sigma != tc.sigma {
			t.Errorf("%s: begins at %v with step size %v", tc.name, d.mean, d.sigma)
		}
	}
	first := optimizer(t, p, Settings{X0: Uniform}).start().distribution.mean
	again := optimizer(t, p, Settings{X0: Uniform}).start().distribution.mean
	p.Seed++
	other := optimizer(t, p, Settings{X0: Uniform}).start().distribution.mean
	if !slices.Equal(first, again) || slices.Equal(first, other) || slices.Equal(first, []float64{0.5, 0.5}) {
		t.Errorf("random starts are %v, %v, and by another seed %v", first, again, other)
	}
}

// TestPromising computes Nomura's distribution by hand: the two best of twenty points are (0.2, 0.4) and (0.6, 0.4),
// whose mean is (0.4, 0.4) and whose covariance is diag(0.04, 0) + 0.01 I.
func TestPromising(t *testing.T) {
	o := optimizer(t, box(t, 2), Settings{})
	configs, losses := []space.Config{at(-0.2, 0.6), at(1.4, 0.6)}, []float64{1, 2}
	for i := range 18 {
		configs, losses = append(configs, at(3, float64(i)/10)), append(losses, 10)
	}
	warm(t, o, configs, losses)
	d := o.start().distribution
	variance := func(i, j int) float64 { return d.sigma * d.sigma * d.c[2*i+j] }
	for _, c := range []struct{ got, want float64 }{
		{d.mean[0], 0.4}, {d.mean[1], 0.4}, {variance(0, 0), 0.05}, {variance(1, 1), 0.01}, {variance(0, 1), 0},
		{d.sigma * d.d[0], 0.1}, {d.sigma * d.d[1], math.Sqrt(0.05)}, {d.c[0] * d.c[3], 1},
	} {
		if !near(c.want, c.got, 1e-12) {
			t.Errorf("mean %v, variances %v and %v, axes %v: %v, want %v", d.mean, variance(0, 0), variance(1, 1), d.d, c.got, c.want)
		}
	}
}

// TestWarmStartHelps gives one configuration near the optimum of hartmann6: after 100 trials the median regret of nine
// runs is a tenth of what it is without, and of the warm start's own.
func TestWarmStartHelps(t *testing.T) {
	q, err := problem.Find("hartmann6")
	if err != nil {
		t.Fatal(err)
	}
	u := q.Space.Encode(q.Minimizers[0])
	for i := range u {
		u[i] += 0.05 * float64(1-2*(i%2))
	}
	near := q.Space.Decode(u)
	var with, without []float64
	for seed := range uint64(9) {
		o := optimizer(t, q.Study(seed), Settings{})
		play(t, o, 1, 100, q.Loss)
		without = append(without, o.best-q.Optimum)
		o = optimizer(t, q.Study(seed), Settings{})
		warm(t, o, []space.Config{near}, []float64{q.Loss(near)})
		play(t, o, 2, 100, q.Loss)
		with = append(with, o.best-q.Optimum)
	}
	slices.Sort(with)
	slices.Sort(without)
	if with[4] > without[4]/10 || with[4] > q.Regret(near)/10 {
		t.Errorf("median regret %v with a warm start of %v, %v without", with[4], q.Regret(near), without[4])
	}
}

// TestForeignTrials tells trials of others in the middle of a descent: one better than all pulls the mean, by no more
// than a point of the distribution could, and another changes nothing.
func TestForeignTrials(t *testing.T) {
	tell := func(o *Optimizer, loss float64) {
		trial := study.Trial{Suggestion: study.Suggestion{ID: 1000, Config: at(3, 3)}, Status: study.Complete, Losses: []float64{loss}}
		if err := o.Tell(context.Background(), trial); err != nil {
			t.Fatal(err)
		}
	}
	o := optimizer(t, box(t, 2), Settings{})
	play(t, o, 1, 2*o.settings.Population, sphere)
	tell(o, 5)
	if len(o.run.generation) != 0 {
		t.Error("a bad trial of others counts")
	}
	mean := slices.Clone(o.run.distribution.mean)
	tell2 := study.Trial{Suggestion: study.Suggestion{ID: 1001, Config: at(3, 3)}, Status: study.Complete, Losses: []float64{-1}}
	if err := o.Tell(context.Background(), tell2); err != nil {
		t.Fatal(err)
	}
	if len(o.run.generation) != 1 {
		t.Fatal("the best trial, of others, does not count")
	}
	d, x := o.run.distribution, o.run.generation[0].x
	y := []float64{(x[0] - mean[0]) / d.sigma, (x[1] - mean[1]) / d.sigma}
	if limit := math.Sqrt2 + 1; !near(limit, d.norm(y), 1e-9) || y[0] <= 0 || y[1] <= 0 {
		t.Errorf("it counts at a distance of %v, want %v", d.norm(y), limit)
	}
}

func TestRefusesSettings(t *testing.T) {
	for _, tc := range []struct {
		set  Settings
		want string
	}{
		{Settings{X0: "origin"}, `x0 is "origin"`}, {Settings{Sigma0: -1}, "sigma0 is -1"}, {Settings{Sigma0: math.NaN()}, "sigma0 is NaN"},
		{Settings{Population: 1}, "population is 1"}, {Settings{Restarts: "sometimes"}, `restarts is "sometimes"`},
		{Settings{Model: "cubic"}, `model is "cubic"`},
	} {
		if _, err := New(box(t, 2), tc.set); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%+v: error %v, want %q", tc.set, err, tc.want)
		}
	}
}
