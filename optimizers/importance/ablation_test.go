package importance

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/metaml/metaml/optimizers/space"
)

// TestAblation walks on a function whose steps are known: b is worth 3, a 1, and c nothing.
func TestAblation(t *testing.T) {
	s := mustSpace(t, space.Hyperparameter{Name: "a", High: 1}, space.Hyperparameter{Name: "b", High: 1}, space.Hyperparameter{Name: "c", High: 1})
	p, trials := sampled(t, s, 400, func(c space.Config) float64 { return c["a"].Float() + 3*c["b"].Float() })
	at := func(x float64) space.Config {
		return space.Config{"a": space.Float(x), "b": space.Float(x), "c": space.Float(x)}
	}
	path, err := Ablation(p, trials, at(0.95), at(0.05), Options{Trees: 30})
	if err != nil {
		t.Fatal(err)
	}
	if len(path) != 4 || path[0].Names != nil || !path[0].Config.Equal(at(0.95)) || !path[3].Config.Equal(at(0.05)) {
		t.Fatalf("path %+v", path)
	}
	for i, want := range []struct {
		name string
		gain float64
	}{{"b", 2.7}, {"a", 0.9}, {"c", 0}} {
		step := path[i+1]
		if !slices.Equal(step.Names, []string{want.name}) || math.Abs(step.Gain-want.gain) > 0.35 {
			t.Errorf("step %d changes %v for a gain of %v, want %v for about %v", i+1, step.Names, step.Gain, want.name, want.gain)
		}
		if got := path[i].Loss - step.Loss; got != step.Gain || !(step.SD > 0) {
			t.Errorf("step %d: gain %v, losses differ by %v, sd %v", i+1, step.Gain, got, step.SD)
		}
	}
}

// TestAblationUnderConditions checks that every configuration on the way is valid, and that a change carries with it
// what it makes active or inactive.
func TestAblationUnderConditions(t *testing.T) {
	s := conditional(t)
	p, trials := sampled(t, s, 200, conditionalLoss)
	from := space.Config{"learner": space.String("forest"), "depth": space.Int(4), "prune": space.Bool(false)}
	to := space.Config{"learner": space.String("svm"), "C": space.Float(0.25), "scale": space.Bool(false)}
	path, err := Ablation(p, trials, from, to, Options{Trees: 8})
	if err != nil {
		t.Fatal(err)
	}
	if len(path) != 2 || !slices.Equal(path[1].Names, []string{"learner", "C", "depth", "prune", "scale"}) {
		t.Errorf("path %+v", path)
	}
	goal := space.Config{"learner": space.String("forest"), "depth": space.Int(1), "scale": space.Bool(true)}
	if path, err = Ablation(p, trials, from, goal, Options{Trees: 8}); err != nil {
		t.Fatal(err)
	}
	for _, step := range path {
		if err := s.Validate(step.Config); err != nil {
			t.Errorf("step %v: %v", step.Names, err)
		}
	}
	if last := path[len(path)-1]; !last.Config.Equal(goal) {
		t.Errorf("the path ends at %v", last.Config)
	}
}

// TestAblationStaysBetween checks that a hyperparameter that the goal does not have keeps its value until it becomes
// inactive, though its default would be better.
func TestAblationStaysBetween(t *testing.T) {
	s := mustSpace(t,
		space.Hyperparameter{Name: "learner", Type: space.TypeCategorical, Choices: words("svm", "tree")},
		space.Hyperparameter{Name: "C", High: 1, When: space.Equals("learner", space.String("svm"))},
		space.Hyperparameter{Name: "x", High: 1},
	)
	p, trials := sampled(t, s, 300, func(c space.Config) float64 {
		loss := c["x"].Float()
		if v, ok := c["C"]; ok {
			return loss + 9*math.Abs(v.Float()-0.5) // the default is in the middle
		}
		return loss + 3
	})
	from := space.Config{"learner": space.String("svm"), "C": space.Float(0.97), "x": space.Float(0.9)}
	to := space.Config{"learner": space.String("tree"), "x": space.Float(0.1)}
	path, err := Ablation(p, trials, from, to, Options{Trees: 16})
	if err != nil || len(path) != 3 {
		t.Fatalf("path %+v, %v; want two steps", path, err)
	}
	for _, step := range path {
		if v, ok := step.Config["C"]; ok && !v.Equal(from["C"]) {
			t.Errorf("on the way from %v to %v C is %v", from, to, v)
		}
	}
	if !slices.Equal(path[1].Names, []string{"learner", "C"}) || !slices.Equal(path[2].Names, []string{"x"}) {
		t.Errorf("steps %v and %v", path[1].Names, path[2].Names)
	}
}

// TestAblationAroundForbidden checks that where no single change is allowed all are made at once.
func TestAblationAroundForbidden(t *testing.T) {
	a, b := space.Hyperparameter{Name: "a", Type: space.TypeBool}, space.Hyperparameter{Name: "b", Type: space.TypeBool}
	yes, no := space.Bool(true), space.Bool(false)
	s, err := space.New([]space.Hyperparameter{a, b, {Name: "x", High: 1}},
		*space.And(*space.Equals("a", yes), *space.Equals("b", no)), *space.And(*space.Equals("a", no), *space.Equals("b", yes)))
	if err != nil {
		t.Fatal(err)
	}
	p, trials := sampled(t, s, 30, func(c space.Config) float64 { return c["x"].Float() })
	from := space.Config{"a": no, "b": no, "x": space.Float(0.5)}
	to := space.Config{"a": yes, "b": yes, "x": space.Float(0.5)}
	path, err := Ablation(p, trials, from, to, Options{Trees: 3})
	if err != nil || len(path) != 2 || !slices.Equal(path[1].Names, []string{"a", "b"}) {
		t.Errorf("path %+v, %v", path, err)
	}
	if path, err = Ablation(p, trials, to, to, Options{Trees: 3}); err != nil || len(path) != 1 {
		t.Errorf("from a configuration to itself: %+v, %v", path, err)
	}
	if _, err := Ablation(p, trials, space.Config{"a": yes}, to, Options{}); !errors.Is(err, space.ErrInvalid) {
		t.Errorf("from half a configuration: error %v", err)
	}
	if _, err := Ablation(p, trials, from, space.Config{"a": yes, "b": no, "x": space.Float(0)}, Options{}); !errors.Is(err, space.ErrInvalid) {
		t.Errorf("to a forbidden one: error %v", err)
	}
	if _, err := Ablation(p, trials[:3], from, to, Options{}); !errors.Is(err, ErrTooFew) {
		t.Errorf("three trials: error %v", err)
	}
}
