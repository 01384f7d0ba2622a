//go:build unix

package plugins

import (
	"errors"
	"fmt"
	"os"
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
	for range 1000 {
		if condition() {
			return
		}
		time.Sleep(10 * time.Millisecond)
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
