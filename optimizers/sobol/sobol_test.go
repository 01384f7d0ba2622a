package sobol

import (
	"context"
	"math"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/optimizertest"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

func open(tb testing.TB, p study.Problem, _ *study.Prior) optimizers.Optimizer {
	tb.Helper()
	o, err := New(p, Settings{})
	if err != nil {
		tb.Fatal(err)
	}
	return o
}

func TestConforms(t *testing.T) { optimizertest.Conform(t, open, optimizertest.Options{}) }

// play asks for n trials one by one and returns their configurations.
func play(tb testing.TB, p study.Problem, n int) []space.Config {
	tb.Helper()
	o, ctx := open(tb, p, nil), context.Background()
	var configs []space.Config
	for id := study.TrialID(1); int(id) <= n; id++ {
		s, err := o.Ask(ctx, id, 1)
		if err != nil {
			tb.Fatal(err)
		}
		if err := o.Tell(ctx, study.Trial{Suggestion: s[0]}); err != nil {
			tb.Fatal(err)
		}
		configs = append(configs, s[0].Config)
	}
	return configs
}

// TestIsOneSequence checks that trials asked one by one are the design of that many configurations, across the
// sizes at which it is extended.
func TestIsOneSequence(t *testing.T) {
	q, err := problem.Find("hartmann6")
	if err != nil {
		t.Fatal(err)
	}
	p := q.Study(11)
	const n = 4*firstDesign + 1
	want, err := p.Space.Design(space.Sobol, n, p.Seed)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range play(t, p, n) {
		if !c.Equal(want[i]) {
			t.Fatalf("trial %d is %v, not %v", i+1, c, want[i])
		}
	}
}

// TestFillsTheSpaceMoreEvenlyThanChance integrates a product over the unit square with 256 points: the error of random
// points has standard deviation 0.0136; the sequence's, for each of ten seeds, is below a tenth of it.
func TestFillsTheSpaceMoreEvenlyThanChance(t *testing.T) {
	s, err := space.New([]space.Hyperparameter{{Name: "x", High: 1}, {Name: "y", High: 1}})
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(10) {
		sum := 0.0
		configs := play(t, study.Problem{Space: s, Seed: seed}, 256)
		for _, c := range configs {
			sum += c["x"].Float() * c["y"].Float()
		}
		if off := math.Abs(sum/256 - 0.25); off > 0.00136 {
			t.Errorf("seed %d: the integral is off by %v", seed, off)
		}
	}
}

// BenchmarkAskTell plays a study of 1,000 trials in six dimensions; ns/op is for the whole study.
func BenchmarkAskTell(b *testing.B) {
	q, err := problem.Find("hartmann6")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		play(b, q.Study(1), 1000)
	}
}
