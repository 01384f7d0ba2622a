package plugins

import (
	"bytes"
	"context"
	"sync"
	"time"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/study"
	pb "github.com/metaml/metaml/plugins/proto/metaml/v1"
	"github.com/metaml/metaml/plugins/resource"
)

// stopGrace is how long an evaluation may go on after it was asked to stop.
const stopGrace = time.Minute

var _ optimizers.Evaluator = (*Evaluator)(nil)

// Evaluator is a handle on an evaluator plugin: one process, which measures one configuration at a time, so one
// handle is one slot. When the process dies, the evaluation it was on fails with an error that wraps ErrLost, and the
// next call starts a fresh process with the same table. An Evaluator is safe for concurrent use; calls wait for each
// other.
type Evaluator struct {
	handle
	table    *pb.LoadRequest // what is loaded, and is loaded again after a restart; nil before the first Load
	baseline int64           // memory of the process with its table, in bytes; 0 until it is measured

	mu     sync.Mutex // guards limits, so that SetLimits need not wait for an evaluation
	limits Limits

	stopGrace time.Duration // the constant, shorter in tests
}

// StartEvaluator starts an evaluator's process and asks it to describe itself. A process that is killed meanwhile is
// started again, twice. The context bounds the start only. Whoever starts an Evaluator closes it.
func StartEvaluator(ctx context.Context, name string, command Command) (*Evaluator, error) {
	e := &Evaluator{
		handle:    handle{kind: KindEvaluator, name: name, command: command, turn: make(chan struct{}, 1)},
		stopGrace: stopGrace,
	}
	if err := launch(ctx, func() error { return e.start(ctx) }); err != nil {
		return nil, err
	}
	e.release()
	return e, nil
}

// SetLimits sets the limits of the evaluations that begin from now on.
func (e *Evaluator) SetLimits(limits Limits) error {
	if err := limits.validate(); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.limits = limits
	return nil
}

// Load makes the staged table in the folder path the one that following evaluations use. Protocol is the evaluation
// protocol as canonical JSON; the fingerprint is the dataset's, by which an evaluator that has the table in memory
// already finds it again. A process that is killed meanwhile is started again, twice.
func (e *Evaluator) Load(ctx context.Context, path string, protocol []byte, fingerprint string) error {
	if err := e.take(ctx); err != nil {
		return err
	}
	defer e.release()
	table := &pb.LoadRequest{Path: path, ProtocolJson: string(bytes.Clone(protocol)), Fingerprint: fingerprint}
	err := launch(ctx, func() error {
		if err := e.revive(ctx); err != nil {
			return err
		}
		return e.load(ctx, table)
	})
	if err == nil {
		e.table = table
	}
	return err
}

// Evaluate measures one suggestion; report, which may be nil, gets every observation as it arrives. The trial has
// the suggestion as it was given and all observations. A trial that exceeds its limits and takes no notice is ended
// by the host with the status that says so.
//
// When report returns optimizers.ErrStop the evaluator is asked to end gracefully and the trial is what it came to.
// Any other error of report, and the end of the context, end the evaluator's process before Evaluate returns. Errors
// wrap ErrLost or ErrProtocol where the process is at fault, ErrStart or ErrQuarantined where it could not be
// started.
func (e *Evaluator) Evaluate(
	ctx context.Context, s study.Suggestion, report func(study.Observation) error,
) (study.Trial, error) {
	if err := e.take(ctx); err != nil {
		return study.Trial{}, err
	}
	defer e.release()
	if err := e.revive(ctx); err != nil {
		return study.Trial{}, err
	}
	e.mu.Lock()
	limits := e.limits
	e.mu.Unlock()
	if report == nil {
		report = func(study.Observation) error { return nil }
	}
	if limits.Memory > 0 && e.baseline == 0 {
		e.baseline, _ = resource.TreeMemory(e.conn.process.pid()) // where it cannot be measured nothing is enforced
	}
	run := evaluation{
		conn: e.conn, suggestion: s, limits: limits, report: report, baseline: e.baseline, stopGrace: e.stopGrace,
		callTimeout: e.command.callTimeout(),
	}
	return run.do(ctx)
}

// revive starts a fresh process, with the table loaded, if the last one is dead.
func (e *Evaluator) revive(ctx context.Context) error {
	if e.alive() {
		return nil
	}
	e.baseline = 0
	return e.persist(ctx, func() error {
		if err := e.start(ctx); err != nil || e.table == nil {
			return err
		}
		return e.load(ctx, e.table)
	})
}

// load has no deadline but the caller's: how long a table takes depends on the table.
func (e *Evaluator) load(ctx context.Context, table *pb.LoadRequest) error {
	e.baseline = 0
	_, err := pb.NewEvaluatorClient(e.conn.conn).Load(ctx, table)
	if err == nil {
		return nil
	}
	err = e.conn.failure(ctx, "Load", err)
	if ctx.Err() != nil {
		e.conn.process.kill(killGrace) // it may be half-way through a large file
	}
	return err
}
