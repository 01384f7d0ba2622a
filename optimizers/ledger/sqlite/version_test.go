package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers"
)

// version1 copies a study of three trials that was written with version 1 of the schema.
func version1(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "version1.study"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "old.study")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestVersion1GoesOn reads and continues a study of the first schema: its log ends as that of a new study does.
func TestVersion1GoesOn(t *testing.T) {
	ctx := context.Background()
	path := version1(t)
	for _, trials := range []int{3, 8} {
		l, err := Open(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		if h := l.Header(); h.Name != "branin" || h.Problem.Seed != 7 {
			t.Errorf("header %+v", h)
		}
		runOn(t, l, trials)
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	view, err := View(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	memory := &optimizers.Memory{}
	runOn(t, memory, 8)
	got, want := events(t, view), events(t, memory)
	if len(got) != len(want) {
		t.Fatalf("%d events, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i].Sequence != want[i].Sequence || !got[i].Trial.Config.Equal(want[i].Trial.Config) {
			t.Errorf("event %d is %+v, want %+v", i+1, got[i], want[i])
		}
	}
}

// change has SQLite itself change a study, as a person with its shell would: all pages are in order afterwards.
func change(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range []string{"DROP TRIGGER event_update", "DROP TRIGGER event_delete", statement} {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// TestTamperedStudyIsRefused changes what only checksums can tell.
func TestTamperedStudyIsRefused(t *testing.T) {
	ctx := context.Background()
	for statement, want := range map[string]string{
		`UPDATE study SET header = CAST(replace(CAST(header AS TEXT), '"random"', '"grid"') AS BLOB)`:                   "the header was changed",
		`UPDATE event SET time = time + 1000 WHERE sequence = 3`:                                                        "event 3 was changed",
		`UPDATE event SET trial = CAST(replace(CAST(trial AS TEXT), 'complete', 'crashed') AS BLOB) WHERE sequence > 1`: "was changed",
		`UPDATE event SET sequence = 7 WHERE sequence = 6`:                                                              "was changed",
		`DELETE FROM event WHERE sequence = 2`:                                                                          "event 2 is missing",
		`UPDATE event SET sequence = CASE sequence WHEN 1 THEN 102 ELSE 101 END WHERE sequence < 3`:                     "event 1 is missing",
		`PRAGMA user_version = 3`:   "knows up to 2",
		`PRAGMA user_version = 0`:   "does not exist",
		`PRAGMA application_id = 7`: "another application",
	} {
		path := filepath.Join(t.TempDir(), "s.study")
		l := create(t, path)
		runOn(t, l, 3)
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		change(t, path, statement)
		_, err := readAll(ctx, path)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", statement, err, want)
		}
		if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrNewer) && !errors.Is(err, ErrForeign) {
			t.Errorf("%s: %v has no sentinel", statement, err)
		}
	}
}

// readAll returns how many events a study has.
func readAll(ctx context.Context, path string) (n int, err error) {
	l, err := View(ctx, path)
	if err != nil {
		return 0, err
	}
	defer l.Close()
	for _, err := range l.Entries(ctx) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
