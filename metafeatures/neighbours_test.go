package metafeatures

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestNearestNeighbour compares with trying every row of the other folds, ties being frequent.
func TestNearestNeighbour(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 7))
	for range 60 {
		n, p, folds := 2+rng.IntN(25), 1+rng.IntN(7), 2+rng.IntN(3)
		l := &landmarkSample{folds: folds}
		for i := range n {
			row := make([]float64, p)
			for j := range row {
				row[j] = float64(rng.IntN(3))
			}
			l.x = append(l.x, row)
			l.y = append(l.y, float64(i)) // so that the neighbour can be told
			l.fold = append(l.fold, i%folds)
		}
		got := l.nearestNeighbour()
		for i := range n {
			best, least := -1, math.Inf(1)
			for k := range n {
				var d float64
				for j := range p {
					d += (l.x[i][j] - l.x[k][j]) * (l.x[i][j] - l.x[k][j])
				}
				if l.fold[i] != l.fold[k] && d < least {
					best, least = k, d
				}
			}
			if got[i] != float64(best) {
				t.Fatalf("row %d of %v: neighbour %v, want %d at %v", i, l.x, got[i], best, least)
			}
		}
	}
}

// TestEliteNeighbour checks that each fold looks at the column its own tree found most important.
func TestEliteNeighbour(t *testing.T) {
	l := &landmarkSample{
		x:    [][]float64{{0, 9}, {1, 0}, {5, 8}, {6, 1}},
		y:    []float64{10, 11, 12, 13},
		fold: []int{0, 1, 0, 1}, folds: 2,
	}
	trees := []foldTree{{importance: []float64{1, 0}}, {importance: []float64{0, 1}}}
	want := []float64{11, 12, 13, 12} // fold 0 by column 0, fold 1 by column 1
	for i, v := range l.eliteNeighbour(trees) {
		if v != want[i] {
			t.Errorf("row %d: neighbour's target %v, want %v", i, v, want[i])
		}
	}
}

// TestNeighbourOverflow checks that distances beyond the largest number make no neighbour.
func TestNeighbourOverflow(t *testing.T) {
	l := &landmarkSample{x: column(-1e300, 1e300), y: []float64{1, 2}, fold: []int{0, 1}, folds: 2}
	for i, v := range l.nearestNeighbour() {
		if !math.IsNaN(v) {
			t.Errorf("row %d has the neighbour's target %v", i, v)
		}
	}
}
