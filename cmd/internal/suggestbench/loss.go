package suggestbench

import (
	"math"
	"strconv"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/metafeatures/dataset"
	"github.com/metaml/metaml/optimizers/study"
)

// loss turns a metric's value into what is reported: errors as they are, scores whose best value is 1 as 1 - score.
func loss(m record.Metric, value float64) float64 {
	if m.Maximize {
		return 1 - value
	}
	return value
}

// enterResult writes a trial's losses into the outing. The test loss is the mean over the folds' models.
func (r *round) enterResult(o *outing, trial study.Trial) {
	o.status, o.reason = trial.Status, trial.Reason
	if trial.Status != study.Complete || len(trial.Observations) == 0 {
		return
	}
	final := trial.Observations[len(trial.Observations)-1].Metrics
	sum, n := 0.0, 0
	for {
		v, ok := final[r.metric.Name+"/test/"+strconv.Itoa(n)]
		if !ok {
			break
		}
		sum += loss(r.metric, v)
		n++
	}
	validation, ok := final[r.metric.Name]
	if !ok || n == 0 || math.IsNaN(sum) {
		o.status, o.reason = study.Failed, "the evaluator gave no test values of "+r.metric.Name
		return
	}
	o.validation, o.test = loss(r.metric, validation), sum/float64(n)
}

// best returns the test loss of the outing with the least validation loss among the first k suggestions, the
// dummy's if none of them completed.
func (r *round) best(k int) float64 {
	least, test := math.Inf(1), r.dummy
	for _, o := range r.suggest[:min(k, len(r.suggest))] {
		if o.status == study.Complete && o.validation < least {
			least, test = o.validation, o.test
		}
	}
	return test
}

// lossOf returns a named contestant's test loss, the dummy's if it did not complete.
func (r *round) lossOf(name string) float64 {
	if o := r.named[name]; o != nil && o.status == study.Complete {
		return o.test
	}
	return r.dummy
}

// dummyLoss is the test loss of the constant prediction from the training rows: the balanced error of one class for
// classification, the RMSE of the mean for regression. It is the unit in which losses of different datasets are
// compared.
func dummyLoss(d *dataset.Dataset, s dataset.Split) float64 {
	if d.Task == dataset.Classification {
		present := map[float64]bool{}
		for i, fold := range s.Assignments[0] {
			if fold < 0 {
				present[d.Target.Values[i]] = true
			}
		}
		return 1 - 1/float64(max(2, len(present)))
	}
	mean, n := 0.0, 0.0
	for i, fold := range s.Assignments[0] {
		if fold >= 0 {
			n++
			mean += (d.Target.Values[i] - mean) / n
		}
	}
	squares, tests := 0.0, 0.0
	for i, fold := range s.Assignments[0] {
		if fold < 0 {
			tests++
			squares += (d.Target.Values[i] - mean) * (d.Target.Values[i] - mean)
		}
	}
	return math.Sqrt(squares / max(1, tests))
}
