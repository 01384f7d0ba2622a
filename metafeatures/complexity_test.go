package metafeatures

import (
	"math"
	"strings"
	"testing"

	"github.com/metaml/metaml/metafeatures/dataset"
)

func complexityOf(t *testing.T, d *dataset.Dataset) map[string]float64 {
	t.Helper()
	return mustExtract(t, d, Options{Groups: []string{Complexity}}).Map()
}

func line(classes string, values ...float64) *dataset.Dataset {
	return datasetOf(levelsColumn("y", strings.Split(classes, "")), numberColumn("x", values))
}

// TestComplexityByHand checks two classes far apart on a line, 0, 1, 2 and 8, 9, 10.
func TestComplexityByHand(t *testing.T) {
	v := complexityOf(t, line("aaabbb", 0, 1, 2, 8, 9, 10))
	for name, want := range map[string]float64{
		"c1": 1, "c2": 0, "t2": 1. / 6, "t3": 1. / 6, "t4": 1,
		"f1.mean": 4. / 100, "f1v.mean": 1 / (1 + 64.), "f2.mean": 0, "f3.mean": 0, "f4.mean": 0,
		"l1.mean": 0, "l2.mean": 0, "l3.mean": 0,
		"n1": 2. / 6, "n3.mean": 0, "n4.mean": 0,
		"n2.mean": 2 * (1./9 + 1./8 + 1./7) / 6,
		// Nearer than the nearest enemy: all of the own class.
		"lsc": 0.5,
		// Spheres about 2 and 8 reach half way and hold their class; those about 1 and 9 as well.
		"t1":      2. / 6,
		"density": 1 - 4./15, "cls_coef": 1, // each end linked with the middle
		"hubs.mean": 2. / 3 * (1 - 1/math.Sqrt2),
	} {
		if got, ok := v[name]; !ok || math.Abs(got-want) > 1e-6 {
			t.Errorf("%s: %v (defined: %v), want %v", name, got, ok, want)
		}
	}
}

// TestComplexityOfMixture checks classes that no column, line or neighbour tells apart.
func TestComplexityOfMixture(t *testing.T) {
	v := complexityOf(t, line("abababab", 0, 1, 2, 3, 4, 5, 6, 7))
	for _, name := range []string{"f1.mean", "f1v.mean", "f2.mean", "f3.mean", "f4.mean", "n1", "n3.mean", "lsc", "cls_coef"} {
		if v[name] < 0.7 {
			t.Errorf("%s is %v of classes that alternate", name, v[name])
		}
	}
	if v["l2.mean"] < 0.25 {
		t.Errorf("a line errs in %v of classes that alternate", v["l2.mean"])
	}
}

// TestComplexityDegenerate checks what is left without a second class, in regression, with a class of one row, and with
// rows that coincide.
func TestComplexityDegenerate(t *testing.T) {
	if v := complexityOf(t, line("aaaa", 1, 2, 3, 4)); len(v) != 3 || v["t4"] != 1 {
		t.Errorf("one class: %v", v)
	}
	regression := datasetOf(numberColumn("y", []float64{1, 2, 3, 4}), numberColumn("x", []float64{1, 2, 3, 5}))
	if v := complexityOf(t, regression); len(v) != 14 || v["t4"] != 1 || v["reg_c1"] != 1 {
		t.Errorf("regression: %v", v)
	}
	v := complexityOf(t, line("aaab", 1, 2, 3, 4))
	if got, ok := v["f1v.mean"]; ok {
		t.Errorf("f1v %v with a class of one row", got)
	}
	if want := (1./4 + 1./3 + 1./2 + 1) / 4; math.Abs(v["n2.mean"]-want) > 1e-6 {
		t.Errorf("n2 %v with a class of one row, want %v", v["n2.mean"], want)
	}
	v = complexityOf(t, line("abab", 1, 1, 1, 1))
	if v["n1"] < 0.75 || v["lsc"] != 1 || v["f3.mean"] != 1 {
		t.Errorf("rows that coincide: %v", v)
	}
}

// TestClassPairsDrawn checks that many classes cost no more than some pairs of them, and that this is said.
func TestClassPairsDrawn(t *testing.T) {
	labels, values := make([]string, 60), make([]float64, 60)
	for i := range labels {
		labels[i], values[i] = string(rune('a'+i%20)), float64(i*7%60)
	}
	d := datasetOf(levelsColumn("y", labels), numberColumn("x", values))
	v := mustExtract(t, d, Options{Groups: []string{Complexity}, Summaries: []string{"count"}})
	if n := v.Map()["f3.count"]; n != maxClassPairs {
		t.Errorf("%v pairs of classes", n)
	}
	if len(v.Notes) != 1 || v.Notes[0] != "complexity looks at 100 of 190 pairs of classes" {
		t.Errorf("notes %q", v.Notes)
	}
}

// TestSeparator checks the hinge loss's optimum on a line: rows at -1 and 1 put the weight at 1 and the intercept at 0.
func TestSeparator(t *testing.T) {
	x := newTestExtraction(t, line("ab", 1, 2), Options{})
	m := &separator{rows: [][]float64{{1}, {-1}}, positive: 1, rng: x.rng(streamSolver)}
	if err := m.fit(x.spend); err != nil {
		t.Fatal(err)
	}
	if math.Abs(m.weights[0]-1) > 0.02 || math.Abs(m.intercept) > 0.02 {
		t.Errorf("weight %v, intercept %v", m.weights[0], m.intercept)
	}
}
