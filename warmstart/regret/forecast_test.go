package regret

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/metaml/metaml/transfer"
	"github.com/metaml/metaml/warmstart"
)

// TestForecastNoteByHand: an interval [.1, .9] scores its width .8, and 10 times what lies outside.
func TestForecastNoteByHand(t *testing.T) {
	var p warmstart.Prediction
	for i := range p.Quantiles {
		p.Quantiles[i] = warmstart.Level(i)
	}
	p.Expected = .5
	var n ForecastNote
	for i, outcome := range []float64{.5, .9, 1, 0} { // the last two are siblings
		n.add(p, outcome, []float64{1, 1, .5, .5}[i])
	}
	n.divide(4, 3)
	if !near(n.IntervalScoreGroups, .8+1./3) || !near(n.CRPSGroups, (p.CRPS(.5)+p.CRPS(.9)+(p.CRPS(1)+p.CRPS(0))/2)/3) {
		t.Errorf("%+v over groups", n)
	}
	if !near(n.Coverage, .5) || !near(n.Width, .8) || !near(n.IntervalScore, .8+(1+1)/4.) {
		t.Errorf("%+v", n)
	}
}

// TestForecastsAreJudged on held-out tasks: nearly every task counts for every quantity and k, the coverage is about
// 80 %, and where features tell what a task is like, the forecast of the metric scores better than one for any task.
func TestForecastsAreJudged(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var losses, features [][]float64
	for range 120 {
		level := rng.Float64() / 2
		features = append(features, []float64{level, rng.Float64()})
		var row []float64
		for range 8 {
			row = append(row, level+.1*rng.Float64())
		}
		losses = append(losses, row)
	}
	m := table(t, losses, features)
	r := evaluate(t, m, Grouped(m), Options{Strategies: []string{warmstart.Posterior, warmstart.PosteriorSeq}, K: []int{1, 3},
		Forecasts: []string{warmstart.Posterior, warmstart.PosteriorSeq}}, nil)
	if r.Calibration[warmstart.PosteriorSeq] != nil {
		t.Error("a sequential strategy makes no forecasts")
	}
	for _, quantity := range []string{ForecastRegret, ForecastMetric} {
		for _, k := range []string{"1", "3"} {
			c := r.Calibration[warmstart.Posterior][quantity][k]
			if c.Tasks != 120 || c.Forecast.Coverage < .65 || c.Forecast.Coverage > .95 || c.Forecast.Width <= 0 {
				t.Errorf("%s, k = %s: %+v", quantity, k, c)
			}
		}
	}
	if c := r.Calibration[warmstart.Posterior][ForecastMetric]["1"]; c.Forecast.CRPS > .5*c.Unconditional.CRPS || math.IsNaN(c.Forecast.CRPS) ||
		c.Forecast.IntervalScore > .7*c.Unconditional.IntervalScore {
		t.Errorf("the level is told by a feature: %+v", c)
	}
}

// TestPlayedTellsOnlyWhatWasChosen: a sequential strategy is told the loss of each of its own choices, in order.
func TestPlayedTellsOnlyWhatWasChosen(t *testing.T) {
	m := table(t, [][]float64{{.3, .2, .1, .4}, {.5, .1, .2, .3}, {.5, .2, .1, .3}}, nil)
	spy := &spying{t: t}
	split := Split{Name: "test", Fold: []int{0, Always, Always}, Group: []string{"g", "h", "i"}}
	r := evaluate(t, m, split, Options{Strategies: []string{"spy"}, K: []int{1, 2, 3}}, map[string]warmstart.Strategy{"spy": spy})
	if spy.asked != 3 || !near(r.Strategies["spy"]["3"].NR, 0) {
		t.Errorf("asked %d times; %+v", spy.asked, r.Strategies["spy"])
	}
}

// spying chooses columns 0, 1, 2, … and checks what it is told of task 0 of the table above.
type spying struct {
	t *testing.T

	asked int
}

func (s *spying) Learn(*transfer.Matrix, uint64) (warmstart.Recommender, error) { return s, nil }

func (s *spying) Recommend(q warmstart.Query) warmstart.Ranking { return warmstart.Ranking{} }

func (s *spying) Next(_ warmstart.Query, results []warmstart.Result) (int, bool) {
	for i, r := range results {
		if r.Config != i || !near(r.Loss, []float64{.3, .2, .1, .4}[i]) {
			s.t.Errorf("told %v", results)
		}
	}
	if len(results) != s.asked {
		s.t.Errorf("after %d choices it is told %d results", s.asked, len(results))
	}
	s.asked++
	return len(results), true
}
