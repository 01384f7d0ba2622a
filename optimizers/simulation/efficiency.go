package simulation

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/study"
)

// Open opens an optimizer on a problem.
type Open func(study.Problem) (optimizers.Optimizer, error)

// EfficiencyOptions say how Efficiency measures.
type EfficiencyOptions struct {
	// Workers is the number of workers to compare with one.
	Workers int
	// Budget is the time that one worker has, in full evaluations. It should be several times Workers: no number of
	// workers is faster than the evaluations that have to follow each other.
	Budget float64
	// Seeds is the number of studies for every distribution, with the seeds SeedBase, SeedBase+1, …
	Seeds    int
	SeedBase uint64
	// Durations are the distributions of run times; nil: exponential, lognormal (sigma 1) and Pareto (alpha 1.5).
	Durations []Duration
	// Credit is that of Options.
	Credit bool
}

// Efficiency returns how well an optimizer uses workers: E(W) = T_1(q) / (W T_W(q)), where T_W(q) is the time that W
// workers need to an incumbent of noise-free loss q, in the median over seeds, and q is the loss that one worker has at
// half its budget, in the median over seeds, too. It is the median over the distributions of run times. 1 is perfect,
// and luck or a better order of trials can exceed it; 0 says that W workers do not reach q in the time that one had.
func Efficiency(ctx context.Context, p problem.Problem, open Open, opt EfficiencyOptions) (float64, error) {
	if opt.Workers < 1 || opt.Seeds < 1 || !(opt.Budget > 0) {
		return 0, fmt.Errorf("an efficiency of %d workers over %d seeds with a budget of %v: all must be positive", opt.Workers, opt.Seeds, opt.Budget)
	}
	durations := opt.Durations
	if durations == nil {
		durations = []Duration{Exponential(), LogNormal(1), Pareto(1.5)}
	}
	var all []float64
	for _, d := range durations {
		e, err := efficiency(ctx, p, open, opt, d)
		if err != nil {
			return 0, err
		}
		all = append(all, e)
	}
	return median(all), nil
}

// efficiency compares one worker with several at one distribution of run times.
func efficiency(ctx context.Context, p problem.Problem, open Open, opt EfficiencyOptions, d Duration) (float64, error) {
	half := opt.Budget / 2
	one, err := traces(ctx, p, open, opt, Options{Workers: 1, Duration: d, Time: half})
	if err != nil {
		return 0, err
	}
	q := median(each(one, func(t Trace) float64 { return t.LossAt(half) }))
	if math.IsInf(q, 1) {
		return 0, fmt.Errorf("no trial ends within half the budget of %v", opt.Budget)
	}
	many, err := traces(ctx, p, open, opt, Options{Workers: opt.Workers, Duration: d, Time: half, Target: &q})
	if err != nil {
		return 0, err
	}
	timeTo := func(t Trace) float64 { return t.TimeTo(q) }
	return median(each(one, timeTo)) / (float64(opt.Workers) * median(each(many, timeTo))), nil
}

// traces simulates a study of every seed.
func traces(ctx context.Context, p problem.Problem, open Open, opt EfficiencyOptions, how Options) ([]Trace, error) {
	out := make([]Trace, opt.Seeds)
	for i := range out {
		how.Seed, how.Credit = opt.SeedBase+uint64(i), opt.Credit
		o, err := open(p.Study(how.Seed))
		if err != nil {
			return nil, err
		}
		if out[i], err = Run(ctx, p, o, how); err != nil {
			return nil, fmt.Errorf("seed %d with %d workers: %w", how.Seed, how.Workers, err)
		}
	}
	return out, nil
}

// each returns a number of every trace.
func each(traces []Trace, number func(Trace) float64) []float64 {
	out := make([]float64, len(traces))
	for i, t := range traces {
		out[i] = number(t)
	}
	return out
}

// median returns the median, of an even number the upper one for losses and times alike: the half that has a loss of at
// most the upper one in some time has, in the median, reached it by then.
func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	return x[len(x)/2]
}
