// Package random is random search (Bergstra and Bengio 2012): every trial is drawn from the space independently, in
// full, whatever the results so far. It is the baseline that every other optimizer has to beat, and it takes part in
// no other way: it avoids neither repetitions nor what has failed.
package random

import (
	"context"
	"fmt"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/study"
)

// Origin is the origin of its suggestions.
const Origin = "random"

// Settings of random search: there are none.
type Settings struct{}

// Optimizer is random search. Trial i is drawn from the stream (seed, i) alone, so that it is the same whatever else
// happens in the study.
type Optimizer struct{ problem study.Problem }

var _ optimizers.Optimizer = (*Optimizer)(nil)

// New returns random search on a problem.
func New(p study.Problem, _ Settings) (*Optimizer, error) { return &Optimizer{problem: p}, nil }

// Ask draws n trials. It fails where forbidden clauses leave hardly anything to draw.
func (o *Optimizer) Ask(ctx context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
	suggestions := make([]study.Suggestion, n)
	for i := range suggestions {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		id := first + study.TrialID(i)
		config, err := o.problem.Space.Sample(o.problem.Stream(id))
		if err != nil {
			return nil, fmt.Errorf("drawing trial %d: %w", id, err)
		}
		suggestions[i] = study.Suggestion{ID: id, Config: config, Seed: o.problem.TrialSeed(id), Origin: Origin}
	}
	return suggestions, nil
}

// Tell learns nothing.
func (o *Optimizer) Tell(ctx context.Context, _ ...study.Trial) error { return ctx.Err() }
