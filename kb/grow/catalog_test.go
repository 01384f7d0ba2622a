package grow_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/metaml/metaml/kb/grow"
	"github.com/metaml/metaml/metafeatures/dataset"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

func finishedLine(t *testing.T, f study.Finished) string {
	t.Helper()
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b) + "\n"
}

func TestCatalog(t *testing.T) {
	dir := t.TempDir()
	write := func(text string) string {
		path := filepath.Join(dir, "catalog.csv")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	entries, err := grow.Catalog(write("file,name,extra,source,source_path,task,target,group,licence,tags\n" +
		"a.csv.gz,iris,9,UCI,x/iris,classification,y,g1,BSD,small flowers\n/abs/b.tsv,,,,,,,,,\n"))
	if err != nil {
		t.Fatal(err)
	}
	a, b := entries[0], entries[1]
	if a.Path != filepath.Join(dir, "a.csv.gz") || a.Name != "iris" || a.Source != "UCI x/iris" || a.Group != "g1" ||
		a.Options.Target != "y" || a.Options.Task != "classification" || len(a.Tags) != 2 {
		t.Errorf("first entry %+v", a)
	}
	if b.Path != "/abs/b.tsv" || b.Options.Target != "" {
		t.Errorf("second entry %+v", b)
	}
	// As spreadsheets save it: with a byte order mark, and columns without name.
	if entries, err = grow.Catalog(write("\ufefffile,name,,\na.csv,iris,,\n")); err != nil || len(entries) != 1 || entries[0].Name != "iris" {
		t.Errorf("a spreadsheet's catalog: %+v, %v", entries, err)
	}
	for name, c := range map[string]struct{ text, want string }{
		"column twice":   {"file,target,target\na.csv,x,y\n", `column "target" is there twice`},
		"no file column": {"path\nx\n", `no column "file"`},
		"empty":          {"", "header"},
		"ragged":         {"file,name\na\n", "line 2"},
		"empty file":     {"file,name\n,x\n", "row 2: column file is empty"},
		"task":           {"file,task\na.csv,ranking\n", `row 2: task "ranking"`},
	} {
		_, err := grow.Catalog(write(c.text))
		if !errors.Is(err, grow.ErrCatalog) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
}

func FuzzCatalog(f *testing.F) {
	f.Add("file,name\na.csv,iris\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "c.csv")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		entries, err := grow.Catalog(path)
		if err != nil && !errors.Is(err, grow.ErrCatalog) {
			t.Errorf("error without ErrCatalog: %v", err)
		}
		for _, e := range entries {
			if e.Path == "" {
				t.Error("an entry without path")
			}
		}
	})
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.csv.gz", "a.arff", "inventory.csv", "README.md", "c.TSV.zst"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := grow.Folder(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, filepath.Base(e.Path))
	}
	if got := strings.Join(names, " "); got != "a.arff b.csv.gz c.TSV.zst" {
		t.Errorf("files %s", got)
	}
	if _, err := grow.Folder(t.TempDir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("empty folder: %v", err)
	}
}

func TestSelectSpreadsOverGroups(t *testing.T) {
	entry := func(name, group string, task dataset.TaskType) grow.Entry {
		return grow.Entry{Name: name, Group: group, Options: dataset.Options{Task: task}}
	}
	all := []grow.Entry{
		entry("a1", "a", dataset.Classification), entry("a2", "a", dataset.Classification), entry("a3", "a", dataset.Regression),
		entry("b1", "b", dataset.Classification), entry("c", "", dataset.Classification), entry("d", "", dataset.Classification),
		entry("a4", "a", dataset.Regression), entry("e", "e", dataset.Regression),
	}
	for n, want := range map[int]string{0: "a1 a2 a3 b1 c d a4 e", 1: "a1 a3", 2: "a1 a3 b1 e", 4: "a1 a3 b1 c d a4 e", 9: "a1 a2 a3 b1 c d a4 e"} {
		var names []string
		for _, e := range grow.Select(all, n) {
			names = append(names, e.Name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("Select(%d) = %s, want %s", n, got, want)
		}
	}
}

// Values by: python3 -c "import hashlib; print(int(hashlib.sha256(b'NAME').hexdigest(), 16) % 5)"
func TestHeldOut(t *testing.T) {
	for group, rest := range map[string]int{"scikit-learn__iris": 2, "scikit-learn__diabetes": 0, "nsw": 0, "hmda": 0, "wdbc-wpbc": 3, "größe": 1} {
		if got := grow.HeldOut(group, 5); got != (rest == 0) {
			t.Errorf("HeldOut(%q) = %v, rest %d", group, got, rest)
		}
	}
	if grow.HeldOut("nsw", 0) {
		t.Error("modulus 0 holds something out")
	}
}

func TestDesign(t *testing.T) {
	s, err := space.New([]space.Hyperparameter{
		{Name: "arm", Type: space.TypeCategorical, Choices: []space.Value{space.String("a"), space.String("b"), space.String("c")}},
		{Name: "a.x", Type: space.TypeFloat, Low: 0, High: 1, When: space.Equals("arm", space.String("a"))},
		{Name: "b.n", Type: space.TypeInt, Low: 1, High: 9, When: space.Equals("arm", space.String("b"))},
	})
	if err != nil {
		t.Fatal(err)
	}
	short, err := grow.Design(s, "arm", 8, 3)
	if err != nil {
		t.Fatal(err)
	}
	long, err := grow.Design(s, "arm", 40, 3)
	if err != nil {
		t.Fatal(err)
	}
	if len(short) != 8 || len(long) != 40 {
		t.Fatalf("%d and %d configurations", len(short), len(long))
	}
	for i, arm := range []string{"a", "b", "c"} {
		if got := long[i]["arm"].Text(); got != arm {
			t.Errorf("configuration %d is for arm %s, want the default of %s", i, got, arm)
		}
	}
	for i, c := range short {
		if !c.Equal(long[i]) {
			t.Errorf("configuration %d differs between designs of 8 and 40", i)
		}
	}
	counts := map[string]int{}
	for _, c := range long {
		if err := s.Validate(c); err != nil {
			t.Errorf("%v: %v", c, err)
		}
		counts[c["arm"].Text()]++
	}
	if counts["a"] < 10 || counts["b"] < 10 || counts["c"] < 10 {
		t.Errorf("arms unevenly covered: %v", counts)
	}
	if none, err := grow.Design(s, "nothing", 1, 0); err != nil || !none[0].Equal(s.Default()) {
		t.Errorf("without arm: %v, %v", none, err)
	}
}
