package space

import (
	"fmt"
	"strings"
	"testing"
)

// TestEnumerate lists small spaces in order.
func TestEnumerate(t *testing.T) {
	kernel := Hyperparameter{Name: "kernel", Type: TypeCategorical, Choices: []Value{String("rbf"), String("linear")}}
	degree := Hyperparameter{Name: "degree", Type: TypeInt, Low: 2, High: 6, Step: 2, When: Equals("kernel", String("rbf"))}
	for _, c := range []struct {
		name      string
		params    []Hyperparameter
		forbidden []Condition
		want      string
	}{
		{"none", nil, nil, "{}"},
		{"bool and int", []Hyperparameter{{Name: "b", Type: TypeBool}, {Name: "n", Type: TypeInt, Low: 1, High: 2}}, nil,
			`{"b":false,"n":1} {"b":false,"n":2} {"b":true,"n":1} {"b":true,"n":2}`},
		{"steps and points", []Hyperparameter{{Name: "x", High: 0.3, Step: 0.1}, {Name: "y", Low: 5, High: 5}}, nil,
			`{"x":0,"y":5} {"x":0.1,"y":5} {"x":0.2,"y":5} {"x":0.3,"y":5}`},
		{"a child before its parent", []Hyperparameter{degree, kernel}, []Condition{*Equals("degree", Int(4))},
			`{"degree":2,"kernel":"rbf"} {"degree":6,"kernel":"rbf"} {"kernel":"linear"}`},
	} {
		s, err := New(c.params, c.forbidden...)
		if err != nil {
			t.Fatal(err)
		}
		all, finite := s.Enumerate()
		if !finite {
			t.Errorf("%s: said to be infinite", c.name)
			continue
		}
		var got []string
		for config := range all {
			text, err := config.Canonical()
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Validate(config); err != nil {
				t.Errorf("%s: %s: %v", c.name, text, err)
			}
			got = append(got, string(text))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, strings.Join(got, " "), c.want)
		}
	}
}

// TestEnumerateIsLazy takes the first of more configurations than there are atoms.
func TestEnumerateIsLazy(t *testing.T) {
	params := make([]Hyperparameter, 200)
	for i := range params {
		params[i] = Hyperparameter{Name: fmt.Sprintf("n%d", i), Type: TypeInt, Low: 1, High: 1000}
	}
	s, err := New(params)
	if err != nil {
		t.Fatal(err)
	}
	all, _ := s.Enumerate()
	taken := 0
	for range all {
		if taken++; taken == 5 {
			break
		}
	}
	if taken != 5 {
		t.Errorf("%d taken", taken)
	}
}

func TestEnumerateRefusesTheInfinite(t *testing.T) {
	s, err := New([]Hyperparameter{{Name: "b", Type: TypeBool}, {Name: "x", High: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if _, finite := s.Enumerate(); finite {
		t.Error("a float is said to have finitely many values")
	}
}
