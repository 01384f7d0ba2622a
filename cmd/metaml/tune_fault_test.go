package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/metaml/metaml/cmd/internal/tuning"
	"github.com/metaml/metaml/optimizers/ledger/sqlite"
	"github.com/metaml/metaml/optimizers/study"
)

// fault is something that goes wrong at one trial, and how that trial is to end.
type fault struct {
	name   string
	args   []string
	status string
	reason string // a part of it
	tries  int    // evaluations of that trial
}

// TestTuneFaultyEvaluator has an evaluator of a third party do everything wrong at a trial: it costs that trial alone,
// which says what happened, and the same command goes on.
func TestTuneFaultyEvaluator(t *testing.T) {
	t.Parallel()
	for _, f := range []fault{
		{"none", nil, "complete", "", 1},
		{"hang", []string{"--limit", "1s"}, "timed_out", "wall limit of 1s", 1},
		{"flood", nil, "complete", "", 1},
		{"eat", []string{"--memory-limit", "200"}, "out_of_memory", "the memory limit is 200 MiB", 1},
		{"nan", nil, "crashed", "NaN is not a finite number", 2},
		{"other", nil, "crashed", "asked for trial 3 and answered with trial 47", 2},
		{"exit", nil, "crashed", "(exit status 11); its last words: Segmentation fault in liblightgbm", 2},
	} {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			l := newTuneLab(t, f.name)
			f.check(t, l, l.onData("faulty", append(f.args, "--workers", "1")...))
		})
	}
}

// TestTuneFaultyProgram is the same with a program.
func TestTuneFaultyProgram(t *testing.T) {
	t.Parallel()
	for _, f := range []fault{
		{"none", nil, "complete", "", 1},
		{"hang", []string{"--limit", "1s"}, "timed_out", "limit of 1s", 1},
		{"flood", nil, "complete", "", 1},
		{"eat", []string{"--memory-limit", "200"}, "out_of_memory", "the memory limit is 200 MiB", 1},
		{"nan", nil, "failed", "loss is NaN", 1},
		{"exit", nil, "failed", "exit status 11: Segmentation fault in liblightgbm", 1},
	} {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			l := newTuneLab(t, f.name)
			f.check(t, l, append(f.args, "--space", "space.yaml", "--", "faulty-program", "{trial}", "{x}"))
		})
	}
}

// check runs six trials, then two more.
func (f fault) check(t *testing.T, l *tuneLab, args []string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("finds processes in /proc")
	}
	first := l.run(t, append([]string{"--trials", "6"}, args...)...)
	then := l.run(t, append([]string{"--trials", "8"}, args...)...)
	if first.code != 0 || then.code != 0 || first.done == nil || then.done == nil || then.done.Trials != 8 {
		t.Fatalf("statuses %d and %d:\n%s%s", first.code, then.code, first.stderr, then.stderr)
	}
	if len(first.trials) != 6 || len(then.trials) != 2 {
		t.Fatalf("%d trials, then %d", len(first.trials), len(then.trials))
	}
	counts := l.count(t)
	for _, ev := range append(first.trials, then.trials...) {
		status, tries := "complete", 1
		if ev.ID == faultyTrial {
			status, tries = f.status, f.tries
			if !strings.Contains(ev.Reason, f.reason) || strings.Contains(ev.Reason, "\n") {
				t.Errorf("reason %q, want one line with %q", ev.Reason, f.reason)
			}
		}
		if ev.Status.String() != status || counts[fmt.Sprintf("begin %d", ev.ID)] != tries {
			t.Errorf("trial %d is %v (%s) after %d evaluations, want %s after %d", ev.ID, ev.Status, ev.Reason,
				counts[fmt.Sprintf("begin %d", ev.ID)], status, tries)
		}
	}
	l.expectNothingLeft(t)
}

// TestTuneDeadEvaluator starts an evaluator that cannot start: nothing is begun, and that is said once, however many
// workers there are.
func TestTuneDeadEvaluator(t *testing.T) {
	t.Parallel()
	l := newTuneLab(t, "dead")
	o := l.run(t, l.onData("faulty", "--workers", "3", "--trials", "5")...)
	if o.code != int(exitPlugin) || len(o.trials) > 0 || strings.Count(o.stderr, "libcuda.so.1: cannot open shared object file") != 1 {
		t.Errorf("status %d, %d trials:\n%s", o.code, len(o.trials), o.stderr)
	}
	l.expectNothingLeft(t)
	l.fault = ""
	if o := l.run(t, l.onData("faulty", "--workers", "3", "--trials", "5")...); o.code != 0 || o.done.Trials != 5 {
		t.Errorf("once it is mended: status %d:\n%s", o.code, o.stderr)
	}
}

// TestTuneMissingProgram names a program that is not there: no trial is spent on that.
func TestTuneMissingProgram(t *testing.T) {
	t.Parallel()
	l := newTuneLab(t, "")
	o := l.run(t, "--trials", "5", "--space", "space.yaml", "--", "no-such-program", "{x}")
	if o.code != int(exitNotFound) || len(o.trials) > 0 || !strings.Contains(o.stderr, "no-such-program") {
		t.Errorf("status %d, %d trials:\n%s", o.code, len(o.trials), o.stderr)
	}
}

// TestTuneTooFewRows has fewer rows than the folds need: that is said before a study is made, so that the same command
// works once there are more.
func TestTuneTooFewRows(t *testing.T) {
	t.Parallel()
	l := newTuneLab(t, "")
	data, err := os.ReadFile(filepath.Join(l.dir, "data.csv"))
	if err != nil {
		t.Fatal(err)
	}
	l.write(t, "data.csv", "a,b,y\n1,2,no\n2,3,yes\n3,1,no\n")
	args := l.onData("faulty", "--trials", "2")
	o := l.run(t, args...)
	if _, err := os.Stat(tuning.LedgerPath(l.folder())); o.code != int(exitUsage) || !errors.Is(err, fs.ErrNotExist) ||
		!strings.Contains(o.stderr, "the test set leaves 2 of 3 rows, too few for 3 folds") {
		t.Errorf("status %d, the study's log: %v\n%s", o.code, err, o.stderr)
	}
	l.write(t, "data.csv", string(data))
	o = l.run(t, args...)
	if o.code != 0 || o.done.Trials != 2 {
		t.Errorf("with more rows: status %d\n%s", o.code, o.stderr)
	}
	for _, want := range []string{"data.csv: 40 rows x 2 columns (2 numeric)\n", "binary classification of y, 50 % is no; metric "} {
		if !strings.Contains(o.stderr, want) {
			t.Errorf("what the data are is not said: %q\n%s", want, o.stderr)
		}
	}
}

// TestNoCompleteTrial: where the time was up before a trial was complete, more time helps; where one failed, its reason.
func TestNoCompleteTrial(t *testing.T) {
	s := &tuneStudy{header: sqlite.Header{Name: "lab"}}
	s.result.Trials = []study.Trial{{Suggestion: study.Suggestion{ID: 1}, Status: study.Pruned}, {Suggestion: study.Suggestion{ID: 2}, Status: study.Pruned}}
	s.result.Finished = 2
	if err := s.failure(); err == nil || !strings.HasSuffix(err.Error(), "all were stopped early; the same command with more --time goes on") {
		t.Errorf("pruned: %v", err)
	}
	s.result.Trials[0].Status, s.result.Trials[0].Reason = study.TimedOut, "wall limit of 1s"
	if err := s.failure(); err == nil || !strings.HasSuffix(err.Error(), "trial 1: timed out: wall limit of 1s") {
		t.Errorf("timed out: %v", err)
	}
}

// TestTuneNothingWorks has a program fail at every trial: that is no success, and the last reason is said.
func TestTuneNothingWorks(t *testing.T) {
	t.Parallel()
	l := newTuneLab(t, "")
	o := l.run(t, "--trials", "4", "--space", "space.yaml", "--", "sh", "-c", "echo no GPU >&2; exit 4 # {x}")
	if o.code != int(exitFailure) || len(o.trials) != 4 || !strings.Contains(o.stderr, "exit status 4: no GPU") {
		t.Errorf("status %d, %d trials:\n%s", o.code, len(o.trials), o.stderr)
	}
}
