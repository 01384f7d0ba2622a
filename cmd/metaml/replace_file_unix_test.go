//go:build unix

package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestReplaceFileKeeps what belongs to whoever owns the file: its permissions, links to it, and pipes.
func TestReplaceFileKeeps(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "f"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chmod(path, 0o642), os.Symlink("f", link)); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(path)
	if err != nil || info.Mode() != 0o642 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "new" {
		t.Errorf("the file has %q, %v", got, err)
	}
	if to, err := os.Readlink(link); err != nil || to != "f" {
		t.Errorf("the link leads to %q, %v", to, err)
	}
	fresh := filepath.Join(dir, "fresh")
	if err := replaceFile(fresh, nil); err != nil {
		t.Fatal(err)
	}
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if a, b := modeOf(t, fresh), modeOf(t, plain); a != b {
		t.Errorf("a new file is %v, others are %v", a, b)
	}
	pipe, said := filepath.Join(dir, "pipe"), make(chan string)
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	go func() {
		text, _ := os.ReadFile(pipe)
		said <- string(text)
	}()
	if err := replaceFile(pipe, []byte("passed on")); err != nil {
		t.Fatal(err)
	}
	if mode := modeOf(t, pipe); mode&fs.ModeNamedPipe == 0 {
		t.Fatalf("the pipe became %v", mode)
	}
	if got := <-said; got != "passed on" {
		t.Errorf("the pipe said %q", got)
	}
}

func modeOf(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode()
}
