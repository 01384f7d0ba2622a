package bandit

import (
	"math"
	"slices"
	"sort"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// Rung is the set of trials that are or were evaluated at one level of a bracket, ranked by their losses. The zero
// Rung is empty.
type Rung struct {
	running  int
	failed   int
	promoted int
	ranked   []Member // by loss, then by trial
}

// Member is a trial that ended with a loss.
type Member struct {
	Trial    study.TrialID
	Loss     float64
	Config   space.Config // shared, never to be changed
	Promoted bool
}

// Begin notes that a trial has begun at the rung.
func (r *Rung) Begin() { r.running++ }

// End notes that a trial of the rung has ended with a loss.
func (r *Rung) End(id study.TrialID, c space.Config, loss float64) {
	r.running--
	at := sort.Search(len(r.ranked), func(i int) bool {
		m := r.ranked[i]
		return m.Loss > loss || m.Loss == loss && m.Trial > id
	})
	r.ranked = slices.Insert(r.ranked, at, Member{Trial: id, Loss: loss, Config: c})
}

// Fail notes that a trial of the rung has ended without a loss: it ranks behind all others and never goes on.
func (r *Rung) Fail() { r.running--; r.failed++ }

// Promote notes that a trial of the rung has gone on. It reports false for one that cannot: it has not ended with a
// loss, or has gone on before.
func (r *Rung) Promote(id study.TrialID) bool {
	for i := range r.ranked {
		if m := &r.ranked[i]; m.Trial == id && !m.Promoted {
			m.Promoted = true
			r.promoted++
			return true
		}
	}
	return false
}

// Begun counts the trials of the rung, whether they run or have ended.
func (r *Rung) Begun() int { return r.running + r.Ended() }

// Running counts the trials that have begun and not ended.
func (r *Rung) Running() int { return r.running }

// Ended counts the trials that have ended, with a loss or without.
func (r *Rung) Ended() int { return len(r.ranked) + r.failed }

// Promoted counts the trials that have gone on.
func (r *Rung) Promoted() int { return r.promoted }

// Candidate returns the best trial among the first k that has not gone on and is not among those taken.
func (r *Rung) Candidate(k int, taken []study.TrialID) (Member, bool) {
	for _, m := range r.ranked[:max(0, min(k, len(r.ranked)))] {
		if !m.Promoted && !slices.Contains(taken, m.Trial) {
			return m, true
		}
	}
	return Member{}, false
}

// Usable returns the loss by which a trial that ended is ranked. Only complete trials have one: a pruned trial never
// reached the rung's fidelity, and its loss says nothing about it.
func Usable(t study.Trial) (loss float64, ok bool) {
	if t.Status != study.Complete || len(t.Losses) == 0 {
		return 0, false
	}
	return t.Losses[0], !math.IsNaN(t.Losses[0])
}
