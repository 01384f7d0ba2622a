package warmstart

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/transfer"
)

// hardness draws tasks whose best loss and spread are told by two features.
func hardness(rng *rand.Rand, n int, maximize bool) (table, []float64) {
	tb := table{metric: record.Metric{Name: "m", Maximize: maximize}}
	var bests []float64
	for range n {
		best, spread := .4*rng.Float64(), .1+.1*rng.Float64()
		tb.features = append(tb.features, []float64{best, spread, rng.Float64()})
		row := []float64{best, best + spread, best + 2*spread}
		if maximize {
			for c := range row {
				row[c] = 1 - row[c]
			}
			best = 1 - best
		}
		tb.losses = append(tb.losses, row)
		bests = append(bests, best)
	}
	return tb, bests
}

// level is learned from n tasks, with a calibration in which every prediction of regret was right.
func learnLevel(t *testing.T, tb table) (*transfer.Matrix, *level, []held) {
	t.Helper()
	m := tb.matrix(t)
	c := &calibration{}
	for i := range m.Tasks {
		c.cases = append(c.cases, held{task: i, weight: 1, expected: []float64{0}, loss: []float64{m.Tasks[i].Best}})
	}
	l, err := newLevel(m, c, 1)
	if err != nil {
		t.Fatal(err)
	}
	return m, l, c.cases
}

// TestLevelIsPredictedWithAnHonestInterval: the best metric of fresh tasks, in either direction.
func TestLevelIsPredictedWithAnHonestInterval(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, maximize := range []bool{false, true} {
		tb, _ := hardness(rng, 150, maximize)
		_, l, cases := learnLevel(t, tb)
		fresh, bests := hardness(rng, 60, maximize)
		held, off, width := 0., 0., 0.
		for i, x := range fresh.features {
			p := l.metric(x, 0, 0, cases)
			if p == nil {
				t.Fatal("no metric")
			}
			value, interval := p.Expected, p.Interval()
			if interval[0] > value || value > interval[1] {
				t.Fatalf("value %v in %v", value, interval)
			}
			if interval[0] <= bests[i] && bests[i] <= interval[1] {
				held++
			}
			off += math.Abs(value-bests[i]) / 60
			width += (interval[1] - interval[0]) / 60
		}
		if off > .05 || width > .25 {
			t.Errorf("maximize %v: off by %.3f, intervals %.3f wide; the bests spread over .4", maximize, off, width)
		}
		if share := held / 60; share < .65 || share > .95 {
			t.Errorf("maximize %v: 80 %% intervals hold %.0f %%", maximize, 100*share)
		}
	}
}

// TestRegretMovesTheLevel: more regret means a worse metric, by the spread.
func TestRegretMovesTheLevel(t *testing.T) {
	tb, _ := hardness(rand.New(rand.NewPCG(2, 2)), 60, true)
	_, l, cases := learnLevel(t, tb)
	x := []float64{.2, .15, .5}
	best, median := l.metric(x, 0, 0, cases), l.metric(x, 0, 1, cases)
	if drop := best.Expected - median.Expected; drop < .1 || drop > .2 {
		t.Errorf("one unit of regret is %.3f in the metric, the spread is about .15", drop)
	}
}

func TestNoLevelWhereItCannotBeTold(t *testing.T) {
	tb, _ := hardness(rand.New(rand.NewPCG(3, 3)), 60, false)
	m, l, cases := learnLevel(t, tb)
	for name, got := range map[string]func() *Prediction{
		"query without features": func() *Prediction { return l.metric(m.Vector(nil), 0, 0, cases) },
		"few cases":              func() *Prediction { return l.metric(m.Tasks[0].Features, 0, 0, cases[:fewestCases-1]) },
		"rank beyond the cases":  func() *Prediction { return l.metric(m.Tasks[0].Features, 5, 0, cases) },
	} {
		if p := got(); p != nil {
			t.Errorf("%s: %v", name, p.Expected)
		}
	}
	for _, row := range tb.losses {
		row[0] *= 1000
	}
	if _, l, cases := learnLevel(t, tb); true {
		if p := l.metric(m.Tasks[0].Features, 0, 0, cases); p != nil {
			t.Errorf("a metric in the target's unit: %v", p.Expected)
		}
	}
}
