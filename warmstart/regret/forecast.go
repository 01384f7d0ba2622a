package regret

import (
	"math"
	"strconv"

	"github.com/metaml/metaml/warmstart"
)

// Calibration says how far a strategy's forecasts at one k can be trusted. Scores are means over tasks; lower is
// better. The unconditional forecast is the same whatever the task: the distribution over the prior tasks.
type Calibration struct {
	Tasks         int          `json:"tasks"`
	Forecast      ForecastNote `json:"forecast"`
	Unconditional ForecastNote `json:"unconditional"`
}

// ForecastNote judges forecasts against what was found.
type ForecastNote struct {
	Coverage float64 `json:"coverage"` // share of the outcomes inside the 80 % intervals
	Width    float64 `json:"width"`    // of the intervals
	// IntervalScore is the width and 10 times what an outcome lies outside (Gneiting and Raftery 2007).
	IntervalScore float64 `json:"interval_score"`
	CRPS          float64 `json:"crps"`
	// The same with groups of tasks weighted equally, as the forecasts are calibrated.
	CoverageGroups      float64 `json:"coverage_groups"`
	IntervalScoreGroups float64 `json:"interval_score_groups"`
	CRPSGroups          float64 `json:"crps_groups"`
}

// The quantities that are forecast.
const (
	ForecastRegret = "regret" // normalised
	ForecastMetric = "metric"
)

// forecast is one forecast with its outcome.
type forecast struct {
	given, unconditional warmstart.Prediction
	outcome              float64
}

// add adds a forecast for a task to the sums, weighted by its share of its group in those over groups.
func (n *ForecastNote) add(p warmstart.Prediction, outcome, share float64) {
	const outside = .2 // probability outside the interval
	ends := p.Interval()
	width := ends[1] - ends[0]
	if ends[0] <= outcome && outcome <= ends[1] {
		n.Coverage++
		n.CoverageGroups += share
	}
	n.Width += width
	score, crps := width+2/outside*(max(0, ends[0]-outcome)+max(0, outcome-ends[1])), p.CRPS(outcome)
	n.IntervalScore += score
	n.CRPS += crps
	n.IntervalScoreGroups += share * score
	n.CRPSGroups += share * crps
}

// divide makes means of sums over tasks and over groups.
func (n *ForecastNote) divide(by, groups float64) {
	n.CoverageGroups /= groups
	n.IntervalScoreGroups /= groups
	n.CRPSGroups /= groups
	n.Coverage /= by
	n.Width /= by
	n.IntervalScore /= by
	n.CRPS /= by
}

// foresee records what was forecast of the picks on task t, and what they reached.
func (e *evaluation) foresee(strategy, t int, f *warmstart.Forecaster, ranking warmstart.Ranking, nr []float64) {
	forecasts := f.Forecast(e.m.Tasks[t].Features, ranking)
	regrets := least(nr, ranking.Configs, e.opt.K)
	losses := least(e.m.Loss[t], ranking.Configs, e.opt.K)
	for j, k := range e.opt.K {
		if k > len(forecasts) {
			break
		}
		blind, ok := f.Unconditional(k - 1)
		if !ok {
			continue
		}
		given := forecasts[k-1]
		e.keep(strategy, ForecastRegret, j, t, forecast{given.Regret, blind.Regret, regrets[j]})
		if given.Metric != nil && blind.Metric != nil && !math.IsInf(losses[j], 0) {
			value := losses[j]
			if e.m.Metric.Maximize {
				value = -value
			}
			e.keep(strategy, ForecastMetric, j, t, forecast{*given.Metric, *blind.Metric, value})
		}
	}
}

// keep stores a forecast; tasks of different folds never share a place.
func (e *evaluation) keep(strategy int, quantity string, k, t int, f forecast) {
	at := 0
	if quantity == ForecastMetric {
		at = 1
	}
	e.forecasts[strategy][at][k][t] = &f
}

// calibration sums up all forecasts; nil without any.
func (e *evaluation) calibration() map[string]map[string]map[string]Calibration {
	out := make(map[string]map[string]map[string]Calibration)
	for i, name := range e.opt.Strategies {
		if c := e.calibrations(i); c != nil {
			out[name] = c
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// calibrations sums up the forecasts of a strategy by quantity and k; nil without any.
func (e *evaluation) calibrations(strategy int) map[string]map[string]Calibration {
	out := make(map[string]map[string]Calibration)
	for at, quantity := range []string{ForecastRegret, ForecastMetric} {
		for j, k := range e.opt.K {
			var c Calibration
			size := make(map[string]float64)
			for t, f := range e.forecasts[strategy][at][j] {
				if f != nil {
					size[e.split.Group[t]]++
				}
			}
			for t, f := range e.forecasts[strategy][at][j] {
				if f == nil {
					continue
				}
				c.Tasks++
				share := 1 / size[e.split.Group[t]]
				c.Forecast.add(f.given, f.outcome, share)
				c.Unconditional.add(f.unconditional, f.outcome, share)
			}
			if c.Tasks == 0 {
				continue
			}
			c.Forecast.divide(float64(c.Tasks), float64(len(size)))
			c.Unconditional.divide(float64(c.Tasks), float64(len(size)))
			if out[quantity] == nil {
				out[quantity] = make(map[string]Calibration)
			}
			out[quantity][strconv.Itoa(k)] = c
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
