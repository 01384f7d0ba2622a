package successivehalving

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/bandit"
	"github.com/metaml/metaml/optimizers/optimizertest"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/study"
)

func TestConforms(t *testing.T) {
	optimizertest.Conform(t, func(tb testing.TB, p study.Problem, _ *study.Prior) optimizers.Optimizer {
		o, err := New(p, Settings{})
		if err != nil {
			tb.Fatal(err)
		}
		return o
	}, optimizertest.Options{Fidelity: true})
}

// TestRungs checks how many trials a bracket has at every fidelity.
func TestRungs(t *testing.T) {
	p, err := problem.Find("counting_ones")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		settings Settings
		trials   int
		want     map[float64]int
	}{
		{Settings{}, 2 * 121, map[float64]int{9: 162, 27: 54, 81: 18, 243: 6, 0: 2}},
		{Settings{Configurations: 20, Skip: 2}, 20 + 6 + 2, map[float64]int{81: 20, 243: 6, 0: 2}},
		{Settings{Eta: 9}, 81 + 9 + 1, map[float64]int{9: 81, 81: 9, 0: 1}},
		{Settings{Configurations: 2}, 6, map[float64]int{9: 2, 27: 1, 81: 1, 243: 1, 0: 1}},
	} {
		o, err := New(p.Study(1), tc.settings)
		if err != nil {
			t.Fatal(err)
		}
		r, err := optimizers.Run(context.Background(), p.Study(1), o, []optimizers.Evaluator{p.Evaluator(1)}, optimizers.Options{Trials: tc.trials})
		if err != nil {
			t.Fatal(err)
		}
		got := map[float64]int{}
		for _, trial := range r.Trials {
			got[trial.Fidelity["b"]]++
		}
		if !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%+v: trials by fidelity (0: full) %v, want %v", tc.settings, got, tc.want)
		}
		if last := r.Trials[tc.trials-1]; last.Origin != Origin || last.Fidelity != nil {
			t.Errorf("%+v: the last trial is %+v", tc.settings, last.Suggestion)
		}
	}
}

// TestFindsTheBestOfABracket: where a cheap measurement ranks as the full one does, the best of all comes through.
func TestFindsTheBestOfABracket(t *testing.T) {
	p, err := problem.Find("branin")
	if err != nil {
		t.Fatal(err)
	}
	p.Fidelities = []study.Range{{Name: "steps", Low: 1, High: 27, Integer: true}}
	o, err := New(p.Study(3), Settings{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := optimizers.Run(context.Background(), p.Study(3), o, []optimizers.Evaluator{p.Evaluator(0)}, optimizers.Options{Trials: 27 + 9 + 3 + 1})
	if err != nil {
		t.Fatal(err)
	}
	best := r.Trials[0]
	for _, trial := range r.Trials[:27] {
		if trial.Losses[0] < best.Losses[0] {
			best = trial
		}
	}
	if r.Incumbent == nil || !r.Incumbent.Config.Equal(best.Config) {
		t.Errorf("the best of 27 is %v, the incumbent %v", best.Config, r.Incumbent)
	}
}

func TestRefuses(t *testing.T) {
	p, err := problem.Find("counting_ones")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []Settings{{Eta: 1.2}, {Fidelity: "rows"}, {Skip: 5}, {Skip: -1}, {Configurations: -1}} {
		if _, err := New(p.Study(0), s); !errors.Is(err, bandit.ErrSettings) {
			t.Errorf("%+v: error %v", s, err)
		}
	}
}
