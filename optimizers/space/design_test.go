package space

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

var spreads = []Spread{Uniform, Sobol, LatinHypercube}

// TestEveryDesignIsValid is the property that everything else relies on, over random spaces.
func TestEveryDesignIsValid(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for i := range 150 {
		s := randomSpace(t, rng, 15)
		for _, spread := range spreads {
			configs, err := s.Design(spread, 17, uint64(i))
			if err != nil {
				// Random clauses may exclude nearly everything.
				if !errors.Is(err, ErrInvalid) || len(s.forbidden) == 0 {
					t.Fatalf("%v: %v", spread, err)
				}
				continue
			}
			if len(configs) != 17 {
				t.Fatalf("%v: %d configurations", spread, len(configs))
			}
			for _, c := range configs {
				checkConfig(t, s, c)
				checkRoundTrip(t, s, c)
			}
		}
	}
}

func TestDesignIsAFunctionOfItsSeed(t *testing.T) {
	s := svm(t)
	designs := map[string]bool{}
	for _, spread := range spreads {
		for _, seed := range []uint64{0, 1} {
			a, err := s.Design(spread, 20, seed)
			if err != nil {
				t.Fatal(err)
			}
			b, _ := s.Design(spread, 20, seed)
			if !slices.EqualFunc(a, b, Config.Equal) {
				t.Errorf("%v: seed %d gives two designs", spread, seed)
			}
			designs[fmt.Sprint(a)] = true
		}
	}
	if len(designs) != 6 {
		t.Errorf("%d different designs of 6", len(designs))
	}
}

func TestPrefixOfASobolDesign(t *testing.T) {
	s := svm(t)
	long, err := s.Design(Sobol, 200, 9)
	if err != nil {
		t.Fatal(err)
	}
	short, _ := s.Design(Sobol, 70, 9)
	if !slices.EqualFunc(short, long[:70], Config.Equal) {
		t.Error("70 points are not the first 70 of 200")
	}
}

func TestLatinHypercubeStratifies(t *testing.T) {
	s, err := New([]Hyperparameter{{Name: "x", High: 1}, {Name: "y", Low: 1, High: 1e6, Log: true}, {Name: "b", Type: TypeBool}})
	if err != nil {
		t.Fatal(err)
	}
	const n = 50
	configs, err := s.Design(LatinHypercube, n, 3)
	if err != nil {
		t.Fatal(err)
	}
	slots, trues := [2][n]int{}, 0
	for _, c := range configs {
		u := s.Encode(c)
		slots[0][int(u[0]*n)]++
		slots[1][int(u[1]*n)]++
		if c["b"].Bool() {
			trues++
		}
	}
	for i := range n {
		if slots[0][i] != 1 || slots[1][i] != 1 {
			t.Errorf("slice %d has %d and %d points", i, slots[0][i], slots[1][i])
		}
	}
	if trues != n/2 {
		t.Errorf("%d of %d are true", trues, n)
	}
}

// TestWeights checks that every spread follows the weights; stratified ones to within a point or two.
func TestWeights(t *testing.T) {
	s, err := New([]Hyperparameter{{
		Name: "c", Type: TypeCategorical, Choices: []Value{Int(0), Int(1), Int(2), Int(3)}, Weights: []float64{0, 6, 3, 1},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for spread, tolerance := range map[Spread]float64{Uniform: 0.05, Sobol: 0.003, LatinHypercube: 0.002} {
		configs, err := s.Design(spread, 1024, 1)
		if err != nil {
			t.Fatal(err)
		}
		share := [4]float64{}
		for _, c := range configs {
			share[c["c"].Int()] += 1.0 / 1024
		}
		for i, want := range []float64{0, 0.6, 0.3, 0.1} {
			if math.Abs(share[i]-want) > tolerance || (want == 0 && share[i] > 0) {
				t.Errorf("%v: choice %d has share %v, want %v", spread, i, share[i], want)
			}
		}
	}
	if v := s.params[0].quantile(1); v != Int(3) {
		t.Errorf("quantile 1 is %v", v)
	}
}

func TestNearlyEverythingForbidden(t *testing.T) {
	// Only x = 1 of a million is allowed for each of two.
	var values []Value
	choices := make([]Value, 1000)
	for i := range choices {
		choices[i] = Int(int64(i))
	}
	values = choices[1:]
	s, err := New([]Hyperparameter{
		{Name: "x", Type: TypeCategorical, Choices: choices}, {Name: "y", Type: TypeCategorical, Choices: choices},
	}, *In("x", values...), *In("y", values...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Sample(rand.New(rand.NewPCG(1, 1))); !errors.Is(err, ErrInvalid) {
		t.Errorf("Sample: error %v", err)
	}
	for _, spread := range spreads {
		if _, err := s.Design(spread, 3, 1); !errors.Is(err, ErrInvalid) {
			t.Errorf("%v: error %v", spread, err)
		}
	}
}

func TestDesignEdges(t *testing.T) {
	s := svm(t)
	for _, n := range []int{0, -1} {
		if configs, err := s.Design(Sobol, n, 1); err != nil || len(configs) != 0 {
			t.Errorf("n = %d: %d configurations, %v", n, len(configs), err)
		}
	}
	if _, err := s.Design(Spread(9), 1, 1); err == nil {
		t.Error("spread 9 exists")
	}
	var zero Space
	if configs, err := zero.Design(Sobol, 2, 1); err != nil || len(configs) != 2 {
		t.Errorf("the space without hyperparameters has a design of %v, %v", configs, err)
	}
	for _, spread := range spreads {
		if back, err := ParseSpread(spread.String()); err != nil || back != spread {
			t.Errorf("%v read back as %v, %v", spread, back, err)
		}
	}
	if _, err := ParseSpread("halton"); err == nil {
		t.Error("spread halton exists")
	}
}

// TestBeyondTheSobolTable checks that dimensions without direction numbers are still stratified, in blocks.
func TestBeyondTheSobolTable(t *testing.T) {
	var params []Hyperparameter
	for i := range sobolDimensions + 30 {
		params = append(params, Hyperparameter{Name: fmt.Sprintf("c%d", i), Type: TypeConstant, Choices: []Value{Int(1)}})
		params = append(params, Hyperparameter{Name: fmt.Sprintf("x%d", i), High: 1})
	}
	s, err := New(params)
	if err != nil {
		t.Fatal(err)
	}
	configs, err := s.Design(Sobol, 2*paddingBlock, 4)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"x0", "x1023", "x1024", "x1053"} {
		for block := range 2 {
			seen := map[int]bool{}
			for _, c := range configs[block*paddingBlock:][:paddingBlock] {
				seen[int(c[name].Float()*paddingBlock)] = true
			}
			if len(seen) != paddingBlock {
				t.Errorf("%s: %d of %d slices have a point in block %d", name, len(seen), paddingBlock, block)
			}
		}
	}
}
