//go:build unix

package plugins

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// plant writes a program that leaves a file behind if it is ever executed.
func plant(t *testing.T, folder, file string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(folder, file)
	if err := os.WriteFile(path, []byte("#!/bin/sh\ntouch "+filepath.Join(folder, "executed")+"\n"), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFind(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	zebra := plant(t, first, "metaml-optimizer-zebra", 0o755)
	shadowing := plant(t, first, "metaml-optimizer-both", 0o755)
	plant(t, second, "metaml-optimizer-both", 0o755)
	plant(t, second, "metaml-evaluator-sklearn", 0o755)
	plant(t, second, "metaml-optimizer-notes", 0o644)
	plant(t, second, "metaml-optimizer-", 0o755)
	plant(t, second, "metaml-optimizer-Evil;rm", 0o755)
	plant(t, second, "metaml-optimizer-a.b", 0o755)
	plant(t, second, "optimizer-x", 0o755)
	if err := os.Mkdir(filepath.Join(second, "metaml-optimizer-folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	linked := filepath.Join(second, "metaml-optimizer-linked_1")
	if err := os.Symlink(zebra, linked); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/nowhere", filepath.Join(second, "metaml-optimizer-dangling")); err != nil {
		t.Fatal(err)
	}
	want := []Program{
		{KindOptimizer, "both", shadowing}, {KindOptimizer, "linked_1", linked}, {KindOptimizer, "zebra", zebra},
	}
	folders := []string{first, filepath.Join(first, "missing"), second}
	if got := Find(KindOptimizer, folders); !slices.Equal(got, want) {
		t.Errorf("Find = %v, want %v", got, want)
	}
	if p, err := Lookup(KindEvaluator, "sklearn", folders); err != nil || p.Command().Path != filepath.Join(second, "metaml-evaluator-sklearn") {
		t.Errorf("Lookup = %v, %v", p, err)
	}
	if _, err := Lookup(KindEvaluator, "zebra", folders); !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), "metaml-evaluator-zebra") {
		t.Errorf("Lookup of another kind's: %v", err)
	}
	for _, folder := range folders {
		if _, err := os.Stat(filepath.Join(folder, "executed")); err == nil {
			t.Errorf("listing executed a program in %s", folder)
		}
	}
}

// TestFindInARelativeFolder: what is found in the working folder can be started, whatever PATH says.
func TestFindInARelativeFolder(t *testing.T) {
	folder := t.TempDir()
	plant(t, folder, "metaml-optimizer-near", 0o755)
	t.Chdir(folder)
	found, err := Lookup(KindOptimizer, "near", []string{"."})
	if err != nil {
		t.Fatal(err)
	}
	if !filepath.IsAbs(found.Path) || filepath.Base(found.Path) != "metaml-optimizer-near" {
		t.Errorf("found as %q, which is not absolute", found.Path)
	}
}

func TestFolders(t *testing.T) {
	t.Setenv("PATH", "/usr/bin:.:bin::/opt/bin:/usr/bin")
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{filepath.Dir(binary), "/data/plugins", "/usr/bin", "/opt/bin"}
	if got := Folders("/data/plugins"); !slices.Equal(got, want) {
		t.Errorf("Folders = %q, want %q", got, want)
	}
	if got := Folders(""); len(got) != 3 {
		t.Errorf("without a plugin folder: %q", got)
	}
}

func TestAFoundProgramStarts(t *testing.T) {
	folder := t.TempDir()
	self := playing(t, "evaluator")
	if err := os.Symlink(self.Path, filepath.Join(folder, "metaml-evaluator-square")); err != nil {
		t.Fatal(err)
	}
	p, err := Lookup(KindEvaluator, "square", []string{folder})
	if err != nil {
		t.Fatal(err)
	}
	command := p.Command()
	command.Env = self.Env
	e, err := StartEvaluator(t.Context(), p.Name, command)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

func TestSelfCommandStartsThisProgram(t *testing.T) {
	command, err := SelfCommand("an", "argument")
	if err != nil || !slices.Equal(command.Args, []string{"an", "argument"}) {
		t.Fatal(command, err)
	}
	command.Env = []string{roleVariable + "=evaluator"}
	e, err := StartEvaluator(t.Context(), "self", command)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}
