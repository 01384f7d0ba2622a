package studies

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

// Add takes the next event: a trial that begins or ends. The error is optimizers.ErrLog for one that contradicts the
// problem or those before it.
func (l *Log) Add(t study.Trial) error {
	err := l.check(&t)
	if err != nil {
		return fmt.Errorf("%w: %w", optimizers.ErrLog, err)
	}
	if t.Status.Final() {
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
	began := t.ID >= 1 && int(t.ID) <= len(l.Trials)
	switch {
	case !t.Status.Final() && int(t.ID) != len(l.Trials)+1:
		return fmt.Errorf("trial %d begins after trial %d", t.ID, len(l.Trials))
	case t.Status.Final() && (!began || l.Trials[t.ID-1].Status.Final()):
		return fmt.Errorf("trial %d ends without having begun", t.ID)
	case len(t.Losses) > 0 && len(l.Problem.Objectives) == 0:
		return fmt.Errorf("trial %d has a loss, but the problem has no objective", t.ID)
	}
	return nil
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
