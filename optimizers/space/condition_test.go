package space

import "testing"

func TestConditionHolds(t *testing.T) {
	a, b := *Equals("x", Int(1)), *In("y", String("u"), Null())
	for _, tc := range []struct {
		name string
		cond *Condition
		c    Config
		want bool
	}{
		{"none", nil, Config{}, true},
		{"equal", &a, Config{"x": Int(1)}, true},
		{"equal by number", &a, Config{"x": Float(1)}, true},
		{"other value", &a, Config{"x": Int(2)}, false},
		{"inactive parent", &a, Config{"y": Int(1)}, false},
		{"in", &b, Config{"y": Null()}, true},
		{"in, not null but missing", &b, Config{}, false},
		{"and", And(a, b), Config{"x": Int(1), "y": Null()}, true},
		{"and, one fails", And(a, b), Config{"x": Int(1), "y": Int(0)}, false},
		{"or", Or(a, b), Config{"x": Int(1)}, true},
		{"or, both fail", Or(a, b), Config{"x": Int(3)}, false},
		{"nested", And(a, *Or(b, *Equals("z", Bool(true)))), Config{"x": Int(1), "z": Bool(true)}, true},
	} {
		if got := tc.cond.Holds(tc.c); got != tc.want {
			t.Errorf("%s: holds %v, want %v", tc.name, got, tc.want)
		}
	}
}

// TestConditionNormalForm checks that conditions of one meaning make spaces of one hash.
func TestConditionNormalForm(t *testing.T) {
	hash := func(when *Condition) string {
		t.Helper()
		s, err := New([]Hyperparameter{
			{Name: "a", Type: TypeCategorical, Choices: []Value{String("z"), String("y"), Float(1)}},
			{Name: "b", Low: 0, High: 9},
			{Name: "c", Type: TypeBool, When: when},
		})
		if err != nil {
			t.Fatal(err)
		}
		h, err := s.Hash()
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	a, b, b2 := *Equals("a", Int(1)), *In("b", Int(2), Int(1)), *In("b", Float(1), Int(1), Float(2))
	same := []*Condition{
		And(a, b), And(b, a), And(b2, a), And(a, *And(b)), And(*And(a, b), b2), And(*Or(a), b, b),
	}
	for i, cond := range same {
		if hash(cond) != hash(same[0]) {
			t.Errorf("form %d has another hash", i)
		}
	}
	for i, cond := range []*Condition{nil, &a, &b, Or(a, b), And(a, *Equals("b", Int(2)))} {
		if hash(cond) == hash(same[0]) {
			t.Errorf("condition %d, of another meaning, has the same hash", i)
		}
	}
}

func TestSpaceSharesNothing(t *testing.T) {
	params := []Hyperparameter{
		{Name: "k", Type: TypeCategorical, Choices: []Value{Int(1), Int(2)}, Weights: []float64{1, 2}},
		{Name: "x", High: 1, When: In("k", Int(2), Int(1))},
	}
	s, err := New(params)
	if err != nil {
		t.Fatal(err)
	}
	before, _ := s.Hash()
	params[0].Choices[0], params[0].Weights[0], params[1].When.Values[0] = Int(7), 9, Int(8)
	s.Parameters()[0].Name = "other"
	if after, _ := s.Hash(); after != before {
		t.Error("changing what New was given, or what Parameters returned, changes the space")
	}
}
