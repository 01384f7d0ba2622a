package gp

import (
	"fmt"

	"github.com/metaml/metaml/optimizers/study"
)

// Where the logarithm of the best expected improvement, in standard deviations of the transformed losses, is below
// littleGain, a search is done. Then the search begins again: to its end, trials are the new one's, except those whose
// number goOnEvery divides.
const (
	littleGain = -10
	goOnEvery  = 4
)

// little reports whether the best of candidates promises next to nothing.
func little(found []candidate) bool { return len(found) > 0 && found[0].score < littleGain }

// restart is the search that began again last, with a design and a model of its own.
type restart struct {
	first study.TrialID // its first trial; 0: there was none
	begun int           // how many of its trials were begun
	model *model
}

// has reports whether a trial is one of the search's.
func (r *restart) has(s study.Suggestion) bool {
	return (s.Origin == OriginRestart || s.Origin == OriginRestarted) && r.first > 0 && s.ID >= r.first
}

// follow takes note of a trial that begins, from which on a search may begin again.
func (o *Optimizer) follow(s study.Suggestion) error {
	if s.Origin == OriginRestart && s.ID > o.restart.first {
		m, err := newModel(o.inputs, o.search.settings.Warp)
		if err != nil {
			return fmt.Errorf("gp: %w", err)
		}
		m.ended = o.model.ended
		o.restart = restart{first: s.ID, model: m}
	}
	if o.restart.has(s) {
		o.restart.begun++
	}
	return nil
}
