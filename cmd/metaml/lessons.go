package main

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/metaml/metaml/warmstart"
)

// lessons is the folder that keeps what was learned from large knowledge bases, a file per key. Nothing depends on it:
// where it cannot be read or written, everything is learned anew.
type lessons struct{ dir string }

// keptLessons is how many files the folder keeps: those used last.
const keptLessons = 8

// lessons returns the folder for what is learned; nil where there is no cache folder.
func (e *environment) lessons() warmstart.Memory {
	dir, err := e.cacheFolder()
	if err != nil {
		return nil
	}
	return lessons{filepath.Join(dir, "lessons")}
}

func (l lessons) Load(key string) ([]byte, bool) {
	path := filepath.Join(l.dir, key)
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, false
	}
	now := time.Now()
	_ = os.Chtimes(path, now, now) // so that it is kept; a read-only folder is never cleared
	return data, true
}

func (l lessons) Save(key string, data []byte) {
	if os.MkdirAll(l.dir, 0o700) != nil {
		return
	}
	file, err := os.CreateTemp(l.dir, "new-*")
	if err != nil {
		return
	}
	_, err = file.Write(data)
	if err = cmp.Or(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), filepath.Join(l.dir, key))
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return
	}
	l.clear()
}

// clear removes all but the files used last.
func (l lessons) clear() {
	entries, err := os.ReadDir(l.dir)
	if err != nil {
		return
	}
	age := func(e os.DirEntry) time.Time {
		info, err := e.Info()
		if err != nil {
			return time.Time{}
		}
		return info.ModTime()
	}
	slices.SortStableFunc(entries, func(a, b os.DirEntry) int { return age(b).Compare(age(a)) })
	for _, e := range entries[min(keptLessons, len(entries)):] {
		_ = os.Remove(filepath.Join(l.dir, e.Name()))
	}
}
