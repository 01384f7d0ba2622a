package metafeatures

import (
	"math"
	"testing"

	"github.com/metaml/metaml/metafeatures/dataset"
)

// TestRegressionComplexity compares with problexity; testdata/regression.py makes the file. reg_c3 is found by
// bisection here and row by row there, where the correlation need not rise all the time.
func TestRegressionComplexity(t *testing.T) {
	for _, set := range readReference(t, "regression.json") {
		t.Run(set.Name, func(t *testing.T) {
			d := set.dataset(t)
			got := mustExtract(t, d, Options{Groups: []string{Complexity}}).Map()
			for name, want := range set.Exact {
				if name == "reg_c3" {
					if math.Abs(got[name]-want) > 3.5/float64(d.Rows) {
						t.Errorf("%s: %v, want %v", name, got[name], want)
					}
					continue
				}
				agrees(t, got, name, want, 1e-6)
			}
			for name, want := range set.Spread {
				margin := (want[1] - want[0]) / 2
				if v, ok := got[name]; !ok || v < want[0]-margin || v > want[1]+margin {
					t.Errorf("%s: %v, over 30 draws it is in %v", name, v, want)
				}
			}
			if len(set.Exact) != 9 || len(set.Spread) != 2 {
				t.Errorf("%d exact and %d random measures compared", len(set.Exact), len(set.Spread))
			}
		})
	}
}

// TestRegressionComplexityDegenerate checks datasets where correlations and lines are not defined.
func TestRegressionComplexityDegenerate(t *testing.T) {
	line := []float64{1, 2, 3, 4, 5, 6}
	for name, test := range map[string]struct {
		y, x []float64
		want map[string]float64
	}{
		"a line":          {line, line, map[string]float64{"reg_c1": 1, "reg_c3": 0, "reg_c4": 0, "reg_l1": 0, "reg_l3": 0}},
		"constant target": {[]float64{2, 2, 2, 2}, []float64{1, 2, 3, 4}, map[string]float64{"reg_c1": 0, "reg_l2": 0, "reg_s1": 0, "reg_c4": 0}},
		"constant column": {line, []float64{7, 7, 7, 7, 7, 7}, map[string]float64{"reg_c1": 0, "reg_s2": 0}},
	} {
		t.Run(name, func(t *testing.T) {
			got := mustExtract(t, datasetOf(numberColumn("y", test.y), numberColumn("x", test.x)), Options{Groups: []string{Complexity}}).Map()
			for feature, want := range test.want {
				if v, ok := got[feature]; !ok || math.Abs(v-want) > 1e-12 {
					t.Errorf("%s: %v (defined: %v), want %v", feature, v, ok, want)
				}
			}
		})
	}
}

// TestRegressionComplexityTellsHard checks that noise is harder than a signal by every measure.
func TestRegressionComplexityTellsHard(t *testing.T) {
	easy := generated(200, 4, dataset.Regression, 8)
	hard := *easy
	hard.Target = generated(200, 4, dataset.Regression, 9).Target
	a := mustExtract(t, easy, Options{Groups: []string{Complexity}}).Map()
	b := mustExtract(t, &hard, Options{Groups: []string{Complexity}}).Map()
	for _, name := range []string{"reg_c3", "reg_c4", "reg_l1", "reg_l2", "reg_l3", "reg_s1", "reg_s3", "reg_s4"} {
		if !(a[name] < b[name]) {
			t.Errorf("%s: %v for a signal, %v for noise", name, a[name], b[name])
		}
	}
	if !(a["reg_c1"] > b["reg_c1"]) {
		t.Errorf("reg_c1: %v for a signal, %v for noise", a["reg_c1"], b["reg_c1"])
	}
}
