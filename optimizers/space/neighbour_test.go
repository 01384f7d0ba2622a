package space

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestNeighboursAreValid checks, over random spaces, that neighbours are valid, differ from the start in one
// hyperparameter and its descendants only, round-trip, and depend on the random state alone.
func TestNeighboursAreValid(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 150 {
		s := randomSpace(t, rng, 10)
		c, err := s.Sample(rng)
		if err != nil {
			if !errors.Is(err, ErrInvalid) {
				t.Fatal(err)
			}
			continue
		}
		seed := rng.Uint64()
		near := slices.Collect(s.Neighbours(c, rand.New(rand.NewPCG(seed, 0))))
		again := slices.Collect(s.Neighbours(c, rand.New(rand.NewPCG(seed, 0))))
		if !slices.EqualFunc(near, again, Config.Equal) {
			t.Fatal("the same random state gives other neighbours")
		}
		for _, n := range near {
			checkConfig(t, s, n)
			checkRoundTrip(t, s, n)
			changed := 0
			for name, v := range n {
				if old, ok := c[name]; ok && !old.Equal(v) {
					changed++
				}
			}
			if changed != 1 {
				t.Fatalf("%v differs from %v in %d hyperparameters active in both", n, c, changed)
			}
		}
	}
}

func TestNeighboursByType(t *testing.T) {
	choices := []Value{Int(10), Int(20), Int(30), Int(40)}
	for _, tc := range []struct {
		h    Hyperparameter
		at   Value
		want []float64 // nil: four, unknown
	}{
		{Hyperparameter{Type: TypeCategorical, Choices: choices}, Int(20), []float64{10, 30, 40}},
		{Hyperparameter{Type: TypeOrdinal, Choices: choices}, Int(20), []float64{10, 30}},
		{Hyperparameter{Type: TypeOrdinal, Choices: choices}, Int(40), []float64{30}},
		{Hyperparameter{Type: TypeConstant, Choices: choices[:1]}, Int(10), []float64{}},
		{Hyperparameter{Type: TypeInt, Low: 1, High: 5}, Int(2), []float64{1, 3, 4, 5}},
		{Hyperparameter{Low: 0, High: 1, Step: 0.5}, Float(0.5), []float64{0, 1}},
		{Hyperparameter{Low: 2, High: 2}, Float(2), []float64{}},
		{Hyperparameter{Low: 0, High: 1}, Float(0.5), nil},
		{Hyperparameter{Type: TypeInt, Low: 1, High: 1000, Log: true}, Int(1), nil},
	} {
		tc.h.Name = "h"
		s, err := New([]Hyperparameter{tc.h})
		if err != nil {
			t.Fatal(err)
		}
		got := []float64{}
		for n := range s.Neighbours(Config{"h": tc.at}, rand.New(rand.NewPCG(1, 1))) {
			got = append(got, n["h"].Float())
		}
		slices.Sort(got)
		distinct := len(slices.Compact(slices.Clone(got)))
		if tc.want == nil && (len(got) != 4 || distinct != 4) || tc.want != nil && !slices.Equal(got, tc.want) {
			t.Errorf("%+v: neighbours of %v are %v, want %v", tc.h, tc.at, got, tc.want)
		}
	}
}

// TestNumericStep checks the step's distribution: normal with standard deviation 0.2, cut off at the cube's edges,
// which from the middle are 2.5 deviations away.
func TestNumericStep(t *testing.T) {
	s, err := New([]Hyperparameter{{Name: "x", Low: 1e-3, High: 1e3, Log: true}})
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(2, 2))
	sum, squares, n := 0.0, 0.0, 0.0
	for range 3000 {
		for c := range s.Neighbours(Config{"x": Float(1)}, rng) {
			d := s.Encode(c)[0] - 0.5
			sum, squares, n = sum+d, squares+d*d, n+1
		}
	}
	// python3 -c "from scipy.stats import truncnorm; print(truncnorm(-2.5, 2.5, scale=.2).std())"
	if sd := math.Sqrt(squares / n); math.Abs(sd-0.1909) > 0.004 || math.Abs(sum/n) > 0.006 || n != 12000 {
		t.Errorf("%v steps with mean %v and standard deviation %v", n, sum/n, sd)
	}
}

// TestNeighboursActivateChildren checks that what a change activates is drawn, not always its default.
func TestNeighboursActivateChildren(t *testing.T) {
	s := svm(t)
	start := Config{"kernel": String("linear"), "C": Float(2)}
	gammas, kernels := map[string]bool{}, map[string]int{}
	for seed := range uint64(30) {
		for n := range s.Neighbours(start, rand.New(rand.NewPCG(seed, 0))) {
			kernels[n["kernel"].Text()]++
			if g, ok := n["gamma"]; ok {
				gammas[g.String()] = true
			}
		}
	}
	if len(gammas) != 60 {
		t.Errorf("%d different values of gamma over 60 activations", len(gammas))
	}
	if want := map[string]int{"rbf": 30, "poly": 30, "linear": 120}; fmt.Sprint(kernels) != fmt.Sprint(want) {
		t.Errorf("kernels %v, want %v", kernels, want)
	}
}

func TestNeighboursStopEarly(t *testing.T) {
	s := svm(t)
	count := 0
	for range s.Neighbours(s.Default(), rand.New(rand.NewPCG(1, 1))) {
		if count++; count == 2 {
			break
		}
	}
	if count != 2 {
		t.Errorf("%d neighbours after a break at 2", count)
	}
}

func TestNeighboursLeaveOutForbidden(t *testing.T) {
	s, err := New([]Hyperparameter{
		{Name: "a", Type: TypeBool}, {Name: "b", Type: TypeBool},
	}, *And(*Equals("a", Bool(true)), *Equals("b", Bool(true))))
	if err != nil {
		t.Fatal(err)
	}
	near := slices.Collect(s.Neighbours(Config{"a": Bool(true), "b": Bool(false)}, rand.New(rand.NewPCG(1, 1))))
	if len(near) != 1 || !near[0].Equal(Config{"a": Bool(false), "b": Bool(false)}) {
		t.Errorf("neighbours %v", near)
	}
}
