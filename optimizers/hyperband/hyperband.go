// Package hyperband is Hyperband (Li, Jamieson, DeSalvo, Rostamizadeh and Talwalkar 2018): brackets of successive
// halving, from many configurations measured cheaply to few measured in full, because nobody knows beforehand how
// much a cheap measurement tells.
//
// The configurations with which brackets begin come from a Proposer: by default at random, as in the paper (New);
// from any other optimizer (Around); or from a model of the caller's (With), which is how BOHB is built.
//
// Deviations from the paper, none of which shows with one worker but the last two: brackets overlap so that no worker
// waits, and a configuration goes on as soon as nothing that still runs can keep it from that (package bandit; the same
// configurations go on, only earlier); many workers have several brackets of a kind at once; an evaluation is not
// begun twice, as long as the space has others; and rounds follow each other for ever.
package hyperband

import (
	"context"
	"errors"
	"fmt"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/bandit"
	"github.com/metaml/metaml/optimizers/history"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// Origin is the origin of the suggestions of New and Around.
const Origin = "hyperband"

// Settings of Hyperband. The zero Settings are the paper's.
type Settings struct {
	// Eta is the factor by which effort grows and the number of configurations falls from rung to rung; at least 1.5.
	// Default 3.
	Eta float64 `json:"eta,omitempty"`
	// Fidelity is the name of the fidelity by which evaluations are made cheaper. Default: all the problem has,
	// together (see bandit.Ladder).
	Fidelity string `json:"fidelity,omitempty"`
	// Floor rounds the brackets' sizes down to powers of eta times whole numbers, as HpBandSter does (see
	// bandit.HyperbandFloor). Default false: the paper's sizes.
	Floor bool `json:"floor,omitempty"`
	// Skip is how many of the cheapest levels are left out. Default 0.
	Skip int `json:"skip,omitempty"`
}

// Brackets returns the ladder of a problem and the brackets of one round on it.
func (s Settings) Brackets(p study.Problem) (bandit.Ladder, []bandit.Bracket, error) {
	l, err := bandit.NewLadder(p, s.Eta, s.Fidelity)
	if err != nil {
		return bandit.Ladder{}, nil, err
	}
	if s.Skip < 0 || s.Skip >= l.Len() {
		return bandit.Ladder{}, nil, fmt.Errorf("%w: %d of %d levels cannot be left out", bandit.ErrSettings, s.Skip, l.Len())
	}
	l = l.Without(s.Skip)
	if s.Floor {
		return l, bandit.HyperbandFloor(l.Len(), l.Eta()), nil
	}
	return l, bandit.Hyperband(l.Len(), l.Eta()), nil
}

// Start is a new configuration that is to be proposed.
type Start struct {
	// ID is the trial's number: chance is to be drawn from its stream.
	ID study.TrialID
	// Level and Fidelity are where it will be evaluated first.
	Level    int
	Fidelity study.Fidelity
	// Index counts the configurations that were proposed before in the same Ask.
	Index int
	// Batch knows what was tried. The proposal must be taken from it at Fidelity.
	Batch *history.Batch
}

// Proposer proposes the configurations with which brackets begin. It is called by one Optimizer, and what it proposes
// follows from what it was told alone.
type Proposer interface {
	// Propose returns a configuration that was not tried at the start's fidelity, and the origin that the suggestion
	// is to have; empty: that of the optimizer. optimizers.ErrExhausted: every configuration was tried there.
	Propose(ctx context.Context, s Start) (c space.Config, origin string, err error)
	// Tell is told all that is news to the optimizer: the beginning and the end of every trial of the study. It must
	// not keep the trial's maps or slices.
	Tell(ctx context.Context, t study.Trial) error
}

// Optimizer runs brackets one after another.
type Optimizer struct {
	problem  study.Problem
	origin   string
	ladder   bandit.Ladder
	schedule *bandit.Schedule
	history  *history.History
	proposer Proposer
}

var _ optimizers.Optimizer = (*Optimizer)(nil)

// New returns Hyperband with random configurations. The error, which is bandit.ErrSettings, says what is wrong with the
// settings.
func New(p study.Problem, s Settings) (*Optimizer, error) {
	l, cycle, err := s.Brackets(p)
	if err != nil {
		return nil, err
	}
	return With(p, l, cycle, Origin, Random(p)), nil
}

// With returns the optimizer that begins the given brackets of a ladder in turn with a proposer's configurations.
// origin is the origin of promotions, and of proposals that have none.
func With(p study.Problem, l bandit.Ladder, cycle []bandit.Bracket, origin string, proposer Proposer) *Optimizer {
	return &Optimizer{
		problem: p, origin: origin, ladder: l, schedule: bandit.NewSchedule(l, cycle), history: history.New(p), proposer: proposer,
	}
}

// Ask returns the next trials of the brackets. A trial that goes on has the one below as its Parent: an evaluator that
// kept a checkpoint continues from there.
func (o *Optimizer) Ask(ctx context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
	plan, batch := o.schedule.Plan(), o.history.Batch()
	var out []study.Suggestion
	for fresh := 0; len(out) < n; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		j, ok := plan.Next()
		if !ok {
			break
		}
		s, err := o.suggest(ctx, j, Start{ID: first + study.TrialID(len(out)), Index: fresh, Batch: batch})
		if errors.Is(err, optimizers.ErrExhausted) {
			plan.Close()
			continue
		}
		if err != nil {
			return nil, err
		}
		if j.Parent == 0 {
			fresh++
		}
		out = append(out, s)
	}
	if n > 0 && len(out) == 0 && !plan.Running() {
		return nil, optimizers.ErrExhausted
	}
	return out, nil
}

// suggest makes the suggestion of a job.
func (o *Optimizer) suggest(ctx context.Context, j bandit.Job, start Start) (study.Suggestion, error) {
	s := study.Suggestion{
		ID: start.ID, Config: j.Config, Fidelity: o.ladder.Fidelity(j.Level),
		Seed: o.problem.TrialSeed(start.ID), Parent: j.Parent, Origin: o.origin,
	}
	if j.Parent != 0 {
		return s, nil
	}
	start.Level, start.Fidelity = j.Level, o.ladder.Fidelity(j.Level)
	c, origin, err := o.proposer.Propose(ctx, start)
	if err != nil {
		return s, fmt.Errorf("proposing trial %d: %w", start.ID, err)
	}
	s.Config = c
	if origin != "" {
		s.Origin = origin
	}
	return s, nil
}

// Tell places the trials in their brackets. Warm starts take no part in brackets, the proposer hears of them all the
// same.
func (o *Optimizer) Tell(ctx context.Context, trials ...study.Trial) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, t := range o.history.Tell(trials...) {
		o.schedule.Tell(t)
		if err := o.proposer.Tell(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// sampler proposes at random.
type sampler struct{ problem study.Problem }

// Random returns the proposer that draws from the space at random and learns nothing.
func Random(p study.Problem) Proposer { return sampler{p} }

func (r sampler) Propose(_ context.Context, s Start) (space.Config, string, error) {
	c, err := s.Batch.Draw(r.problem.Stream(s.ID), s.Fidelity)
	return c, "", err
}

func (sampler) Tell(context.Context, study.Trial) error { return nil }
