package optimizers

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// ErrLog is what Run's error is when the ledger's events contradict each other or the problem.
var ErrLog = errors.New("the study's log is not that of this study")

// replay brings the loop and the optimizer to where the ledger ends: the optimizer is told every event, trials that
// had ended unlogged are logged, those that did not end are queued, and warm starts that began are not begun again.
func (l *loop) replay(ctx context.Context) error {
	var told []study.Trial
	for e, err := range l.opt.Ledger.Events(ctx) {
		if err != nil {
			return fmt.Errorf("reading the study's log: %w", err)
		}
		t, err := l.recall(e.Trial)
		if err != nil {
			return fmt.Errorf("%w: event %d: %w", ErrLog, len(told)+1, err)
		}
		told = append(told, t)
	}
	if len(told) > 0 {
		if err := l.optimizer.Tell(ctx, told...); err != nil {
			return fmt.Errorf("telling the optimizer the study's log: %w", err)
		}
	}
	if err := l.adopt(ctx); err != nil {
		return err
	}
	for _, t := range l.trials {
		if !t.Status.Final() {
			l.queue = append(l.queue, task{Suggestion: t.Suggestion})
		} else if l.reached(t) {
			l.close(EndTarget)
		}
	}
	l.warm = l.fresh(l.warm)
	return nil
}

// adopt logs the ends that a dead run's evaluators kept of trials that are pending.
func (l *loop) adopt(ctx context.Context) error {
	for _, f := range l.opt.Finished {
		id := f.Trial.ID
		if id < 1 || uint64(id) > uint64(len(l.trials)) || l.trials[id-1].Status.Final() || !f.Trial.Status.Final() {
			continue
		}
		pending := l.trials[id-1]
		config, err := l.problem.Space.Normalize(f.Trial.Config)
		if err != nil || !config.Equal(pending.Config) || f.Trial.Seed != pending.Seed ||
			!maps.Equal(f.Trial.Fidelity, pending.Fidelity) {
			continue // of another study
		}
		t := f.Trial
		t.Suggestion = pending.Suggestion
		if f.Stopped && l.stopper == nil { // nobody else stops trials
			t = scoreCut(l.problem, t)
		} else {
			t = score(l.problem, t, f.Stopped)
		}
		if err := l.record(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// recall checks a logged trial against the log before it and keeps it.
func (l *loop) recall(t study.Trial) (study.Trial, error) {
	var err error
	if t.Config, err = l.problem.Space.Normalize(t.Config); err != nil {
		return t, err
	}
	began := t.ID >= 1 && uint64(t.ID) <= uint64(len(l.trials))
	switch {
	case t.Status == study.Pending && uint64(t.ID) == uint64(len(l.trials))+1:
		l.trials = append(l.trials, t)
		l.pending++
	case t.Status == study.Pending:
		return t, fmt.Errorf("trial %d begins after trial %d", t.ID, len(l.trials))
	case !began || l.trials[t.ID-1].Status.Final():
		return t, fmt.Errorf("trial %d ends without having begun", t.ID)
	default:
		l.trials[t.ID-1] = t
		l.pending--
	}
	return t, nil
}

// fresh returns the warm starts that neither repeat each other nor one that has begun, unless that was cut off.
func (l *loop) fresh(warm []space.Config) []space.Config {
	var begun, fresh []space.Config
	for _, t := range l.trials {
		if t.Origin == OriginWarmStart && !CutOff(t) {
			begun = append(begun, t.Config)
		}
	}
	for _, c := range warm {
		if !slices.ContainsFunc(begun, c.Equal) {
			fresh, begun = append(fresh, c), append(begun, c)
		}
	}
	return fresh
}
