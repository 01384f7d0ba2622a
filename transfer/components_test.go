package transfer

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
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

// TestFactorsAreTheBestApproximation of their rank, as the singular value decomposition has it (Eckart and Young 1936).
func TestFactorsAreTheBestApproximation(t *testing.T) {
	b := randomBelief(rand.New(rand.NewPCG(3, 3)), 15, 30, false)
	centred := mat.NewDense(15, 30, slices.Concat(centre(b.Mean)...))
	var svd mat.SVD
	if !svd.Factorize(centred, mat.SVDThin) {
		t.Fatal("no decomposition")
	}
	values := svd.Values(nil)
	for _, rank := range []int{0, 1, 5, 15, 99} {
		least := 0.0
		for _, v := range values[min(rank, len(values)):] {
			least += v * v
		}
		got := b.Factorise(rank, 1)
		if len(got.Directions) != min(rank, 15) {
			t.Errorf("rank %d: %d directions", rank, len(got.Directions))
		}
		off := 0.0
		for i, row := range got.Belief().Mean {
			off += squared(row, b.Mean[i])
		}
		if off < least*(1-1e-9) || off > least*1.05+1e-12 {
			t.Errorf("rank %d: squared error %v, the least is %v", rank, off, least)
		}
	}
	if again := b.Factorise(5, 1); !reflect.DeepEqual(again, b.Factorise(5, 1)) {
		t.Error("another factorisation from the same seed")
	}
}
