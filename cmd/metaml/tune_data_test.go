package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/metaml/metaml/cmd/internal/refit"
	"github.com/metaml/metaml/kb"
	"github.com/metaml/metaml/plugins/pyenv"
)

// tuneHome is a home whose Python environments are those of the tests, made once in the user's cache.
func tuneHome(t *testing.T) (env []string, data string) {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = t.TempDir()
	}
	environments := filepath.Join(cache, "metaml", "test-pyenv")
	_, err = pyenv.Ensure(t.Context(), pyenv.Options{Dir: environments, Locks: pythonEvaluators()[refittable].locks})
	switch {
	case err != nil && os.Getenv("METAML_STRICT") == "1":
		t.Fatal(err)
	case err != nil:
		t.Skip("no Python environment: ", err)
	}
	home := t.TempDir()
	data = filepath.Join(home, ".local", "share", "metaml")
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(environments, filepath.Join(data, "pyenv")); err != nil {
		t.Fatal(err)
	}
	return append(os.Environ(), "HOME="+home, "XDG_DATA_HOME=", "XDG_CACHE_HOME=", "XDG_CONFIG_HOME="), data
}

// TestTuneData tunes the sample dataset with BOHB on two workers by one command: a model that predicts in a process of
// its own, a report and an entry in the knowledge base are left, and the next suggestion knows the task.
func TestTuneData(t *testing.T) {
	if testing.Short() {
		t.Skip("trains models")
	}
	env, data := tuneHome(t)
	file, err := filepath.Abs("testdata/diabetes.csv")
	if err != nil {
		t.Fatal(err)
	}
	run := func(name string, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), name, args...)
		var stderr bytes.Buffer
		cmd.Env, cmd.Stderr = env, &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s %v: %v\n%s", name, args, err, stderr.String())
		}
		return string(out)
	}
	out := run("metaml", "tune", file, "--target", "target", "--optimizer", "bohb", "--workers", "2", "--trials", "14", "--json")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var done doneEvent
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &done); err != nil {
		t.Fatal(err)
	}
	if len(lines) != 15 || done.Trials != 14 || done.WarmStarted < 7 || done.Best == nil || done.Best.Test == nil || done.Best.WarmStart == nil {
		t.Fatalf("%d lines, the last: %+v", len(lines), done)
	}
	if page, err := os.ReadFile(done.Report); err != nil || !bytes.Contains(page, []byte("<html")) {
		t.Errorf("the report: %v", err)
	}
	checkPredictions(t, run, done, file)

	store, err := kb.Open(t.Context(), kb.Options{Path: filepath.Join(data, "kb", "kb.sqlite"), NoSeed: true, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if s, err := store.Stats(t.Context()); err != nil || s.Tasks != 1 || s.Runs < 6 {
		t.Errorf("the knowledge base holds %+v, %v", s, err)
	}
	if out := run("metaml", "suggest", file, "--target", "target", "--k", "1"); !strings.Contains(out, "weighing most: diabetes") || !strings.Contains(out, " on these very data") {
		t.Errorf("the next suggestion does not know it:\n%s", out)
	}
	start := time.Now()
	if again := run("metaml", "tune", file, "--target", "target", "--optimizer", "bohb", "--workers", "2", "--trials", "14", "--json"); strings.Count(again, "\n") != 1 {
		t.Errorf("finished, it prints\n%s", again)
	}
	t.Logf("again after %v", time.Since(start))
}

// checkPredictions predicts the training data by the saved script, which must be far better than a constant.
func checkPredictions(t *testing.T, run func(string, ...string) string, done doneEvent, file string) {
	t.Helper()
	interpreter := pythonWithSDK(t)
	predicted, err := csv.NewReader(strings.NewReader(run(interpreter, "-I", filepath.Join(done.Model, refit.ScriptFile), file))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	truth, err := csv.NewReader(text).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(predicted) != len(truth) {
		t.Fatalf("%d predictions for %d rows", len(predicted)-1, len(truth)-1)
	}
	number := func(s string) float64 {
		x, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	sum, squares, errors := 0.0, 0.0, 0.0
	n := float64(len(truth) - 1)
	for i := 1; i < len(truth); i++ {
		y := number(truth[i][len(truth[i])-1])
		sum, squares = sum+y, squares+y*y
		errors += math.Pow(y-number(predicted[i][0]), 2)
	}
	if variance := squares/n - sum*sum/n/n; !(errors/n < 0.8*variance) {
		t.Errorf("mean squared error %g, a constant's is %g", errors/n, variance)
	}
}
