package grow_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/metaml/metaml/kb/grow"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// memory is a Store in memory that can be told to fail.
type memory struct {
	mu   sync.Mutex
	byID map[record.ID]record.Record
	fail error
}

func newMemory() *memory { return &memory{byID: map[record.ID]record.Record{}} }

func (m *memory) Add(_ context.Context, records ...record.Record) ([]record.ID, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var ids []record.ID
	for _, r := range records {
		if _, run := r.(*record.Run); run && m.fail != nil {
			return nil, m.fail
		}
		id, err := record.Identify(r)
		if err != nil {
			return nil, err
		}
		m.byID[id] = r
		ids = append(ids, id)
	}
	return ids, nil
}

func (m *memory) RunKeys(_ context.Context, protocol record.ID) (map[record.ID]struct{}, error) {
	keys := map[record.ID]struct{}{}
	for _, run := range m.runs() {
		if run.Protocol != protocol {
			continue
		}
		key, err := record.Key(run)
		if err != nil {
			return nil, err
		}
		keys[key] = struct{}{}
	}
	return keys, nil
}

func (m *memory) runs() []*record.Run {
	m.mu.Lock()
	defer m.mu.Unlock()
	var runs []*record.Run
	for _, r := range m.byID {
		if run, ok := r.(*record.Run); ok {
			runs = append(runs, run)
		}
	}
	return runs
}

// journal counts what evaluators really did: a line per finished evaluation, shared by all of them.
type tally struct {
	mu    sync.Mutex
	lines []string
}

func (t *tally) add(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = append(t.lines, line)
}

// evaluator measures x on the loaded table; failures says what to do instead for some x.
type evaluator struct {
	done     *tally
	failures map[int64]func(try int) (study.Trial, error)
	after    func(n int)
	loaded   string
	tries    map[string]int
}

func (e *evaluator) Load(_ context.Context, path string, protocol []byte, _ string) error {
	if !strings.Contains(string(protocol), `"folds":3`) {
		return fmt.Errorf("protocol %s", protocol)
	}
	e.loaded = path
	return nil
}

func (e *evaluator) Evaluate(ctx context.Context, s study.Suggestion, _ func(study.Observation) error) (study.Trial, error) {
	if err := ctx.Err(); err != nil {
		return study.Trial{}, err
	}
	if e.loaded == "" {
		return study.Trial{}, errors.New("no table loaded")
	}
	x := s.Config["x"].Int()
	where := fmt.Sprintf("%s x=%d", e.loaded, x)
	if e.tries == nil {
		e.tries = map[string]int{}
	}
	e.tries[where]++
	if f := e.failures[x]; f != nil {
		trial, err := f(e.tries[where])
		if err != nil {
			e.loaded = "" // as a fresh process
			return trial, err
		}
		if trial.Status != study.Pending {
			e.done.add(where)
			return trial, nil
		}
	}
	e.done.add(where)
	if e.after != nil {
		e.after(len(e.done.lines))
	}
	return result(s, float64(x)), nil
}

func result(s study.Suggestion, v float64) study.Trial {
	return study.Trial{Suggestion: s, Status: study.Complete, Observations: []study.Observation{
		{Fidelity: study.Fidelity{"iterations": 8}, Metrics: map[string]float64{"accuracy": v / 2}},
		{Metrics: map[string]float64{"accuracy": v, "accuracy/fold/0": v, "accuracy/fold/1": v + 1.0/3, "accuracy/fold/2": v,
			"accuracy/test/0": v - 1, "accuracy/test/1": v, "accuracy/test/2": v}, Cost: study.Cost{Wall: 1.23456789}},
	}}
}

func plan(t *testing.T, n int) map[string]grow.Plan {
	t.Helper()
	s, err := space.New([]space.Hyperparameter{{Name: "x", Type: space.TypeInt, Low: 0, High: 1000}})
	if err != nil {
		t.Fatal(err)
	}
	var configs []space.Config
	for i := range n {
		configs = append(configs, space.Config{"x": space.Int(int64(i))})
	}
	return map[string]grow.Plan{record.Classification: {Space: s, Configs: configs, Protocol: record.Protocol{
		Resampling: "cv", Folds: 3, Repeats: 1, Metrics: []record.Metric{{Name: "accuracy", Maximize: true}}}}}
}

func tasks(t *testing.T, n int) []*grow.Task {
	t.Helper()
	var out []*grow.Task
	for i := range n {
		task := record.Task{Fingerprint: fmt.Sprintf("%064x", i+1), Target: "y", Type: record.Classification, Rows: 10, Columns: 2}
		id, err := record.Identify(&task)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, &grow.Task{ID: id, Task: task, Label: record.Label{Task: id, Name: fmt.Sprint("task", i)},
			Staged: fmt.Sprint("table", i), Split: "s"})
	}
	return out
}

func TestRunEvaluatesEverythingOnce(t *testing.T) {
	store, done := newMemory(), &tally{}
	evaluators := []grow.Evaluator{&evaluator{done: done}, &evaluator{done: done}, &evaluator{done: done}}
	sum, err := grow.Run(t.Context(), store, tasks(t, 4), evaluators, grow.Options{Evaluator: record.Evaluator{Name: "test"}, Plans: plan(t, 7), Block: 3})
	if err != nil {
		t.Fatal(err)
	}
	if sum.Planned != 28 || sum.Already != 0 || sum.Stored[study.Complete] != 28 {
		t.Errorf("summary %+v", sum)
	}
	if got := len(done.lines); got != 28 {
		t.Errorf("%d evaluations, want 28", got)
	}
	for _, run := range store.runs() {
		x := float64(run.Config["x"].Int())
		m := run.Measures[0]
		if m.Metric != "accuracy" || !slices.Equal(m.Validation, []float64{x, record.Round6(x + 1.0/3), x}) || !slices.Equal(m.Test, []float64{x - 1, x, x}) {
			t.Fatalf("x=%v: measure %+v", x, m)
		}
		if len(run.Curve) != 1 || run.Curve[0].Value != x/2 || run.Split != "s" {
			t.Fatalf("x=%v: curve %+v, split %q", x, run.Curve, run.Split)
		}
	}
}

func TestRunGivesEveryTaskABlockBeforeTheNext(t *testing.T) {
	done := &tally{}
	_, err := grow.Run(t.Context(), newMemory(), tasks(t, 2), []grow.Evaluator{&evaluator{done: done}}, grow.Options{Evaluator: record.Evaluator{Name: "test"}, Plans: plan(t, 5), Block: 2})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"table0 x=0", "table0 x=1", "table1 x=0", "table1 x=1", "table0 x=2", "table0 x=3", "table1 x=2", "table1 x=3", "table0 x=4", "table1 x=4"}
	if !slices.Equal(done.lines, want) {
		t.Errorf("order\n got %q\nwant %q", done.lines, want)
	}
}

func TestRunGoesOnWhereItWasInterrupted(t *testing.T) {
	store, done := newMemory(), &tally{}
	for stop := 3; len(store.runs()) < 30; stop += 4 {
		ctx, cancel := context.WithCancel(t.Context())
		e := &evaluator{done: done, after: func(n int) {
			if n >= stop {
				cancel()
			}
		}}
		before := len(store.runs())
		sum, err := grow.Run(ctx, store, tasks(t, 3), []grow.Evaluator{e}, grow.Options{Evaluator: record.Evaluator{Name: "test"}, Plans: plan(t, 10)})
		if sum.Already != before || sum.Planned != 30 {
			t.Fatalf("summary %+v after %d runs", sum, before)
		}
		if len(store.runs()) < 30 && !errors.Is(err, context.Canceled) {
			t.Fatalf("interrupted run returned %v", err)
		}
		cancel()
		if stop > 500 {
			t.Fatal("no progress")
		}
	}
	// An interrupted evaluation is the only kind that may be repeated: it was never acknowledged.
	if got := len(slices.Compact(slices.Sorted(slices.Values(done.lines)))); got != 30 {
		t.Errorf("%d distinct evaluations, want 30", got)
	}
}

func TestRunRecordsFailuresAsWhatTheyWere(t *testing.T) {
	timedOut := func(int) (study.Trial, error) {
		return study.Trial{Status: study.TimedOut, Reason: "wall limit 60 s\nstack"}, nil
	}
	once := func(try int) (study.Trial, error) {
		if try == 1 {
			return study.Trial{}, errors.New("process died")
		}
		return study.Trial{}, nil
	}
	always := func(int) (study.Trial, error) { return study.Trial{}, errors.New("process died: signal 11") }
	short := func(int) (study.Trial, error) {
		return study.Trial{Status: study.Complete, Observations: []study.Observation{{Metrics: map[string]float64{"f1": 1}}}}, nil
	}
	e := &evaluator{done: &tally{}, failures: map[int64]func(int) (study.Trial, error){0: timedOut, 1: once, 2: always, 3: short}}
	store := newMemory()
	if _, err := grow.Run(t.Context(), store, tasks(t, 1), []grow.Evaluator{e}, grow.Options{Evaluator: record.Evaluator{Name: "test"}, Plans: plan(t, 5)}); err != nil {
		t.Fatal(err)
	}
	got := map[int64]string{}
	for _, run := range store.runs() {
		got[run.Config["x"].Int()] = run.Status.String() + ":" + run.Reason
	}
	want := map[int64]string{0: "timed_out:wall limit 60 s", 1: "complete:", 2: "crashed:process died: signal 11",
		3: "failed:accuracy: " + grow.ErrNoEvaluation.Error(), 4: "complete:"}
	if !maps.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestRunEndsWhenNothingCanBeEvaluated(t *testing.T) {
	broken := errors.New("process died")
	failures := map[int64]func(int) (study.Trial, error){}
	for x := range int64(20) {
		failures[x] = func(int) (study.Trial, error) { return study.Trial{}, broken }
	}
	store := newMemory()
	options := grow.Options{Evaluator: record.Evaluator{Name: "test"}, Plans: plan(t, 20)}
	_, err := grow.Run(t.Context(), store, tasks(t, 1), []grow.Evaluator{&evaluator{done: &tally{}, failures: failures}}, options)
	if !errors.Is(err, broken) || len(store.runs()) != 4 {
		t.Errorf("error %v after %d runs, want the evaluator's after 4", err, len(store.runs()))
	}
	_, err = grow.Run(t.Context(), newMemory(), tasks(t, 1), []grow.Evaluator{unloadable{}}, options)
	if err == nil || !strings.Contains(err.Error(), "task0: no module") {
		t.Errorf("a table that cannot be loaded: %v", err)
	}
}

// unloadable cannot load any table.
type unloadable struct{}

func (unloadable) Load(context.Context, string, []byte, string) error { return errors.New("no module") }

func (unloadable) Evaluate(context.Context, study.Suggestion, func(study.Observation) error) (study.Trial, error) {
	return study.Trial{}, errors.New("not loaded")
}

func TestRunEndsWhenTheStoreFails(t *testing.T) {
	store := newMemory()
	store.fail = errors.New("disk full")
	done := &tally{}
	_, err := grow.Run(t.Context(), store, tasks(t, 2), []grow.Evaluator{&evaluator{done: done}}, grow.Options{Evaluator: record.Evaluator{Name: "test"}, Plans: plan(t, 5)})
	if !errors.Is(err, store.fail) {
		t.Errorf("error %v, want the store's", err)
	}
	if len(done.lines) != 1 {
		t.Errorf("%d evaluations after the store failed, want 1", len(done.lines))
	}
}

func TestRunRecoversJournals(t *testing.T) {
	// The folder's name means something to patterns of file names.
	dir, store, plans, list := filepath.Join(t.TempDir(), "[a-b]*"), newMemory(), plan(t, 3), tasks(t, 1)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	protocol := plans[record.Classification].Protocol
	bytes, err := record.Encode(&protocol)
	if err != nil {
		t.Fatal(err)
	}
	line := func(x int64, fingerprint string) string {
		return finishedLine(t, study.Finished{Fingerprint: fingerprint, Protocol: bytes,
			Trial: result(study.Suggestion{ID: 1, Config: space.Config{"x": space.Int(x)}}, float64(x))})
	}
	known := list[0].Task.Fingerprint
	torn := line(2, known)
	text := line(0, known) + line(0, known) + line(1, "another table") + torn[:len(torn)/2]
	if err := os.WriteFile(grow.JournalFile(dir, 1, 0), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	done := &tally{}
	sum, err := grow.Run(t.Context(), store, list, []grow.Evaluator{&evaluator{done: done}},
		grow.Options{Evaluator: record.Evaluator{Name: "test"}, Plans: plans, Journal: dir, Now: func() time.Time { return time.Unix(5, 0) }})
	if err != nil {
		t.Fatal(err)
	}
	if sum.Recovered != 1 || sum.Already != 1 || !slices.Equal(done.lines, []string{"table0 x=1", "table0 x=2"}) {
		t.Errorf("summary %+v, evaluated %q", sum, done.lines)
	}
	if _, err := os.Stat(grow.JournalFile(dir, 1, 0)); !os.IsNotExist(err) {
		t.Errorf("journal still there: %v", err)
	}
}

// TestDamagedJournal has a line that is complete and no trial: what to do is said, and the journal stays.
func TestDamagedJournal(t *testing.T) {
	for name, line := range map[string]string{"text": "x\n", "cut inside": `{"fingerprint":"a","tri{"fingerprint":"b"}` + "\n", "list": "[]\n"} {
		dir := t.TempDir()
		path := grow.JournalFile(dir, 1, 0)
		if err := os.WriteFile(path, []byte("{}\n"+line), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := grow.Run(t.Context(), newMemory(), tasks(t, 1), []grow.Evaluator{&evaluator{done: &tally{}}},
			grow.Options{Evaluator: record.Evaluator{Name: "test"}, Plans: plan(t, 3), Journal: dir})
		if err == nil || !strings.Contains(err.Error(), "line 2") || !strings.Contains(err.Error(), "remove the file") || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
