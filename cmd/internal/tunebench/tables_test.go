package tunebench

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

// TestReadTables checks losses, scales and failures, for a metric of either direction.
func TestReadTables(t *testing.T) {
	for _, maximize := range []bool{false, true} {
		tasks := sheetTasks(t, sheetSet(t, "t", 3, maximize, bowl))
		if len(tasks) != 3 || tasks[1].Name != "t1" || tasks[1].Group != "tgroup0" || tasks[2].Group != "tgroup1" ||
			tasks[1].Fingerprint != "data of t1" || len(tasks[1].Rows) != 24 || tasks[1].Features["a"] != 1 || tasks[1].Extractor != "x/1" {
			t.Fatalf("%+v", tasks[1])
		}
		best := tasks[1].Rows[rowOf(t, tasks[1], tree("standard", 6))]
		if !near(best.Loss, .215) || !near(best.Test, .265) || best.Status != study.Complete {
			t.Errorf("maximize %v: %+v", maximize, best)
		}
		failed := tasks[1].Rows[rowOf(t, tasks[1], knn("none", 9))]
		if failed.Status != study.Failed || !math.IsInf(failed.Loss, 1) || !math.IsInf(failed.Test, 1) {
			t.Errorf("%+v", failed)
		}
		if r := tasks[1].test.regret(best.Test); !near(r, 0) {
			t.Errorf("the best has regret %v", r)
		}
		if r := tasks[1].test.regret(failed.Test); r != 2 {
			t.Errorf("a failure has regret %v", r)
		}
		if tasks[1].Noise > 1e-9 {
			t.Errorf("noise %v where folds agree on every difference", tasks[1].Noise)
		}
	}
}

// TestNoise checks the corrected standard deviation on folds that differ by chance: two folds, residuals of +-e by
// configuration.
func TestNoise(t *testing.T) {
	set := sheetSet(t, "t", 1, false, bowl)
	for i, r := range set.Runs {
		if r.Status == study.Complete {
			e := .01 * float64(1-2*(i/2%2))
			v := r.Measures[0].Validation
			r.Measures[0].Validation = []float64{v[0] + e, v[0] - e}
		}
	}
	task := sheetTasks(t, set)[0]
	// The standard error that package transfer finds is sqrt(s^2/J); the correction makes it sqrt(s^2 (1/J + 1)), as
	// with two folds there is a validation row per training row.
	standard := task.Noise / math.Sqrt(3)
	if standard < .008 || standard > .0125 {
		t.Errorf("noise %v", task.Noise)
	}
	for _, tc := range []struct {
		protocol record.Protocol
		want     float64
	}{
		{record.Protocol{Folds: 3, Repeats: 1}, math.Sqrt(2.5)},
		{record.Protocol{Folds: 10}, math.Sqrt(1 + 10./9)},
		{record.Protocol{Folds: 2, Repeats: 5}, math.Sqrt(11)},
		{record.Protocol{}, 1},
	} {
		if got := correction(&tc.protocol); !near(got, tc.want) {
			t.Errorf("%+v: %v, want %v", tc.protocol, got, tc.want)
		}
	}
}

func TestTablesLeftOut(t *testing.T) {
	same := sheetSet(t, "t", 2, false, func(task int, c space.Config) (float64, bool) {
		if task == 0 {
			return .5, true
		}
		return bowl(task, c)
	})
	tasks, notes, err := ReadTables(same, record.Classification, "")
	if err != nil || len(tasks) != 1 || len(notes) != 1 || !strings.Contains(notes[0], "t0 is left out: all its configurations do the same") {
		t.Errorf("%d tasks, %q, %v", len(tasks), notes, err)
	}
	untested := sheetSet(t, "t", 1, false, bowl)
	untested.Runs[5].Measures[0].Test = nil
	if tasks, notes, err := ReadTables(untested, record.Classification, ""); err != nil || len(tasks) != 0 || !strings.Contains(notes[0], "without test values") {
		t.Errorf("%d tasks, %q, %v", len(tasks), notes, err)
	}
	if _, _, err := ReadTables(untested, record.Regression, ""); !errors.Is(err, ErrTables) {
		t.Errorf("no task of the type: %v", err)
	}
}
