package gp

import (
	"context"
	"math"
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

// TestWarp checks that scales are bent where that is asked for, and only there: the loss changes at low x alone.
func TestWarp(t *testing.T) {
	p, err := problem.Find("hartmann6")
	if err != nil {
		t.Fatal(err)
	}
	for _, warp := range []bool{false, true} {
		o, err := New(p.Study(1), Settings{Candidates: 64, Starts: 1, Warp: warp})
		if err != nil {
			t.Fatal(err)
		}
		for id := study.TrialID(1); id <= 30; id++ {
			asked, err := o.Ask(context.Background(), id, 1)
			if err != nil {
				t.Fatal(err)
			}
			ended := study.Trial{Suggestion: asked[0], Status: study.Complete, Losses: []float64{math.Log(0.003 + asked[0].Config["x0"].Float())}}
			if err := o.Tell(context.Background(), ended); err != nil {
				t.Fatal(err)
			}
		}
		if warps := o.model.fit.h.Warps; (len(warps) == 6) != warp || warp && !(warps[0].A < 0.8) {
			t.Errorf("warp %v: warps %v", warp, warps)
		}
	}
}

// TestAllocationsDoNotGrow counts what a proposal allocates: memory is that of its candidates, however long the study.
func TestAllocationsDoNotGrow(t *testing.T) {
	count := func(trials int) float64 {
		o, _ := told(t, "hartmann6", trials)
		return testing.AllocsPerRun(3, func() {
			if _, err := o.Ask(context.Background(), study.TrialID(trials+1), 1); err != nil {
				t.Fatal(err)
			}
		})
	}
	// steps of the ascents differ in number, but not by their own
	if few, many := count(30), count(200); many > 1.5*few || few > 3000 {
		t.Errorf("%v allocations after 30 trials, %v after 200", few, many)
	}
}

// TestParallel runs six trials at once, which end in another order than they began: as many trials as one at a time
// find the optimum nearly as well.
func TestParallel(t *testing.T) {
	p, err := problem.Find("branin")
	if err != nil {
		t.Fatal(err)
	}
	o, err := New(p.Study(4), Settings{Candidates: 256, Starts: 3})
	if err != nil {
		t.Fatal(err)
	}
	var running []study.Suggestion
	best := p.Regret(o.design[0])
	for id := study.TrialID(1); id <= 60; {
		for len(running) < 6 {
			asked, err := o.Ask(context.Background(), id, 1)
			if err != nil {
				t.Fatal(err)
			}
			if err := o.Tell(context.Background(), study.Trial{Suggestion: asked[0]}); err != nil {
				t.Fatal(err)
			}
			running = append(running, asked[0])
			id++
		}
		at := int(id) % len(running)
		tell(t, o, p, running[at])
		best = min(best, p.Regret(running[at].Config))
		running = append(running[:at], running[at+1:]...)
	}
	if best > 0.02 {
		t.Errorf("regret %v after 60 trials, six at a time", best)
	}
}

// TestNoise checks that with noise the improvement is over what is believed of the losses, not over the luckiest one.
func TestNoise(t *testing.T) {
	p, err := problem.Find("branin")
	if err != nil {
		t.Fatal(err)
	}
	o, err := New(p.Study(6), Settings{Candidates: 256, Starts: 3})
	if err != nil {
		t.Fatal(err)
	}
	rng, least := p.Study(9).Stream(1), 1e300
	for i := range 60 {
		c, err := p.Space.Sample(rng)
		if err != nil {
			t.Fatal(err)
		}
		y := p.Loss(c) + 20*rng.NormFloat64()
		least = min(least, y)
		ended := study.Trial{Suggestion: study.Suggestion{ID: study.TrialID(i + 1), Config: c}, Status: study.Complete, Losses: []float64{y}}
		if err := o.Tell(context.Background(), ended); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.model.condition(); err != nil {
		t.Fatal(err)
	}
	if luckiest := o.model.fit.transform.Apply(least); o.model.best < luckiest+0.1 || o.model.fit.h.Noise < 0.01 {
		t.Errorf("best %v, luckiest loss %v, noise %v", o.model.best, luckiest, o.model.fit.h.Noise)
	}
}
