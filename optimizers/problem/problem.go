// Package problem holds optimization problems with known optima, on which optimizers are tested and compared: classic
// functions, a small combined algorithm selection and hyperparameter optimization (CASH) problem with twenty
// relatives, two with a fidelity, and tables of real tuning, which are read from files. All are minimised; regret is
// the noise-free loss less the optimum.
package problem

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/space/spelling"
	"github.com/metaml/metaml/optimizers/study"
)

// ErrUnknown is what the error of Find and Tables.Find is, by errors.Is, when there is no problem of that name.
var ErrUnknown = errors.New("unknown problem")

// Metric is the name under which every problem reports its loss.
const Metric = "loss"

// Problem is a function of a configuration, and where it has fidelities, of how well it is measured.
type Problem struct {
	Name       string
	Space      space.Space
	Fidelities []study.Range
	// Optimum is the least noise-free loss at full fidelity; NaN where it is not known and only cost is measured.
	Optimum float64
	// Basin is the regret below which a run has found the best basin, where there is another that is nearly as good;
	// 0 elsewhere.
	Basin float64
	// Minimizers are configurations at which the optimum is reached, to rounding or to the nearest integer.
	Minimizers []space.Config

	loss    func(space.Config) float64
	measure func(c space.Config, f study.Fidelity, seed uint64) float64 // nil: the loss
	spread  float64                                                     // 0: estimated when asked for
}

// Loss returns the noise-free loss of a configuration at full fidelity.
func (p Problem) Loss(c space.Config) float64 { return p.loss(c) }

// Regret returns how far a configuration is from the optimum.
func (p Problem) Regret(c space.Config) float64 { return p.loss(c) - p.Optimum }

// spreadSample is how many configurations the spread of a function is estimated from.
const spreadSample = 1001

// Spread returns how far a middling configuration is from the optimum: the median regret of all configurations of a
// table, and of 1,001 random ones elsewhere, always the same. It is the unit in which regrets on different problems
// can be compared; unlike the distance between the best and the worst it does not hang on the worst failure. It is 0
// where the optimum is not known. The error says that the space cannot be sampled.
func (p Problem) Spread() (float64, error) {
	if p.spread > 0 || math.IsNaN(p.Optimum) {
		return p.spread, nil
	}
	regrets := make([]float64, spreadSample)
	rng := rand.New(rand.NewPCG(1, 0))
	for i := range regrets {
		c, err := p.Space.Sample(rng)
		if err != nil {
			return 0, fmt.Errorf("problem %s: %w", p.Name, err)
		}
		regrets[i] = p.Regret(c)
	}
	slices.Sort(regrets)
	return regrets[spreadSample/2], nil
}

// Measure returns what an evaluation at a fidelity observes. Noise is a function of seed, configuration and fidelity,
// not of when or how often it is measured.
func (p Problem) Measure(c space.Config, f study.Fidelity, seed uint64) float64 {
	if p.measure == nil {
		return p.loss(c)
	}
	return p.measure(c, f, seed)
}

// Study returns the problem as an optimizer is opened with it.
func (p Problem) Study(seed uint64) study.Problem {
	return study.Problem{
		Space: p.Space, Objectives: []study.Objective{{Metric: Metric}}, Fidelities: slices.Clone(p.Fidelities), Seed: seed,
	}
}

// Evaluator returns an evaluator that measures with noise of the given seed.
func (p Problem) Evaluator(seed uint64) optimizers.Evaluator { return evaluator{p, seed} }

type evaluator struct {
	problem Problem
	seed    uint64
}

// Evaluate measures the configuration at once.
func (e evaluator) Evaluate(ctx context.Context, s study.Suggestion, _ func(study.Observation) error) (study.Trial, error) {
	if err := ctx.Err(); err != nil {
		return study.Trial{}, err
	}
	loss := e.problem.Measure(s.Config, s.Fidelity, e.seed)
	return study.Trial{Suggestion: s, Status: study.Complete, Observations: []study.Observation{
		{Fidelity: s.Fidelity, Metrics: map[string]float64{Metric: loss}},
	}}, nil
}

// maker makes one problem by name.
type maker struct {
	name string
	make func() (Problem, error)
}

// makers lists the problems in the order of Names.
func makers() []maker {
	list := []maker{
		{"branin", branin}, {"hartmann6", hartmann6}, {"rosenbrock10", rosenbrock10}, {"ackley10", ackley10},
		{"styblinski5", styblinski5}, {"branin25", branin25}, {"cash", cash},
		{"counting_ones", countingOnes}, {"counting_shifted", countingShifted}, {"weka768", weka768},
	}
	for i := range cashInstances {
		list = append(list, maker{fmt.Sprintf("cash%d", i), func() (Problem, error) { return cashInstance(i) }})
	}
	return list
}

// Names returns the names of all problems that need no files.
func Names() []string {
	var names []string
	for _, m := range makers() {
		names = append(names, m.name)
	}
	return names
}

// Find returns the problem of that name.
func Find(name string) (Problem, error) {
	for _, m := range makers() {
		if m.name != name {
			continue
		}
		p, err := m.make()
		if err != nil {
			return Problem{}, fmt.Errorf("problem %s: %w", name, err)
		}
		p.Name = name
		return p, nil
	}
	return Problem{}, fmt.Errorf("%w %q%s", ErrUnknown, name, spelling.Hint(name, Names()))
}

// box returns the space of the parameters x0, x1, …, all floats in [low, high].
func box(n int, low, high float64) (space.Space, error) {
	params := make([]space.Hyperparameter, n)
	for i := range params {
		params[i] = space.Hyperparameter{Name: coordinate(i), Low: low, High: high}
	}
	return space.New(params)
}

func coordinate(i int) string { return fmt.Sprintf("x%d", i) }

// point returns the configuration of a box at x.
func point(x ...float64) space.Config {
	c := make(space.Config, len(x))
	for i := range x {
		c[coordinate(i)] = space.Float(x[i])
	}
	return c
}

// coordinates returns x0, x1, … of a configuration.
func coordinates(c space.Config) []float64 {
	x := make([]float64, len(c))
	for i := range x {
		x[i] = c[coordinate(i)].Float()
	}
	return x
}

// onBox makes a problem of a function on a box, with its minimizers as points.
func onBox(s space.Space, err error, f func(x []float64) float64, optimum float64, minimizers ...[]float64) (Problem, error) {
	p := Problem{Space: s, Optimum: optimum, loss: func(c space.Config) float64 { return f(coordinates(c)) }}
	for _, x := range minimizers {
		p.Minimizers = append(p.Minimizers, point(x...))
	}
	return p, err
}

// repeat returns n times x.
func repeat(x float64, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = x
	}
	return out
}
