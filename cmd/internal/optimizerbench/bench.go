// Package optimizerbench measures optimizers on problems with known optima: metaml's own and, on the same problems with
// the same noise, those of other libraries in processes of their own. It counts evaluations, full evaluations where
// there is a fidelity, and the CPU time that the proposing takes, and compares methods run by run.
package optimizerbench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/study"
)

// ErrUnsupported is what the error of a method is, by errors.Is, on a problem that it cannot express. Run leaves such
// a pair out.
var ErrUnsupported = errors.ErrUnsupported

// Method is an optimizer under test.
type Method interface {
	// Name is the method's name in results.
	Name() string
	// Versions are those of the software that runs, by name, as far as they are known by now.
	Versions() map[string]string
	// Open begins a run with a seed. Budget is the number of full evaluations that the run ends after, for methods
	// that plan with it.
	Open(ctx context.Context, p problem.Problem, seed uint64, budget float64) (Session, error)
	// Close ends what the method keeps between runs.
	Close() error
}

// Session is one run of a method, one trial at a time.
type Session interface {
	// Next proposes a trial; optimizers.ErrExhausted says that none is left.
	Next(ctx context.Context) (study.Suggestion, error)
	// Tell reports the loss of what Next proposed last.
	Tell(ctx context.Context, loss float64) error
	// Close ends the run and returns the CPU time that the method took in it.
	Close() (time.Duration, error)
}

// Options say what to measure.
type Options struct {
	Problems []problem.Problem
	Methods  []Method
	// Seeds is the number of runs of each method on each problem. Run i has the seed SeedBase+i, which seeds both the
	// method and the problem's noise.
	Seeds    int
	SeedBase uint64
	// Budget is the number of full evaluations of a run; 0: 100, or 25 where there is a fidelity.
	Budget float64
	// Date is when this was run, for the results.
	Date string
	// Done, if not nil, is called after every run.
	Done func(problem, method string)
	// Skipped, if not nil, is told which method was left out on which problem, and why.
	Skipped func(problem, method string, err error)
	// Cell, if not nil, gets each result once its last run is done.
	Cell func(Cell) error
}

// budget is the number of full evaluations of a run on a problem.
func (o Options) budget(p problem.Problem) float64 {
	switch {
	case o.Budget > 0:
		return o.Budget
	case len(p.Fidelities) > 0:
		return usualFidelityBudget
	}
	return usualBudget
}

// The budgets of a run, in full evaluations, unless another one is given.
const (
	usualBudget         = 100.0
	usualFidelityBudget = 25.0
)

// Run measures every method on every problem, problem by problem. When the context ends, or a method fails, the cells
// that are complete are returned with the error.
func Run(ctx context.Context, opt Options) ([]Cell, error) {
	var cells []Cell
	for _, p := range opt.Problems {
		spread, err := p.Spread()
		if err != nil {
			return cells, err
		}
		for _, m := range opt.Methods {
			outcomes, err := runs(ctx, p, m, opt)
			if errors.Is(err, ErrUnsupported) {
				if opt.Skipped != nil {
					opt.Skipped(p.Name, m.Name(), err)
				}
				continue
			}
			if err != nil {
				return cells, fmt.Errorf("%s on %s: %w", m.Name(), p.Name, err)
			}
			cell := newCell(p, m, spread, outcomes, opt)
			cells = append(cells, cell)
			if opt.Cell == nil {
				continue
			}
			if err := opt.Cell(cell); err != nil {
				return cells, err
			}
		}
	}
	return cells, nil
}

// runs runs a method on a problem once per seed.
func runs(ctx context.Context, p problem.Problem, m Method, opt Options) ([]Outcome, error) {
	var outcomes []Outcome
	for i := range opt.Seeds {
		seed := opt.SeedBase + uint64(i)
		o, err := play(ctx, p, m, seed, opt.budget(p))
		if err != nil {
			return nil, fmt.Errorf("seed %d: %w", seed, err)
		}
		outcomes = append(outcomes, o)
		if opt.Done != nil {
			opt.Done(p.Name, m.Name())
		}
	}
	return outcomes, nil
}
