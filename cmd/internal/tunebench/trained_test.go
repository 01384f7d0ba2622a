package tunebench

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// trainer evaluates as the tables of bowl say, anywhere in the space: the score on two folds' test rows is .05 and .07
// off that on validation rows.
type trainer struct {
	maximize bool
	without  string // a metric that it leaves out
}

func (e trainer) Evaluate(_ context.Context, s study.Suggestion, _ func(study.Observation) error) (study.Trial, error) {
	loss, ok := bowl(0, s.Config)
	if !ok {
		return study.Trial{Suggestion: s, Status: study.Failed, Reason: "no"}, nil
	}
	sign := 1.0
	if e.maximize {
		loss, sign = 1-loss, -1
	}
	metrics := map[string]float64{"score": loss, "score/test/0": loss + sign*.05, "score/test/1": loss + sign*.07, "score/fold/0": 7}
	for name := range metrics {
		if e.without != "" && strings.HasPrefix(name, e.without) {
			delete(metrics, name)
		}
	}
	return study.Trial{Suggestion: s, Status: study.Complete,
		Observations: []study.Observation{{Metrics: metrics, Cost: study.Cost{CPU: 2}}}}, nil
}

func trained(from Start, e optimizers.Evaluator) Trained {
	return Trained{Own{Optimizer: "random", From: from, Open: openRandom},
		func(context.Context, *Task) (optimizers.Evaluator, error) { return e, nil }}
}

func TestTrainedAddsRows(t *testing.T) {
	for _, maximize := range []bool{false, true} {
		task := sheetTasks(t, sheetSet(t, "t", 1, maximize, bowl))[0]
		scales, noise := []scale{task.validation, task.test}, task.Noise
		picks := []space.Config{knn("none", 9), tree("standard", 6)}
		rows, err := trained(Warm, trainer{maximize: maximize}).Play(context.Background(), task, Advice{Picks: picks}, 1, 20)
		if err != nil || len(rows) != 20 || rows[0] != 24 || rows[19] != 43 || len(task.Rows) != 44 {
			t.Fatalf("rows %v of %d, %v", rows, len(task.Rows), err)
		}
		if first := task.Rows[24]; !first.Config.Equal(picks[0]) || first.Status != study.Failed || !math.IsInf(first.Loss, 1) || !math.IsInf(first.Test, 1) {
			t.Errorf("the pick that fails is %+v", first)
		}
		for _, row := range rows[1:] {
			r := task.Rows[row]
			want, ok := bowl(0, r.Config)
			if ok && (math.Abs(r.Loss-want) > 1e-12 || math.Abs(r.Test-want-.06) > 1e-12 || r.Seconds != 2) {
				t.Errorf("maximize %v: %+v, want a loss of %v", maximize, r, want)
			}
		}
		inTable := func(row int) bool {
			return slices.ContainsFunc(task.Rows[:24], func(r Row) bool { return r.Config.Equal(task.Rows[row].Config) })
		}
		if !slices.ContainsFunc(rows, func(row int) bool { return !inTable(row) }) {
			t.Error("nothing but rows of the table was trained")
		}
		if got := []scale{task.validation, task.test}; !reflect.DeepEqual(got, scales) || task.Noise != noise {
			t.Errorf("training moved the scale of regrets: %v, before %v", got, scales)
		}
		report := Summarise([]*Task{task}, []Entrant{{"random/warm", "random", Warm}}, Runs{{string(task.ID), "random/warm", 0}: rows}, 20, 0)
		if report.Tasks[0].Rows != 24 || len(report.Methods) != 1 {
			t.Errorf("report %+v", report)
		}
	}
}

func TestTrainedFaults(t *testing.T) {
	task := sheetTasks(t, sheetSet(t, "t", 1, false, bowl))[0]
	if _, err := trained(Cold, trainer{without: "score/test"}).Play(context.Background(), task, Advice{}, 1, 5); err == nil ||
		!strings.Contains(err.Error(), "left out score on test rows") {
		t.Errorf("without test values: %v", err)
	}
	broken := trained(Cold, trainer{})
	fault := errors.New("no data")
	broken.Load = func(context.Context, *Task) (optimizers.Evaluator, error) { return nil, fault }
	if _, err := broken.Play(context.Background(), task, Advice{}, 1, 5); !errors.Is(err, fault) {
		t.Errorf("without data: %v", err)
	}
	if len(task.Rows) != 24 {
		t.Errorf("%d rows after failures", len(task.Rows))
	}
}

// TestJournalKeepsResults checks that trained rows come back from a journal, failures included.
func TestJournalKeepsResults(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.jsonl")
	tables := func() []*Task { return sheetTasks(t, sheetSet(t, "t", 1, false, bowl)) }
	tasks := tables()
	j, err := OpenJournal(path, "x", tasks)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := trained(Warm, trainer{}).Play(context.Background(), tasks[0], Advice{Picks: []space.Config{knn("none", 9)}}, 1, 8)
	if err != nil {
		t.Fatal(err)
	}
	key := Key{string(tasks[0].ID), "random/warm", 1}
	if err := errors.Join(j.Add(key, rows, nil), j.Close()); err != nil {
		t.Fatal(err)
	}
	again := tables()
	if j, err = OpenJournal(path, "x", again); err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if got := j.Finished[key]; !slices.Equal(got, rows) {
		t.Fatalf("rows %v, want %v", got, rows)
	}
	for i := range tasks[0].Rows {
		if have, want := again[0].Rows[i], tasks[0].Rows[i]; !have.Config.Equal(want.Config) || have.Loss != want.Loss || have.Test != want.Test ||
			have.Status != want.Status || have.Seconds != want.Seconds {
			t.Errorf("row %d is %+v, want %+v", i, have, want)
		}
	}
}
