package auto_test

import (
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers/auto"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// numbers are n hyperparameters in [0, 1], with more added.
func numbers(t *testing.T, n int, more ...space.Hyperparameter) space.Space {
	t.Helper()
	for i := range n {
		more = append(more, space.Hyperparameter{Name: "x" + string(rune('a'+i)), Type: space.TypeFloat, High: 1})
	}
	s, err := space.New(more)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func integer(low, high float64) space.Hyperparameter {
	return space.Hyperparameter{Name: "count", Type: space.TypeInt, Low: low, High: high}
}

func categorical(n int) space.Hyperparameter {
	h := space.Hyperparameter{Name: "kind", Type: space.TypeCategorical}
	for i := range n {
		h.Choices = append(h.Choices, space.String(string(rune('a'+i))))
	}
	return h
}

func TestChoose(t *testing.T) {
	nested := space.Hyperparameter{Name: "depth", Type: space.TypeFloat, High: 1, When: space.Equals("kind", space.String("a"))}
	epochs := []study.Range{{Name: "epochs", Low: 1, High: 81, Integer: true}}
	for _, tc := range []struct {
		what       string
		space      space.Space
		fidelities []study.Range
		trials     int
		want, says string
	}{
		{"a fidelity", numbers(t, 2), epochs, 100, auto.BOHB, "epochs"},
		{"a fidelity decides before conditions", numbers(t, 1, categorical(3), nested), epochs, 100, auto.BOHB, "epochs"},
		{"an unknown budget", numbers(t, 6), nil, 0, auto.GP, "up to 300 trials"},
		{"conditions", numbers(t, 1, categorical(3), nested), nil, 300, auto.GP, "up to 300 trials"},
		{"conditions, many trials", numbers(t, 1, categorical(3), nested), nil, 301, auto.SMAC, "conditions"},
		{"choices", numbers(t, 2, categorical(3)), nil, 5000, auto.SMAC, "1 of 3"},
		{"two choices", numbers(t, 2, categorical(2)), nil, 5000, auto.SMAC, "1 of 3"},
		{"an integer of few values", numbers(t, 2, integer(1, 10)), nil, 5000, auto.SMAC, "1 of 3"},
		{"an integer of many values", numbers(t, 2, integer(1, 500)), nil, 5000, auto.CMAES, "3 numbers"},
		{"an integer of one value", numbers(t, 2, integer(3, 3)), nil, 5000, auto.CMAES, "2 numbers"},
		{"a choice of one", numbers(t, 2, categorical(1)), nil, 5000, auto.CMAES, "2 numbers"},
		{"few numbers, many trials", numbers(t, 6), nil, 301, auto.CMAES, "301 trials"},
		{"many numbers, not quite enough trials", numbers(t, 20), nil, 599, auto.TPE, "599 trials"},
		{"many numbers, many trials", numbers(t, 20), nil, 600, auto.CMAES, "600 trials"},
		{"as many numbers as a model takes", numbers(t, 25), nil, 100, auto.GP, "up to 25"},
		{"more", numbers(t, 26), nil, 100, auto.TPE, "26 hyperparameters"},
		{"more, with choices", numbers(t, 26, categorical(3)), nil, 1000, auto.TPE, "27 hyperparameters"},
	} {
		name, reason := auto.Choose(study.Problem{Space: tc.space, Fidelities: tc.fidelities}, tc.trials)
		if name != tc.want || !strings.Contains(reason, tc.says) {
			t.Errorf("%s: %s because %s; want %s and %q", tc.what, name, reason, tc.want, tc.says)
		}
	}
}

// TestChooseOnKnownProblems pins what the benchmark's problems get.
func TestChooseOnKnownProblems(t *testing.T) {
	for name, want := range map[string]string{
		"branin": auto.GP, "hartmann6": auto.GP, "styblinski5": auto.GP, "rosenbrock10": auto.GP, "branin25": auto.GP,
		"cash": auto.GP, "cash7": auto.GP, "counting_ones": auto.BOHB, "weka768": auto.TPE,
	} {
		p, err := problem.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		if got, reason := auto.Choose(p.Study(1), 100); got != want {
			t.Errorf("%s: %s because %s; want %s", name, got, reason, want)
		}
	}
}

// TestSkip: the first bracket of BOHB, of 1, 4, 13, 40, 121, 364 trials on 1 to 6 levels, must end within two thirds of the
// study's trials.
func TestSkip(t *testing.T) {
	epochs := study.Range{Name: "epochs", Low: 1, High: 81}
	rows := study.Range{Name: "rows", Low: 1. / 3, High: 1}
	for _, c := range []struct {
		fidelities []study.Range
		trials     int
		want       int
	}{
		{nil, 10, 0},
		{[]study.Range{epochs}, 0, 0}, // not known
		{[]study.Range{epochs}, 182, 0},
		{[]study.Range{epochs}, 181, 1},
		{[]study.Range{epochs}, 60, 1},
		{[]study.Range{epochs}, 59, 2},
		{[]study.Range{epochs}, 19, 3},
		{[]study.Range{epochs}, 5, 4},
		{[]study.Range{epochs}, 1, 4}, // at least the full level
		{[]study.Range{epochs, rows}, 100, 2},
		{[]study.Range{epochs, rows}, 546, 0},
	} {
		if got := auto.Skip(study.Problem{Fidelities: c.fidelities}, c.trials); got != c.want {
			t.Errorf("%d trials on %v: %d levels left out, want %d", c.trials, c.fidelities, got, c.want)
		}
	}
}
