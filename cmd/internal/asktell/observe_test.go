package asktell

import (
	"errors"
	"math"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/asha"
	"github.com/metaml/metaml/optimizers/random"
	"github.com/metaml/metaml/optimizers/study"
)

// observe tells an intermediate result as a caller does: with a fresh session and a fresh optimizer, which stops trials.
func observe(t *testing.T, p study.Problem, l optimizers.Ledger, id study.TrialID, step int, loss float64) (bool, error) {
	t.Helper()
	inner, err := random.New(p, random.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	o, err := asha.NewStopping(p, inner, asha.Rule{})
	if err != nil {
		t.Fatal(err)
	}
	return open(t, p, l).Observe(t.Context(), o, id, study.Observation{Step: step, Steps: 9, Metrics: map[string]float64{"loss": loss}})
}

// TestObserve tells the curves of trials in turns: the worse ones are to stop, each answer is the same when it is asked
// for again, and the curve is the trial's when it ends.
func TestObserve(t *testing.T) {
	_, p := branin(t)
	l := &optimizers.Memory{}
	ask(t, p, l, nil, 6)
	stopped := 0
	for step := 1; step <= 3; step++ {
		for id := study.TrialID(1); id <= 6; id++ {
			stop, err := observe(t, p, l, id, step, float64(id)/float64(step))
			if err != nil {
				t.Fatal(err)
			}
			if again, err := observe(t, p, l, id, step, float64(id)/float64(step)); err != nil || again != stop {
				t.Errorf("trial %d at step %d: stop %v, then %v, %v", id, step, stop, again, err)
			}
			if stop {
				stopped++
			}
			if stop && id == 1 {
				t.Error("the best is to stop")
			}
		}
	}
	if n := len(log(t, l)); stopped == 0 || n != 6+18 {
		t.Errorf("%d stops, %d events", stopped, n)
	}
	if _, err := open(t, p, l).Tell(t.Context(), Value(2, "loss", .5)); err != nil {
		t.Fatal(err)
	}
	trial := open(t, p, l).Log().Trials[1]
	if n := len(trial.Observations); n != 4 || trial.Observations[2].Step != 3 || trial.Observations[3].Metrics["loss"] != .5 {
		t.Errorf("%+v", trial.Observations)
	}
	if a := ask(t, p, l, nil, 1); len(a.Trials) != 1 || a.Trials[0].ID != 7 {
		t.Errorf("asked for more: %+v", a)
	}
}

func TestObserveRefuses(t *testing.T) {
	_, p := branin(t)
	l := &optimizers.Memory{}
	ask(t, p, l, nil, 2)
	if _, err := observe(t, p, l, 1, 4, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, p, l).Tell(t.Context(), Value(2, "loss", .5)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		id   study.TrialID
		step int
		loss float64
		want error
	}{{3, 1, 1, ErrUnknown}, {1, 4, 2, ErrConflict}, {1, 3, 1, ErrConflict}, {2, 1, 1, ErrConflict}, {1, 5, math.NaN(), ErrConflict}} {
		if _, err := observe(t, p, l, c.id, c.step, c.loss); !errors.Is(err, c.want) {
			t.Errorf("trial %d at step %d: %v, want %v", c.id, c.step, err, c.want)
		}
	}
	if n := len(log(t, l)); n != 4 {
		t.Errorf("%d events", n)
	}
}
