package optimizers

import (
	"context"
	"fmt"

	"github.com/metaml/metaml/optimizers/study"
)

const (
	maxAttempts = 2 // of a trial whose evaluation ends with an error
	maxFaults   = 3 // of a slot, in a row
)

// slot is a place where one trial at a time is evaluated.
type slot struct {
	evaluator Evaluator
	faults    int // evaluations in a row that ended with an error
}

// task is a trial to be evaluated.
type task struct {
	study.Suggestion
	attempts int // made so far
}

// arrival is how an evaluation ended.
type arrival struct {
	slot    *slot
	task    task
	trial   study.Trial
	err     error
	stopped bool // report returned ErrStop
	cut     bool // for the run's end
}

// question asks the loop whether to stop a trial that reports.
type question struct {
	id     study.TrialID
	o      study.Observation
	answer chan<- error
}

// evaluate evaluates a task on a slot and hands the result to the loop. It runs beside the loop.
func (l *loop) evaluate(ctx context.Context, s *slot, t task) {
	a := arrival{slot: s, task: t}
	var reported []study.Observation
	a.trial, a.err = s.evaluator.Evaluate(ctx, t.Suggestion, func(o study.Observation) error {
		reported = append(reported, o)
		if l.closing.Load() {
			a.cut = a.cut || !a.stopped
			a.stopped = true
			return ErrStop
		}
		err := l.ask(ctx, t.ID, o)
		a.stopped = a.stopped || err == ErrStop
		return err
	})
	if a.err == nil && !a.trial.Status.Final() {
		a.err = fmt.Errorf("%w: the evaluator returned trial %d as %v", ErrContract, t.ID, a.trial.Status)
	}
	a.trial.Suggestion = t.Suggestion
	if a.trial.Observations == nil {
		a.trial.Observations = reported
	}
	l.arrivals <- a
}

// ask asks the loop whether to stop the trial: nil, ErrStop, or why there is no answer. Where no stopping rule can
// have a say, the loop is not disturbed.
func (l *loop) ask(ctx context.Context, id study.TrialID, o study.Observation) error {
	if l.stopper == nil {
		return ctx.Err()
	}
	answer := make(chan error, 1)
	select {
	case l.questions <- question{id, o, answer}:
		return <-answer
	case <-ctx.Done():
		return ctx.Err()
	}
}
