// Package optimizers joins the parts of an optimization run: an Optimizer proposes, Evaluators measure, a Ledger
// remembers, and Run is the loop between them. Each algorithm has a folder of its own below this one; none of them
// knows the loop, the clock, the file system or each other.
package optimizers

import (
	"context"
	"errors"
	"iter"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// ErrExhausted is returned by Ask when nothing is left to propose.
var ErrExhausted = errors.New("the optimizer has nothing left to propose")

// ErrStop is returned by an evaluator's report function to end the evaluation gracefully: the evaluator keeps its
// checkpoint and returns the trial as far as it came.
var ErrStop = errors.New("stop this trial gracefully")

// ErrStaleOwner is returned by a Ledger to an owner that another one has replaced.
var ErrStaleOwner = errors.New("the study has another owner now")

// Optimizer proposes configurations for one study. It has one caller at a time and does no I/O and reads no clock:
// what it proposes is a pure function of the problem, its settings, the prior and the ordered events told so far,
// and trial i draws from the random stream (problem seed, i) only.
type Optimizer interface {
	// Ask returns at most n suggestions numbered first, first+1, …. Empty and nil error: wait for a Tell.
	// ErrExhausted: nothing is left to propose.
	Ask(ctx context.Context, first study.TrialID, n int) ([]study.Suggestion, error)
	// Tell reports trials in log order, pending ones included: the optimizer's own, warm starts, and those of
	// others. Telling the same again changes nothing.
	Tell(ctx context.Context, trials ...study.Trial) error
}

// Stopper is an optional power of an Optimizer: it says during a trial whether to stop it.
type Stopper interface {
	Observe(ctx context.Context, id study.TrialID, o study.Observation) (stop bool, err error)
}

// Primer is an optional power of an Optimizer: it takes what is known beforehand, before the first Ask.
type Primer interface {
	Prime(ctx context.Context, prior study.Prior) error
}

// Evaluator measures one suggestion at a time. What the configuration caused comes back as a Trial with that
// status and a nil error, never as a made-up number; an error means that the infrastructure failed, and the
// evaluation may be tried again on a fresh process; a cancelled context is such an error, too. When report returns
// ErrStop the evaluator ends gracefully. A Trial without observations has those that were reported.
type Evaluator interface {
	Evaluate(ctx context.Context, s study.Suggestion, report func(study.Observation) error) (study.Trial, error)
}

// Advice puts configurations that are known beforehand in between what an optimizer proposes.
type Advice interface {
	// Next returns the configuration to evaluate next at full fidelity; false: the optimizer is to propose. It is a
	// function of the study's trials alone, given in the order of their numbers, pending ones included, so that a
	// study that goes on after a kill is given the same advice. It must not keep or change the trials.
	Next(trials []study.Trial) (space.Config, bool)
}

// Event is one entry of a study's log: a trial at the moment it became pending, or when it ended.
type Event struct {
	Sequence uint64 // position in the log, counted from 1, set by the Ledger
	Trial    study.Trial
}

// Ledger is a study's append-only log. Append returns once the events are durable, and ErrStaleOwner to an owner
// that has been replaced. Events yields them in order.
type Ledger interface {
	Append(ctx context.Context, events ...Event) error
	Events(ctx context.Context) iter.Seq2[Event, error]
}
