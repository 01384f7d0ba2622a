package plugins

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/study"
	pb "github.com/metaml/metaml/plugins/proto/metaml/v1"
)

const (
	// mostFailures is how many starts in a row may fail before a plugin is quarantined.
	mostFailures = 3
	// firstBackoff is the pause before the second of them; each further pause is four times as long.
	firstBackoff = 100 * time.Millisecond
	// stopGrace is how long an evaluation may go on after it was asked to stop.
	stopGrace = time.Minute
)

var _ optimizers.Evaluator = (*Evaluator)(nil)

// Evaluator is a handle on an evaluator plugin: one process, which measures one configuration at a time, so one
// handle is one slot. When the process dies, the evaluation it was on fails with an error that wraps ErrLost, and the
// next call starts a fresh process with the same table. An Evaluator is safe for concurrent use; calls wait for each
// other.
type Evaluator struct {
	name    string
	command Command

	turn   chan struct{} // holds one token; whoever has it owns the fields below
	conn   *connection   // nil before the first start and after Close
	about  Description
	table  *pb.LoadRequest // what is loaded, and is loaded again after a restart; nil before the first Load
	starts retries
	closed bool
	pid    atomic.Int64

	mu     sync.Mutex // guards limits, so that SetLimits need not wait for an evaluation
	limits Limits

	stopGrace time.Duration // stopGrace, shorter in tests
}

// StartEvaluator starts an evaluator's process and asks it to describe itself. The context bounds the start only.
// Whoever starts an Evaluator closes it.
func StartEvaluator(ctx context.Context, name string, command Command) (*Evaluator, error) {
	e := &Evaluator{name: name, command: command, turn: make(chan struct{}, 1), stopGrace: stopGrace}
	if err := e.start(ctx); err != nil {
		return nil, err
	}
	e.turn <- struct{}{}
	return e, nil
}

// Describe returns what the evaluator says about itself. It costs nothing: the answer was given at the start.
func (e *Evaluator) Describe(ctx context.Context) (Description, error) {
	if err := e.take(ctx); err != nil {
		return Description{}, err
	}
	defer e.release()
	return e.about, nil
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
// already finds it again.
func (e *Evaluator) Load(ctx context.Context, path string, protocol []byte, fingerprint string) error {
	if err := e.take(ctx); err != nil {
		return err
	}
	defer e.release()
	table := &pb.LoadRequest{Path: path, ProtocolJson: string(bytes.Clone(protocol)), Fingerprint: fingerprint}
	if err := e.revive(ctx); err != nil {
		return err
	}
	if err := e.load(ctx, table); err != nil {
		return err
	}
	e.table = table
	return nil
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
	run := evaluation{
		conn: e.conn, suggestion: s, limits: limits, report: report, stopGrace: e.stopGrace, callTimeout: e.command.callTimeout(),
	}
	return run.do(ctx)
}

// PID returns the id of the evaluator's latest process.
func (e *Evaluator) PID() int { return int(e.pid.Load()) }

// Close ends the evaluator's process. It waits for a running evaluation, whose context the caller should end first.
func (e *Evaluator) Close() error {
	<-e.turn
	defer e.release()
	e.closed = true
	if e.conn != nil {
		e.conn.close()
		e.conn = nil
	}
	return nil
}

// take waits for the handle to be free.
func (e *Evaluator) take(ctx context.Context) error {
	select {
	case <-e.turn:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if e.closed {
		e.release()
		return fmt.Errorf("evaluator %s: %w", e.name, ErrClosed)
	}
	return nil
}

func (e *Evaluator) release() { e.turn <- struct{}{} }

// revive starts a fresh process, with the table loaded, if the last one is dead.
func (e *Evaluator) revive(ctx context.Context) error {
	if e.conn != nil && !e.conn.process.exited() {
		return nil
	}
	return e.starts.try(ctx, "evaluator "+e.name, func() error {
		if err := e.start(ctx); err != nil {
			return err
		}
		if e.table == nil {
			return nil
		}
		return e.load(ctx, e.table)
	})
}

// start replaces the process.
func (e *Evaluator) start(ctx context.Context) error {
	if e.conn != nil {
		e.conn.close()
		e.conn = nil
	}
	conn, err := connect(ctx, KindEvaluator, e.name, e.command)
	if err != nil {
		return err
	}
	about, err := describe(ctx, conn, e.command, pb.NewEvaluatorClient(conn.conn).Describe)
	if err != nil {
		conn.close()
		return err
	}
	e.conn, e.about = conn, about
	e.pid.Store(int64(conn.process.pid()))
	return nil
}

// load has no deadline but the caller's: how long a table takes depends on the table.
func (e *Evaluator) load(ctx context.Context, table *pb.LoadRequest) error {
	if _, err := pb.NewEvaluatorClient(e.conn.conn).Load(ctx, table); err != nil {
		err = e.conn.failure(ctx, "Load", err)
		if ctx.Err() != nil {
			e.conn.process.kill(killGrace) // it may be half-way through a large file
		}
		return err
	}
	return nil
}

// retries counts failures in a row and paces what follows them.
type retries struct{ failures int }

// try calls attempt until it succeeds, with a longer pause before each repetition, and gives up for ever after
// mostFailures failures in a row. Only failures of the process itself are repeated.
func (r *retries) try(ctx context.Context, plugin string, attempt func() error) error {
	if r.failures >= mostFailures {
		return fmt.Errorf("%s: %w after %d failures in a row", plugin, ErrQuarantined, r.failures)
	}
	for {
		err := attempt()
		if err == nil {
			r.failures = 0
			return nil
		}
		if ctx.Err() != nil || !(errors.Is(err, ErrStart) || errors.Is(err, ErrLost)) {
			return err
		}
		if r.failures++; r.failures >= mostFailures {
			return fmt.Errorf("%w after %d failures in a row: %w", ErrQuarantined, r.failures, err)
		}
		select {
		case <-time.After(firstBackoff << (2 * (r.failures - 1))):
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		}
	}
}
