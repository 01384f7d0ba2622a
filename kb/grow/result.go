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
// metrics is ErrNoEvaluation, and so is one whose first metric lacks some of the protocol's folds; another metric that
// does, being undefined on some rows, is left out: results over different rows do not compare.
func Complete(run *record.Run, p record.Protocol, trial study.Trial) error {
	if !trial.Status.Final() {
		return fmt.Errorf("a result of status %s: %w", trial.Status, ErrNoEvaluation)
	}
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
	for i, m := range p.Metrics {
		measure, whole, err := measureOf(m.Name, final.Metrics, p.Folds*max(1, p.Repeats))
		switch {
		case err != nil:
			return err
		case whole:
			run.Measures = append(run.Measures, measure)
		case i == 0:
			return fmt.Errorf("%s is missing in some of %d folds: %w", m.Name, p.Folds*max(1, p.Repeats), ErrNoEvaluation)
		}
	}
	record.SortMeasures(run.Measures)
	run.Curve = curveOf(p.Metrics[0].Name, trial.Observations[:len(trial.Observations)-1])
	return nil
}

// measureOf collects "NAME/fold/I" and "NAME/test/I"; an evaluator without folds gives the plain value. It reports false
// where validation values of some folds are missing; test values are there for all folds or not at all. folds is 0
// where the protocol does not say how many there are.
func measureOf(name string, metrics map[string]float64, folds int) (m record.Measure, whole bool, err error) {
	m.Metric = name
	m.Validation, whole = indexed(metrics, name+"/fold/", folds)
	if test, all := indexed(metrics, name+"/test/", folds); all {
		m.Test = test
	}
	if whole && len(m.Validation) == 0 {
		v, ok := metrics[name]
		if !ok {
			return m, false, fmt.Errorf("%s: %w", name, ErrNoEvaluation)
		}
		m.Validation = []float64{record.Round6(v)}
	}
	for _, v := range slices.Concat(m.Validation, m.Test) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return m, false, fmt.Errorf("%s is %v", name, v)
		}
	}
	return m, whole, nil
}

// indexed returns the values under prefix followed by 0, 1, …, and whether these are all that there should be: none, or
// as many as there are folds, if that is known.
func indexed(metrics map[string]float64, prefix string, folds int) (values []float64, whole bool) {
	for i := 0; ; i++ {
		v, ok := metrics[prefix+strconv.Itoa(i)]
		if !ok {
			break
		}
		values = append(values, record.Round6(v))
	}
	there := 0
	for name := range metrics {
		if strings.HasPrefix(name, prefix) {
			there++
		}
	}
	return values, there == len(values) && (there == 0 || folds == 0 || there == folds)
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
		return strings.ToValidUTF8(s[:limit], "") + "…"
	}
	return strings.ToValidUTF8(s, "\ufffd") // what a process wrote while it died may be anything
}
