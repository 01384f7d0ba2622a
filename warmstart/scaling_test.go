package warmstart

import (
	"math"
	"slices"
	"testing"
)

func TestScalings(t *testing.T) {
	nan := math.NaN()
	rows := [][]float64{{0, 7, nan, 1}, {10, 7, nan, 2}, {20, 7, nan, 3}, {30, 7, nan, 4}, {40, 7, nan, nan}}
	for _, c := range []struct {
		name  string
		scale scaling
		x     []float64
		want  []float64
	}{
		{"min-max", minMax(rows), []float64{10, 8, 5, 4}, []float64{.25, 1, 5, 1}},
		{"min-max beyond", minMax(rows), []float64{80, 7, 0, 1}, []float64{2, 0, 0, 0}},
		{"min-max missing", minMax(rows), []float64{nan, nan, nan, nan}, []float64{.5, 0, 0, .5}},
		{"robust", robust(rows), []float64{40, 9, 1, 4}, []float64{1, 2, 1, 1}},
		{"robust missing", robust(rows), []float64{nan, nan, nan, nan}, []float64{0, 0, 0, 0}},
	} {
		got := c.scale.apply(c.x)
		for i := range got {
			if math.Abs(got[i]-c.want[i]) > 1e-12 {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
				break
			}
		}
	}
	if got := minMax(nil).applyAll(nil); len(got) != 0 {
		t.Errorf("no rows: %v", got)
	}
}

func TestDistancesAndOrder(t *testing.T) {
	a, b := []float64{1, 2, 3}, []float64{2, 0, 3}
	if manhattan(a, b) != 3 || squaredEuclid(a, b) != 5 {
		t.Errorf("L1 %v, squared L2 %v", manhattan(a, b), squaredEuclid(a, b))
	}
	rows := [][]float64{{5}, {1}, {3}, {1}}
	if got := byDistance([]float64{1}, rows, manhattan); !slices.Equal(got, []int{1, 3, 2, 0}) {
		t.Errorf("order %v", got)
	}
	sorted := []float64{1, 2, 3, 4}
	for p, want := range map[float64]float64{0: 1, .5: 2.5, 1: 4, .25: 1.75} {
		if got := quantile(sorted, p); math.Abs(got-want) > 1e-12 {
			t.Errorf("quantile %v: %v, want %v", p, got, want)
		}
	}
}
