package function

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins"
	"github.com/metaml/metaml/plugins/internal/child"
	"github.com/metaml/metaml/plugins/program"
)

// evaluator calls one function.
type evaluator struct {
	options  Options
	protocol *Protocol
	loaded   []byte  // the protocol as it came
	worker   *worker // nil if the next trial needs a new one
}

// load imports the function, unless it has been.
func (e *evaluator) load(ctx context.Context, protocol []byte) error {
	if e.worker != nil && bytes.Equal(protocol, e.loaded) {
		return nil
	}
	p := &Protocol{}
	if err := json.Unmarshal(protocol, p); err != nil {
		return fmt.Errorf("%w: protocol: %w", ErrInvalid, err)
	}
	if err := p.Check(); err != nil {
		return err
	}
	e.drop()
	e.protocol, e.loaded = p, bytes.Clone(protocol)
	var err error
	e.worker, err = startWorker(ctx, p, e.options)
	return err
}

// drop ends the worker.
func (e *evaluator) drop() {
	if e.worker != nil {
		e.worker.close()
		e.worker = nil
	}
}

// evaluate calls the function for a trial.
func (e *evaluator) evaluate(
	ctx context.Context, s study.Suggestion, limits plugins.Limits, report func(study.Observation) error,
) (study.Trial, error) {
	request, err := e.request(s)
	if err != nil {
		return study.Trial{}, err
	}
	began := time.Now()
	if e.worker == nil {
		e.worker, err = e.revive(ctx, limits.Wall)
		if errors.Is(err, errSlow) {
			return study.Trial{Suggestion: s, Status: study.TimedOut, Reason: err.Error()}, nil
		}
		if err != nil {
			return study.Trial{}, err
		}
	}
	r := &running{worker: e.worker, limits: limits, report: report, victims: child.Victims(), began: began}
	r.worker.said.reset()
	if !r.worker.forks {
		r.begin(r.worker.pid())
	}
	r.worker.send(request)
	err = r.wait(ctx)
	if !r.worker.forks || r.lost {
		e.drop()
	} else {
		child.KillRest(r.worker.pid())
	}
	switch {
	case err != nil:
		e.drop()
		return study.Trial{}, err
	case r.lost && r.end == nil && r.verdict == nil:
		return study.Trial{}, fmt.Errorf("the process that %s was imported in was lost%s", e.protocol.Function, r.worker.said.last())
	}
	return r.conclude(study.Trial{Suggestion: s, Checkpoint: e.protocol.folder(s.ID)}), nil
}

// errSlow is why a trial timed out that did not come to call the function.
var errSlow = errors.New("importing the function's module took longer than the limit of the trial that it was for")

// revive imports the function for a trial, whose limit that counts towards.
func (e *evaluator) revive(ctx context.Context, wall time.Duration) (*worker, error) {
	if wall > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, wall, errSlow)
		defer cancel()
	}
	return startWorker(ctx, e.protocol, e.options)
}

// request makes the request for a trial, and its folder.
func (e *evaluator) request(s study.Suggestion) (map[string]any, error) {
	p := e.protocol
	dir := p.folder(s.ID)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	config, err := s.Config.Canonical()
	if err != nil {
		return nil, err
	}
	fidelity, integers, floats := maps.Clone(s.Fidelity), []string{}, []string{}
	if fidelity == nil {
		fidelity = study.Fidelity{}
	}
	for _, f := range p.Fidelities {
		if _, ok := fidelity[f.Name]; !ok {
			fidelity[f.Name] = f.High
		}
		if f.Integer {
			integers = append(integers, f.Name)
		}
	}
	for name, v := range s.Config { // JSON does not tell 1.0 from 1
		if v.Kind() == space.KindFloat {
			floats = append(floats, name)
		}
	}
	efforts, err := json.Marshal(fidelity)
	if err != nil {
		return nil, err
	}
	environment := map[string]string{
		program.VariableTrial: strconv.FormatUint(uint64(s.ID), 10), program.VariableSeed: strconv.FormatUint(s.Seed, 10),
		program.VariableConfig: string(config), program.VariableFidelity: string(efforts), program.VariableCheckpoint: dir,
	}
	request := map[string]any{"trial": s.ID, "seed": s.Seed, "config": json.RawMessage(config), "floats": floats,
		"fidelity": fidelity, "integers": integers, "metric": p.metric(), "checkpoint": dir, "environment": environment}
	if s.Parent != 0 {
		request["parent"] = p.folder(s.Parent)
		environment[program.VariableParent] = p.folder(s.Parent)
	}
	return request, nil
}

// conclude makes a trial of how the call ended.
func (r *running) conclude(t study.Trial) study.Trial {
	t.Observations = r.curve
	cost := study.Cost{Wall: time.Since(r.began).Seconds(), CPU: r.exit.CPU, Memory: r.exit.Memory}
	switch {
	case r.end == nil && r.verdict != nil:
		t.Status, t.Reason = r.verdict.status, r.verdict.reason
	case r.end == nil:
		t.Status, t.Reason = r.death()
	case r.end.Status == study.OutOfMemory.String():
		t.Status, t.Reason = study.OutOfMemory, r.end.Reason
	case r.end.Status != study.Complete.String():
		t.Status, t.Reason = study.Failed, r.end.Reason
	default:
		t.Status = study.Complete // of a trial that was stopped, too; the host says pruned
		last := study.Observation{Fidelity: t.Fidelity, Metrics: r.end.Metrics, Cost: cost}
		if n := len(r.curve); n > 0 {
			last.Step, last.Steps = r.curve[n-1].Step, r.curve[n-1].Steps
			if r.end.Metrics == nil { // it was ended after its last report
				last.Metrics, t.Observations = r.curve[n-1].Metrics, r.curve[:n-1]
			}
		}
		t.Observations = append(t.Observations, last)
	}
	return t
}

// death says what a process died of that did not say it itself.
func (r *running) death() (study.Status, string) {
	words := r.worker.said.last()
	switch {
	case r.exit.Signal == int(syscall.SIGKILL) && child.Victims() > r.victims:
		return study.OutOfMemory, "the kernel ended the process because memory ran out"
	case r.exit.Signal != 0:
		return study.Crashed, fmt.Sprintf("the process was ended by a signal, %v%s", syscall.Signal(r.exit.Signal), words)
	case child.RanOutOfMemory(words):
		return study.OutOfMemory, fmt.Sprintf("the process exited with status %d%s", r.exit.Code, words)
	}
	return study.Crashed, fmt.Sprintf("the process exited with status %d%s", r.exit.Code, words)
}

// observe passes a report on and answers it.
func (r *running) observe(m message) error {
	o := study.Observation{Step: m.Step, Steps: m.Steps, Fidelity: m.Fidelity, Metrics: m.Metrics,
		Cost: study.Cost{Wall: time.Since(r.began).Seconds()}}
	r.curve = append(r.curve, o)
	err := r.report(o)
	stop := errors.Is(err, optimizers.ErrStop)
	if err != nil && !stop {
		return err
	}
	r.worker.send(map[string]any{"stop": stop})
	return nil
}
