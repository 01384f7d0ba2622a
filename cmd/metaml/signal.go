package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// signalError is the cause of a context that a signal ended.
type signalError struct{ signal os.Signal }

func (s signalError) Error() string { return "stopped by signal: " + s.signal.String() }

// signalGrace is how long after a signal further ones count as the same. Whoever ends a process and its group, as
// timeout(1) does, sends two within milliseconds.
const signalGrace = time.Second

// untilSignal returns a context that SIGINT and SIGTERM end; a second signal after the grace ends the process at once.
func untilSignal(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case s := <-signals:
			cancel(signalError{s})
			time.AfterFunc(signalGrace, func() { signal.Stop(signals) })
		case <-ctx.Done():
		}
	}()
	return ctx, func() { signal.Stop(signals); cancel(nil) }
}
