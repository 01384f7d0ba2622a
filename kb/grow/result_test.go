package grow_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/metaml/metaml/kb/grow"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// metrics gives fold and test values for the folds listed.
func metrics(name string, validation, test []int) map[string]float64 {
	m := map[string]float64{}
	for _, i := range validation {
		m[fmt.Sprintf("%s/fold/%d", name, i)] = float64(i)
	}
	for _, i := range test {
		m[fmt.Sprintf("%s/test/%d", name, i)] = float64(10 + i)
	}
	return m
}

// TestFoldsMustBeWhole: values of some folds only are those of other rows.
func TestFoldsMustBeWhole(t *testing.T) {
	all := []int{0, 1, 2, 3, 4, 5}
	for _, tc := range []struct {
		name             string
		folds, repeats   int
		validation, test []int
		want, wantTest   int // values recorded; 0: the metric is left out
	}{
		{"all", 3, 2, all, all, 6, 6},
		{"no test values", 3, 2, all, nil, 6, 0},
		{"repeats not given", 6, 0, all, all, 6, 6},
		{"a gap", 3, 2, []int{0, 1, 3, 4, 5}, all, 0, 0},
		{"not the first", 3, 2, []int{1, 2, 3, 4, 5}, all, 0, 0},
		{"not the last", 3, 2, []int{0, 1, 2, 3, 4}, all, 0, 0},
		{"too many", 3, 1, all, nil, 0, 0},
		{"a gap in test values", 3, 2, all, []int{0, 2}, 6, 0},
		{"number of folds unknown", 0, 0, []int{0, 1}, []int{0, 1}, 2, 2},
		{"unknown, with a gap", 0, 0, []int{0, 2}, nil, 0, 0},
	} {
		p := record.Protocol{Folds: tc.folds, Repeats: tc.repeats, Metrics: []record.Metric{{Name: "main"}, {Name: "also"}}}
		values := metrics("also", tc.validation, tc.test)
		values["main"], values["also"] = 0.5, 0.25
		var run record.Run
		if err := grow.Complete(&run, p, study.Trial{Status: study.Complete, Observations: []study.Observation{{Metrics: values}}}); err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		i := slices.IndexFunc(run.Measures, func(m record.Measure) bool { return m.Metric == "also" })
		if (i >= 0) != (tc.want > 0) || i >= 0 && (len(run.Measures[i].Validation) != tc.want || len(run.Measures[i].Test) != tc.wantTest) {
			t.Errorf("%s: %+v", tc.name, run.Measures)
		}
		// The first metric cannot be left out.
		values = metrics("main", tc.validation, tc.test)
		values["also"] = 0.25
		err := grow.Complete(new(record.Run), p, study.Trial{Status: study.Complete, Observations: []study.Observation{{Metrics: values}}})
		if (err == nil) != (tc.want > 0) || err != nil && !errors.Is(err, grow.ErrNoEvaluation) {
			t.Errorf("%s, as the first metric: %v", tc.name, err)
		}
	}
}

// TestImpossibleResults has evaluators report what no knowledge base may hold: each is a failed run with a reason, and
// the growth goes on.
func TestImpossibleResults(t *testing.T) {
	with := func(change func(*study.Trial)) func(int) (study.Trial, error) {
		return func(int) (study.Trial, error) {
			trial := result(study.Suggestion{ID: 1, Config: space.Config{"x": space.Int(1)}}, 1)
			change(&trial)
			return trial, nil
		}
	}
	final := func(trial *study.Trial) *study.Observation { return &trial.Observations[len(trial.Observations)-1] }
	failures := map[int64]func(int) (study.Trial, error){
		0: with(func(trial *study.Trial) { final(trial).Cost.Wall = -1 }),
		1: with(func(trial *study.Trial) { final(trial).Cost.Memory = math.Inf(1) }),
		2: with(func(trial *study.Trial) { final(trial).Cost.CPU = math.NaN() }),
		3: with(func(trial *study.Trial) { trial.Observations[0].Fidelity = study.Fidelity{"epochs": -3} }),
		4: with(func(trial *study.Trial) { trial.Status = 200 }),
		5: with(func(trial *study.Trial) { trial.Status, trial.Reason = study.Crashed, "died: \xff\xfe" }),
		6: with(func(trial *study.Trial) { final(trial).Metrics["accuracy/fold/1"] = math.NaN() }),
	}
	store := newMemory()
	sum, err := grow.Run(t.Context(), store, tasks(t, 1), []grow.Evaluator{&evaluator{done: &tally{}, failures: failures}},
		grow.Options{Evaluator: record.Evaluator{Name: "test"}, Plans: plan(t, 8)})
	if err != nil {
		t.Fatal(err)
	}
	if sum.Stored[study.Complete] != 1 || sum.Stored[study.Failed] != 6 || sum.Stored[study.Crashed] != 1 {
		t.Errorf("stored %v", sum.Stored)
	}
	for _, r := range store.runs() {
		if r.Status != study.Complete && (r.Reason == "" || strings.Contains(r.Reason, "\n")) {
			t.Errorf("x=%v: reason %q", r.Config["x"], r.Reason)
		}
	}
}
