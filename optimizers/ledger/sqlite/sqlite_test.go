package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/random"
	"github.com/metaml/metaml/optimizers/study"
)

// header is a study of the branin function.
func header(t testing.TB) Header {
	t.Helper()
	p, err := problem.Find("branin")
	if err != nil {
		t.Fatal(err)
	}
	return Header{Name: "branin", Problem: p.Study(7), Optimizer: "random", Details: json.RawMessage(`{"data":"none"}`),
		Created: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)}
}

func create(t testing.TB, path string) *Ledger {
	t.Helper()
	l, err := Create(context.Background(), path, header(t))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// runOn runs random search on a ledger until it has so many trials.
func runOn(t testing.TB, l optimizers.Ledger, trials int) optimizers.Result {
	t.Helper()
	p, err := problem.Find("branin")
	if err != nil {
		t.Fatal(err)
	}
	o, err := random.New(p.Study(7), random.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := optimizers.Run(context.Background(), p.Study(7), o, []optimizers.Evaluator{p.Evaluator(1)},
		optimizers.Options{Ledger: l, Trials: trials})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func events(t testing.TB, l optimizers.Ledger) []optimizers.Event {
	t.Helper()
	var all []optimizers.Event
	for e, err := range l.Events(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

// TestLogIsThatOfMemory runs a study in pieces, opened anew for each, and compares its log with that of one piece in
// memory: byte for byte the same trials.
func TestLogIsThatOfMemory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "branin.study")
	l := create(t, path)
	for _, trials := range []int{1, 4, 9, 100} {
		runOn(t, l, trials)
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		var err error
		if l, err = Open(context.Background(), path); err != nil {
			t.Fatal(err)
		}
	}
	defer l.Close()
	memory := &optimizers.Memory{}
	runOn(t, memory, 100)
	got, want := events(t, l), events(t, memory)
	if len(got) != 200 || len(got) != len(want) {
		t.Fatalf("%d events, want %d", len(got), len(want))
	}
	for i := range want {
		a, _ := json.Marshal(got[i])
		b, _ := json.Marshal(want[i])
		if string(a) != string(b) {
			t.Fatalf("event %d:\n%s\nwant\n%s", i+1, a, b)
		}
	}
	if h := l.Header(); h.Name != "branin" || h.Problem.Seed != 7 || string(h.Details) != `{"data":"none"}` || !h.Created.Equal(header(t).Created) {
		t.Errorf("header %+v", h)
	}
}

// TestOneOwner opens a study that is owned, reads it meanwhile, and takes it over when it is free.
func TestOneOwner(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "s.study")
	owner := create(t, path)
	runOn(t, owner, 3)
	if _, err := Open(ctx, path); !errors.Is(err, ErrLocked) {
		t.Errorf("a second owner: %v", err)
	}
	if _, err := Create(ctx, path, header(t)); !errors.Is(err, ErrLocked) {
		t.Errorf("created anew while it is owned: %v", err)
	}
	view, err := View(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	if got := events(t, view); len(got) != 6 {
		t.Errorf("the view has %d events", len(got))
	}
	runOn(t, owner, 4)
	if got := events(t, view); len(got) != 8 {
		t.Errorf("later, the view has %d events", len(got))
	}
	if err := view.Append(ctx, optimizers.Event{}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("appending to a view: %v", err)
	}
	view.Close()
	owner.Close()
	next, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	runOn(t, next, 5)
	if _, err := Create(ctx, filepath.Join(filepath.Dir(path), "other"), header(t)); err != nil {
		t.Errorf("another study in the folder: %v", err)
	}
}

// TestStaleOwner raises the epoch behind an owner's back: it is refused, and adds nothing.
func TestStaleOwner(t *testing.T) {
	l := create(t, filepath.Join(t.TempDir(), "s.study"))
	defer l.Close()
	runOn(t, l, 2)
	if _, err := l.db.Exec("UPDATE study SET epoch = epoch + 1"); err != nil {
		t.Fatal(err)
	}
	err := l.Append(context.Background(), optimizers.Event{Trial: study.Trial{Suggestion: study.Suggestion{ID: 3}}})
	if !errors.Is(err, optimizers.ErrStaleOwner) || len(events(t, l)) != 4 {
		t.Errorf("a stale owner wrote: %v, %d events", err, len(events(t, l)))
	}
}

// TestAppendIsAllOrNothing lets the disk be full half-way through, and goes on once there is room.
func TestAppendIsAllOrNothing(t *testing.T) {
	l := create(t, filepath.Join(t.TempDir(), "s.study"))
	defer l.Close()
	runOn(t, l, 5)
	before := events(t, l)
	if _, err := l.db.Exec("PRAGMA max_page_count = 8"); err != nil {
		t.Fatal(err)
	}
	many := make([]optimizers.Event, 500)
	for i := range many {
		many[i].Trial = study.Trial{Suggestion: study.Suggestion{ID: study.TrialID(6 + i), Config: before[0].Trial.Config}}
	}
	if err := l.Append(context.Background(), many...); err == nil {
		t.Fatal("500 events fit on 8 pages")
	}
	if after := events(t, l); !reflect.DeepEqual(after, before) {
		t.Errorf("%d events are there after a failure, %d were before", len(after), len(before))
	}
	if _, err := l.db.Exec("PRAGMA max_page_count = 100000"); err != nil {
		t.Fatal(err)
	}
	if r := runOn(t, l, 8); r.Finished != 8 {
		t.Errorf("%d trials", r.Finished)
	}
}

// TestRefuses opens what is no study.
func TestRefuses(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	other := filepath.Join(dir, "other.sqlite")
	db, err := open(other, map[string][]string{"mode": {"rwc"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE TABLE x (y)"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	newer := filepath.Join(dir, "newer.study")
	create(t, newer).Close()
	if db, err = open(newer, map[string][]string{"mode": {"rw"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("PRAGMA user_version = 3"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	for _, c := range []struct {
		path string
		want error
	}{
		{filepath.Join(dir, "missing.study"), fs.ErrNotExist}, {other, ErrForeign}, {newer, ErrNewer},
		{file("text", "this is no database, but long enough to be mistaken for one: "+string(make([]byte, 1000))), ErrForeign},
	} {
		for name, open := range map[string]func(context.Context, string) (*Ledger, error){"Open": Open, "View": View} {
			if l, err := open(ctx, c.path); !errors.Is(err, c.want) {
				t.Errorf("%s of %s: %v", name, filepath.Base(c.path), err)
				if err == nil {
					l.Close()
				}
			}
		}
	}
	if _, err := Create(ctx, other, header(t)); !errors.Is(err, ErrExists) {
		t.Errorf("creating over another file: %v", err)
	}
	if _, err := Create(ctx, filepath.Join(dir, "no", "such", "folder"), header(t)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("creating in a folder that is missing: %v", err)
	}
}
