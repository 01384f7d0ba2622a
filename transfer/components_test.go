package transfer

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
)

// TestAllComponentsKeepAllDistances: a rotation changes no distance between rows.
func TestAllComponentsKeepAllDistances(t *testing.T) {
	b := randomBelief(rand.New(rand.NewPCG(1, 1)), 12, 30, false)
	got := b.Components(12, 1)
	for i := range got {
		for j := range i {
			x, y := squared(b.Mean[i], b.Mean[j]), squared(got[i], got[j])
			if math.Abs(x-y) > 1e-6*x {
				t.Fatalf("distance of rows %d and %d: %v, was %v", i, j, y, x)
			}
		}
	}
}

func squared(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += (a[i] - b[i]) * (a[i] - b[i])
	}
	return sum
}

// TestFewComponentsHoldTheVariance: rows of rank three, with a little noise, need three components.
func TestFewComponentsHoldTheVariance(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	factors := randomLosses(rng, 3, 40)
	b := &Belief{}
	for range 25 {
		row := make([]float64, 40)
		for _, f := range factors {
			w := rng.NormFloat64()
			for c := range row {
				row[c] += w * f[c]
			}
		}
		for c := range row {
			row[c] += 1e-3 * rng.NormFloat64()
		}
		b.Mean = append(b.Mean, row)
	}
	total, held := 0.0, 0.0
	for i := range b.Mean {
		total += dot(centre(b.Mean)[i], centre(b.Mean)[i])
	}
	for _, row := range b.Components(3, 1) {
		held += dot(row, row)
	}
	if held < .999*total || held > total*(1+1e-9) {
		t.Errorf("three components hold %v of %v", held, total)
	}
}

func TestComponentsOfDegenerateBeliefs(t *testing.T) {
	if got := (&Belief{}).Components(5, 1); got != nil {
		t.Errorf("components of nothing: %v", got)
	}
	equal := &Belief{Mean: [][]float64{{1, 2, 3}, {1, 2, 3}}}
	for _, row := range equal.Components(5, 1) {
		for _, v := range row {
			if v != 0 {
				t.Errorf("equal rows differ by %v", v)
			}
		}
	}
	b := randomBelief(rand.New(rand.NewPCG(3, 3)), 6, 8, false)
	if !reflect.DeepEqual(b.Components(4, 9), b.Components(4, 9)) {
		t.Error("the same seed gives other components")
	}
}
