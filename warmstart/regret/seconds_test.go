package regret

import (
	"math"
	"testing"

	"github.com/metaml/metaml/warmstart"
)

// TestTimesAreJudged: the time of table's runs does not depend on the size; doubled on every second task it is wrong by
// a factor of the square root of two, foretold by the geometric mean of the others.
func TestTimesAreJudged(t *testing.T) {
	var losses [][]float64
	for i := range 40 {
		losses = append(losses, []float64{.1, .2 + float64(i)/100, .3})
	}
	m := table(t, losses, nil)
	for i := range m.Tasks {
		m.Tasks[i].Rows = 100
		m.Cost[i] = []float64{1, 10, math.NaN()}
		if i%2 == 1 {
			m.Cost[i] = []float64{2, 20, 200}
		}
	}
	split := LeaveOneOut(m)
	for i := range split.Fold {
		split.Fold[i] = i / 2
	}
	r := evaluate(t, m, split, Options{Strategies: []string{warmstart.Greedy}, K: []int{1}}, nil)
	if r.Seconds == nil || r.Seconds.Tasks != 40 {
		t.Fatalf("%+v", r.Seconds)
	}
	for what, n := range map[string]TimingNote{"scaled": r.Seconds.Scaled, "unscaled": r.Seconds.Unscaled} {
		if math.Abs(n.Ratio-1) > .01 || math.Abs(n.OffBy-math.Sqrt2) > .01 || !near(n.Within2, 1) || n.TotalOff < 1 || n.TotalOff > 1.5 {
			t.Errorf("%s: %+v", what, n)
		}
	}
	for i := range m.Cost {
		m.Cost[i] = []float64{math.NaN(), math.NaN(), math.NaN()}
	}
	if r := evaluate(t, m, split, Options{Strategies: []string{warmstart.Greedy}, K: []int{1}}, nil); r.Seconds != nil {
		t.Errorf("no time is known: %+v", r.Seconds)
	}
}
