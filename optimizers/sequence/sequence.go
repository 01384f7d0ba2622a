// Package sequence follows a sequence of configurations that is fixed before the study begins, as a grid or a
// space-filling design is. It proposes each configuration once, whoever tried it: what a warm start or another
// optimizer evaluated already, or evaluates now, is left out.
package sequence

import (
	"context"
	"errors"
	"math"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/history"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// Source yields the configurations of a sequence, one after another; optimizers.ErrExhausted is its end.
type Source interface {
	Next() (space.Config, error)
}

// Patience is a sensible patience for endless sources.
const Patience = 256

// Optimizer proposes the configurations of a sequence in order.
type Optimizer struct {
	problem  study.Problem
	origin   string
	source   Source
	patience int
	history  *history.History
	// ahead are configurations that the source yielded, from the first on that was not tried. How many there are is how
	// far the source was asked, and changes nothing.
	ahead []space.Config
	ended bool // the source has ended
}

var _ optimizers.Optimizer = (*Optimizer)(nil)

// New returns the optimizer that proposes what the source yields, under the given origin. Once patience configurations
// in a row were all tried it draws one at random instead: an endless sequence over few configurations would never find
// the last ones. 0 is patience without end, for sources that end.
func New(p study.Problem, origin string, source Source, patience int) *Optimizer {
	if patience <= 0 {
		patience = math.MaxInt
	}
	return &Optimizer{problem: p, origin: origin, source: source, patience: patience, history: history.New(p)}
}

// Ask returns the next n configurations of the sequence that were not tried. A sequence without end over a space
// without further configurations, and one that has ended, is optimizers.ErrExhausted.
func (o *Optimizer) Ask(ctx context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
	batch := o.history.Batch()
	var suggestions []study.Suggestion
	for at := 0; len(suggestions) < n; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		id := first + study.TrialID(len(suggestions))
		config, next, err := o.propose(batch, at, id)
		if errors.Is(err, optimizers.ErrExhausted) && len(suggestions) > 0 {
			return suggestions, nil
		}
		if err != nil {
			return nil, err
		}
		at = next
		suggestions = append(suggestions, study.Suggestion{
			ID: id, Config: config.Clone(), Seed: o.problem.TrialSeed(id), Origin: o.origin,
		})
	}
	return suggestions, nil
}

// propose takes the first new configuration from position at of what lies ahead, and returns the position after it.
func (o *Optimizer) propose(batch *history.Batch, at int, id study.TrialID) (c space.Config, next int, err error) {
	for range o.patience {
		if at == len(o.ahead) {
			if err := o.extend(); err != nil {
				return nil, at, err
			}
		}
		c, at = o.ahead[at], at+1
		if batch.Take(c, nil) {
			return c, at, nil
		}
	}
	c, err = batch.Draw(o.problem.Stream(id), nil)
	return c, at, err
}

// extend asks the source for one more.
func (o *Optimizer) extend() error {
	if o.ended {
		return optimizers.ErrExhausted
	}
	c, err := o.source.Next()
	if err != nil {
		o.ended = errors.Is(err, optimizers.ErrExhausted)
		return err
	}
	o.ahead = append(o.ahead, c)
	return nil
}

// Tell notes what was tried; results change nothing.
func (o *Optimizer) Tell(ctx context.Context, trials ...study.Trial) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, t := range trials {
		if len(o.history.Tell(t)) > 0 {
			o.advance()
		}
	}
	return nil
}

// advance drops what was tried from the front of the queue: at most patience configurations for each event, whether
// events are told one by one or together, so that a replay gets to the same place.
func (o *Optimizer) advance() {
	for range o.patience {
		if len(o.ahead) == 0 && o.extend() != nil {
			return // Ask meets the error again
		}
		if !o.history.Tried(o.ahead[0], nil) {
			return
		}
		o.ahead = o.ahead[1:]
	}
}
