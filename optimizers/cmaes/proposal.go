package cmaes

import (
	"math/rand/v2"
	"slices"

	"github.com/metaml/metaml/optimizers/history"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

const (
	// attempts is how often a configuration that was tried already, or is forbidden, is drawn again.
	attempts = 50
	// redraws is how often a point outside the box is drawn again before it is reflected.
	redraws = 20
)

// sample is what is drawn for a trial.
type sample struct {
	config space.Config
	// x is the point that stands for config in the update: nil where no new one was found near, and config was drawn from
	// the whole space instead.
	x []float64
	// z is the standard normal vector that x comes from; nil for the model's least point.
	z          []float64
	run        int // number of the descent
	generation int
}

// memory is the first sample of the last Ask, by which a trial is recognised that begins before anything else happens.
// It saves drawing the sample again, and changes nothing.
type memory struct {
	id     study.TrialID
	events int // told before the Ask
	sample sample
}

// events returns how many events were told.
func (o *Optimizer) events() int { return o.history.Len() + len(o.history.Finished()) }

// recognize returns the sample of a trial that begins, and whether it is what would be drawn for it now. What a log
// tells is a configuration; the point behind it, which it does not determine, comes from the trial's random stream.
func (o *Optimizer) recognize(r *run, t study.Trial) (sample, bool) {
	s := o.last.sample
	if o.last.id != t.ID || o.last.events != o.events() {
		var err error
		if s, err = o.draw(r, r.upcoming(), o.history.Batch(), t.ID); err != nil {
			return sample{}, false
		}
	}
	o.last = memory{}
	return s, s.config.Equal(t.Config)
}

// draw draws trial id from a descent's distribution, in a direction that was not drawn before, or, where that yields
// nothing new, from the space. The first trial of a generation is the model's least point, if there is one.
func (o *Optimizer) draw(r *run, next upcoming, batch *history.Batch, id study.TrialID) (sample, error) {
	rng := o.problem.Stream(id)
	var s sample
	if r != nil {
		s.run, s.generation = r.number, r.distribution.generation
		n := len(o.coordinates.axes)
		scratch := make([]float64, 3*n)
		x, z, v := scratch[:n:n], scratch[n:2*n:2*n], scratch[2*n:]
		if config := o.at(next.least); config != nil && batch.Take(config, nil) {
			s.config, s.x = config, slices.Clone(next.least)
			return s, nil
		}
		for range attempts {
			o.sample(r, next.drawn, rng, z, x)
			r.margins.stretched(r.distribution, x, v)
			config := o.coordinates.decode(v)
			if o.coordinates.allowed(config) && batch.Take(config, nil) {
				s.config, s.x, s.z = config, x, z
				return s, nil
			}
		}
	}
	var err error
	s.config, err = batch.Draw(rng, nil)
	return s, err
}

// at returns the configuration at a point, nil where there is no point or the configuration is forbidden.
func (o *Optimizer) at(x []float64) space.Config {
	if x == nil {
		return nil
	}
	config := o.coordinates.decode(x)
	if !o.coordinates.allowed(config) {
		return nil
	}
	return config
}

// sample draws a point whose continuous coordinates lie in the box into x, and what it comes from into z.
func (o *Optimizer) sample(r *run, drawn directions, rng *rand.Rand, z, x []float64) {
	for range redraws {
		for j := range z {
			z[j] = rng.NormFloat64()
		}
		drawn.turn(z)
		if r.distribution.place(z, x); o.coordinates.inside(x) {
			return
		}
	}
	o.coordinates.reflect(x)
}
