package optimizers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// loop is a run: one goroutine that owns the optimizer and the ledger, and one beside it for each evaluation.
type loop struct {
	problem   study.Problem
	optimizer Optimizer
	stopper   Stopper // the optimizer, if it is one
	opt       Options
	slots     int // at the beginning

	trials  []study.Trial // trial i at i-1, as last logged
	pending int           // of them
	queue   []task        // begun but not running: left by a dead run, or to be repeated
	warm    []space.Config
	free    []*slot
	running int
	early   []study.Trial // Deterministic: ended, but not before those that began before

	waiting   bool // the optimizer proposes nothing before it is told more
	exhausted bool
	logFailed bool
	end       End
	closing   atomic.Bool // no trial begins any more, and those running are to stop

	arrivals  chan arrival
	questions chan question
}

// run evaluates trials until none is running and none can begin.
func (l *loop) run(ctx context.Context) error {
	evaluations, cancel := context.WithCancel(ctx)
	defer cancel()
	var timeout <-chan time.Time
	if l.opt.Time > 0 {
		timer := time.NewTimer(l.opt.Time)
		defer timer.Stop()
		timeout = timer.C
	}
	for {
		err := l.fill(ctx, evaluations)
		if err == nil && l.running == 0 {
			return l.rest()
		}
		if err == nil {
			err = l.step(ctx, evaluations, timeout)
		}
		if err != nil {
			cancel()
			return errors.Join(err, l.drain(ctx))
		}
	}
}

// step waits for one thing to happen and deals with it.
func (l *loop) step(ctx, evaluations context.Context, timeout <-chan time.Time) error {
	select {
	case a := <-l.arrivals:
		return l.settle(ctx, evaluations, a)
	case q := <-l.questions:
		return l.observe(ctx, q)
	case <-timeout:
		l.close(EndTime)
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// fill begins trials while slots are free and there are trials to begin.
func (l *loop) fill(ctx, evaluations context.Context) error {
	for len(l.free) > 0 {
		t, err := l.next(ctx)
		if err != nil || t == nil {
			return err
		}
		s := l.free[0]
		l.free = l.free[1:]
		l.running++
		go l.evaluate(evaluations, s, *t)
	}
	return nil
}

// next returns the task that is to run next: nil if there is none for now.
func (l *loop) next(ctx context.Context) (*task, error) {
	if err := ctx.Err(); err != nil || l.closing.Load() {
		return nil, err
	}
	if len(l.queue) > 0 {
		t := l.queue[0]
		l.queue = l.queue[1:]
		return &t, nil
	}
	full := l.opt.Trials > 0 && len(l.trials) >= l.opt.Trials
	if full || l.opt.Deterministic && l.pending >= l.slots {
		return nil, nil
	}
	s, err := l.begin(ctx, study.TrialID(len(l.trials)+1))
	if err != nil || s == nil {
		return nil, err
	}
	if err := l.record(ctx, study.Trial{Suggestion: *s}); err != nil {
		return nil, err
	}
	return &task{Suggestion: *s}, nil
}

// begin returns the trial with the next number: a warm start, what is advised, or what the optimizer proposes; nil if
// there is none for now.
func (l *loop) begin(ctx context.Context, id study.TrialID) (*study.Suggestion, error) {
	if len(l.warm) > 0 {
		config := l.warm[0]
		l.warm = l.warm[1:]
		return l.warmStart(id, config), nil
	}
	config, ok, err := l.advised()
	if err != nil {
		return nil, fmt.Errorf("what is advised for trial %d: %w", id, err)
	}
	if ok {
		return l.warmStart(id, config), nil
	}
	return l.propose(ctx, id)
}

// warmStart makes a trial of a configuration that is not the optimizer's.
func (l *loop) warmStart(id study.TrialID, config space.Config) *study.Suggestion {
	s := &study.Suggestion{ID: id, Config: config, Origin: OriginWarmStart}
	complete(l.problem, s)
	return s
}

// advised returns what Advice wants evaluated next, unless a full evaluation of it has begun.
func (l *loop) advised() (space.Config, bool, error) {
	if l.opt.Advice == nil {
		return nil, false, nil
	}
	config, ok := l.opt.Advice.Next(l.trials)
	if !ok {
		return nil, false, nil
	}
	config, err := l.problem.Space.Normalize(config)
	if err != nil {
		return nil, false, err
	}
	begun := slices.ContainsFunc(l.trials, func(t study.Trial) bool {
		return Effort(l.problem, t.Fidelity) == 1 && t.Config.Equal(config) && !CutOff(t)
	})
	return config, !begun, nil
}

// propose asks the optimizer for one trial: nil if it has none, for now or for ever.
func (l *loop) propose(ctx context.Context, id study.TrialID) (*study.Suggestion, error) {
	if l.exhausted || l.waiting {
		return nil, nil
	}
	suggestions, err := l.optimizer.Ask(ctx, id, 1)
	if errors.Is(err, ErrExhausted) {
		l.exhausted = true
		return nil, nil
	}
	if err == nil {
		suggestions, err = CheckSuggestions(l.problem, suggestions, id, 1)
	}
	if err != nil {
		return nil, fmt.Errorf("asking the optimizer for trial %d: %w", id, err)
	}
	if len(suggestions) == 0 {
		l.waiting = true
		return nil, nil
	}
	return &suggestions[0], nil
}

// settle deals with an evaluation that ended.
func (l *loop) settle(ctx, evaluations context.Context, a arrival) error {
	l.running--
	if a.err == nil {
		a.slot.faults = 0
		l.free = append(l.free, a.slot)
		if a.cut {
			return l.finish(ctx, evaluations, scoreCut(l.problem, a.trial))
		}
		return l.finish(ctx, evaluations, score(l.problem, a.trial, a.stopped))
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if a.slot.faults++; a.slot.faults < maxFaults {
		l.free = append(l.free, a.slot)
	}
	if l.running == 0 && len(l.free) == 0 {
		return fmt.Errorf("%w: the last fault, at trial %d: %w", ErrNoSlots, a.task.ID, a.err)
	}
	if a.task.attempts++; a.task.attempts < maxAttempts {
		l.queue = append(l.queue, a.task)
		return nil
	}
	crashed := study.Trial{Suggestion: a.task.Suggestion, Status: study.Crashed, Reason: a.err.Error()}
	return l.finish(ctx, evaluations, crashed)
}

// finish records a trial that ended; in a deterministic run once all that began before it are recorded, and with
// the next trial begun after each, as if they had ended in that order.
func (l *loop) finish(ctx, evaluations context.Context, t study.Trial) error {
	if !l.opt.Deterministic {
		return l.record(ctx, t)
	}
	l.early = append(l.early, t)
	for {
		first := slices.IndexFunc(l.trials, func(t study.Trial) bool { return !t.Status.Final() })
		i := slices.IndexFunc(l.early, func(t study.Trial) bool { return int(t.ID) == first+1 })
		if i < 0 {
			return nil
		}
		t := l.early[i]
		l.early = slices.Delete(l.early, i, i+1)
		if err := l.record(ctx, t); err != nil {
			return err
		}
		if err := l.fill(ctx, evaluations); err != nil {
			return err
		}
	}
}

// record makes a trial's beginning or end durable, then tells it.
func (l *loop) record(ctx context.Context, t study.Trial) error {
	if err := l.log(ctx, t); err != nil {
		return err
	}
	l.waiting = false
	if err := l.optimizer.Tell(ctx, t); err != nil {
		return fmt.Errorf("telling the optimizer of trial %d: %w", t.ID, err)
	}
	if l.reached(t) {
		l.close(EndTarget)
	}
	return nil
}

// log makes a trial's beginning or end durable. Cancelling the run does not keep a result out of the log.
func (l *loop) log(ctx context.Context, t study.Trial) error {
	if err := l.opt.Ledger.Append(context.WithoutCancel(ctx), Event{Trial: t}); err != nil {
		l.logFailed = true
		return fmt.Errorf("writing trial %d to the study's log: %w", t.ID, err)
	}
	if t.Status.Final() {
		l.trials[t.ID-1] = t
		l.pending--
	} else {
		l.trials = append(l.trials, t)
		l.pending++
	}
	if l.opt.OnTrial != nil {
		l.opt.OnTrial(t)
	}
	return nil
}

// observe answers a trial that asks whether to stop.
func (l *loop) observe(ctx context.Context, q question) error {
	stop, err := l.stopper.Observe(ctx, q.id, q.o)
	switch {
	case err != nil:
		err = fmt.Errorf("telling the optimizer an observation of trial %d: %w", q.id, err)
		q.answer <- err
	case stop:
		q.answer <- ErrStop
	default:
		q.answer <- nil
	}
	return err
}

// reached reports whether the trial reaches the target.
func (l *loop) reached(t study.Trial) bool {
	return l.opt.Target != nil && t.Status == study.Complete && Effort(l.problem, t.Fidelity) == 1 &&
		t.Losses[0] <= l.problem.Objectives[0].Loss(*l.opt.Target)
}

// close ends the run: no trial begins any more, and those running are told to stop when they report.
func (l *loop) close(why End) {
	if l.end == "" {
		l.end = why
	}
	l.closing.Store(true)
}

// rest says why nothing is running and nothing can begin.
func (l *loop) rest() error {
	switch {
	case l.end != "":
	case l.exhausted:
		l.end = EndExhausted
	case l.waiting:
		return fmt.Errorf("%w: the optimizer waits for results though no trial is running", ErrContract)
	default:
		l.end = EndTrials
	}
	return nil
}

// drain waits for the evaluations of a cancelled run and logs those that are complete all the same. What else they
// return may be the work of the cancellation; those trials stay pending.
func (l *loop) drain(ctx context.Context) error {
	var failed error
	for l.running > 0 {
		select {
		case a := <-l.arrivals:
			l.running--
			if t := score(l.problem, a.trial, a.stopped); a.err == nil && t.Status == study.Complete && !l.logFailed && !l.opt.Deterministic {
				failed = errors.Join(failed, l.log(ctx, t))
			}
		case q := <-l.questions:
			q.answer <- context.Canceled
		}
	}
	return failed
}
