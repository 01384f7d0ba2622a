// Package trials folds the log of a study, wherever it is kept, to the trials as they stand.
package trials

import (
	"fmt"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/study"
)

// Log folds the events of a study's log, in their order, to its trials.
type Log struct {
	Problem study.Problem
	// Trials are the trials so far; trial i is at i-1.
	Trials []study.Trial
}

// Add takes the next event: a trial that begins, has been observed once more, or ends. The error is optimizers.ErrLog for one that contradicts the
// problem or those before it.
func (l *Log) Add(t study.Trial) error {
	err := l.check(&t)
	if err != nil {
		return fmt.Errorf("%w: %w", optimizers.ErrLog, err)
	}
	if _, began := l.Trial(t.ID); began {
		l.Trials[t.ID-1] = t
	} else {
		l.Trials = append(l.Trials, t)
	}
	return nil
}

// check refuses what cannot follow, and gives the configuration's values their kinds.
func (l *Log) check(t *study.Trial) error {
	config, err := l.Problem.Space.Normalize(t.Config)
	if err != nil {
		return fmt.Errorf("trial %d: %w", t.ID, err)
	}
	t.Config = config
	before, began := l.Trial(t.ID)
	observed := began && !before.Status.Final() && len(t.Observations) == len(before.Observations)+1
	switch {
	case !t.Status.Final() && observed:
	case !t.Status.Final() && t.ID != study.TrialID(len(l.Trials)+1):
		return fmt.Errorf("trial %d begins after trial %d", t.ID, len(l.Trials))
	case t.Status.Final() && (!began || before.Status.Final()):
		return fmt.Errorf("trial %d ends without having begun", t.ID)
	case len(t.Losses) > 0 && len(l.Problem.Objectives) == 0:
		return fmt.Errorf("trial %d has a loss, but the problem has no objective", t.ID)
	}
	return nil
}

// Trial returns the trial of that number, if there is one.
func (l *Log) Trial(id study.TrialID) (study.Trial, bool) {
	if id < 1 || id > study.TrialID(len(l.Trials)) {
		return study.Trial{}, false
	}
	return l.Trials[id-1], true
}

// Pending returns the trials that have not ended.
func (l *Log) Pending() []study.Trial {
	var pending []study.Trial
	for _, t := range l.Trials {
		if !t.Status.Final() {
			pending = append(pending, t)
		}
	}
	return pending
}

// Value returns a trial's first objective in the metric's own direction, and whether it has one.
func Value(p study.Problem, t study.Trial) (float64, bool) {
	if len(t.Losses) == 0 {
		return 0, false
	}
	return p.Objectives[0].Loss(t.Losses[0]), true // what was negated is negated back
}
