package tunebench

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestJournal(t *testing.T) {
	path, tasks := filepath.Join(t.TempDir(), "runs.jsonl"), lineup()
	open := func(identity string) (*Journal, error) { return OpenJournal(path, identity, tasks) }
	j, err := open("one")
	if err != nil || len(j.Finished) != 0 {
		t.Fatal(j, err)
	}
	want := Runs{{"a", "tpe/cold", 1}: {3, 2}, {"b", "peer", 2}: {10}}
	for key, rows := range want {
		if err := j.Add(key, rows, map[string]string{"library": "2"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	// A line that was cut off is as if it had not been written.
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(text, `{"task":"a","method":"tpe/cold","seed":9,"ro`...), 0o600); err != nil {
		t.Fatal(err)
	}
	if j, err = open("one"); err != nil || !reflect.DeepEqual(j.Finished, want) || j.Versions["library"] != "2" {
		t.Fatalf("%+v, %v", j, err)
	}
	if err := j.Add(Key{"a", "tpe/cold", 9}, []int{1}, nil); err != nil {
		t.Fatal(err)
	}
	_ = j.Close()
	if j, err = open("one"); err != nil || len(j.Finished) != 3 {
		t.Fatalf("%+v, %v", j, err)
	}
	_ = j.Close()
	if _, err := open("two"); !errors.Is(err, ErrOtherRuns) || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("runs of something else: %v", err)
	}
	for _, line := range []string{`{"task":"a","method":"x","seed":1,"rows":[11]}`, `{"task":"z","method":"x","seed":1,"rows":[0]}`, "nonsense"} {
		if err := os.WriteFile(path, append(text, line+"\n"...), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := open("one"); err == nil || !strings.Contains(err.Error(), "line 4") {
			t.Errorf("%s: %v", line, err)
		}
	}
	if _, err := OpenJournal(filepath.Join(path, "x"), "one", tasks); err == nil {
		t.Error("a file inside a file")
	}
}

func TestIdentity(t *testing.T) {
	seen := map[string]string{}
	note := func(what string, tasks []*Task, facts ...any) {
		id, err := Identity(tasks, facts...)
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[id]; ok {
			t.Errorf("%s is the same as %s", what, other)
		}
		seen[id] = what
	}
	tables := func() []*Task { return sheetTasks(t, sheetSet(t, "t", 2, false, bowl)) }
	note("the tables", tables())
	note("a fact", tables(), 1)
	note("another", tables(), 2)
	note("fewer tables", tables()[:1])
	changed := tables()
	changed[1].Rows[3].Test += .01
	note("another result", changed)
	id, err := Identity(tables())
	if err != nil || seen[id] != "the tables" {
		t.Errorf("the same tables are %q, %v", seen[id], err)
	}
}
