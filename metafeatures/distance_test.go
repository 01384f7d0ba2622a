package metafeatures

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/metaml/metaml/metafeatures/dataset"
)

func TestScaler(t *testing.T) {
	vectors := []map[string]float64{
		{"a": 1, "b": 7, "rare": 3, "tied": 0, "huge": 1e308},
		{"a": 2, "b": 7, "tied": 0, "huge": -1e308},
		{"a": 3, "b": 7, "tied": 0, "huge": 1e308},
		{"a": 4, "tied": 0, "huge": -1e308},
		{"a": 5, "tied": 1, "huge": math.NaN()},
	}
	s := FitScaler([]string{"tied", "b", "a", "rare", "unknown", "huge"}, vectors)
	if got := s.Names(); !slices.Equal(got, []string{"tied", "a"}) {
		t.Fatalf("features in use: %v, want those that differ", got)
	}
	sd := math.Sqrt(0.2) // of the tied one, whose middle half is all 0
	for _, c := range []struct {
		vector map[string]float64
		want   []float64
	}{
		{map[string]float64{"a": 3, "tied": 0}, []float64{0, 0}},
		{map[string]float64{"a": 4, "tied": 1}, []float64{1 / sd, 0.5}},
		{map[string]float64{"a": 900, "tied": -900}, []float64{-5, 5}},
		{map[string]float64{"a": math.Inf(1)}, []float64{math.NaN(), math.NaN()}},
	} {
		got := s.Transform(c.vector)
		for i := range c.want {
			close(t, fmt.Sprint(c.vector), got[i], c.want[i])
			if math.IsNaN(c.want[i]) != math.IsNaN(got[i]) {
				t.Errorf("%v: %v, want %v", c.vector, got, c.want)
			}
		}
	}
}

func TestDistance(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		a, b   []float64
		l1, l2 float64
	}{
		{[]float64{0, 0}, []float64{3, -4}, 3.5, math.Sqrt(12.5)},
		{[]float64{0, nan, 1}, []float64{2, nan, 1}, 1, math.Sqrt(2)},
		{[]float64{0, nan}, []float64{0, 5}, 0.5, math.Sqrt(0.5)},
		{[]float64{nan}, []float64{nan}, nan, nan},
		{nil, nil, nan, nan},
	} {
		for _, swap := range []bool{false, true} {
			a, b := c.a, c.b
			if swap {
				a, b = b, a
			}
			for norm, want := range map[Norm]float64{L1: c.l1, L2: c.l2} {
				got := Distance(a, b, norm)
				close(t, fmt.Sprint(a, b, norm), got, want)
				if math.IsNaN(got) != math.IsNaN(want) {
					t.Errorf("%v to %v: %v, want %v", a, b, got, want)
				}
			}
		}
	}
}

// TestDistanceIsMetric checks symmetry, identity and the triangle inequality, which the penalty of a missing value
// could break only beyond its own size.
func TestDistanceIsMetric(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for range 200 {
		var v [3][]float64
		for i := range v {
			for range 6 {
				v[i] = append(v[i], rng.NormFloat64())
			}
		}
		for _, norm := range []Norm{L1, L2} {
			ab, bc, ac := Distance(v[0], v[1], norm), Distance(v[1], v[2], norm), Distance(v[0], v[2], norm)
			if ac > ab+bc+1e-12 || Distance(v[1], v[0], norm) != ab || Distance(v[0], v[0], norm) != 0 {
				t.Fatalf("norm %d: %v, %v, %v", norm, ab, bc, ac)
			}
		}
	}
}

func TestDistanceOfDifferentScalers(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("vectors of different length have a distance")
		}
	}()
	Distance([]float64{1}, []float64{1, 2}, L1)
}

// TestSimilarity checks that every feature of the set exists, for one task type at least, and that the nearest
// dataset of a few of the same type is one drawn alike.
func TestSimilarity(t *testing.T) {
	var vectors []map[string]float64
	known := make(map[string]bool)
	for seed := range uint64(3) {
		for _, shape := range [][2]int{{60, 3}, {300, 20}} {
			for _, task := range []dataset.TaskType{dataset.Classification, dataset.Regression} {
				v := mustExtract(t, generated(shape[0], shape[1], task, seed), Options{}).Map()
				for name := range v {
					known[name] = true
				}
				vectors = append(vectors, v)
			}
		}
	}
	for _, name := range Similarity() {
		if !known[name] {
			t.Errorf("%s is no feature", name)
		}
	}
	s := FitScaler(Similarity(), vectors)
	for i := range vectors {
		nearest, least := -1, math.Inf(1)
		for j := range vectors {
			d := Distance(s.Transform(vectors[i]), s.Transform(vectors[j]), L1)
			if j != i && j%2 == i%2 && d < least {
				nearest, least = j, d
			}
		}
		if nearest%4 != i%4 {
			t.Errorf("dataset %d is nearest to %d, which is of another shape", i, nearest)
		}
	}
}
