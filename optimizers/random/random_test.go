package random

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/optimizertest"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

func problem(t *testing.T, forbidden ...space.Condition) study.Problem {
	t.Helper()
	s, err := space.New([]space.Hyperparameter{
		{Name: "x", High: 1}, {Name: "n", Type: space.TypeInt, Low: 1, High: 3},
	}, forbidden...)
	if err != nil {
		t.Fatal(err)
	}
	return study.Problem{Space: s, Seed: 5}
}

func TestConforms(t *testing.T) {
	open := func(tb testing.TB, p study.Problem, _ *study.Prior) optimizers.Optimizer {
		o, err := New(p, Settings{})
		if err != nil {
			tb.Fatal(err)
		}
		return o
	}
	optimizertest.Conform(t, open, optimizertest.Options{Repeats: true})
}

// TestTrialsAreIndependentOfEachOther checks that trial i is the same asked for alone, in a batch, or after results.
func TestTrialsAreIndependentOfEachOther(t *testing.T) {
	ctx := context.Background()
	o, err := New(problem(t), Settings{})
	if err != nil {
		t.Fatal(err)
	}
	batch, err := o.Ask(ctx, 1, 20)
	if err != nil || len(batch) != 20 {
		t.Fatalf("%d suggestions, %v", len(batch), err)
	}
	for i, want := range batch {
		if err := o.Tell(ctx, study.Trial{Suggestion: want, Status: study.Complete, Losses: []float64{1}}); err != nil {
			t.Fatal(err)
		}
		got, err := o.Ask(ctx, study.TrialID(i+1), 1)
		if err != nil || !reflect.DeepEqual(got[0], want) {
			t.Errorf("trial %d is %+v alone, %+v in a batch, %v", i+1, got[0], want, err)
		}
	}
}

// TestUniform checks the mean and variance of 4,000 draws, and the shares of a discrete parameter.
func TestUniform(t *testing.T) {
	o, _ := New(problem(t), Settings{})
	const draws = 4000
	suggestions, err := o.Ask(context.Background(), 1, draws)
	if err != nil {
		t.Fatal(err)
	}
	sum, squares, counts := 0.0, 0.0, map[int64]int{}
	for _, s := range suggestions {
		d := s.Config["x"].Float() - 0.5
		sum, squares = sum+d, squares+d*d
		counts[s.Config["n"].Int()]++
	}
	if mean, variance := sum/draws, squares/draws; math.Abs(mean) > 0.02 || math.Abs(variance-1.0/12) > 0.005 {
		t.Errorf("mean %v, variance %v", mean+0.5, variance)
	}
	for n := range int64(3) {
		if share := float64(counts[n+1]) / draws; math.Abs(share-1.0/3) > 0.03 {
			t.Errorf("%d has share %v", n+1, share)
		}
	}
}

func TestAskFails(t *testing.T) {
	var params []space.Hyperparameter
	var forbidden []space.Condition
	for i := range 20 {
		name := fmt.Sprintf("b%d", i)
		params = append(params, space.Hyperparameter{Name: name, Type: space.TypeBool, Weights: []float64{1, 99}})
		forbidden = append(forbidden, *space.Equals(name, space.Bool(true)))
	}
	s, err := space.New(params, forbidden...)
	if err != nil {
		t.Fatal(err)
	}
	o, _ := New(study.Problem{Space: s}, Settings{})
	if _, err := o.Ask(context.Background(), 1, 1); !errors.Is(err, space.ErrInvalid) {
		t.Errorf("one configuration in 10^40 is allowed: error %v", err)
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	o, _ = New(problem(t), Settings{})
	if _, err := o.Ask(cancelled, 1, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error %v", err)
	}
}
