package hyperband

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/bandit"
	"github.com/metaml/metaml/optimizers/history"
	"github.com/metaml/metaml/optimizers/optimizertest"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// climber is a small model-based optimizer: it proposes the first new neighbour of the best configuration told.
type climber struct {
	problem study.Problem
	history *history.History
	told    []study.Trial
	primed  int
}

func openClimber(p study.Problem) (optimizers.Optimizer, error) {
	return &climber{problem: p, history: history.New(p)}, nil
}

func (c *climber) Ask(ctx context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	best, found := optimizers.Incumbent(c.problem, c.history.Finished())
	batch := c.history.Batch()
	var out []study.Suggestion
	for id := first; len(out) < n; id++ {
		rng := c.problem.Stream(id)
		var next space.Config
		if found {
			for near := range c.problem.Space.Neighbours(best.Config, rng) {
				if batch.Take(near, nil) {
					next = near
					break
				}
			}
		}
		if next == nil {
			var err error
			if next, err = batch.Draw(rng, nil); err != nil {
				return nil, err
			}
		}
		out = append(out, study.Suggestion{ID: id, Config: next.Clone()})
	}
	return out, nil
}

func (c *climber) Tell(ctx context.Context, trials ...study.Trial) error {
	c.told = append(c.told, trials...)
	c.history.Tell(trials...)
	return ctx.Err()
}

func (c *climber) Prime(_ context.Context, p study.Prior) error { c.primed = len(p.Tasks); return nil }

func around(tb testing.TB, p study.Problem, s AroundSettings) *Around {
	tb.Helper()
	a, err := NewAround(p, s, openClimber)
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

func TestAroundConforms(t *testing.T) {
	optimizertest.Conform(t, func(tb testing.TB, p study.Problem, prior *study.Prior) optimizers.Optimizer {
		a := around(tb, p, AroundSettings{Points: 4})
		if prior != nil {
			if err := a.Prime(context.Background(), *prior); err != nil {
				tb.Fatal(err)
			}
		}
		return a
	}, optimizertest.Options{Fidelity: true, Prior: true})
}

// TestInnerIsTold follows what the inner optimizer is told: all of its level, new configurations elsewhere with their
// losses moved, and what was there when it took over.
func TestInnerIsTold(t *testing.T) {
	p := find(t, "counting_ones").Study(1)
	a := around(t, p, AroundSettings{Points: 2})
	m := a.models
	rng := p.Stream(0)
	tell := func(id, parent study.TrialID, b float64, status study.Status, loss float64) {
		t.Helper()
		c, err := p.Space.Sample(rng)
		if err != nil {
			t.Fatal(err)
		}
		trial := study.Trial{Suggestion: study.Suggestion{ID: id, Parent: parent, Config: c, Fidelity: study.Fidelity{"b": b}}, Status: status}
		if status == study.Complete {
			trial.Losses = []float64{loss}
		}
		if err := m.Tell(context.Background(), trial); err != nil {
			t.Fatal(err)
		}
	}
	type heard struct {
		ID     study.TrialID
		Status study.Status
		Losses []float64
	}
	check := func(level int, want ...heard) {
		t.Helper()
		var got []heard
		for _, h := range m.inner.(*climber).told {
			got = append(got, heard{h.ID, h.Status, h.Losses})
			if h.Parent != 0 || h.Fidelity != nil {
				t.Errorf("it is told of fidelity %v and parent %d", h.Fidelity, h.Parent)
			}
		}
		if m.level != level || !reflect.DeepEqual(got, want) {
			t.Errorf("level %d was told %v; want level %d, %v", m.level, got, level, want)
		}
	}
	tell(1, 0, 9, study.Complete, 10)
	check(-1)
	tell(2, 0, 27, study.Pending, 0)
	tell(3, 0, 9, study.Complete, 20) // the second: level 0 takes over
	first := []heard{{1, study.Complete, []float64{10}}, {2, study.Pending, nil}, {3, study.Complete, []float64{20}}}
	check(0, first...)
	tell(4, 1, 27, study.Complete, 7)                                     // a step of -3: no news for level 0, but the first complete of level 1
	check(0, first...)                                                    //
	tell(5, 0, 81, study.Failed, 0)                                       // failures are told from everywhere
	check(0, append(slices.Clone(first), heard{5, study.Failed, nil})...) //
	tell(6, 3, 27, study.Complete, 15)                                    // a step of -5; level 1 takes over
	check(1, heard{2, study.Pending, nil}, heard{4, study.Complete, []float64{7}}, heard{6, study.Complete, []float64{15}})
	tell(7, 0, 9, study.Complete, 8) // moved by the median of -5 and -3, the upper one
	tell(8, 0, 9, study.Complete, 1e308)
	if told := m.inner.(*climber).told; !reflect.DeepEqual(told[3].Losses, []float64{5}) || told[4].Losses[0] < 1e307 {
		t.Errorf("moved losses %v, %v", told[3].Losses, told[4].Losses)
	}
	if last := m.events[len(m.events)-2]; last.Losses[0] != 8 {
		t.Errorf("the original loss became %v", last.Losses)
	}
}

// TestAroundIsBetterThanRandom compares, over 10 seeds at 25 full evaluations, Hyperband around the climber with
// Hyperband alone.
func TestAroundIsBetterThanRandom(t *testing.T) {
	p := find(t, "counting_ones")
	gain := 0.0
	for seed := range uint64(10) {
		plain, err := New(p.Study(seed), Settings{})
		if err != nil {
			t.Fatal(err)
		}
		gain += regretAt(t, p, run(t, p, plain, seed, 220), 25) - regretAt(t, p, run(t, p, around(t, p.Study(seed), AroundSettings{}), seed, 220), 25)
	}
	if gain /= 10; gain < 0.03 {
		t.Errorf("the regret is smaller by %v only", gain)
	}
}

// TestRandomShare counts the origins of new configurations once there is a model.
func TestRandomShare(t *testing.T) {
	p := find(t, "counting_ones")
	for _, tc := range []struct{ share, low, high float64 }{{0, 0.1, 0.3}, {-1, 0, 0}, {1, 1, 1}} {
		drawn, fresh := 0.0, 0.0
		for _, trial := range run(t, p, around(t, p.Study(1), AroundSettings{Random: tc.share}), 1, 500)[40:] {
			if trial.Parent == 0 {
				fresh++
			}
			if trial.Origin == OriginRandom {
				drawn++
			}
		}
		if share := drawn / fresh; share < tc.low || share > tc.high {
			t.Errorf("with a setting of %v, a share of %v is random", tc.share, share)
		}
	}
}

func TestAroundRefuses(t *testing.T) {
	p := find(t, "counting_ones").Study(0)
	for _, s := range []AroundSettings{{Random: 1.5}, {Points: -1}, {Settings: Settings{Eta: 1}}} {
		if _, err := NewAround(p, s, openClimber); !errors.Is(err, bandit.ErrSettings) {
			t.Errorf("%+v: error %v", s, err)
		}
	}
	broken := errors.New("broken")
	if _, err := NewAround(p, AroundSettings{}, func(study.Problem) (optimizers.Optimizer, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	plain, err := NewAround(p, AroundSettings{}, func(p study.Problem) (optimizers.Optimizer, error) { return New(p, Settings{}) })
	if err != nil {
		t.Fatal(err)
	}
	if err := plain.Prime(context.Background(), study.Prior{}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("priming one that takes no prior: %v", err)
	}
}
