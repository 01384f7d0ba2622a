package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestLessonsAreKept(t *testing.T) {
	l := lessons{filepath.Join(t.TempDir(), "cache", "lessons")}
	if _, ok := l.Load("a"); ok {
		t.Error("a lesson from nowhere")
	}
	for i := range keptLessons + 3 {
		key := fmt.Sprint("key", i)
		l.Save(key, []byte(key))
		old := time.Now().Add(time.Duration(i-100) * time.Hour)
		if err := os.Chtimes(filepath.Join(l.dir, key), old, old); err != nil {
			t.Fatal(err)
		}
		if i == keptLessons-1 {
			l.Load("key0") // used again, so that others go first
		}
	}
	entries, err := os.ReadDir(l.dir)
	if err != nil || len(entries) != keptLessons {
		t.Errorf("%d files, %v", len(entries), err)
	}
	for key, want := range map[string]bool{"key0": true, "key1": false, "key10": true} {
		data, ok := l.Load(key)
		if ok != want || ok && !bytes.Equal(data, []byte(key)) {
			t.Errorf("%s: %v, %q", key, ok, data)
		}
	}
}

// TestLessonsWithoutAFolder: where nothing can be written, nothing happens.
func TestLessonsWithoutAFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l := lessons{filepath.Join(file, "lessons")}
	l.Save("a", []byte("a"))
	if _, ok := l.Load("a"); ok {
		t.Error("saved below a file")
	}
}
