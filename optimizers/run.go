package optimizers

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// ErrNoSlots is what Run's error is when every slot's evaluator failed three times in a row.
var ErrNoSlots = errors.New("no evaluator is left that works")

// Options say how Run runs a study. The zero Options have no warm starts, a log in memory and no end but the
// optimizer's own.
type Options struct {
	// WarmStarts are evaluated before the optimizer is asked, in order, at full fidelity. Repetitions and those in
	// the ledger already are left out.
	WarmStarts []space.Config
	// Advice, if not nil, is asked before the optimizer once the WarmStarts have begun: a configuration that it returns
	// is evaluated as a warm start, unless it was evaluated at full fidelity before or is being so.
	Advice Advice
	// Ledger is the study's log. A log that has events is continued. Nil: a Memory.
	Ledger Ledger
	// Finished are trials that evaluators had finished when an earlier run died before it could log that, as their
	// journals say (study.Finished). Those that the ledger has as pending are logged instead of evaluated again.
	Finished []study.Finished
	// Trials bounds the trials of the whole study, earlier runs' and warm starts included; 0: no bound.
	Trials int
	// Time bounds this call: no trial begins later, and running ones are stopped when they report next; 0: no bound. A
	// warm start that is stopped so begins anew in the next call.
	Time time.Duration
	// Target ends the study as Time does, once a trial's first metric is at least as good; nil: no target.
	Target *float64
	// Prior is what the optimizer is primed with; it must then be a Primer.
	Prior *study.Prior
	// Deterministic tells results in the order in which trials began, so that a run with several slots is a
	// function of its seed, at the price of idle slots. Stopping rules and time limits still depend on the clock.
	Deterministic bool
	// OnTrial, if not nil, is called with every trial of this run when it has begun (pending) and when it has ended,
	// once that is durable, one call at a time.
	OnTrial func(study.Trial)
}

// End says why a run ended.
type End string

// The ends of a run. A run that a cancelled context or a fault ended has none, but an error.
const (
	EndTrials    End = "trials"    // the bound on trials was reached
	EndTime      End = "time"      // the time was up
	EndTarget    End = "target"    // the target was reached
	EndExhausted End = "exhausted" // the optimizer had nothing left to propose
)

// Result is where a study stands.
type Result struct {
	// Trials are all trials of the study in the order of their numbers, pending ones included.
	Trials []study.Trial
	// Incumbent is the best of them, nil if none is complete.
	Incumbent *study.Trial
	// Finished counts the trials that have ended, WarmStarted those of them that were warm starts.
	Finished, WarmStarted int
	End                   End
}

// Run runs a study until one of its bounds is reached: it evaluates the trials that a dead run left pending, then the
// warm starts, then what the optimizer proposes and Advice puts in between, on as many slots at once as there are
// evaluators. Trials are numbered from 1; each is in the ledger before it begins, and its result before the optimizer
// or OnTrial hears of it. The optimizer is asked for one trial at a time, so that each proposal follows from the events
// before it alone, and is told everything that is in the ledger, in that order.
//
// Losses are computed here: for complete and pruned trials, from the last observation. A trial that lacks an
// objective's metric, or has NaN or an infinity for it, becomes failed; such values of other metrics are dropped.
//
// An evaluation that ends with an error is repeated once, on another slot if one is free, and then counts as crashed.
// A slot that fails three times in a row is not used again; without slots the error is ErrNoSlots.
//
// When ctx is cancelled, evaluations are cancelled and those that are complete all the same are recorded; the others
// stay pending, for the next Run on the ledger. The result is valid whenever the error is not about the
// options.
func Run(ctx context.Context, p study.Problem, o Optimizer, slots []Evaluator, opt Options) (Result, error) {
	l, err := newLoop(p, o, slots, opt)
	if err != nil {
		return Result{}, err
	}
	if opt.Prior != nil {
		primer, ok := o.(Primer)
		if !ok {
			return Result{}, fmt.Errorf("the optimizer takes no prior: %w", errors.ErrUnsupported)
		}
		if err := primer.Prime(ctx, *opt.Prior); err != nil {
			return Result{}, fmt.Errorf("priming the optimizer: %w", err)
		}
	}
	if err := l.replay(ctx); err != nil {
		return Result{}, err
	}
	err = l.run(ctx)
	return l.result(), err
}

// newLoop checks the options.
func newLoop(p study.Problem, o Optimizer, slots []Evaluator, opt Options) (*loop, error) {
	switch {
	case len(slots) == 0:
		return nil, errors.New("a run needs at least one evaluator")
	case len(p.Objectives) == 0:
		return nil, errors.New("the problem has no objective")
	case opt.Trials < 0 || opt.Time < 0:
		return nil, fmt.Errorf("bounds of %d trials and %v: a bound cannot be negative", opt.Trials, opt.Time)
	case opt.Target != nil && math.IsNaN(*opt.Target):
		return nil, errors.New("the target is NaN")
	}
	if opt.Ledger == nil {
		opt.Ledger = &Memory{}
	}
	l := &loop{problem: p, optimizer: o, opt: opt, slots: len(slots), arrivals: make(chan arrival), questions: make(chan question)}
	l.stopper, _ = o.(Stopper)
	for _, e := range slots {
		l.free = append(l.free, &slot{evaluator: e})
	}
	for i, c := range opt.WarmStarts {
		c, err := p.Space.Normalize(c)
		if err != nil {
			return nil, fmt.Errorf("warm start %d: %w", i+1, err)
		}
		l.warm = append(l.warm, c)
	}
	return l, nil
}

// result sums up the study.
func (l *loop) result() Result {
	r := Result{Trials: l.trials, End: l.end}
	for _, t := range l.trials {
		if !t.Status.Final() {
			continue
		}
		r.Finished++
		if t.Origin == OriginWarmStart {
			r.WarmStarted++
		}
	}
	if best, ok := Incumbent(l.problem, l.trials); ok {
		r.Incumbent = &best
	}
	return r
}
