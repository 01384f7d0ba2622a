package grid

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/optimizertest"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/random"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

func opener(set Settings) optimizertest.Open {
	return func(tb testing.TB, p study.Problem, _ *study.Prior) optimizers.Optimizer {
		tb.Helper()
		o, err := New(p, set)
		if err != nil {
			tb.Fatal(err)
		}
		return o
	}
}

func TestConforms(t *testing.T) {
	optimizertest.Conform(t, opener(Settings{}), optimizertest.Options{})
	optimizertest.Conform(t, opener(Settings{Budget: 1000}), optimizertest.Options{})
}

// child comes before its parent, and the grid turns it all the same.
func conditional(t *testing.T) space.Space {
	t.Helper()
	kind := space.Hyperparameter{Name: "kind", Type: space.TypeCategorical, Choices: []space.Value{space.String("a"), space.String("b")}}
	s, err := space.New([]space.Hyperparameter{
		{Name: "rate", Low: 0.01, High: 1, Log: true, When: space.Equals("kind", space.String("b"))},
		kind,
		{Name: "n", Type: space.TypeInt, Low: 1, High: 2},
		{Name: "x", Low: 0, High: 4, When: space.Equals("n", space.Int(2))},
	}, *space.And(*space.Equals("kind", space.String("a")), *space.Equals("n", space.Int(1))))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestOrder compares the whole grid of a conditional space, with a log parameter and a forbidden combination, with
// the list written by hand.
func TestOrder(t *testing.T) {
	o := opener(Settings{Levels: 3, LevelsOf: map[string]int{"x": 2}})(t, study.Problem{Space: conditional(t)}, nil)
	want := []string{
		"kind=a n=2 x=0", "kind=a n=2 x=4",
		"kind=b n=1 rate=0.01", "kind=b n=2 rate=0.01 x=0", "kind=b n=2 rate=0.01 x=4",
		"kind=b n=1 rate=0.1", "kind=b n=2 rate=0.1 x=0", "kind=b n=2 rate=0.1 x=4",
		"kind=b n=1 rate=1", "kind=b n=2 rate=1 x=0", "kind=b n=2 rate=1 x=4",
	}
	answer, err := o.Ask(context.Background(), 1, 99)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range answer {
		var words []string
		for _, name := range s.Config.Names() {
			v := s.Config[name]
			if v.IsNumber() {
				words = append(words, fmt.Sprintf("%s=%.6g", name, v.Float()))
				continue
			}
			words = append(words, name+"="+v.Text())
		}
		got = append(got, strings.Join(words, " "))
	}
	if !slices.Equal(got, want) {
		t.Errorf("the grid is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, s := range answer {
		if err := o.Tell(context.Background(), study.Trial{Suggestion: s}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := o.Ask(context.Background(), 12, 1); !errors.Is(err, optimizers.ErrExhausted) {
		t.Errorf("after the grid: error %v", err)
	}
}

// TestLevels checks the levels of single parameters.
func TestLevels(t *testing.T) {
	for _, tc := range []struct {
		h    space.Hyperparameter
		n    int
		want string
	}{
		{space.Hyperparameter{Name: "x", Low: -1, High: 3}, 1, "[1]"},
		{space.Hyperparameter{Name: "x", Low: -1, High: 3}, 5, "[-1 0 1 2 3]"},
		{space.Hyperparameter{Name: "x", Low: 2, High: 2}, 5, "[2]"},
		{space.Hyperparameter{Name: "n", Type: space.TypeInt, Low: 1, High: 3}, 5, "[1 2 3]"},
		{space.Hyperparameter{Name: "n", Type: space.TypeInt, Low: 1, High: 100, Log: true}, 3, "[1 7 100]"},
		{space.Hyperparameter{Name: "s", Low: 0, High: 1, Step: 0.25}, 3, "[0 0.5 1]"},
		{space.Hyperparameter{Name: "b", Type: space.TypeBool}, 1, "[false true]"},
		{space.Hyperparameter{Name: "n", Type: space.TypeInt, Low: 1, High: 10, Log: true}, 9, "[1 2 3 5 7 10]"},
		{space.Hyperparameter{Name: "n", Type: space.TypeInt, Low: 1, High: 10, Log: true}, 10, "[1 2 3 4 5 6 7 8 9 10]"},
		{space.Hyperparameter{Name: "n", Type: space.TypeInt, Low: 1, High: 10, Log: true}, 11, "[1 2 3 4 5 6 7 8 9 10]"},
	} {
		a, err := newAxis(tc.h, tc.n)
		if err != nil || fmt.Sprint(a.levels) != tc.want {
			t.Errorf("%d levels of %s from %v to %v: %v, %v, want %s", tc.n, tc.h.Name, tc.h.Low, tc.h.High, a.levels, err, tc.want)
		}
	}
}

// TestBudget counts whole grids: as large as the budget allows, and never larger, unless the choices alone are.
func TestBudget(t *testing.T) {
	box := func(d int, extra ...space.Hyperparameter) space.Space {
		params := extra
		for i := range d {
			params = append(params, space.Hyperparameter{Name: fmt.Sprintf("x%d", i), High: 1})
		}
		s, err := space.New(params)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	triple := space.Hyperparameter{Name: "c", Type: space.TypeOrdinal, Choices: []space.Value{space.Int(1), space.Int(2), space.Int(3)}}
	tens := space.Hyperparameter{Name: "n", Type: space.TypeInt, Low: 1, High: 10, Log: true}
	for _, tc := range []struct {
		name  string
		space space.Space
		set   Settings
		want  int
	}{
		{"square", box(2), Settings{Budget: 100}, 100},
		{"rectangle", box(2), Settings{Budget: 98}, 90},
		{"levels of a few in twenty-five", box(25), Settings{Budget: 100}, 96},
		{"with choices", box(2, triple), Settings{Budget: 20}, 18},
		{"with levels of one set", box(2), Settings{Budget: 21, LevelsOf: map[string]int{"x0": 7}}, 21},
		{"choices alone exceed it", box(2, triple), Settings{Budget: 2}, 3},
		{"conditional", conditional(t), Settings{Budget: 30}, 29},
		{"default", box(3), Settings{}, 125},
		{"all of a few whole numbers", box(0, tens), Settings{Budget: 50}, 10},
		{"whole numbers and a continuum", box(1, tens), Settings{Budget: 995}, 990},
		{"the largest", box(1), Settings{Budget: mostBudget}, mostBudget},
	} {
		o := opener(tc.set)(t, study.Problem{Space: tc.space}, nil)
		answer, err := o.Ask(context.Background(), 1, mostBudget+1)
		if err != nil || len(answer) != tc.want {
			t.Errorf("%s: %d configurations, %v, want %d", tc.name, len(answer), err, tc.want)
		}
	}
}

func TestRefusesSettings(t *testing.T) {
	for _, tc := range []struct {
		set  Settings
		want string
	}{
		{Settings{Levels: -1}, "levels is -1"},
		{Settings{Budget: -1}, "budget is -1"},
		{Settings{Levels: mostLevels + 1}, "levels is 10001; give a number of levels from 1 to 10000"},
		{Settings{Budget: math.MaxInt}, "from 1 to 100000"},
		{Settings{LevelsOf: map[string]int{"x": math.MaxInt}}, `"x" 9223372036854775807 levels; give a number from 1 to 10000`},
		{Settings{Levels: 2, Budget: 5}, "both set"},
		{Settings{LevelsOf: map[string]int{"y": 2}}, `"y", which is no numeric parameter`},
		{Settings{LevelsOf: map[string]int{"kind": 2}}, `"kind", which is no numeric parameter`},
		{Settings{LevelsOf: map[string]int{"x": 0}}, `"x" 0 levels`},
	} {
		if _, err := New(study.Problem{Space: conditional(t)}, tc.set); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%+v: error %v, want %q", tc.set, err, tc.want)
		}
	}
}

// TestRandomBeatsGridWhereFewDimensionsMatter shows Bergstra and Bengio's point on Branin in two of 25 dimensions: with
// 100 trials a grid tries three values of one parameter and two of five, six points of the plane that matters; random
// search one hundred.
func TestRandomBeatsGridWhereFewDimensionsMatter(t *testing.T) {
	q, err := problem.Find("branin25")
	if err != nil {
		t.Fatal(err)
	}
	best := func(o optimizers.Optimizer, p study.Problem) float64 {
		result, err := optimizers.Run(context.Background(), p, o, []optimizers.Evaluator{q.Evaluator(p.Seed)}, optimizers.Options{Trials: 100})
		if err != nil {
			t.Fatal(err)
		}
		return q.Regret(result.Incumbent.Config)
	}
	wins := 0
	for seed := range uint64(10) {
		p := q.Study(seed)
		r, err := random.New(p, random.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		if best(r, p) < best(opener(Settings{Budget: 100})(t, p, nil), p) {
			wins++
		}
	}
	if wins < 9 {
		t.Errorf("random search beats the grid for %d of 10 seeds", wins)
	}
}
