package warmstart

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/metaml/metaml/transfer"
)

// TestEachStepLeavesTheLeastBeyondTheBound compares the portfolio's construction with its definition.
func TestEachStepLeavesTheLeastBeyondTheBound(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		tb := kinds(rng, 9, 8, 3)
		r := learn(t, FLAML, tb.matrix(t)).(*zeroShot)
		gap := r.gaps()
		beyond := func(set []int) float64 {
			sum := 0.0
			for i := range gap {
				least := math.Inf(1)
				for _, c := range set {
					least = min(least, gap[i][c])
				}
				sum += max(0, least-flamlBound)
			}
			return sum
		}
		for n := range r.portfolio {
			chosen := beyond(r.portfolio[:n+1])
			for c := range 8 {
				if with := beyond(append(slices.Clone(r.portfolio[:n]), c)); with < chosen-2*tolerance {
					t.Fatalf("step %d leaves %v, with configuration %d it would be %v", n, chosen, c, with)
				}
			}
		}
		if left := beyond(r.portfolio); left > tolerance && len(r.portfolio) < 8 {
			t.Fatalf("stopped at %v with %d of 8", left, len(r.portfolio))
		}
	}
}

func TestGapsOfFailedRuns(t *testing.T) {
	z := &zeroShot{m: &transfer.Matrix{}, losses: [][]float64{{.2, math.Inf(1), .5}, {math.Inf(1), 1, 1}}}
	want := [][]float64{{0, .6, .3}, {0, 0, 0}}
	for i, row := range z.gaps() {
		for c := range row {
			if math.Abs(row[c]-want[i][c]) > 1e-12 {
				t.Errorf("gaps %v, want %v", z.gaps(), want)
			}
		}
	}
}

// TestRanksShareTheMeanAmongEquals: the sum of ranks is always that of 0..n-1, and order is kept.
func TestRanksShareTheMeanAmongEquals(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for range 100 {
		values := make([]float64, 1+rng.IntN(12))
		for i := range values {
			values[i] = float64(rng.IntN(6))
			if values[i] == 5 {
				values[i] = math.Inf(1)
			}
		}
		got := ranks(values)
		sum := 0.0
		for i := range got {
			sum += got[i]
			for j := range i {
				if (values[i] < values[j]) != (got[i] < got[j]) {
					t.Fatalf("ranks %v of %v", got, values)
				}
			}
		}
		if n := float64(len(values)); sum != n*(n-1)/2 {
			t.Fatalf("ranks %v of %v sum to %v", got, values, sum)
		}
	}
}

func TestBestPrefersTheFirstAmongEquals(t *testing.T) {
	m := table{losses: [][]float64{{.3, .1, .5, .1}, {math.Inf(1), math.Inf(1), math.NaN(), math.Inf(1)}, {1, 1, 1, 1}}}.matrix(t)
	if got := number(m, best(m, 0)); got != 1 {
		t.Errorf("best is %d", got)
	}
	if got := best(m, 1); got != -1 {
		t.Errorf("everything failed, but %d is best", got)
	}
	if got := best(m, 2); got != 0 {
		t.Errorf("all are equal: %d", got)
	}
}

func TestFillUp(t *testing.T) {
	for _, c := range []struct {
		picks, order []int
		k            int
		want         []int
	}{
		{[]int{3, 1}, []int{0, 1, 2, 3}, 4, []int{3, 1, 0, 2}},
		{[]int{3, 1}, []int{0, 1, 2, 3}, 9, []int{3, 1, 0, 2}},
		{[]int{3, 1}, []int{0}, 1, []int{3}},
		{nil, []int{2, 0}, 0, nil},
		{[]int{5}, nil, -1, nil},
	} {
		if got := fillUp(c.picks, c.order, c.k); !slices.Equal(got, c.want) {
			t.Errorf("%v and %v to %d: %v, want %v", c.picks, c.order, c.k, got, c.want)
		}
	}
}

// TestExpectedLeastFalls with the number of draws, from the mean to the least.
func TestExpectedLeastFalls(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for range 50 {
		values := make([]float64, 2+rng.IntN(200))
		sum := 0.0
		for i := range values {
			values[i] = 2 * rng.Float64()
			sum += values[i]
		}
		if got, want := ExpectedLeast(values, 1), sum/float64(len(values)); math.Abs(got-want) > 1e-9 {
			t.Fatalf("one draw: %v, the mean is %v", got, want)
		}
		for k := 2; k <= len(values); k++ {
			if a, b := ExpectedLeast(values, k-1), ExpectedLeast(values, k); b > a+1e-12 || b < slices.Min(values)-1e-12 {
				t.Fatalf("%d draws of %d: %v after %v", k, len(values), b, a)
			}
		}
	}
}
