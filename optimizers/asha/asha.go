// Package asha is the asynchronous successive halving algorithm (Li, Jamieson, Rostamizadeh, Gonina, Ben-tzur, Hardt,
// Recht and Talwalkar 2020), made for many workers: a configuration goes on as soon as it is among the best eta-th
// part of those its rung has seen so far, and where none is, a new one begins. No worker ever waits.
//
// New is the paper's algorithm, which promotes: each rung is an evaluation of its own, and one that goes on continues
// its Parent. NewStopping is its relative that stops: every evaluation is begun in full, and ended at the first rung
// at which it is not among the best part; the rule is a stopping.Rule, for any other optimizer, too.
//
// Deviations from the paper: an evaluation is not begun twice, as long as the space has others, and where it has none
// and no configuration deserves to go on, the best that has not gone on does.
package asha

import (
	"context"
	"errors"
	"fmt"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/bandit"
	"github.com/metaml/metaml/optimizers/history"
	"github.com/metaml/metaml/optimizers/study"
)

// Origin is the origin of its suggestions.
const Origin = "asha"

// Settings of ASHA. The zero Settings are the paper's recommendation. Errors about them are bandit.ErrSettings.
type Settings struct {
	// Eta is the factor by which effort grows from rung to rung, and of each rung one in Eta goes on; at least 1.5.
	// Default 3.
	Eta float64 `json:"eta,omitempty"`
	// Fidelity is the name of the fidelity by which evaluations are made cheaper. Default: all the problem has,
	// together (see bandit.Ladder).
	Fidelity string `json:"fidelity,omitempty"`
	// Skip is the number of cheapest levels to leave out, the paper's early-stopping rate s. Default 0.
	Skip int `json:"skip,omitempty"`
}

// Optimizer is ASHA that promotes.
type Optimizer struct {
	problem  study.Problem
	ladder   bandit.Ladder
	history  *history.History
	bottom   int // the lowest level that is used
	rungs    []bandit.Rung
	position map[study.TrialID]int // rung
}

var _ optimizers.Optimizer = (*Optimizer)(nil)

// New returns ASHA that promotes.
func New(p study.Problem, s Settings) (*Optimizer, error) {
	l, err := bandit.NewLadder(p, s.Eta, s.Fidelity)
	if err != nil {
		return nil, err
	}
	if s.Skip < 0 || s.Skip >= l.Len() {
		return nil, fmt.Errorf("%w: %d of %d levels cannot be left out", bandit.ErrSettings, s.Skip, l.Len())
	}
	return &Optimizer{
		problem: p, ladder: l, history: history.New(p), bottom: s.Skip,
		rungs: make([]bandit.Rung, l.Len()-s.Skip), position: map[study.TrialID]int{},
	}, nil
}

// Ask promotes what deserves it, from the highest rung down, and else draws new configurations.
func (o *Optimizer) Ask(ctx context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
	batch := o.history.Batch()
	var out []study.Suggestion
	var taken []study.TrialID
	for len(out) < n {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		id := first + study.TrialID(len(out))
		s, err := o.next(id, batch, taken)
		if errors.Is(err, optimizers.ErrExhausted) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("drawing trial %d: %w", id, err)
		}
		if s.Parent != 0 {
			taken = append(taken, s.Parent)
		}
		out = append(out, s)
	}
	if n > 0 && len(out) == 0 && len(o.history.Pending()) == 0 {
		return nil, optimizers.ErrExhausted
	}
	return out, nil
}

// next returns the next suggestion, after those of the same Ask that batch and taken know.
func (o *Optimizer) next(id study.TrialID, batch *history.Batch, taken []study.TrialID) (study.Suggestion, error) {
	s := study.Suggestion{ID: id, Seed: o.problem.TrialSeed(id), Origin: Origin}
	share := func(r *bandit.Rung) int { return int(float64(r.Ended())/o.ladder.Eta() + 1e-9) }
	if o.promote(&s, share, taken) {
		return s, nil
	}
	var err error
	s.Fidelity = o.ladder.Fidelity(o.bottom)
	s.Config, err = batch.Draw(o.problem.Stream(id), s.Fidelity)
	if errors.Is(err, optimizers.ErrExhausted) && o.promote(&s, (*bandit.Rung).Ended, taken) {
		return s, nil
	}
	return s, err
}

// promote makes s the next evaluation of the best trial that has not gone on, is not taken and is among the first of
// its rung, of as many as share says: of the highest rung that has one. It reports whether there is one.
func (o *Optimizer) promote(s *study.Suggestion, share func(*bandit.Rung) int, taken []study.TrialID) bool {
	for k := len(o.rungs) - 2; k >= 0; k-- {
		if m, ok := o.rungs[k].Candidate(share(&o.rungs[k]), taken); ok {
			s.Parent, s.Config, s.Fidelity = m.Trial, m.Config.Clone(), o.ladder.Fidelity(o.bottom+k+1)
			return true
		}
	}
	return false
}

// Tell places the trials in the rungs. One with a parent is of the rung above that; one without is of the lowest, if
// it was evaluated at its level. Other trials and warm starts are of no rung. Trials that end without a loss count as
// the last of their rung and never go on.
func (o *Optimizer) Tell(ctx context.Context, trials ...study.Trial) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, t := range o.history.Tell(trials...) {
		rung, known := o.position[t.ID]
		if !known {
			if rung, known = o.place(t.Suggestion); !known {
				continue
			}
			o.position[t.ID] = rung
			o.rungs[rung].Begin()
		}
		if !t.Status.Final() {
			continue
		}
		if loss, ok := bandit.Usable(t); ok {
			o.rungs[rung].End(t.ID, t.Config.Clone(), loss)
		} else {
			o.rungs[rung].Fail()
		}
	}
	return nil
}

// place finds the rung of a trial that begins and notes the promotion of its parent.
func (o *Optimizer) place(s study.Suggestion) (rung int, ok bool) {
	level, ok := o.ladder.Level(s.Fidelity)
	if !ok || s.Origin == optimizers.OriginWarmStart {
		return 0, false
	}
	if s.Parent == 0 {
		return 0, level == o.bottom
	}
	below, ok := o.position[s.Parent]
	if !ok || o.bottom+below+1 != level || !o.rungs[below].Promote(s.Parent) {
		return 0, false
	}
	return below + 1, true
}
