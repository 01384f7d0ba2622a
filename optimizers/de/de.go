// Package de is differential evolution (Storn and Price 1997) on the unit cube of the space's codec: a population of
// points, each challenged in turn by one that differences of others were added to. By default it is SHADE (Tanabe and
// Fukunaga 2013): current-to-pbest/1/bin with an archive (JADE, Zhang and Sanderson 2009) and a memory of the scale
// factors and crossover rates that succeeded.
//
// Every hyperparameter has a coordinate in every point, active or not, and choices are slices of the unit interval, as
// in DEHB (Awad, Mallik and Hutter 2021): so it works on every space. Inactive coordinates evolve on, unseen.
//
// What differs from the papers:
//   - It is asynchronous: trials challenge the members of the population in turn, as many at once as are asked for, and
//     each result takes effect when it is told. A generation, after which the memory is updated, is as many results as
//     the population has members.
//   - A configuration that was tried already is made anew, and after 50 attempts drawn from the space; it then replaces
//     the worst member if it is better.
//   - The population is small, for budgets of some hundred trials, and so is the memory: five entries. Median regrets of 40
//     to 60 runs with 8, 10, 20 and 30 members: hartmann6 after 100 trials .44/.58/.89/1.08, rosenbrock10 after 500
//     83/97/500/1900, cash3 after 100 .004/.009/.025/.022. With 10, rand/1/bin was worse on seven of nine problems
//     (hartmann6 .73, rosenbrock10 240), and a memory that begins at a crossover rate of .9, as later variants do, is as
//     often worse as better (rosenbrock10 111, ackley10 after 500 4.7 instead of 3.1, hartmann6 .47).
//   - Warm starts and trials of others count towards the initial population; later ones replace the worst member where
//     they are better.
package de

import (
	"context"
	"errors"
	"math"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/history"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// The origins of its suggestions: the initial population, and the challengers of its members.
const (
	OriginInitial = "de-initial"
	Origin        = "de"
)

// Optimizer is differential evolution.
type Optimizer struct {
	problem  study.Problem
	settings Settings // complete
	history  *history.History
	design   []space.Config // the initial population
	// restricted says that the space has forbidden clauses.
	restricted bool

	population population
	memory     memory
	begun      progress
	proposals  map[study.TrialID]proposal // own trials that still run
	last       recollection
}

var _ optimizers.Optimizer = (*Optimizer)(nil)

// progress counts own trials that began.
type progress struct {
	initial     int // of the initial population
	running     int // of them, still running
	challengers int
}

// New returns differential evolution for a problem. Settings out of range are an error. Only the first objective counts.
func New(p study.Problem, s Settings) (*Optimizer, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	s = s.complete(p.Space)
	design, err := p.Space.Design(space.Sobol, s.Population, p.Seed)
	if err != nil {
		return nil, err
	}
	return &Optimizer{
		problem: p, settings: s, history: history.New(p), design: design, restricted: len(p.Space.Forbidden()) > 0,
		population: population{size: s.Population},
		memory:     newMemory(s), proposals: map[study.TrialID]proposal{},
	}, nil
}

// Ask proposes n trials: of the initial population until that is complete, then challengers of its members in turn.
// Where every configuration was tried it is optimizers.ErrExhausted.
func (o *Optimizer) Ask(ctx context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	batch, begun := o.history.Batch(), o.begun
	suggestions := make([]study.Suggestion, 0, n)
	for id := first; len(suggestions) < n; id++ {
		p, err := o.propose(begun, batch, id)
		if errors.Is(err, optimizers.ErrExhausted) && len(suggestions) > 0 {
			break
		}
		if err != nil {
			return nil, err
		}
		if id == first {
			o.last = recollection{id: id, events: o.events(), proposal: p}
		}
		begun = begun.and(p)
		suggestions = append(suggestions, study.Suggestion{
			ID: id, Config: p.config.Clone(), Seed: o.problem.TrialSeed(id), Origin: p.origin(),
		})
	}
	return suggestions, nil
}

// and returns the counts after a proposal.
func (b progress) and(p proposal) progress {
	if p.initial {
		b.initial++
		b.running++
	} else {
		b.challengers++
	}
	return b
}

// Tell notes what began and lets what ended take its place in the population: trials without a loss at full fidelity are
// worse than all others.
func (o *Optimizer) Tell(ctx context.Context, trials ...study.Trial) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, t := range trials {
		own := t.Origin == Origin || t.Origin == OriginInitial
		if _, known := o.history.Trial(t.ID); !known && !t.Status.Final() && own {
			o.begin(t)
		}
		if len(o.history.Tell(t)) > 0 && t.Status.Final() {
			o.end(t)
		}
	}
	return nil
}

// begin takes up a trial of its own.
func (o *Optimizer) begin(t study.Trial) {
	if p, mine := o.recognize(t); mine {
		o.begun = o.begun.and(p)
		o.proposals[t.ID] = p
	}
}

// end gives a trial that ended its place in the population.
func (o *Optimizer) end(t study.Trial) {
	loss := o.loss(t)
	p, mine := o.proposals[t.ID]
	delete(o.proposals, t.ID)
	if !mine {
		p = proposal{u: o.encode(t.Config, o.problem.Stream(t.ID)), target: noTarget}
	}
	if p.initial {
		o.begun.running--
	}
	if p.target == noTarget {
		o.population.admit(member{u: p.u, loss: loss})
		return
	}
	gain, success := o.population.challenge(p.target, member{u: p.u, loss: loss}, o.problem.Stream(t.ID))
	o.memory.note(p.scale, p.rate, gain, success, o.settings.Population)
}

// loss returns a trial's first loss, +Inf where it has none that can be compared: it failed, was stopped early, or ran
// at a lower fidelity.
func (o *Optimizer) loss(t study.Trial) float64 {
	if t.Status != study.Complete || len(t.Losses) == 0 || math.IsNaN(t.Losses[0]) || optimizers.Effort(o.problem, t.Fidelity) < 1 {
		return math.Inf(1)
	}
	return t.Losses[0]
}
