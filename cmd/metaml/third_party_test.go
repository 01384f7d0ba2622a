//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/metaml/metaml/plugins/pyenv"
	"github.com/metaml/metaml/plugins/python"
)

// installThirdParties puts the examples of optimizers of third parties, one in Go and one in Python, into a folder that
// is first on PATH, as a user would.
func installThirdParties(t *testing.T) {
	t.Helper()
	examples, err := filepath.Abs("../../plugins")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(folder, "metaml-optimizer-hillclimb"), ".")
	build.Dir = filepath.Join(examples, "examples", "hillclimb")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	script, err := os.ReadFile(filepath.Join(examples, "python", "examples", "evolution.py"))
	if err != nil {
		t.Fatal(err)
	}
	// The interpreter that the script finds is one for which the package is installed.
	interpreter := fmt.Sprintf("#!/bin/sh\nPYTHONPATH='%s' exec '%s' \"$@\"\n", filepath.Join(examples, "python"), pythonWithSDK(t))
	for name, text := range map[string]string{"metaml-optimizer-evolution": string(script), "python3": interpreter} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", folder+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// pythonWithSDK is an interpreter with what the SDK needs, in the environment that the tests of the Python package use.
func pythonWithSDK(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = t.TempDir()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	env, err := pyenv.Ensure(ctx, pyenv.Options{Dir: filepath.Join(cache, "metaml", "test-pyenv"),
		Locks: [][]byte{python.SklearnLock, python.DevelopmentLock}})
	switch {
	case err != nil && os.Getenv("METAML_STRICT") == "1":
		t.Fatal(err)
	case err != nil:
		t.Skip("no Python environment: ", err)
	}
	return env.Python
}

// metamlOutput runs metaml and returns what it wrote to standard output.
func metamlOutput(t *testing.T, args ...string) string {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "metaml", args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("metaml %s: %v\n%s", strings.Join(args, " "), err, stderr.Bytes())
	}
	return string(out)
}

// TestOptimizersOfThirdPartiesAreFoundAndRaced: the programs are listed, tell about themselves, and run beside built-in
// optimizers, with settings. That they keep the contract is tested where they are.
func TestOptimizersOfThirdPartiesAreFoundAndRaced(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds a program")
	}
	installThirdParties(t)
	home := t.TempDir()
	t.Setenv("HOME", home)
	for _, name := range []string{"XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"} {
		t.Setenv(name, filepath.Join(home, name))
	}
	list := metamlOutput(t, "plugins", "list", "--kind", "optimizer", "--output", "csv")
	for _, name := range []string{"hillclimb", "evolution"} {
		if !strings.Contains(list, "optimizer,"+name+",false,") {
			t.Errorf("%s is not listed:\n%s", name, list)
		}
	}
	metamlOutput(t, "plugins", "verify", "--kind", "optimizer", "--pin")
	if info := metamlOutput(t, "plugins", "info", "evolution"); !strings.Contains(info, "parents (integer), default 4") {
		t.Errorf("evolution tells\n%s", info)
	}
	cells := metamlOutput(t, "bench", "optimizers", "--method", "random,hillclimb,evolution:parents=1",
		"--problem", "branin,cash", "--seeds", "1", "--budget", "30", "--json")
	for _, problem := range []string{"branin", "cash"} {
		for _, method := range []string{"random", "hillclimb", "evolution:parents=1"} {
			want := fmt.Sprintf(`"problem":"%s","method":"%s","seeds":1,`, problem, method)
			if strings.Count(cells, want) != 1 {
				t.Errorf("no line with %s in\n%s", want, cells)
			}
		}
	}
}
