package forest

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// said is what a forest says of a point.
type said struct{ mean, variance, share float64 }

// ask asks the forest for points one by one.
func ask(f *Rolling, near *Neighbourhood, x []float64) said {
	mean, variance, share := make([]float64, 1), make([]float64, 1), make([]float64, 1)
	f.Predict(x, mean, variance)
	if near != nil {
		f.Share(near, x, share)
	}
	return said{mean[0], variance[0], share[0]}
}

// TestAround compares neighbours of points, some of which lose or gain a value, with predictions of their own: the same to
// the last bit, and only those left out that are in the same leaves.
func TestAround(t *testing.T) {
	x, y := mixedRows(200, 9)
	f := mustRoll(t, RollingOptions{Trees: 12, Nominal: []int{0, 0, 3}, Cut: CutRandom, Fresh: 50})
	mustFollow(t, f, x, first(y))
	rng := rand.New(rand.NewPCG(2, 3))
	queued, left := 0, 0
	for _, near := range []*Neighbourhood{nil, f.Neighbourhood(x[:3])} {
		a := f.Around(near)
		for _, point := range x[:40] {
			var of said
			of.mean, of.variance, of.share = a.Point(point)
			if want := ask(f, near, point); of != want {
				t.Fatalf("point %v: %v, want %v", point, of, want)
			}
			var want []said
			var rows [][]float64
			for range 30 {
				row := slices.Clone(point)
				features := []int{rng.IntN(3)}
				if rng.IntN(3) == 0 {
					features = []int{0, 1, 2}
				}
				for _, j := range features {
					row[j] = [...]float64{rng.Float64(), math.NaN(), float64(rng.IntN(3)), row[j]}[rng.IntN(2)+j/2*2]
				}
				n := a.Enqueue(row, features)
				if row := ask(f, near, row); n > len(want) {
					want = append(want, row)
				} else if left++; row != of {
					t.Fatalf("a neighbour was left out of which the forest says %v, of the point %v", row, of)
				}
				if n == len(rows)+1 {
					rows = append(rows, row)
				}
			}
			queued += len(want)
			i := 0
			a.Predict(func(row []float64, mean, variance, share float64) {
				if got := (said{mean, variance, share}); got != want[i] || !slices.EqualFunc(row, rows[i], identical) {
					t.Fatalf("neighbour %v of %v: %v, want %v", row, point, got, want[i])
				}
				i++
			})
			if i != len(want) {
				t.Fatalf("%d of %d neighbours were predicted", i, len(want))
			}
		}
	}
	if queued < 300 || left < 300 {
		t.Errorf("%d neighbours are in other leaves, %d are not", queued, left)
	}
}

// identical reports whether two values are the same, NaN included.
func identical(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }

// TestAroundAllocates checks that nothing is allocated once it was used.
func TestAroundAllocates(t *testing.T) {
	x, y := mixedRows(60, 6)
	f := mustRoll(t, RollingOptions{Trees: 5, Nominal: []int{0, 0, 3}})
	mustFollow(t, f, x, first(y))
	a, features, sum := f.Around(nil), []int{0, 1, 2}, 0.0
	if n := testing.AllocsPerRun(10, func() {
		a.Point(x[0])
		for _, row := range x {
			a.Enqueue(row, features)
		}
		a.Predict(func(_ []float64, mean, _, _ float64) { sum += mean })
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
