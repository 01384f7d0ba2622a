package tuning

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

func TestNames(t *testing.T) {
	for name, good := range map[string]bool{
		"churn-7f3a": true, "a": true, "9.x_y": true, "": false, ".hidden": false, "-x": false, "a/b": false, "..": false,
		"a b": false, "ä": false, "a\x00": false, strings.Repeat("a", 100): true, strings.Repeat("a", 101): false,
	} {
		if err := CheckName(name); (err == nil) != good || err != nil && !errors.Is(err, ErrName) {
			t.Errorf("%q: %v", name, err)
		}
	}
	for word, want := range map[string]string{
		"churn.csv": "churn.csv-7f3a91", "my data (2).csv": "my-data--2-.csv-7f3a91", "../../x": "x-7f3a91", "数据": "study-7f3a91",
		strings.Repeat("long", 50): strings.Repeat("long", 15) + "-7f3a91",
	} {
		if got := NameFrom(word, "7f3a91c0ffee"); got != want || CheckName(got) != nil {
			t.Errorf("%q becomes %q, want %q", word, got, want)
		}
	}
}

// FuzzNameFrom makes a good name of any word.
func FuzzNameFrom(f *testing.F) {
	f.Add("x.csv")
	f.Add("-\x00.")
	f.Fuzz(func(t *testing.T, word string) {
		if name := NameFrom(word, "abcdef0123"); CheckName(name) != nil {
			t.Errorf("%q becomes %q", word, name)
		}
	})
}

// TestStudiesAreListed lists folders that hold a log, and nothing else.
func TestStudiesAreListed(t *testing.T) {
	dir := t.TempDir()
	if names, err := Names(dir); len(names) != 0 || err != nil {
		t.Errorf("where nothing is: %v, %v", names, err)
	}
	for _, name := range []string{"b", "a", "empty"} {
		if err := os.MkdirAll(Folder(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		if name == "empty" {
			continue
		}
		if err := os.WriteFile(LedgerPath(Folder(dir, name)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if names, err := Names(dir); !reflect.DeepEqual(names, []string{"a", "b"}) || err != nil {
		t.Errorf("%v, %v", names, err)
	}
}

// TestJournals reads what two evaluators kept: whole lines in order, an unfinished one not at all, a broken one with its
// place.
func TestJournals(t *testing.T) {
	folder := t.TempDir()
	if j, err := ReadJournals(folder); len(j.Finished) != 0 || err != nil || j.Remove() != nil {
		t.Errorf("without journals: %v, %v", j, err)
	}
	if err := os.MkdirAll(JournalFolder(folder), 0o700); err != nil {
		t.Fatal(err)
	}
	line := func(id study.TrialID) string {
		b, err := json.Marshal(study.Finished{Trial: study.Trial{Suggestion: study.Suggestion{ID: id}, Status: study.Complete}})
		if err != nil {
			t.Fatal(err)
		}
		return string(b) + "\n"
	}
	write := func(slot int, text string) {
		if err := os.WriteFile(JournalFile(folder, 17, slot), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(1, line(2))
	write(0, line(1)+line(3)+strings.TrimSuffix(line(4), "}\n"))
	j, err := ReadJournals(folder)
	if err != nil {
		t.Fatal(err)
	}
	var ids []study.TrialID
	for _, f := range j.Finished {
		ids = append(ids, f.Trial.ID)
	}
	if !reflect.DeepEqual(ids, []study.TrialID{1, 3, 2}) {
		t.Errorf("trials %v", ids)
	}
	if err := j.Remove(); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(JournalFolder(folder), "*")); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	write(0, line(1)+"{broken\n")
	if _, err := ReadJournals(folder); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a broken line: %v", err)
	}
}

// TestHandover splits warm starts into what comes first and what is handed over.
func TestHandover(t *testing.T) {
	at := func(x int64) space.Config { return space.Config{"x": space.Int(x)} }
	warm := []WarmStart{{Config: at(1), Reason: "given"}, {Config: at(2)}, {Config: at(3)}, {Config: at(4)}}
	for _, c := range []struct {
		name               string
		h                  *Handover
		first, recommended int // of warm, from its beginning and from its end
	}{
		{"without", nil, 4, 0},
		{"a given one and three picks", &Handover{Picks: 3, Opening: 2}, 3, 3},
		{"all at once", &Handover{Picks: 3, Opening: 3}, 4, 3},
		{"an opening longer than the list", &Handover{Picks: 4, Opening: 9}, 4, 4},
		{"no picks", &Handover{}, 4, 0},
		{"more picks than there are", &Handover{Picks: 9, Opening: 1}, 0, 4},
	} {
		d := Details{WarmStarts: warm, Handover: c.h}
		if got, want := d.First(), configurations(warm[:c.first]); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: first %v, want %v", c.name, got, want)
		}
		if got, want := d.Recommended(), configurations(warm[len(warm)-c.recommended:]); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: recommended %v, want %v", c.name, got, want)
		}
		text, err := json.Marshal(d)
		var back Details
		if err == nil {
			err = json.Unmarshal(text, &back)
		}
		if err != nil || !reflect.DeepEqual(back, d) {
			t.Errorf("%s: read back %+v, %v", c.name, back, err)
		}
	}
}
