package grow

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/study"
)

// Complete writes a trial's result into run: its status, per-fold measures of the protocol's metrics, the learning
// curve of the first of them, costs and, unless the trial is complete, its reason. A complete trial without one of the
// metrics is ErrNoEvaluation.
func Complete(run *record.Run, p record.Protocol, trial study.Trial) error {
	run.Status = trial.Status
	if n := len(trial.Observations); n > 0 {
		run.Cost = record.RoundCost(trial.Observations[n-1].Cost)
	}
	if trial.Status != study.Complete {
		run.Reason = firstLine(trial.Reason)
		return nil
	}
	if len(trial.Observations) == 0 {
		return fmt.Errorf("a complete trial without observation: %w", ErrNoEvaluation)
	}
	final := trial.Observations[len(trial.Observations)-1]
	for _, m := range p.Metrics {
		measure, err := measureOf(m.Name, final.Metrics)
		if err != nil {
			return err
		}
		run.Measures = append(run.Measures, measure)
	}
	slices.SortFunc(run.Measures, func(a, b record.Measure) int { return strings.Compare(a.Metric, b.Metric) })
	run.Curve = curveOf(p.Metrics[0].Name, trial.Observations[:len(trial.Observations)-1])
	return nil
}

// measureOf collects "NAME/fold/I" and "NAME/test/I"; an evaluator without folds gives the plain value.
func measureOf(name string, metrics map[string]float64) (record.Measure, error) {
	m := record.Measure{Metric: name, Validation: indexed(metrics, name+"/fold/"), Test: indexed(metrics, name+"/test/")}
	if len(m.Validation) == 0 {
		v, ok := metrics[name]
		if !ok {
			return m, fmt.Errorf("%s: %w", name, ErrNoEvaluation)
		}
		m.Validation = []float64{record.Round6(v)}
	}
	for _, v := range slices.Concat(m.Validation, m.Test) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return m, fmt.Errorf("%s is %v", name, v)
		}
	}
	return m, nil
}

func indexed(metrics map[string]float64, prefix string) []float64 {
	var out []float64
	for i := 0; ; i++ {
		v, ok := metrics[prefix+strconv.Itoa(i)]
		if !ok {
			return out
		}
		out = append(out, record.Round6(v))
	}
}

// curveOf keeps the observations made on the way at a stated fidelity.
func curveOf(metric string, observations []study.Observation) []record.CurvePoint {
	var curve []record.CurvePoint
	for _, o := range observations {
		v, ok := o.Metrics[metric]
		if ok && len(o.Fidelity) > 0 && !math.IsNaN(v) && !math.IsInf(v, 0) {
			curve = append(curve, record.CurvePoint{Fidelity: o.Fidelity, Value: record.Round6(v)})
		}
	}
	return curve
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	const limit = 300
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "") + "…"
	}
	return s
}
