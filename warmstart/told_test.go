package warmstart

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/metaml/metaml/kb/record"
)

// TestRegretsAgree: whatever the strategy, what is told of the first configuration by itself is what is expected of the
// best up to it, no configuration by itself is expected to beat the best of it and others, and both are on the scale of
// the regrets shown for prior tasks.
func TestRegretsAgree(t *testing.T) {
	tb := kinds(rand.New(rand.NewPCG(11, 1)), 60, 30, 3)
	m := tb.matrix(t)
	for _, strategy := range Strategies() {
		for _, id := range []record.ID{"", "task000"} { // new data, and data with results of their own
			a, err := Advise(m, nil, Task{ID: id, Features: named(m.FeatureNames, m.Tasks[0].Features)}, Options{K: 6, Strategy: strategy})
			if err != nil {
				t.Fatal(err)
			}
			if first := a.Recommendations[0]; math.Abs(first.Alone-first.ExpectedRegret) > 1e-9 {
				t.Errorf("%s: alone the first leaves %.3f, as the best of one %.3f", strategy, first.Alone, first.ExpectedRegret)
			}
			for _, r := range a.Recommendations {
				if r.Alone < r.ExpectedRegret {
					t.Errorf("%s, rank %d: alone %.3f, the best so far %.3f", strategy, r.Rank, r.Alone, r.ExpectedRegret)
				}
			}
		}
	}
}

// TestRegretsOfNeighbors are (loss - best) / (median - best) of the task's own table, 2 for a failure and nil for what was
// never run, and the best of them is what the reasons count.
func TestRegretsOfNeighbors(t *testing.T) {
	row := []float64{.2, .3, .4, .6, .9, math.Inf(1), math.NaN()} // the median of those that ended is .4
	var tb table
	for i := range 30 {
		tb.losses = append(tb.losses, slices.Clone(row))
		tb.features = append(tb.features, []float64{float64(i)})
	}
	tb.losses[0][6] = 5 // or the column would be no candidate
	a := recommend(t, tb.set(), Task{Features: map[string]float64{"f0": 10}}, Options{K: 7})
	want := map[int]string{0: "0", 1: "0.5", 2: "1", 3: "2", 4: "2", 5: "2", 6: "-"}
	for _, n := range a.Neighbors {
		if n.Task == "task000" {
			continue
		}
		for i, regret := range n.Regrets {
			got := "-"
			if regret != nil {
				got = fmt.Sprintf("%.4g", *regret)
			}
			if c := numberOf(a.Recommendations[i]); got != want[c] {
				t.Errorf("%s, configuration %d: regret %s, want %s", n.Name, c, got, want[c])
			}
		}
	}
	if first := a.Recommendations[0]; numberOf(first) != 0 || !strings.HasPrefix(first.Reasons[0], "best on 9 of the 9 tasks") {
		t.Errorf("first: configuration %d, %q", numberOf(first), first.Reasons)
	}
}

// TestNearest names the task at the distance that is told, which need not be one of most weight.
func TestNearest(t *testing.T) {
	tb := kinds(rand.New(rand.NewPCG(12, 1)), 40, 10, 2)
	m := tb.matrix(t)
	a, err := Advise(m, nil, Task{Features: named(m.FeatureNames, m.Tasks[7].Features)}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if a.Nearest != m.Tasks[7].Name || *a.Distance != 0 {
		t.Errorf("nearest is %q at %v, want %q at 0", a.Nearest, *a.Distance, m.Tasks[7].Name)
	}
	if a, err = Advise(m, nil, Task{}, Options{}); err != nil || a.Nearest != "" || a.Distance != nil {
		t.Errorf("without meta-features: nearest %q at %v (%v)", a.Nearest, a.Distance, err)
	}
}
