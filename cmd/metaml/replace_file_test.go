package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReplaceFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	for _, content := range []string{"one", "another, longer", ""} {
		if err := replaceFile(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != content {
			t.Errorf("%q, %v, want %q", got, err, content)
		}
	}
	if err := replaceFile(dir, nil); err == nil || !strings.Contains(err.Error(), "is a folder; name a file in it") {
		t.Errorf("onto a folder: %v", err)
	}
	if err := replaceFile(filepath.Join(dir, "none", "f"), nil); err == nil || !strings.Contains(err.Error(), "none does not exist") {
		t.Errorf("into no folder: %v", err)
	}
	if err := replaceFile(filepath.Join(path, "f"), nil); err == nil {
		t.Error("a file inside a file")
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".export-*")); err != nil || left != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
