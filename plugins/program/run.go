package program

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins/internal/child"
)

// stopGrace is how long a program may take to end after it was asked to.
const stopGrace = 5 * time.Second

// The variables in a program's environment.
const (
	VariableTrial      = "METAML_TRIAL"             // the trial's number
	VariableSeed       = "METAML_SEED"              // the trial's seed
	VariableConfig     = "METAML_CONFIG"            // the configuration as JSON
	VariableFidelity   = "METAML_FIDELITY"          // the fidelities as JSON, all of them
	VariableCheckpoint = "METAML_CHECKPOINT"        // a folder of the trial's own
	VariableParent     = "METAML_PARENT_CHECKPOINT" // that of the trial which it continues; unset if there is none
)

// evaluator runs one program.
type evaluator struct {
	protocol *Protocol
	args     [][]part
	pattern  *regexp.Regexp
}

// folder is the folder of a trial.
func (e *evaluator) folder(id study.TrialID) string {
	return filepath.Join(e.protocol.Checkpoints, strconv.FormatUint(uint64(id), 10))
}

func resultFile(dir string) string { return filepath.Join(dir, "result.json") }

// evaluate runs the program for a trial.
func (e *evaluator) evaluate(
	ctx context.Context, s study.Suggestion, wall time.Duration, report func(study.Observation) error,
) (study.Trial, error) {
	dir := e.folder(s.ID)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return study.Trial{}, err
	}
	if err := os.Remove(resultFile(dir)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return study.Trial{}, err
	}
	cmd, err := e.command(s, dir)
	if err != nil {
		return study.Trial{}, err
	}
	out := &output{e: e}
	r := &running{cmd: cmd, ended: make(chan error, 1)}
	out.report = func(o study.Observation) error {
		err := report(o)
		if err != nil {
			r.ask()
		}
		return err
	}
	start := time.Now()
	if err := r.start(out); err != nil {
		return study.Trial{Suggestion: s, Status: study.Failed, Reason: err.Error()}, nil
	}
	timedOut, failure := r.wait(ctx, wall)
	trial := study.Trial{Suggestion: s, Checkpoint: dir, Observations: out.curve}
	switch {
	case ctx.Err() != nil:
		return study.Trial{}, ctx.Err()
	case out.stop != nil && !errors.Is(out.stop, optimizers.ErrStop):
		return study.Trial{}, out.stop
	case timedOut:
		trial.Status, trial.Reason = study.TimedOut, fmt.Sprintf("the program took longer than its limit of %v", wall)
		return trial, nil
	case out.stop != nil:
		trial.Status = study.Complete // as far as it came; the host says pruned
		return trial, nil
	case failure != nil:
		words := said(r.stderr.String())
		if trial.Status = study.Failed; child.RanOutOfMemory(words) {
			trial.Status = study.OutOfMemory
		}
		trial.Reason = failure.Error() + words
		return trial, nil
	}
	return e.conclude(trial, out, dir, cost(cmd.ProcessState, time.Since(start))), nil
}

// command prepares the program for a trial.
func (e *evaluator) command(s study.Suggestion, dir string) (*exec.Cmd, error) {
	config, err := s.Config.Canonical()
	if err != nil {
		return nil, err
	}
	fidelity, err := json.Marshal(full(e.protocol.Fidelities, s.Fidelity))
	if err != nil {
		return nil, err
	}
	args := e.fill(s, dir)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = e.protocol.Dir
	cmd.Env = append(os.Environ(),
		VariableTrial+"="+strconv.FormatUint(uint64(s.ID), 10), VariableSeed+"="+strconv.FormatUint(s.Seed, 10),
		VariableConfig+"="+string(config), VariableFidelity+"="+string(fidelity), VariableCheckpoint+"="+dir)
	if s.Parent != 0 {
		cmd.Env = append(cmd.Env, VariableParent+"="+e.folder(s.Parent))
	}
	return cmd, nil
}

// conclude makes a trial of what a program that ended well left.
func (e *evaluator) conclude(t study.Trial, out *output, dir string, c study.Cost) study.Trial {
	metrics, err := out.result(dir)
	if err != nil {
		t.Status, t.Reason = study.Failed, err.Error()
		return t
	}
	last := study.Observation{Fidelity: t.Fidelity, Metrics: metrics, Cost: c}
	if n := len(t.Observations); n > 0 && e.lastIsPoint(out) {
		last.Step, last.Steps = t.Observations[n-1].Step, t.Observations[n-1].Steps
		t.Observations = t.Observations[:n-1]
	}
	t.Status, t.Observations = study.Complete, append(t.Observations, last)
	return t
}

// lastIsPoint reports whether the line the result was read from is a point of the curve as well.
func (e *evaluator) lastIsPoint(out *output) bool {
	_, ok := e.point(out.last)
	return ok && !e.protocol.Result && e.pattern == nil
}

// said adds the last line of a program's standard error to a message.
func said(stderr string) string {
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
		return ": " + last
	}
	return ""
}

func cost(state *os.ProcessState, wall time.Duration) study.Cost {
	return study.Cost{Wall: wall.Seconds(), CPU: (state.UserTime() + state.SystemTime()).Seconds(), Memory: child.Peak(state)}
}
