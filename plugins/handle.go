package plugins

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	pb "github.com/metaml/metaml/plugins/proto/metaml/v1"
)

const (
	// mostRestarts is how often in a row a plugin is started again before it is quarantined.
	mostRestarts = 3
	// mostRelaunches is how often a start that is killed is repeated.
	mostRelaunches = 2
	// firstBackoff is the pause before the second of them, the first comes at once; each further pause is four times
	// as long.
	firstBackoff = 200 * time.Millisecond
)

// handle is what handles on optimizers and evaluators have in common: one plugin, of which at most one process runs,
// and one caller at a time.
type handle struct {
	kind    Kind
	name    string
	command Command

	turn     chan struct{} // has room for one token; whoever holds it, at first the maker, owns the fields below
	conn     *connection   // nil before the first start and after Close
	about    Description
	failures int // starts and calls lost in a row
	closed   bool

	pid atomic.Int64
}

// String names the plugin for messages.
func (h *handle) String() string { return string(h.kind) + " " + h.name }

// Describe returns what the plugin says about itself. It costs nothing: the answer was given at the start.
func (h *handle) Describe(ctx context.Context) (Description, error) {
	if err := h.take(ctx); err != nil {
		return Description{}, err
	}
	defer h.release()
	return h.about, nil
}

// PID returns the id of the plugin's latest process.
func (h *handle) PID() int { return int(h.pid.Load()) }

// Close ends the plugin's process. It waits for a running call, whose context the caller should end first.
func (h *handle) Close() error {
	<-h.turn
	defer h.release()
	h.closed = true
	h.drop()
	return nil
}

// drop ends the process, if there is one.
func (h *handle) drop() {
	if h.conn != nil {
		h.conn.close()
		h.conn = nil
	}
}

// take waits for the handle to be free.
func (h *handle) take(ctx context.Context) error {
	select {
	case <-h.turn:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if h.closed {
		h.release()
		return fmt.Errorf("%v: %w", h, ErrClosed)
	}
	return nil
}

func (h *handle) release() { h.turn <- struct{}{} }

// alive reports whether there is a process that has not died.
func (h *handle) alive() bool { return h.conn != nil && !h.conn.process.exited() }

// start replaces the process by a fresh one, which must describe itself before the start's time is over.
func (h *handle) start(ctx context.Context) error {
	h.drop()
	begun := time.Now()
	conn, err := connect(ctx, h.kind, h.name, h.command)
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, h.command.startTimeout()-time.Since(begun))
	defer cancel()
	m, err := ask(limited, h.kind, conn.conn)
	if err != nil {
		err = conn.failure(ctx, "Describe", err)
		conn.close()
		return err
	}
	about, err := decodeDescription(m)
	if err != nil {
		err = conn.violation("Describe", err)
		conn.close()
		return err
	}
	h.conn, h.about = conn, about
	h.pid.Store(int64(conn.process.pid()))
	return nil
}

// launch makes a start, or the first call after it, by attempt. Where something kills the process meanwhile, as a machine short of memory
// does, it is started again; one that ends by itself, or does not answer in time, would do so again.
func launch(ctx context.Context, attempt func() error) error {
	for starts := 1; ; starts++ {
		err := attempt()
		if err == nil || starts > mostRelaunches || ctx.Err() != nil || !killed(err) {
			return err
		}
	}
}

func ask(ctx context.Context, kind Kind, conn *grpc.ClientConn) (*pb.DescribeResponse, error) {
	if kind == KindOptimizer {
		return pb.NewOptimizerClient(conn).Describe(ctx, &pb.DescribeRequest{})
	}
	return pb.NewEvaluatorClient(conn).Describe(ctx, &pb.DescribeRequest{})
}

// persist calls attempt until it succeeds, with a longer pause before each repetition. Only a lost or unstartable
// process is a reason to repeat, and after mostRestarts repetitions in a row the plugin is quarantined for good.
func (h *handle) persist(ctx context.Context, attempt func() error) error {
	if h.failures > mostRestarts {
		return fmt.Errorf("%v: %w after %d failures in a row", h, ErrQuarantined, h.failures)
	}
	for {
		err := attempt()
		if ctx.Err() != nil || !(errors.Is(err, ErrStart) || errors.Is(err, ErrLost)) {
			if err == nil {
				h.failures = 0
			}
			return err
		}
		if h.failures++; h.failures > mostRestarts {
			return fmt.Errorf("%w after %d failures in a row: %w", ErrQuarantined, h.failures, err)
		}
		select {
		case <-time.After(backoff(h.failures)):
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		}
	}
}

// backoff is the pause after so many failures in a row.
func backoff(failures int) time.Duration {
	if failures < 2 {
		return 0
	}
	return firstBackoff << (2 * (failures - 2))
}
