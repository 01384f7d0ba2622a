// Package studies reads what the studies on this machine have come to, and removes them. Reading disturbs nobody: a
// study that is being run is read as it stands.
package studies

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/metaml/metaml/cmd/internal/trials"
	"github.com/metaml/metaml/cmd/internal/tuning"
	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/ledger/sqlite"
	"github.com/metaml/metaml/optimizers/space/spelling"
	"github.com/metaml/metaml/optimizers/study"
)

// ErrNotFound is what the error about a study that does not exist is, by errors.Is.
var ErrNotFound = errors.New("no such study")

// Trial is a trial with when it began and, the zero time while it is pending, when it ended.
type Trial struct {
	study.Trial
	Began, Ended time.Time
}

// Study is a study as it stands.
type Study struct {
	sqlite.Header
	Details tuning.Details
	// Trials are all trials; trial i is at i-1.
	Trials []Trial
	// Changed is when the last trial began or ended, or else the study's creation.
	Changed time.Time
	// Running says that a process owned the study when it was read.
	Running bool
}

// Names lists the studies under metaml's data folder, sorted.
func Names(dataDir string) ([]string, error) {
	names, err := tuning.Names(dataDir)
	if err != nil {
		return nil, err
	}
	names = slices.DeleteFunc(names, func(name string) bool { return tuning.CheckName(name) != nil })
	slices.Sort(names)
	return names, nil
}

// Read reads a study without owning it. The error is ErrNotFound where there is none, one of ledger/sqlite's for a file
// that is none, optimizers.ErrLog for a log that contradicts itself.
func Read(ctx context.Context, dataDir, name string) (*Study, error) {
	if err := tuning.CheckName(name); err != nil {
		return nil, err
	}
	path := tuning.LedgerPath(tuning.Folder(dataDir, name))
	l, err := sqlite.View(ctx, path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, Missing(dataDir, name)
	}
	if err != nil {
		return nil, err
	}
	defer l.Close()
	s := &Study{Header: l.Header(), Changed: l.Header().Created}
	if s.Details, err = DetailsOf(s.Header); err != nil {
		return nil, err
	}
	if s.Running, err = sqlite.Running(path); err != nil {
		return nil, err
	}
	return s, s.read(ctx, l)
}

// Missing is the error that there is no study of that name, with the nearest name that there is.
func Missing(dataDir, name string) error {
	names, err := Names(dataDir)
	if err != nil {
		return err
	}
	return fmt.Errorf("there is no study %s%s: %w", name, spelling.Hint(name, names), ErrNotFound)
}

// DetailsOf reads the details in a study's header.
func DetailsOf(h sqlite.Header) (tuning.Details, error) {
	var d tuning.Details
	if len(h.Details) == 0 {
		return d, nil
	}
	if err := json.Unmarshal(h.Details, &d); err != nil {
		return d, fmt.Errorf("study %s: its details: %w: %w", h.Name, err, sqlite.ErrCorrupt)
	}
	return d, nil
}

// read folds the log.
func (s *Study) read(ctx context.Context, l *sqlite.Ledger) error {
	log := trials.Log{Problem: s.Problem}
	for e, err := range l.Entries(ctx) {
		if err == nil {
			err = log.Add(e.Trial)
		}
		if err != nil {
			return fmt.Errorf("study %s: %w", s.Name, err)
		}
		s.Changed = e.Time
		if e.Trial.Status.Final() {
			s.Trials[e.Trial.ID-1].Ended = e.Time
		} else if int(e.Trial.ID) > len(s.Trials) { // else it was observed on the way
			s.Trials = append(s.Trials, Trial{Began: e.Time})
		}
	}
	for i, t := range log.Trials {
		s.Trials[i].Trial = t
	}
	return nil
}

// Log returns the trials without their times.
func (s *Study) Log() *trials.Log {
	l := &trials.Log{Problem: s.Problem}
	for _, t := range s.Trials {
		l.Trials = append(l.Trials, t.Trial)
	}
	return l
}

// Best returns the incumbent; there is none before the first complete trial.
func (s *Study) Best() (Trial, bool) {
	best, ok := optimizers.Incumbent(s.Problem, s.Log().Trials)
	if !ok {
		return Trial{}, false
	}
	return s.Trials[best.ID-1], true
}

// Count returns how many trials stand as the function says.
func (s *Study) Count(is func(Trial) bool) int {
	n := 0
	for _, t := range s.Trials {
		if is(t) {
			n++
		}
	}
	return n
}

// Finished counts the trials that have ended, however.
func (s *Study) Finished() int { return s.Count(func(t Trial) bool { return t.Status.Final() }) }

// Failed counts those of them that have no result.
func (s *Study) Failed() int {
	return s.Count(func(t Trial) bool { return t.Status > study.Pruned })
}
