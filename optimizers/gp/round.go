package gp

import (
	"math/rand/v2"

	"github.com/metaml/metaml/optimizers/history"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// round is one call of Ask. What it proposes counts for the rest of the call, while the optimizer stays as it is.
type round struct {
	*Optimizer
	batch   *history.Batch
	begun   int // trials, of whatever search
	ready   bool
	restart restart
	// restartReady is ready for the search that began again, once that was looked into.
	restartReady, looked bool
}

// prepare fits a model to what was told of the trials that it has, of which so many were begun, and reports whether there
// was enough of it.
func (o *Optimizer) prepare(m *model, begun int, has func(study.Suggestion) bool) (ready bool, err error) {
	if m.losses < leastLosses || begun < o.initial {
		return false, nil
	}
	if err := m.condition(); err != nil {
		return false, err
	}
	for _, s := range o.history.Pending() {
		if row, full := o.rows[s.ID]; full && has(s) {
			if err := m.fantasise(row); err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

// propose returns a new configuration and its origin: of the design, then of a search that began again as long as it is
// not at its end, else of the model if it is ready, and if that is at its end, too, of another search.
func (r *round) propose(id study.TrialID) (space.Config, string, error) {
	if r.begun < r.initial {
		if c, found := r.fromDesign(); found {
			return c, OriginDesign, nil
		}
	}
	rng := r.problem.Stream(id)
	apart := id%goOnEvery != 0
	if apart && r.restart.first > 0 {
		if c, done, err := r.again(rng); !done {
			return c, OriginRestarted, err
		}
	}
	origin := OriginRandom
	if r.ready {
		found := r.search.best(r.model, rng)
		if apart && !r.search.settings.Single && little(found) {
			origin = OriginRestart
			if c, found := r.fromDesign(); found {
				return c, origin, nil
			}
		} else if c, found := r.first(found); found {
			return c, Origin, nil
		}
	}
	c, err := r.batch.Draw(rng, nil)
	return c, origin, err
}

// fromDesign takes the next point of the design, if one is left.
func (r *round) fromDesign() (space.Config, bool) {
	for _, c := range r.design {
		if r.batch.Take(c, nil) {
			return c.Clone(), true
		}
	}
	return nil, false
}

// first takes the first of candidates that is new.
func (r *round) first(list []candidate) (space.Config, bool) {
	for _, f := range list {
		if c := r.inputs.codec.Decode(f.row); r.batch.Take(c, nil) {
			return c, true
		}
	}
	return nil, false
}

// again proposes the next trial of the search that began again last, unless that is done.
func (r *round) again(rng *rand.Rand) (c space.Config, done bool, err error) {
	if r.restart.begun < r.initial {
		if c, found := r.fromDesign(); found {
			return c, false, nil
		}
	}
	if !r.looked {
		if r.restartReady, err = r.prepare(r.restart.model, r.restart.begun, r.restart.has); err != nil {
			return nil, false, err
		}
		r.looked = true
	}
	if r.restartReady {
		found := r.search.best(r.restart.model, rng)
		if little(found) {
			return nil, true, nil
		}
		if c, found := r.first(found); found {
			return c, false, nil
		}
	}
	c, err = r.batch.Draw(rng, nil)
	return c, false, err
}

// take counts what is proposed as running, for the rest of the call.
func (r *round) take(s study.Suggestion) error {
	r.begun++
	row := r.inputs.codec.Encode(s.Config)
	switch s.Origin {
	case OriginRestart:
		// its model is made when it is told, and not needed before
		r.restart, r.restartReady, r.looked = restart{first: s.ID, begun: 1}, false, true
	case OriginRestarted:
		r.restart.begun++
		if r.restart.model != nil {
			if err := r.restart.model.fantasise(row); err != nil {
				return err
			}
		}
	}
	return r.model.fantasise(row)
}

// forget drops what was counted as running.
func (r *round) forget() {
	r.model.forget()
	if m := r.Optimizer.restart.model; m != nil {
		m.forget()
	}
}
