package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/metaml/metaml/kb/store"
	"github.com/metaml/metaml/kb/store/storetest"
)

func TestConformance(t *testing.T) {
	storetest.Conform(t, func(t testing.TB) storetest.Opener {
		path := filepath.Join(t.TempDir(), "new folder", "a?b#c%20 d.sqlite")
		return func(t testing.TB) store.Store { return mustOpen(t, path, Options{}) }
	})
}

func mustOpen(t testing.TB, path string, opt Options) *Store {
	t.Helper()
	s, err := Open(path, opt)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// filled returns the path of a closed store with n tasks and n runs.
func filled(t testing.TB, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kb.sqlite")
	s := mustOpen(t, path, Options{})
	var entries []store.Entry
	for i := range n {
		entries = append(entries, storetest.Task(t, i), storetest.Run(t, i, 0))
	}
	if _, err := s.Add(t.Context(), entries...); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// readAll uses every reading method and returns the valid entries and the first error.
func readAll(ctx context.Context, s *Store) (entries []store.Entry, findings []string, err error) {
	for e, failure := range s.Since(ctx, 0) {
		if failure == nil {
			_, failure = e.Record()
		}
		if failure != nil {
			err = errors.Join(err, failure)
			continue
		}
		entries = append(entries, e)
	}
	_, err1 := s.Last(ctx)
	_, err2 := s.Match(ctx, "a", 10)
	_, err3 := s.RunKeys(ctx, storetest.ID('b'))
	findings, err4 := s.Check(ctx)
	return entries, findings, errors.Join(err, err1, err2, err3, err4)
}

func folder(t testing.TB, path string) string {
	t.Helper()
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprintf("%s %d %v", f.Name(), info.Size(), info.ModTime()))
	}
	return strings.Join(list, "\n")
}

func TestReadingChangesNothing(t *testing.T) {
	path := filled(t, 20)
	before := folder(t, path)
	for _, opt := range []Options{{ReadOnly: true}, {}} {
		s := mustOpen(t, path, opt)
		entries, findings, err := readAll(t.Context(), s)
		if len(entries) != 40 || len(findings) != 0 || err != nil {
			t.Errorf("%d entries, %v, %v", len(entries), findings, err)
		}
		if during := folder(t, path); during != before {
			t.Errorf("reading made\n%s\nof\n%s", during, before)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if after := folder(t, path); after != before {
		t.Errorf("reading left\n%s\nof\n%s", after, before)
	}
}

func TestMissingFileIsEmptyAndStaysMissing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "no", "kb.sqlite")
	for _, opt := range []Options{{ReadOnly: true}, {}} {
		s := mustOpen(t, path, opt)
		if entries, _, err := readAll(t.Context(), s); len(entries) != 0 || err != nil || s.Exists() {
			t.Errorf("%d entries, %v", len(entries), err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Dir(path)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder was made: %v", err)
	}
}

func TestReadOnlyRefusesAdd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kb.sqlite")
	s := mustOpen(t, path, Options{ReadOnly: true})
	defer s.Close()
	if _, err := s.Add(t.Context(), storetest.Task(t, 1)); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("got %v", err)
	}
	if s.Exists() {
		t.Error("the file was made")
	}
}

// TestReaderFollowsWriter has a handle that began to read a still file notice a writer of another handle.
func TestReaderFollowsWriter(t *testing.T) {
	path := filled(t, 1)
	reader, writer := mustOpen(t, path, Options{ReadOnly: true}), mustOpen(t, path, Options{})
	defer reader.Close()
	for i := range 20 {
		if i%5 == 4 { // fold the log into the file now and then
			if err := writer.Close(); err != nil {
				t.Fatal(err)
			}
			writer = mustOpen(t, path, Options{})
		}
		if _, err := writer.Add(t.Context(), storetest.Task(t, 100+i)); err != nil {
			t.Fatal(err)
		}
		entries, findings, err := readAll(t.Context(), reader)
		if len(entries) != 3+i || len(findings) != 0 || err != nil {
			t.Fatalf("step %d: %d entries, want %d, %v, %v", i, len(entries), 3+i, findings, err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
}

// raw runs statements on the file behind the store's back.
func raw(t testing.TB, path string, statements ...string) error {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			return err
		}
	}
	return nil
}

func TestRecordsCannotBeChanged(t *testing.T) {
	path := filled(t, 2)
	for _, statement := range []string{"UPDATE record SET body = x'00'", "DELETE FROM record"} {
		if err := raw(t, path, statement); err == nil {
			t.Errorf("%s: accepted", statement)
		}
	}
}

func TestRefusesOtherFiles(t *testing.T) {
	make := func(name string, statements ...string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := raw(t, path, statements...); err != nil {
			t.Fatal(err)
		}
		return path
	}
	text := func(content string) string {
		path := filepath.Join(t.TempDir(), "text")
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	newer := filled(t, 1)
	if err := raw(t, newer, "PRAGMA user_version = 2"); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		path string
		want error
	}{
		"another application": {make("a", "CREATE TABLE t (x)", "PRAGMA application_id = 7"), store.ErrForeign},
		"a table":             {make("b", "CREATE TABLE record (x)"), store.ErrForeign},
		"newer":               {newer, store.ErrNewer},
		"version 0":           {make("c", fmt.Sprintf("PRAGMA application_id = %d", applicationID), "CREATE TABLE t (x)"), store.ErrCorrupt},
		"text":                {text("task,name\n1,iris\n"), store.ErrForeign},
		"long text":           {text(strings.Repeat("task,name\n", 1000)), store.ErrForeign},
		"one byte":            {text("x"), store.ErrForeign},
		"zeros":               {text(strings.Repeat("\x00", 8192)), store.ErrForeign},
	} {
		before, err := os.ReadFile(test.path)
		if err != nil {
			t.Fatal(err)
		}
		s := mustOpen(t, test.path, Options{})
		if _, _, err := readAll(t.Context(), s); !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.path) {
			t.Errorf("%s: reading gives %v", name, err)
		}
		if _, err := s.Add(t.Context(), storetest.Task(t, 1)); !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.path) {
			t.Errorf("%s: adding gives %v", name, err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if after, err := os.ReadFile(test.path); err != nil || string(after) != string(before) {
			t.Errorf("%s: the file was changed, %v", name, err)
		}
	}
	if _, err := Open(t.TempDir(), Options{}); !errors.Is(err, store.ErrForeign) {
		t.Errorf("a folder: %v", err)
	}
}

// TestEmptyFileIsFilled: creation cut short before the first page leaves an empty file, or a database without
// anything in it.
func TestEmptyFileIsFilled(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	begun := filepath.Join(t.TempDir(), "begun")
	if err := raw(t, begun, "PRAGMA journal_mode = WAL"); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{empty, begun} {
		s := mustOpen(t, path, Options{})
		if entries, _, err := readAll(t.Context(), s); len(entries) != 0 || err != nil {
			t.Errorf("%d entries, %v", len(entries), err)
		}
		if _, err := s.Add(t.Context(), storetest.Task(t, 1)); err != nil {
			t.Error(err)
		}
		if entries, _, err := readAll(t.Context(), s); len(entries) != 1 || err != nil {
			t.Errorf("%d entries, %v", len(entries), err)
		}
		s.Close()
	}
}

func TestLocked(t *testing.T) {
	path := filled(t, 1)
	db, err := sql.Open("sqlite", path+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, path, Options{Busy: time.Millisecond})
	defer s.Close()
	if _, err := s.Add(t.Context(), storetest.Task(t, 5)); !errors.Is(err, store.ErrLocked) {
		t.Errorf("got %v", err)
	}
	if entries, _, err := readAll(t.Context(), s); len(entries) != 2 || err != nil {
		t.Errorf("a writer blocks readers: %d entries, %v", len(entries), err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Add(t.Context(), storetest.Task(t, 5)); n != 1 || err != nil {
		t.Errorf("after the lock: %d, %v", n, err)
	}
}

// TestWaitingAddsShareACommit counts transactions by the growth of the log's frames: many waiting calls must not
// cost one synchronisation each.
func TestWaitingAddsShareACommit(t *testing.T) {
	s := mustOpen(t, filepath.Join(t.TempDir(), "kb.sqlite"), Options{})
	defer s.Close()
	var group []*addition
	for i := range 50 {
		group = append(group, &addition{entries: []store.Entry{storetest.Task(t, i)}, done: make(chan struct{})})
	}
	bad := storetest.Task(t, 99)
	bad.ID = "no id"
	group = append(group, &addition{entries: []store.Entry{bad}, done: make(chan struct{})})

	s.commit(group[:50])
	for i, a := range group[:50] {
		if a.err != nil || a.added != 1 {
			t.Errorf("call %d: %d, %v", i, a.added, a.err)
		}
	}
	before := folder(t, s.path)
	s.commit(group[:50]) // again: nothing new, so nothing is written
	if after := folder(t, s.path); after != before {
		t.Errorf("a commit without news wrote\n%s\nover\n%s", after, before)
	}
	s.commit(group)
	for i, a := range group {
		if failed := i == 50; (a.err != nil) != failed {
			t.Errorf("call %d of a group with a bad one: %v", i, a.err)
		}
	}
}
