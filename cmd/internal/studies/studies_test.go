package studies

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/metaml/metaml/cmd/internal/tuning"
	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/ledger/sqlite"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// create makes a study of one parameter x in [0, 1], whose metric is maximised, with a log.
func create(t testing.TB, data, name string, log ...study.Trial) *sqlite.Ledger {
	t.Helper()
	s, err := space.New([]space.Hyperparameter{{Name: "x", Type: space.TypeFloat, Low: 0, High: 1}})
	if err != nil {
		t.Fatal(err)
	}
	details, err := json.Marshal(tuning.Details{Mode: tuning.ModeAsk, Metric: "gloss", Maximize: true})
	if err != nil {
		t.Fatal(err)
	}
	path := tuning.LedgerPath(tuning.Folder(data, name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := sqlite.Create(t.Context(), path, sqlite.Header{Name: name, Optimizer: "random", Details: details, Created: time.Unix(1000, 0),
		Problem: study.Problem{Space: s, Objectives: []study.Objective{{Metric: "gloss", Maximize: true}}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, trial := range log {
		if err := l.Append(t.Context(), optimizers.Event{Trial: trial}); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// trial is trial id with x, as it stands.
func trial(id study.TrialID, x float64, status study.Status, losses ...float64) study.Trial {
	return study.Trial{Suggestion: study.Suggestion{ID: id, Config: space.Config{"x": space.Float(x)}}, Status: status, Losses: losses}
}

func TestRead(t *testing.T) {
	data := t.TempDir()
	l := create(t, data, "paint",
		trial(1, .1, study.Pending), trial(2, .2, study.Pending), trial(2, .2, study.Complete, -5), trial(3, .3, study.Pending),
		trial(1, .1, study.Complete, -7), trial(4, .4, study.Pending), trial(4, .4, study.Crashed), trial(5, .5, study.Pending),
		trial(5, .5, study.Pruned, -9))
	s, err := Read(t.Context(), data, "paint")
	if err != nil {
		t.Fatal(err)
	}
	if !s.Running || s.Name != "paint" || s.Details.Mode != tuning.ModeAsk || len(s.Trials) != 5 || s.Finished() != 4 || s.Failed() != 1 {
		t.Errorf("study %+v", s)
	}
	if best, ok := s.Best(); !ok || best.ID != 1 {
		t.Errorf("best is trial %d, %v", best.ID, ok)
	}
	for _, x := range s.Trials {
		if x.Began.Before(s.Created) || x.Status.Final() != !x.Ended.IsZero() || !x.Ended.IsZero() && x.Ended.Before(x.Began) || x.Ended.After(s.Changed) {
			t.Errorf("trial %d (%v) from %v to %v, the study changed at %v", x.ID, x.Status, x.Began, x.Ended, s.Changed)
		}
	}
	l.Close()
	if s, err := Read(t.Context(), data, "paint"); err != nil || s.Running {
		t.Errorf("after its run: %+v, %v", s, err)
	}
	create(t, data, "empty").Close()
	s, err = Read(t.Context(), data, "empty")
	if err != nil || !s.Changed.Equal(time.Unix(1000, 0)) {
		t.Errorf("without trials it changed at %v, %v", s.Changed, err)
	}
	if _, ok := s.Best(); ok {
		t.Error("a study without trials has a best one")
	}
}

func TestReadRefuses(t *testing.T) {
	data := t.TempDir()
	create(t, data, "paint", trial(1, .1, study.Pending)).Close()
	create(t, data, "contrary", trial(2, .1, study.Pending)).Close()
	create(t, data, "foreign").Close()
	if err := os.WriteFile(tuning.LedgerPath(tuning.Folder(data, "foreign")), []byte("a letter to a friend"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]error{
		"pant": ErrNotFound, "../paint": tuning.ErrName, "": tuning.ErrName, "contrary": optimizers.ErrLog, "foreign": sqlite.ErrForeign,
	} {
		if _, err := Read(t.Context(), data, name); !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Read(t.Context(), data, "pant"); !strings.Contains(err.Error(), "did you mean paint") {
		t.Errorf("error %v", err)
	}
	if _, err := DetailsOf(sqlite.Header{Details: json.RawMessage("[3]")}); !errors.Is(err, sqlite.ErrCorrupt) {
		t.Errorf("details of another form: %v", err)
	}
}

func TestRemove(t *testing.T) {
	data, ctx := t.TempDir(), context.Background()
	l := create(t, data, "paint", trial(1, .1, study.Pending))
	create(t, data, "other").Close()
	create(t, data, "broken").Close()
	os.MkdirAll(tuning.ModelFolder(tuning.Folder(data, "paint")), 0o700)
	if err := Remove(ctx, data, "paint"); !errors.Is(err, sqlite.ErrLocked) {
		t.Errorf("while it is run: %v", err)
	}
	if _, err := Read(ctx, data, "paint"); err != nil {
		t.Errorf("refused, and yet: %v", err)
	}
	l.Close()
	if err := os.Truncate(tuning.LedgerPath(tuning.Folder(data, "broken")), 5000); err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(data, "studies", removed+"old-1") // by a process that was killed
	if err := os.MkdirAll(left, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"paint", "broken"} {
		if err := Remove(ctx, data, name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := Remove(ctx, data, name); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s again: %v", name, err)
		}
	}
	if err := Remove(ctx, data, "../studies"); !errors.Is(err, tuning.ErrName) {
		t.Errorf("outside: %v", err)
	}
	entries, err := os.ReadDir(filepath.Join(data, "studies"))
	if err != nil || len(entries) != 1 || entries[0].Name() != "other" {
		t.Errorf("left are %v, %v", entries, err)
	}
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the leftover: %v", err)
	}
}

func TestNames(t *testing.T) {
	data := t.TempDir()
	if names, err := Names(data); err != nil || len(names) != 0 {
		t.Errorf("without a folder: %v, %v", names, err)
	}
	for _, name := range []string{"b", "a", removed + "c-7", "a.b"} {
		create(t, data, name).Close()
	}
	os.MkdirAll(tuning.Folder(data, "no-study"), 0o700)
	names, err := Names(data)
	if err != nil || !slices.Equal(names, []string{"a", "a.b", "b"}) {
		t.Errorf("%v, %v", names, err)
	}
}
