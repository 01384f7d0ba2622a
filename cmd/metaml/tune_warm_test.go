package main

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"

	"github.com/metaml/metaml/cmd/internal/tuning"
	"github.com/metaml/metaml/optimizers/ledger/sqlite"
	"github.com/metaml/metaml/optimizers/space"
)

// grownLab is a lab with a knowledge base of three tables that the evaluator judge measured.
func grownLab(t *testing.T) (lab *tuneLab, base string) {
	t.Helper()
	g := newGrowth(t)
	g.runToEnd(t)
	return newTuneLab(t, ""), g.base
}

// header is the header of a study in the lab.
func (l *tuneLab) header(t *testing.T, study string) (sqlite.Header, tuning.Details) {
	t.Helper()
	ledger, err := sqlite.Open(t.Context(), tuning.LedgerPath(filepath.Join(filepath.Dir(l.folder()), study)))
	if err != nil {
		t.Fatal(err)
	}
	defer ledger.Close()
	var d tuning.Details
	if err := json.Unmarshal(ledger.Header().Details, &d); err != nil {
		t.Fatal(err)
	}
	return ledger.Header(), d
}

// TestTuneHandsOver follows a study from the knowledge base's picks over to the optimizer, with one worker and with
// four: what is given comes first, then ten picks and the default, which may be one of them, and then the list
// alternates with the optimizer.
func TestTuneHandsOver(t *testing.T) {
	l, base := grownLab(t)
	l.write(t, "given.json", `[{"x": 0.9375123}]`)
	args := []string{"data.csv", "--target", "y", "--evaluator", "judge", "--kb", base, "--no-learn", "--no-model", "--warm-start", "given.json"}
	for _, workers := range []string{"1", "4"} {
		study := "hands-over-" + workers
		line := append(slices.Clone(args), "--study", study, "--trials", "24", "--workers", workers)
		o := l.run(t, line...)
		if o.code != 0 || len(o.trials) != 24 || o.done == nil || o.done.Best.WarmStart == nil || o.done.Best.Default == nil {
			t.Fatalf("%s workers: %d trials, exit %d\n%s", workers, len(o.trials), o.code, o.stderr)
		}
		warm := 0
		for _, ev := range o.trials {
			if ev.Origin == "warmstart" {
				warm++
			} else if ev.ID <= 11 {
				t.Errorf("%s workers: trial %d is of %s", workers, ev.ID, ev.Origin)
			}
		}
		if warm != o.done.WarmStarted || warm < 11 || warm > 22 {
			t.Errorf("%s workers: %d warm starts, reported %d", workers, warm, o.done.WarmStarted)
		}
		more := l.run(t, append(slices.Clone(args), "--study", study, "--trials", "26", "--workers", workers)...)
		if more.code != 0 || len(more.trials) != 2 {
			t.Errorf("%s workers: it goes on with %d trials, exit %d\n%s", workers, len(more.trials), more.code, more.stderr)
		}
	}
}

// TestTuneKeepsItsPicks looks at what a study keeps of the recommendations, by the number that was asked for.
func TestTuneKeepsItsPicks(t *testing.T) {
	l, base := grownLab(t)
	args := []string{"data.csv", "--target", "y", "--evaluator", "judge", "--kb", base, "--no-learn", "--no-model", "--trials", "1"}
	for _, c := range []struct {
		count            string
		warm, open, list int // kept; before the optimizer, with the default; handed over
	}{{"0", 0, 1, 0}, {"3", 3, 4, 3}, {"12", 12, 11, 12}} {
		study := "picks-" + c.count
		if o := l.run(t, append(slices.Clone(args), "--study", study, "--warm-starts", c.count)...); o.code != 0 {
			t.Fatalf("exit %d: %s", o.code, o.stderr)
		}
		h, d := l.header(t, study)
		s := &tuneStudy{header: h, details: d}
		if got := s.warmStarts(); len(d.WarmStarts) != c.warm || len(got) != c.open || len(d.Recommended()) != c.list {
			t.Errorf("--warm-starts %s: %d kept, %d first, %d handed over", c.count, len(d.WarmStarts), len(got), len(d.Recommended()))
		} else if last := got[len(got)-1]; !last.Equal(space.Config{"x": space.Float(0.5)}) {
			t.Errorf("--warm-starts %s: the last before the optimizer is %v, not the default", c.count, last)
		}
		if advice := s.advice(); (advice == nil) != (c.list == 0) {
			t.Errorf("--warm-starts %s: advice %v", c.count, advice)
		}
	}
}

// TestTunePrimes keeps what is known of earlier tasks with a study whose optimizer takes a prior, and with no other; the
// study goes on as it would have without having been interrupted.
func TestTunePrimes(t *testing.T) {
	l, base := grownLab(t)
	args := []string{"data.csv", "--target", "y", "--evaluator", "judge", "--kb", base, "--no-learn", "--no-model", "--workers", "1"}
	run := func(study, optimizer, trials string) []trialEvent {
		o := l.run(t, append(slices.Clone(args), "--study", study, "--optimizer", optimizer, "--trials", trials)...)
		if o.code != 0 {
			t.Fatalf("exit %d: %s", o.code, o.stderr)
		}
		return o.trials
	}
	interrupted := append(run("halves", "gp", "12"), run("halves", "gp", "18")...)
	whole := run("whole", "gp", "18")
	steps := map[string]int{}
	for i, ev := range whole {
		steps[ev.Step]++
		if !ev.Config.Equal(interrupted[i].Config) {
			t.Errorf("trial %d is of %v, and of %v where the study was interrupted", ev.ID, ev.Config, interrupted[i].Config)
		}
	}
	if steps["gp"] == 0 {
		t.Errorf("no trial is of the model: %v", steps)
	}
	if _, d := l.header(t, "whole"); d.Prior == nil || len(d.Prior.Tasks) != killTasks || len(d.Prior.Configs) != killConfigs {
		t.Errorf("kept is %+v", d.Prior)
	}
	run("plain", "tpe", "1")
	if _, d := l.header(t, "plain"); d.Prior != nil {
		t.Error("a study of an optimizer that takes no prior keeps one")
	}
}
