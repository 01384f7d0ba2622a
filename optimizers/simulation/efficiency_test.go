package simulation

import (
	"context"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/random"
	"github.com/metaml/metaml/optimizers/study"
)

// oneAtATime is random search that waits for every result.
type oneAtATime struct {
	*random.Optimizer
	pending map[study.TrialID]bool
}

func (o oneAtATime) Ask(ctx context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
	if len(o.pending) > 0 {
		return nil, nil
	}
	return o.Optimizer.Ask(ctx, first, min(n, 1))
}

func (o oneAtATime) Tell(_ context.Context, trials ...study.Trial) error {
	for _, t := range trials {
		if t.Status.Final() {
			delete(o.pending, t.ID)
		} else {
			o.pending[t.ID] = true
		}
	}
	return nil
}

// TestEfficiency compares two cases with known answers: an optimizer that keeps one worker busy has exactly 1/W; random
// search on run times all alike has 1, but for the worker that ends its trial in the middle of a round.
func TestEfficiency(t *testing.T) {
	ctx, p := context.Background(), cheap(t)
	one, err := Efficiency(ctx, p, func(s study.Problem) (optimizers.Optimizer, error) {
		o, err := random.New(s, random.Settings{})
		return oneAtATime{o, map[study.TrialID]bool{}}, err
	}, EfficiencyOptions{Workers: 4, Budget: 100, Seeds: 3})
	if err != nil || one != 0.25 {
		t.Errorf("one busy worker of four: %v, %v", one, err)
	}
	all, err := Efficiency(ctx, p, openRandom, EfficiencyOptions{Workers: 4, Budget: 400, Seeds: 21, Durations: []Duration{Constant()}})
	if err != nil || all < 0.9 || all > 1 {
		t.Errorf("random search: %v, %v", all, err)
	}
}

// TestASHAUsesItsWorkers holds ASHA to what is asked of it with stragglers.
func TestASHAUsesItsWorkers(t *testing.T) {
	for _, tc := range []struct {
		opt   EfficiencyOptions
		least float64
	}{
		{EfficiencyOptions{Workers: 8, Budget: 120, Seeds: 7}, 0.85},
		{EfficiencyOptions{Workers: 32, Budget: 200, Seeds: 7, Durations: []Duration{LogNormal(1)}}, 0.6},
	} {
		e, err := Efficiency(context.Background(), cheap(t), openASHA, tc.opt)
		if err != nil || e < tc.least {
			t.Errorf("ASHA with %d workers: %v, %v", tc.opt.Workers, e, err)
		}
	}
}
