package optimizerbench

import (
	"context"
	"errors"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/random"
	"github.com/metaml/metaml/optimizers/study"
)

// witness is random search that notes how many trials it knew at each proposal.
type witness struct {
	*random.Optimizer
	told  int
	known []int
}

func (w *witness) Tell(ctx context.Context, trials ...study.Trial) error {
	for _, t := range trials {
		if t.Status == study.Complete {
			w.told++
		}
	}
	return w.Optimizer.Tell(ctx, trials...)
}

func (w *witness) Ask(ctx context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
	w.known = append(w.known, w.told)
	return w.Optimizer.Ask(ctx, first, n)
}

// TestMeasureCost: the optimizer knows the other's trials, proposes one to warm up and those that are measured, and
// some time was spent on them.
func TestMeasureCost(t *testing.T) {
	p, err := problem.Find("counting_ones")
	if err != nil {
		t.Fatal(err)
	}
	open := func(s study.Problem) (optimizers.Optimizer, error) {
		return random.New(s, random.Settings{})
	}
	var seen *witness
	watched := func(s study.Problem) (optimizers.Optimizer, error) {
		o, err := random.New(s, random.Settings{})
		seen = &witness{Optimizer: o}
		return seen, err
	}
	cost, err := MeasureCost(context.Background(), p, open, watched, 12, 40)
	if err != nil {
		t.Fatal(err)
	}
	if len(seen.known) != 41 || seen.known[0] != 12 || seen.known[40] != 52 {
		t.Errorf("at its proposals it knew %v trials", seen.known)
	}
	if cost.Mean < 0 || cost.Longest < cost.Mean {
		t.Errorf("%+v: the longest is not less than the mean", cost)
	}
	none := func(study.Problem) (optimizers.Optimizer, error) { return nil, errors.ErrUnsupported }
	for _, tc := range []struct{ past, open Opener }{{none, open}, {open, none}} {
		if _, err := MeasureCost(context.Background(), p, tc.past, tc.open, 2, 2); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("error %v, want one that says unsupported", err)
		}
	}
}
