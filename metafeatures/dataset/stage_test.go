package dataset

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// readText reads a dataset from text, as standard input.
func readText(t testing.TB, text string, opt Options) (*Dataset, error) {
	t.Helper()
	opt.Stdin = strings.NewReader(text)
	return Read(context.Background(), "-", opt)
}

// mustRead is readText for text that is in order.
func mustRead(t testing.TB, text string, opt Options) *Dataset {
	t.Helper()
	d, err := readText(t, text, opt)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

const staged = "size,colour,ok,when,kind\n1.5,red,yes,2020-01-01,a\n,blue,no,2020-01-02,b\n-3,red,,2020-01-03,a\n4,green,yes,1969-12-31,b\n"

func TestStageLayout(t *testing.T) {
	d := mustRead(t, staged, Options{Name: "small"})
	s := Split{Assignments: [][]int8{{-1, 0, 1, 0}, {-1, 1, 0, 1}}, Folds: 2, Hash: "h"}
	dir := filepath.Join(t.TempDir(), "table")
	for range 2 { // the second replaces the first
		if err := d.Stage(dir, s); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "table.json"))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"schema_version":1,"name":"small","fingerprint":"` + d.Fingerprint + `","task":"classification","rows":4,` +
		`"features":[{"name":"size","kind":"numeric"},{"name":"colour","kind":"categorical","levels":["red","blue","green"]},` +
		`{"name":"ok","kind":"boolean","levels":["yes","no"]},{"name":"when","kind":"date"}],` +
		`"target":{"name":"kind","levels":["a","b"]},"splits":[{"repeat":0,"folds":2},{"repeat":1,"folds":2}],"split_hash":"h"}` + "\n"
	if string(text) != want || !json.Valid(text) {
		t.Errorf("table.json:\n%s\nwant\n%s", text, want)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "table.f64"))
	if err != nil {
		t.Fatal(err)
	}
	nan := math.NaN()
	const day = 86400
	const y2020 = 18262 * day
	values := []float64{1.5, nan, -3, 4, 0, 1, 0, 2, 0, 1, nan, 0, y2020, y2020 + day, y2020 + 2*day, -day, 0, 1, 0, 1, -1, 0, 1, 0, -1, 1, 0, 1}
	if len(raw) != 8*len(values) {
		t.Fatalf("table.f64 has %d bytes, want %d", len(raw), 8*len(values))
	}
	for i, w := range values {
		v := math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))
		if v != w && !(v != v && w != w) {
			t.Errorf("number %d is %v, want %v", i, v, w)
		}
	}
	entries, _ := os.ReadDir(filepath.Dir(dir))
	if len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
	for _, name := range []string{"table.json", "table.f64"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info.Mode(), err)
		}
	}
}

func TestStageRefuses(t *testing.T) {
	d := mustRead(t, staged, Options{})
	dir := t.TempDir()
	if err := d.Stage(filepath.Join(dir, "table"), Split{Assignments: [][]int8{{0, 1}}}); !errors.Is(err, ErrOption) {
		t.Errorf("a split of other rows: %v", err)
	}
	if err := d.Stage(filepath.Join(dir, "gone", "table"), Split{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no parent folder: %v", err)
	}
	file := filepath.Join(dir, "file", "table")
	if err := os.WriteFile(filepath.Dir(file), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := d.Stage(file, Split{}); err == nil {
		t.Error("staged inside a file")
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

// Many that stage at the same place end up with one whole folder.
func TestStageAtTheSameTime(t *testing.T) {
	d := mustRead(t, staged, Options{})
	s, err := NewSplit(d, SplitOptions{Folds: 2})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "table")
	done := make(chan error)
	for range 4 {
		go func() {
			var err error
			for range 5 {
				err = errors.Join(err, d.Stage(dir, s))
			}
			done <- err
		}()
	}
	for range 4 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	entries, _ := os.ReadDir(filepath.Dir(dir))
	if len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
	if raw, err := os.ReadFile(filepath.Join(dir, "table.f64")); err != nil || len(raw) != 8*4*6 {
		t.Errorf("%d bytes, %v", len(raw), err)
	}
}
