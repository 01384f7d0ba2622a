//go:build unix

package plugins

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// startEvaluator starts the test binary as an evaluator and closes it with the test.
func startEvaluator(t *testing.T, role string, env ...string) *Evaluator {
	t.Helper()
	e, err := StartEvaluator(t.Context(), "square", playing(t, role, env...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// asking is suggestion 7, with x = 3, which tells playEvaluator what to do.
func asking(do string) study.Suggestion {
	return study.Suggestion{ID: 7, Config: space.Config{"x": space.Float(3), "do": space.String(do)}, Seed: 1 << 63}
}

// alive reports whether a process exists and is no zombie.
func alive(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return syscall.Kill(pid, 0) == nil && !errors.Is(err, os.ErrNotExist)
	}
	return !strings.Contains(string(b), ") Z ")
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for range 3000 {
		if condition() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}

func TestEvaluatorMeasuresInItsOwnProcess(t *testing.T) {
	e := startEvaluator(t, "evaluator")
	if e.PID() == os.Getpid() || !alive(e.PID()) {
		t.Fatalf("the evaluator's process %d is not a living process of its own", e.PID())
	}
	got, err := e.Evaluate(t.Context(), asking(""), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != study.Complete || got.ID != 7 || got.Seed != 1<<63 || !got.Config.Equal(asking("").Config) {
		t.Errorf("trial %+v", got)
	}
	if len(got.Observations) != 1 || got.Observations[0].Metrics["rmse"] != 9 {
		t.Errorf("observations %+v, want rmse 9", got.Observations)
	}
	pid := e.PID()
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if alive(pid) {
		t.Errorf("process %d lives on after Close", pid)
	}
	if _, err := e.Evaluate(t.Context(), asking(""), nil); !errors.Is(err, ErrClosed) {
		t.Errorf("Evaluate after Close: %v", err)
	}
}

func TestEvaluatorStreamsObservations(t *testing.T) {
	e := startEvaluator(t, "evaluator")
	var steps []int
	got, err := e.Evaluate(t.Context(), asking("steps"), func(o study.Observation) error {
		steps = append(steps, o.Step)
		if o.Step == 3 {
			return optimizers.ErrStop
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(steps) != "[1 2 3]" {
		t.Errorf("reported steps %v, want 1 to 3", steps)
	}
	if got.Status != study.Pruned || got.Checkpoint != "/checkpoint" {
		t.Errorf("trial %s with checkpoint %q, want pruned with its checkpoint", got.Status, got.Checkpoint)
	}
	if n := len(got.Observations); n < 3 || n > 900 || got.Observations[n-1].Step != n {
		t.Errorf("%d observations, want the three reported and the few that followed", n)
	}
}

func TestEvaluatorCrashIsOneErrorAndTheNextEvaluationRuns(t *testing.T) {
	for do, want := range map[string]string{
		"exit":  "Segmentation fault in liblightgbm",
		"panic": "panic: index out of range: 7",
	} {
		t.Run(do, func(t *testing.T) {
			e := startEvaluator(t, "evaluator")
			if err := e.Load(t.Context(), "/staged", []byte(`{"folds":3}`), "f00"); err != nil {
				t.Fatal(err)
			}
			_, err := e.Evaluate(t.Context(), asking(do), nil)
			var process *ProcessError
			if !errors.Is(err, ErrLost) || !errors.As(err, &process) {
				t.Fatalf("error %v, want a ProcessError that wraps ErrLost", err)
			}
			if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") || process.Exit == "" {
				t.Errorf("error %q, exit %q: want %q in one line and the exit status", err, process.Exit, want)
			}
			got, err := e.Evaluate(t.Context(), asking("limits"), nil)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(got.Reason, `loaded /staged {"folds":3} f00`) {
				t.Errorf("after the restart: %s; want the table loaded again", got.Reason)
			}
		})
	}
}

func TestEvaluatorFailureIsNoCrash(t *testing.T) {
	e := startEvaluator(t, "evaluator")
	pid := e.PID()
	if _, err := e.Evaluate(t.Context(), asking("fail"), nil); err == nil || errors.Is(err, ErrLost) ||
		!strings.Contains(err.Error(), "the GPU fell off the bus") {
		t.Errorf("Evaluate: %v", err)
	}
	err := e.Load(t.Context(), "/staged", nil, "unreadable")
	if err == nil || errors.Is(err, ErrLost) || !strings.Contains(err.Error(), "/staged/table.json: no such file") {
		t.Errorf("Load: %v", err)
	}
	if _, err := e.Evaluate(t.Context(), asking("NaN"), nil); err == nil ||
		!strings.Contains(err.Error(), "observations[0].metrics.rmse: NaN is not a finite number") {
		t.Errorf("Evaluate to NaN: %v", err)
	}
	if e.PID() != pid || !alive(pid) {
		t.Error("the process was replaced because of an error of the evaluator's own")
	}
}

func TestEvaluatorAnswersAreChecked(t *testing.T) {
	wants := map[string]string{
		"no trial":       "the stream ended without a trial",
		"neither":        "neither observation nor trial",
		"NaN metric":     "observation 1: metrics.rmse: NaN is not a finite number",
		"NaN loss":       "trial: losses[1]: NaN is not a finite number",
		"wrong id":       "it was asked for trial 7 and answered with trial 47",
		"pending":        "trial 7 ended as pending",
		"unknown status": "trial: status: status 66 is unknown",
		"no suggestion":  "trial: suggestion: is missing",
		"two trials":     "a message after the trial",
	}
	for name := range breakages() {
		t.Run(name, func(t *testing.T) {
			e := startEvaluator(t, "broken evaluator", "METAML_TEST_BREAK="+name)
			pid := e.PID()
			_, err := e.Evaluate(t.Context(), asking(""), nil)
			if !errors.Is(err, ErrProtocol) || !strings.Contains(err.Error(), wants[name]) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, want ErrProtocol with %q", err, wants[name])
			}
			if alive(pid) {
				t.Error("the process that broke the protocol lives on")
			}
		})
	}
}

func TestEvaluatorIsKilledBeyondItsWallLimit(t *testing.T) {
	e := startEvaluator(t, "evaluator")
	pid := e.PID()
	if err := e.SetLimits(Limits{Wall: 100 * time.Millisecond, Grace: 50 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	got, err := e.Evaluate(t.Context(), asking("report and hang"), nil)
	if err != nil || got.Status != study.TimedOut || got.ID != 7 || len(got.Observations) != 1 {
		t.Errorf("trial %+v, %v; want timed out with the observation so far", got, err)
	}
	if !strings.Contains(got.Reason, "100ms") || alive(pid) {
		t.Errorf("reason %q, alive %v", got.Reason, alive(pid))
	}
	if got, err := e.Evaluate(t.Context(), asking(""), nil); err != nil || got.Status != study.Complete {
		t.Errorf("the next evaluation: %v, %v", got.Status, err)
	}
}

func TestEvaluatorIsKilledBeyondItsMemoryLimit(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("memory is watched on Linux only")
	}
	e := startEvaluator(t, "evaluator")
	pid := e.PID()
	if err := e.SetLimits(Limits{Memory: 100 << 20}); err != nil {
		t.Fatal(err)
	}
	got, err := e.Evaluate(t.Context(), asking("grow"), nil)
	if err != nil || got.Status != study.OutOfMemory || !strings.Contains(got.Reason, "the memory limit is 100 MiB") || alive(pid) {
		t.Errorf("trial %+v, %v, alive %v; want out of memory and a dead process", got, err, alive(pid))
	}
	if got, err := e.Evaluate(t.Context(), asking(""), nil); err != nil || got.Status != study.Complete {
		t.Errorf("the next evaluation: %v, %v", got.Status, err)
	}
}

func TestEvaluatorThatDoesNotStopIsKilled(t *testing.T) {
	e := startEvaluator(t, "evaluator")
	e.stopGrace = 50 * time.Millisecond
	stop := func(study.Observation) error { return optimizers.ErrStop }
	got, err := e.Evaluate(t.Context(), asking("report and hang"), stop)
	if err != nil || got.Status != study.Pruned || len(got.Observations) != 1 || got.Reason == "" {
		t.Errorf("trial %+v, %v; want pruned with the observation so far and the reason", got, err)
	}
}

func TestEvaluationEndsWithItsContext(t *testing.T) {
	e := startEvaluator(t, "evaluator")
	pid := e.PID()
	cause := errors.New("the budget is spent")
	ctx, cancel := context.WithCancelCause(t.Context())
	_, err := e.Evaluate(ctx, asking("report and hang"), func(study.Observation) error { cancel(cause); return nil })
	if !errors.Is(err, cause) || errors.Is(err, ErrLost) || alive(pid) {
		t.Errorf("%v, alive %v; want the cause alone and a dead process", err, alive(pid))
	}
	if _, err := e.Evaluate(ctx, asking(""), nil); !errors.Is(err, cause) {
		t.Errorf("Evaluate with an ended context: %v", err)
	}
}

func TestEvaluationEndsWithAnErrorOfReport(t *testing.T) {
	e := startEvaluator(t, "evaluator")
	pid := e.PID()
	full := errors.New("disk full")
	_, err := e.Evaluate(t.Context(), asking("report and hang"), func(study.Observation) error { return full })
	if err != full || alive(pid) {
		t.Errorf("%v, alive %v; want report's error and a dead process", err, alive(pid))
	}
}

func TestEvaluatorGetsItsLimits(t *testing.T) {
	e := startEvaluator(t, "evaluator")
	if err := e.SetLimits(Limits{Wall: 90 * time.Second, Fit: 1500 * time.Millisecond, Memory: 3 << 30, Threads: 2}); err != nil {
		t.Fatal(err)
	}
	got, err := e.Evaluate(t.Context(), asking("limits"), nil)
	if err != nil || !strings.HasPrefix(got.Reason, "1m30s 1.5s 3221225472 2;") {
		t.Errorf("%q, %v", got.Reason, err)
	}
	for _, bad := range []Limits{{Wall: -1}, {Fit: -1}, {Memory: -1}, {Threads: -1}, {Grace: -1}} {
		if err := e.SetLimits(bad); err == nil {
			t.Errorf("limits %+v were taken", bad)
		}
	}
}

func TestEvaluatorMayPrint(t *testing.T) {
	e := startEvaluator(t, "evaluator")
	for range 3 {
		if got, err := e.Evaluate(t.Context(), asking("stdout"), nil); err != nil || got.Status != study.Complete {
			t.Errorf("%v, %v", got.Status, err)
		}
	}
}

func TestEvaluatorIsQuarantinedWhenItCannotComeBack(t *testing.T) {
	e := startEvaluator(t, "evaluator")
	mark := filepath.Join(t.TempDir(), "loaded")
	if err := e.Load(t.Context(), mark, nil, "deadly, the second time"); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Evaluate(t.Context(), asking("exit"), nil); !errors.Is(err, ErrLost) {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := e.Evaluate(t.Context(), asking(""), nil); !errors.Is(err, ErrQuarantined) {
			t.Errorf("%v, want ErrQuarantined", err)
		}
	}
}

func TestErrorKeepsTheEndOfStandardError(t *testing.T) {
	var all lockedBuffer
	command := playing(t, "noisy evaluator")
	command.Stderr = &all
	e, err := StartEvaluator(t.Context(), "noisy", command)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	_, err = e.Evaluate(t.Context(), asking("exit"), nil)
	var process *ProcessError
	if !errors.As(err, &process) {
		t.Fatalf("%v is no ProcessError", err)
	}
	if n := len(process.Stderr); n < tailSize-10 || n > tailSize+10 {
		t.Errorf("%d bytes of standard error kept, want %d", n, tailSize)
	}
	if !strings.HasSuffix(process.Stderr, "line 19999\nlast line \uFFFD\nSegmentation fault in liblightgbm\n") {
		t.Errorf("kept …%q", process.Stderr[len(process.Stderr)-80:])
	}
	if got := all.String(); !strings.HasPrefix(got, "line 0\nline 1\n") || !strings.HasSuffix(got, "liblightgbm\n") {
		t.Errorf("Command.Stderr got %d bytes that are not everything", len(got))
	}
}

func TestDescriptionOfAnEvaluator(t *testing.T) {
	d, err := startEvaluator(t, "evaluator").Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d.Name != "square" || d.Version != "1.2.3" || d.Lock != "abc" || len(d.Fidelities) != 1 || d.Fidelities[0].High != 1000 {
		t.Errorf("%+v", d)
	}
	if m := d.Metrics["regression"]; len(m) != 2 || m[0].Metric != "rmse" || m[0].Maximize || !m[1].Maximize {
		t.Errorf("metrics %+v", d.Metrics)
	}
}
