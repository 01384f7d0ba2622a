package simulation

import (
	"context"
	"math"
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
// search on run times all alike has 1, but for the worker that ends its trial in the middle of a round. Its trials do
// not depend on results, so that its bound is no other.
func TestEfficiency(t *testing.T) {
	ctx, p := context.Background(), cheap(t)
	one, err := Efficiencies(ctx, p, func(s study.Problem) (optimizers.Optimizer, error) {
		o, err := random.New(s, random.Settings{})
		return oneAtATime{o, map[study.TrialID]bool{}}, err
	}, EfficiencyOptions{Workers: []int{4, 10}, Budget: 100, Seeds: 3})
	if err != nil || len(one) != 2 || one[0].Value != 0.25 || math.Abs(one[1].Value-0.1) > 1e-12 {
		t.Errorf("one busy worker of four, and of ten: %+v, %v", one, err)
	}
	all, err := Efficiencies(ctx, p, openRandom, EfficiencyOptions{Workers: []int{4}, Budget: 400, Seeds: 21, Durations: []Duration{Constant()}})
	if err != nil || all[0].Value < 0.9 || all[0].Value > 1 || all[0].Bound < 0.9 || all[0].Bound > 1.1 {
		t.Errorf("random search: %+v, %v", all, err)
	}
}

// TestEfficiencyIsOfItsTimes holds the parts of a result to each other.
func TestEfficiencyIsOfItsTimes(t *testing.T) {
	list, err := Efficiencies(context.Background(), cheap(t), openASHA, EfficiencyOptions{Workers: []int{3}, Budget: 60, Seeds: 9})
	if err != nil || len(list) != 1 || list[0].Workers != 3 || len(list[0].By) != 3 {
		t.Fatalf("%+v, %v", list, err)
	}
	e, below := list[0], 0
	for _, s := range e.By {
		if s.Value != s.One/(3*s.Many) || s.Bound < 1./3 || s.Bound > 1.2 || s.One > 30 {
			t.Errorf("%+v", s)
		}
		if s.Value <= e.Value {
			below++
		}
	}
	if below != 2 || e.Interval[0] > e.Value || e.Interval[1] < e.Value {
		t.Errorf("%v in %v is not the median of %+v", e.Value, e.Interval, e.By)
	}
}

// TestIdealTime places trials by hand. One worker takes 1, 2, 3, 4, 5 of the lengths 4, 1, 1, 6, 2; 3 continues 2, and 5
// continues 4.
func TestIdealTime(t *testing.T) {
	trace := Trace{
		{Trial: 1, Time: 4, Loss: 9}, {Trial: 2, Time: 5, Loss: 8}, {Trial: 3, Parent: 2, Time: 6, Loss: 7},
		{Trial: 4, Time: 12, Loss: 7}, {Trial: 5, Parent: 4, Time: 14, Loss: 1}, {Trial: 6, Time: 15, Loss: 0},
	}
	for _, tc := range []struct {
		q       float64
		workers int
		want    float64
	}{
		{9, 3, 4},  // the first trial alone
		{8, 1, 5},  // one worker: in the order of the trace
		{7, 2, 2},  // 1 | 2, 3: the third ends at 2 though the first still runs
		{1, 1, 14}, // all, by one
		{1, 2, 10}, // 1 until 4 | 2, 3 until 2, then 4 until 8 and 5 until 10
		{1, 3, 8},  // 1 | 2, 3 | 4, 5: the third worker need not wait for 2
		{-1, 3, math.Inf(1)},
	} {
		if got := trace.idealTime(tc.q, tc.workers); got != tc.want {
			t.Errorf("to %v with %d workers: %v, want %v", tc.q, tc.workers, got, tc.want)
		}
	}
}

// TestASHAUsesItsWorkers holds ASHA to what is asked of it with stragglers.
func TestASHAUsesItsWorkers(t *testing.T) {
	for _, tc := range []struct {
		opt   EfficiencyOptions
		least float64
	}{
		{EfficiencyOptions{Workers: []int{8}, Budget: 120, Seeds: 7}, 0.85},
		{EfficiencyOptions{Workers: []int{32}, Budget: 200, Seeds: 7, Durations: []Duration{LogNormal(1)}}, 0.6},
	} {
		e, err := Efficiencies(context.Background(), cheap(t), openASHA, tc.opt)
		if err != nil || e[0].Value < tc.least {
			t.Errorf("ASHA: %+v, %v", e, err)
		}
	}
}
