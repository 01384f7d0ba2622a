package plugins

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestLockIsReadAsItWasWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "plugins.lock")
	l, err := ReadLock(path)
	if err != nil || len(l.Pins()) != 0 || l.Checksum(KindOptimizer, "a") != nil {
		t.Fatalf("a missing file: %v, %v", l, err)
	}
	one, two := sha256.Sum256([]byte("1")), sha256.Sum256([]byte("2"))
	l.Set(KindOptimizer, "b", two[:])
	l.Set(KindOptimizer, "a", two[:])
	l.Set(KindEvaluator, "a", two[:])
	l.Set(KindOptimizer, "a", one[:])
	l.Set(KindOptimizer, "gone", one[:])
	if !l.Remove(KindOptimizer, "gone") || l.Remove(KindOptimizer, "gone") {
		t.Error("a pin is removed once")
	}
	for range 2 { // the second time over an existing file
		if err := l.Write(path); err != nil {
			t.Fatal(err)
		}
	}
	got, err := ReadLock(path)
	if err != nil || !slices.Equal(got.Pins(), l.Pins()) || len(got.Pins()) != 3 {
		t.Errorf("read %v, %v; wrote %v", got, err, l)
	}
	if sum := got.Checksum(KindOptimizer, "a"); !bytes.Equal(sum, one[:]) {
		t.Errorf("optimizer a is pinned to %x", sum)
	}
	if got.Checksum(KindEvaluator, "b") != nil {
		t.Error("evaluator b is pinned by optimizer b")
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestLockIsNotWrittenByHalves(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder")
	if err := os.MkdirAll(filepath.Join(path, "in the way"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := (Lock{}).Write(path); err == nil {
		t.Error("a folder was replaced")
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestBrokenLocksAreRefused(t *testing.T) {
	sum := strings.Repeat("ab", sha256.Size)
	pin := func(kind, name, sum string) string {
		return `{"kind":"` + kind + `","name":"` + name + `","sha256":"` + sum + `"}`
	}
	for plugins, want := range map[string]string{
		"":                          "unexpected",
		"7":                         "cannot unmarshal",
		pin("peer", "a", sum):       `"peer" is no kind`,
		pin("optimizer", "", sum):   "plugins[0]: no name",
		pin("optimizer", "a", "zz"): "no SHA-256",
		pin("optimizer", "a", "ab"): "no SHA-256",
		pin("optimizer", "a", sum) + "," + pin("optimizer", "a", sum): "optimizer a is there twice",
		`{"kind":"optimizer","path":"/x"}`:                            "unknown field",
	} {
		text := `{"schema_version":1,"plugins":[` + plugins + `]}`
		if plugins == "" {
			text = text[:10]
		}
		checkBrokenLock(t, text, want)
	}
	checkBrokenLock(t, `{"schema_version":2,"plugins":[]}`, "schema_version 2")
	checkBrokenLock(t, `{"schema_version":1,"plugins":[]} {}`, "more than one")
}

func checkBrokenLock(t *testing.T, text, want string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plugins.lock")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := ReadLock(path)
	if !errors.Is(err, ErrLock) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
		t.Errorf("%s: error %v, want %q", text, err, want)
	}
}

func FuzzParseLock(f *testing.F) {
	f.Add([]byte(`{"schema_version":1,"plugins":[{"kind":"optimizer","name":"a","sha256":"` + strings.Repeat("0", 64) + `"}]}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := parseLock(data)
		if err != nil {
			return
		}
		for _, p := range l.Pins() {
			if len(l.Checksum(p.Kind, p.Name)) != sha256.Size {
				t.Errorf("%v has no checksum", p)
			}
		}
	})
}

func TestProgramsChecksum(t *testing.T) {
	path := filepath.Join(t.TempDir(), "metaml-optimizer-a")
	if err := os.WriteFile(path, []byte("hello"), 0o700); err != nil {
		t.Fatal(err)
	}
	p := Program{KindOptimizer, "a", path}
	want := sha256.Sum256([]byte("hello"))
	if sum, err := p.Checksum(); err != nil || !bytes.Equal(sum, want[:]) {
		t.Errorf("checksum %x, %v", sum, err)
	}
	p.Path += "x"
	if _, err := p.Checksum(); err == nil {
		t.Error("a checksum of nothing")
	}
}
