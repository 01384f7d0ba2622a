package space

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// randomSpace makes a space of up to n hyperparameters of every type with conditions to any depth, weights,
// defaults and forbidden clauses, for property tests.
func randomSpace(t testing.TB, rng *rand.Rand, n int) Space {
	t.Helper()
	for range 1000 {
		var params []Hyperparameter
		for i := range 1 + rng.IntN(n) {
			h := randomParameter(rng)
			h.Name = fmt.Sprintf("p%d", i)
			if i > 0 && rng.IntN(2) == 0 {
				h.When = randomCondition(rng, params, 3)
			}
			params = append(params, h)
		}
		rng.Shuffle(len(params), func(i, j int) { params[i], params[j] = params[j], params[i] })
		var forbidden []Condition
		for range rng.IntN(3) {
			forbidden = append(forbidden, *And(*randomCondition(rng, params, 1), *randomCondition(rng, params, 2)))
		}
		// Some are contradictory, and must be refused.
		if s, err := New(params, forbidden...); err == nil {
			return s
		}
	}
	t.Fatal("no random space is valid")
	return Space{}
}

func randomParameter(rng *rand.Rand) Hyperparameter {
	h := Hyperparameter{Type: Type(rng.IntN(6)), Log: rng.IntN(2) == 0}
	switch h.Type {
	case TypeFloat:
		h.Low = math.Exp(20*rng.Float64() - 10)
		h.High = h.Low * math.Exp(10*rng.Float64())
		if !h.Log {
			h.Low -= 5 * rng.Float64()
		}
		if rng.IntN(3) == 0 {
			h.Step = (h.High - h.Low) / (0.5 + 20*rng.Float64())
		}
	case TypeInt:
		h.Low = float64(1 + rng.IntN(20))
		h.High = h.Low + float64(rng.IntN(1<<rng.IntN(20)))
		if !h.Log {
			h.Low -= float64(rng.IntN(100))
		}
		h.Step = float64(rng.IntN(4))
	default:
		h.Log = false
		choices := []Value{String("a"), String("b<"), Null(), Float(0.5), Int(3), Bool(true), String("")}
		rng.Shuffle(len(choices), func(i, j int) { choices[i], choices[j] = choices[j], choices[i] })
		switch h.Type {
		case TypeConstant:
			h.Choices = choices[:1]
		case TypeCategorical, TypeOrdinal:
			h.Choices = choices[:1+rng.IntN(len(choices))]
		}
		if rng.IntN(2) == 0 {
			for range h.Values() {
				h.Weights = append(h.Weights, float64(1+rng.IntN(5)))
			}
		}
	}
	if rng.IntN(3) == 0 {
		h.Default, h.HasDefault = h.quantile(rng.Float64()), true
	}
	return h
}

func randomCondition(rng *rand.Rand, params []Hyperparameter, depth int) *Condition {
	if depth > 0 && rng.IntN(3) == 0 {
		terms := make([]Condition, 1+rng.IntN(3))
		for i := range terms {
			terms[i] = *randomCondition(rng, params, depth-1)
		}
		if rng.IntN(2) == 0 {
			return And(terms...)
		}
		return Or(terms...)
	}
	h := params[rng.IntN(len(params))]
	values := make([]Value, 1+rng.IntN(2))
	for i := range values {
		values[i] = h.decode(rng.Float64())
	}
	return In(h.Name, values...)
}

// checkConfig checks by its own means that c gives a value to exactly the active hyperparameters of s and that no
// forbidden clause holds.
func checkConfig(t testing.TB, s Space, c Config) {
	t.Helper()
	known := 0
	for _, h := range s.params {
		v, given := c[h.Name]
		if given {
			known++
		}
		if active := h.When.Holds(c); active != given {
			t.Fatalf("%q is active: %v, given: %v in %v", h.Name, active, given, c)
		}
		if !given {
			continue
		}
		if n, err := h.normalize(v); err != nil || n != v {
			t.Fatalf("%q = %v normalizes to %v, %v", h.Name, v, n, err)
		}
	}
	if known != len(c) {
		t.Fatalf("unknown names in %v", c)
	}
	for i := range s.forbidden {
		if s.forbidden[i].Holds(c) {
			t.Fatalf("clause %d forbids %v", i+1, c)
		}
	}
	if err := s.Validate(c); err != nil {
		t.Fatal(err)
	}
}
