//go:build unix

package function

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins"
)

// asPlugin, in the environment, makes the test binary the evaluator's process; fresh and interpreter are its options.
const (
	asPlugin    = "METAML_FUNCTION_TEST_PLUGIN"
	fresh       = "METAML_FUNCTION_TEST_FRESH"
	interpreter = "METAML_FUNCTION_TEST_INTERPRETER"
)

func TestMain(m *testing.M) {
	if os.Getenv(asPlugin) != "" {
		plugins.ServeEvaluator(Plugin("test", Options{Interpreter: os.Getenv(interpreter), Fresh: os.Getenv(fresh) != ""}))
		return
	}
	os.Exit(m.Run())
}

// protocol calls a function of testdata in a space with a number, a choice and a number under a condition.
func protocol(t testing.TB, function string) *Protocol {
	t.Helper()
	s, err := space.New([]space.Hyperparameter{
		{Name: "x", Low: 0, High: 1},
		{Name: "kernel", Type: space.TypeCategorical, Choices: []space.Value{space.String("rbf"), space.String("poly")}},
		{Name: "degree", Type: space.TypeInt, Low: 2, High: 5, When: space.Equals("kernel", space.String("poly"))},
	})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata")); err != nil {
		t.Fatal(err)
	}
	return &Protocol{Space: s, Fidelities: []study.Range{{Name: "epochs", Low: 1, High: 9, Integer: true}},
		Function: function, Dir: dir, Checkpoints: filepath.Join(dir, "trials")}
}

// started starts the plugin's process, in which nothing is loaded.
func started(t testing.TB, limits plugins.Limits, env ...string) *plugins.Evaluator {
	t.Helper()
	python, err := Interpreter("")
	if err != nil {
		if os.Getenv("METAML_STRICT") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	command, err := plugins.SelfCommand()
	if err != nil {
		t.Fatal(err)
	}
	command.Env = append(append(os.Environ(), asPlugin+"=1", interpreter+"="+python, "PYTHONDONTWRITEBYTECODE=1"), env...)
	e, err := plugins.StartEvaluator(context.Background(), "python", command)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	if err := e.SetLimits(limits); err != nil {
		t.Fatal(err)
	}
	return e
}

func load(t testing.TB, e *plugins.Evaluator, p *Protocol) error {
	t.Helper()
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return e.Load(context.Background(), "", text, "")
}

// loaded is a started evaluator with a function.
func loaded(t testing.TB, p *Protocol, limits plugins.Limits, env ...string) *plugins.Evaluator {
	t.Helper()
	e := started(t, limits, env...)
	if err := load(t, e, p); err != nil {
		t.Fatal(err)
	}
	return e
}

func rbf(id study.TrialID, x float64) study.Suggestion {
	return study.Suggestion{ID: id, Config: space.Config{"x": space.Float(x), "kernel": space.String("rbf")}, Seed: 11}
}

func poly(id study.TrialID, x float64, degree int64) study.Suggestion {
	s := rbf(id, x)
	s.Config["kernel"], s.Config["degree"] = space.String("poly"), space.Int(degree)
	return s
}

// last is a trial's final observation.
func last(t study.Trial) study.Observation {
	if n := len(t.Observations); n > 0 {
		return t.Observations[n-1]
	}
	return study.Observation{}
}

// fault is what user.unsteady does at x = number/100, and what comes of it.
type fault struct {
	name   string
	status study.Status
	loss   float64
	reason string
}

func faults() []fault {
	return []fault{
		{"an exception", study.Failed, 0, "ValueError: the learning rate is too high (user.py, line "},
		{"an exit", study.Failed, 0, "the function ended the process by sys.exit(4)"},
		{"a segmentation fault", study.Crashed, 0, "segmentation fault: Fatal Python error: Segmentation fault"},
		{"noise", study.Complete, 7, ""},
		{"half a message", study.Crashed, 0, "the process exited with status 0"},
		{"a child that goes on", study.Complete, 3, ""},
		{"a hang", study.TimedOut, 0, "the function took longer than its limit of 4s"},
		{"20 GB", study.OutOfMemory, 0, "the memory limit is 200 MiB"},
		{"a hard exit", study.Crashed, 0, "status 3: libcuda.so.1: cannot open shared object file"},
		{"NaN", study.Failed, 0, "ValueError: loss is nan"},
		{"nothing", study.Failed, 0, "TypeError: the function returned None, not loss; does it end without return?"},
		{"another metric", study.Failed, 0, "there is no metric 'loss', only 'accuracy'"},
		{"a text", study.Failed, 0, "TypeError: loss is str, not a number"},
		{"SIGKILL", study.Crashed, 0, "killed"},
		{"a leak", study.Complete, 1, ""},
		{"a bad index", study.Failed, 0, "IndexError: list index out of range (user.py, line "},
		{"memory at once", study.OutOfMemory, 0, "MemoryError"},
	}
}

// TestFaults has one process meet every fault, one after the other and in forks as well as in processes of their own:
// each costs its trial alone, twice the same.
func TestFaults(t *testing.T) {
	for name, module := range map[string]string{"forked": "user", "fresh": "threads"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := protocol(t, module+":unsteady")
			e := loaded(t, p, plugins.Limits{}, "COUNT_IMPORTS=1")
			killed, restarts, pid := 0, 0, e.PID()
			for i, f := range faults() {
				if f.status == study.OutOfMemory && f.loss == 0 && runtime.GOOS != "linux" {
					continue // memory is not measured there
				}
				limits := plugins.Limits{Wall: time.Minute, Memory: 200 << 20, Grace: time.Minute}
				if f.status == study.TimedOut {
					limits.Wall = 4 * time.Second
				}
				if err := e.SetLimits(limits); err != nil {
					t.Fatal(err)
				}
				trial, err := e.Evaluate(context.Background(), rbf(study.TrialID(i+1), float64(i)/100), nil)
				if err != nil {
					t.Fatalf("%s: %v", f.name, err)
				}
				if trial.Status != f.status || !strings.Contains(trial.Reason, f.reason) || strings.Contains(trial.Reason, "\n") {
					t.Errorf("%s: %v, %q", f.name, trial.Status, trial.Reason)
				}
				if trial.Status == study.OutOfMemory && strings.HasSuffix(trial.Reason, "the evaluator was killed") {
					killed++ // the host looked first, and ended everything
				}
				if e.PID() != pid {
					restarts, pid = restarts+1, e.PID()
				}
				if f.status == study.Complete && last(trial).Metrics["loss"] != f.loss {
					t.Errorf("%s: %+v", f.name, trial.Observations)
				}
			}
			if restarts > killed {
				t.Errorf("the evaluator itself ended %d times", restarts-killed)
			}
			imports, err := os.ReadFile(filepath.Join(p.Dir, "imports"))
			if n := strings.Count(string(imports), "\n"); err != nil || (name == "forked") != (n == 1+restarts) {
				t.Errorf("%d imports, %v", n, err)
			}
			for _, trial := range []string{"6", "7"} { // the child that goes on, and the hang
				expectDead(t, filepath.Join(p.Checkpoints, trial, "pid"))
			}
			trace, err := os.ReadFile(filepath.Join(p.Checkpoints, "1", "traceback.txt"))
			if err != nil || !strings.Contains(string(trace), "in fail\n") || !strings.HasSuffix(string(trace), "is too high\n") {
				t.Errorf("traceback %q, %v", trace, err)
			}
		})
	}
}

// expectDead waits until there is no process of the number in a file.
func expectDead(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(string(text))
	if err != nil {
		t.Fatal(err)
	}
	for range 200 {
		if syscall.Kill(pid, 0) != nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("process %d of %s is alive", pid, path)
}

func TestForms(t *testing.T) {
	for function, want := range map[string]map[string]float64{
		"user:measure":           {"loss": .5},
		"user.py:measure":        {"loss": .5},
		"user:Holder.measure":    {"loss": 1},
		"user.py:whole":          {"loss": .5, "epochs": 9, "kernel": 3},
		"user:rest":              {"loss": 2},
		"./user.py:measure":      {"loss": .5},
		"../elsewhere.py:mirror": {"loss": -.5},
	} {
		t.Run(function, func(t *testing.T) {
			t.Parallel()
			p := protocol(t, function)
			elsewhere := filepath.Join(filepath.Dir(p.Dir), "elsewhere.py")
			if err := os.WriteFile(elsewhere, []byte("def mirror(x, kernel, degree=1): return -x\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			trial, err := loaded(t, p, plugins.Limits{}).Evaluate(context.Background(), rbf(1, .5), nil)
			if err != nil || trial.Status != study.Complete || fmt.Sprint(last(trial).Metrics) != fmt.Sprint(want) {
				t.Fatalf("%v %v %s: %v, want %v", err, trial.Status, trial.Reason, last(trial).Metrics, want)
			}
			if c := last(trial).Cost; c.Wall <= 0 || runtime.GOOS == "linux" && c.Memory < 1<<20 {
				t.Errorf("cost %+v", c)
			}
		})
	}
}

// TestWhatTheFunctionGets checks values with their types, working directory, environment and seeds.
func TestWhatTheFunctionGets(t *testing.T) {
	p := protocol(t, "user:told")
	e := loaded(t, p, plugins.Limits{}, "OMP_NUM_THREADS=3", "MY_TOKEN=secret")
	draws := map[float64]bool{}
	one := rbf(4, 1)
	one.Parent, one.Seed = 3, 12
	two := poly(3, .25, 4)
	two.Fidelity = study.Fidelity{"epochs": 3}
	for _, c := range []struct {
		s    study.Suggestion
		want string
	}{
		{two, `[float 0.25] poly 4 map[epochs:3] [int 3] <nil> 11 3`},
		{one, `[float 1] rbf <nil> map[epochs:9] [int 9] ` + filepath.Join(p.Checkpoints, "3") + ` 12 4`},
	} {
		trial, err := e.Evaluate(context.Background(), c.s, nil)
		if err != nil || trial.Status != study.Complete {
			t.Fatalf("%v %v %s", err, trial.Status, trial.Reason)
		}
		dir := filepath.Join(p.Checkpoints, fmt.Sprint(c.s.ID))
		text, err := os.ReadFile(filepath.Join(dir, "told.json"))
		var got struct {
			X, Epochs                                                 []any
			Kernel, Degree, Fidelity, Checkpoint, Parent, Seed, Trial any
			Dir                                                       string
			Env                                                       map[string]string
			Random                                                    float64
		}
		if err == nil {
			err = json.Unmarshal(text, &got)
		}
		if err != nil {
			t.Fatal(err)
		}
		is := fmt.Sprintln(got.X, got.Kernel, got.Degree, got.Fidelity, got.Epochs, got.Parent, got.Seed, got.Trial)
		if strings.TrimSpace(is) != c.want {
			t.Errorf("got %s, want %s", is, c.want)
		}
		if real, _ := filepath.EvalSymlinks(p.Dir); got.Dir != real || got.Checkpoint != dir || trial.Checkpoint != dir {
			t.Errorf("works in %s with checkpoint %v", got.Dir, got.Checkpoint)
		}
		for name, want := range map[string]string{"OMP_NUM_THREADS": "3", "MY_TOKEN": "secret", "HOME": os.Getenv("HOME"),
			"METAML_TRIAL": fmt.Sprint(c.s.ID), "METAML_SEED": fmt.Sprint(c.s.Seed), "METAML_CHECKPOINT": dir} {
			if got.Env[name] != want {
				t.Errorf("%s is %q, want %q", name, got.Env[name], want)
			}
		}
		draws[got.Random] = true
	}
	if len(draws) != 2 {
		t.Error("two trials with different seeds draw the same random numbers")
	}
}

// TestCurveAndStop streams a learning curve and stops it at the third point.
func TestCurveAndStop(t *testing.T) {
	for function, saved := range map[string]bool{"user:curve": true, "threads:curve": true, "user:stubborn": false} {
		t.Run(function, func(t *testing.T) {
			t.Parallel()
			p := protocol(t, function)
			seen := 0
			trial, err := loaded(t, p, plugins.Limits{}).Evaluate(context.Background(), rbf(1, 0), func(o study.Observation) error {
				if seen++; seen == 3 {
					return optimizers.ErrStop
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			n := len(trial.Observations)
			if trial.Status != study.Complete || n < 4 || n > 12 || trial.Observations[2].Step != 3 || trial.Observations[2].Metrics["loss"] != 1./3 {
				t.Errorf("%v (%s) after %d points: %+v", trial.Status, trial.Reason, n, trial.Observations)
			}
			if end := last(trial); end.Steps != 50 || end.Step >= 50 || end.Metrics["loss"] != 1/float64(end.Step) || end.Cost.Wall <= 0 {
				t.Errorf("it ended with %+v", end)
			}
			if _, err := os.Stat(filepath.Join(trial.Checkpoint, "saved")); (err == nil) != saved {
				t.Errorf("saved: %v", err)
			}
		})
	}
}

// TestCancelled ends the function with its evaluation; the evaluator can be used again.
func TestCancelled(t *testing.T) {
	p := protocol(t, "user:unsteady")
	e := loaded(t, p, plugins.Limits{})
	ctx, cancel := context.WithCancel(context.Background())
	pid := filepath.Join(p.Checkpoints, "1", "pid")
	go func() {
		for {
			if text, err := os.ReadFile(pid); err == nil && len(text) > 0 {
				cancel()
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	if _, err := e.Evaluate(ctx, rbf(1, .06), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	expectDead(t, pid)
	if trial, err := e.Evaluate(context.Background(), rbf(2, .14), nil); err != nil || trial.Status != study.Complete {
		t.Errorf("afterwards: %v %v", trial.Status, err)
	}
}

// TestRefused names what is wrong with a function before any trial is spent on it.
func TestRefused(t *testing.T) {
	e := started(t, plugins.Limits{})
	for function, want := range map[string]string{
		"user:lacks_kernel":   "does not take kernel, a parameter of the space",
		"user:wants_more":     "takes depth, which is no parameter or fidelity",
		"user:by_position":    "by position only",
		"user:nothing":        "user has no nothing",
		"user:not_a_function": "is int, not a function",
		"missing:measure":     "ModuleNotFoundError: No module named 'missing'",
		"missing.py:measure":  "FileNotFoundError",
		"broken:measure":      "ModuleNotFoundError: No module named 'no_such_library' (broken.py, line 1, in <module>)",
		"syntax.py:measure":   "SyntaxError",
		"leaves:measure":      "SystemExit: not today",
		"measure":             "neither module:function nor file.py:function",
	} {
		if err := load(t, e, protocol(t, function)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", function, err, want)
		}
	}
	if err := load(t, e, protocol(t, "user:measure")); err != nil {
		t.Errorf("a good one after all that: %v", err)
	}
}

// TestImportIsLimited counts the import that a trial needs of its own towards its limit.
func TestImportIsLimited(t *testing.T) {
	p := protocol(t, "slow:measure")
	slow := "import os, time\nif os.path.exists('again'): time.sleep(60)\nopen('again', 'w').close()\ndef measure(x, kernel, degree=0): return x\n"
	if err := os.WriteFile(filepath.Join(p.Dir, "slow.py"), []byte(slow), 0o600); err != nil {
		t.Fatal(err)
	}
	e := loaded(t, p, plugins.Limits{Wall: time.Second, Grace: time.Minute}, fresh+"=1")
	for i, want := range []study.Status{study.Complete, study.TimedOut} {
		trial, err := e.Evaluate(context.Background(), rbf(study.TrialID(i+1), .5), nil)
		if err != nil || trial.Status != want {
			t.Errorf("trial %d: %v (%s), %v", i+1, trial.Status, trial.Reason, err)
		}
	}
}

func TestInterpreter(t *testing.T) {
	dir := t.TempDir()
	venv := filepath.Join(dir, "venv", "bin", "python")
	plain := filepath.Join(dir, "path", "python3")
	for _, path := range []string{venv, plain} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", filepath.Dir(plain))
	t.Setenv("CONDA_PREFIX", "")
	for _, c := range []struct{ active, asked, want string }{
		{"", "", plain}, {filepath.Join(dir, "venv"), "", venv}, {filepath.Join(dir, "venv"), "python3", plain}, {"", venv, venv},
		{filepath.Join(dir, "gone"), "", plain},
	} {
		t.Setenv("VIRTUAL_ENV", c.active)
		if got, err := Interpreter(c.asked); err != nil || got != c.want {
			t.Errorf("%+v: %s, %v", c, got, err)
		}
	}
	if _, err := Interpreter("python4"); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("python4: %v", err)
	}
	t.Setenv("PATH", dir)
	t.Setenv("VIRTUAL_ENV", "")
	if _, err := Interpreter(""); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("no Python: %v", err)
	}
}

func TestTargets(t *testing.T) {
	for target, good := range map[string]bool{
		"a:b": true, "a.b.c:d": true, "a.py:b": true, "/x y/a.py:b.c": true, "größe:f": true, "a": false, ":b": false, "a:": false,
		"a:b:c": false, "a-b:c": false, "a-b.py:c": true, "a:1": false, "a b:c": false, "": false,
	} {
		p := Protocol{Function: target}
		if err := p.Check(); (err == nil) != good || err != nil && !errors.Is(err, ErrInvalid) {
			t.Errorf("%q: %v", target, err)
		}
	}
}
