package de

import (
	"math"
	"math/rand/v2"

	"github.com/metaml/metaml/optimizers/history"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

const (
	// attempts is how often a challenger that was tried already, or is forbidden, is made anew.
	attempts = 50
	// bestShare is the largest share of the population that members are moved towards.
	bestShare = 0.2
	// parents is how many members a mutation needs: the one that is challenged, and three others.
	parents = 4
	// noTarget is the target of a point that challenges the worst member.
	noTarget = -1
)

// proposal is what is proposed for a trial.
type proposal struct {
	config      space.Config
	u           []float64 // the point that stands for config in the population
	initial     bool      // it belongs to the initial population
	target      int       // position of the member it challenges, or noTarget
	scale, rate float64   // F and CR it was made with
}

func (p proposal) origin() string {
	if p.initial {
		return OriginInitial
	}
	return Origin
}

// recollection is the first proposal of the last Ask, by which a trial is recognised that begins before anything else
// happens. It saves making the proposal again, and changes nothing.
type recollection struct {
	id       study.TrialID
	events   int // told before the Ask
	proposal proposal
}

// events returns how many events were told.
func (o *Optimizer) events() int { return o.history.Len() + len(o.history.Finished()) }

// recognize returns the proposal of a trial that begins, and whether it is what would be proposed for it now. What a log
// tells is a configuration; the point behind it, which it does not determine, comes from the trial's random stream.
func (o *Optimizer) recognize(t study.Trial) (proposal, bool) {
	p := o.last.proposal
	if o.last.id != t.ID || o.last.events != o.events() {
		var err error
		if p, err = o.propose(o.begun, o.history.Batch(), t.ID); err != nil {
			return proposal{}, false
		}
	}
	o.last = recollection{}
	return p, p.config.Equal(t.Config)
}

// propose makes trial id, after others that began.
func (o *Optimizer) propose(begun progress, batch *history.Batch, id study.TrialID) (proposal, error) {
	rng := o.problem.Stream(id)
	if n := len(o.population.members); n < parents || n+begun.running < o.settings.Population {
		return o.initial(begun.initial, batch, rng)
	}
	p := proposal{target: begun.challengers % len(o.population.members)}
	for range attempts {
		p.scale, p.rate = o.memory.draw(rng)
		p.u = o.cross(p.target, p.rate, o.mutant(p.target, p.scale, rng), rng)
		p.config = o.problem.Space.Decode(p.u)
		if o.allowed(p.config) && batch.Take(p.config, nil) {
			return p, nil
		}
	}
	return o.random(batch, rng)
}

// initial returns a point of the initial design, or where that was tried a random one.
func (o *Optimizer) initial(k int, batch *history.Batch, rng *rand.Rand) (proposal, error) {
	if k < len(o.design) && batch.Take(o.design[k], nil) {
		return proposal{config: o.design[k], u: o.encode(o.design[k], rng), initial: true, target: noTarget}, nil
	}
	p, err := o.random(batch, rng)
	p.initial = true
	return p, err
}

// random returns a point drawn from the space.
func (o *Optimizer) random(batch *history.Batch, rng *rand.Rand) (proposal, error) {
	config, err := batch.Draw(rng, nil)
	if err != nil {
		return proposal{}, err
	}
	return proposal{config: config, u: o.encode(config, rng), target: noTarget}, nil
}

// mutant returns the point that a member is crossed with.
func (o *Optimizer) mutant(target int, scale float64, rng *rand.Rand) []float64 {
	v := make([]float64, o.problem.Space.Len())
	if o.settings.Strategy == Rand {
		r := o.population.others(target, 3, false, rng)
		for i := range v {
			v[i] = r[0].u[i] + scale*(r[1].u[i]-r[2].u[i])
		}
		return v
	}
	x := o.population.members[target].u
	best := o.population.best(bestShare, rng)
	r := o.population.others(target, 2, true, rng)
	for i := range v {
		v[i] = x[i] + scale*(best.u[i]-x[i]) + scale*(r[0].u[i]-r[1].u[i])
	}
	return v
}

// cross returns the member with each coordinate replaced by the mutant's with probability rate, one at least. Halfway
// from the member to the edge is where mutants come to lie that are beyond it.
func (o *Optimizer) cross(target int, rate float64, mutant []float64, rng *rand.Rand) []float64 {
	x := o.population.members[target].u
	u := make([]float64, len(x))
	copy(u, x)
	if len(u) == 0 {
		return u
	}
	sure := rng.IntN(len(u))
	for i, v := range mutant {
		if rng.Float64() >= rate && i != sure {
			continue
		}
		switch {
		case v < 0:
			v = x[i] / 2
		case v > 1:
			v = (x[i] + 1) / 2
		}
		u[i] = v
	}
	return u
}

// allowed reports whether no clause forbids the configuration.
func (o *Optimizer) allowed(c space.Config) bool {
	return !o.restricted || o.problem.Space.Validate(c) == nil
}

// encode returns the point of a configuration, with random coordinates for what is inactive.
func (o *Optimizer) encode(c space.Config, rng *rand.Rand) []float64 {
	u := o.problem.Space.Encode(c)
	for i, x := range u {
		if math.IsNaN(x) {
			u[i] = rng.Float64()
		}
	}
	return u
}
