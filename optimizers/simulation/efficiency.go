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
// workers need to an incumbent of noise-free loss q, and q is the loss that one worker has at half its budget in the
// study of the same seed and distribution. It is the median over all studies; 1 is perfect, and luck or a better
// order of trials can exceed it. Studies in which W workers do not reach q in the time that one had count as 0.
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
		for i := range opt.Seeds {
			e, err := efficiency(ctx, p, open, opt, d, opt.SeedBase+uint64(i))
			if err != nil {
				return 0, err
			}
			all = append(all, e)
		}
	}
	return median(all), nil
}

// efficiency compares one study on one worker with the same on several.
func efficiency(ctx context.Context, p problem.Problem, open Open, opt EfficiencyOptions, d Duration, seed uint64) (float64, error) {
	run := func(workers int, time float64, target *float64) (Trace, error) {
		o, err := open(p.Study(seed))
		if err != nil {
			return nil, err
		}
		return Run(ctx, p, o, Options{Workers: workers, Duration: d, Seed: seed, Credit: opt.Credit, Time: time, Target: target})
	}
	one, err := run(1, opt.Budget/2, nil)
	if err != nil {
		return 0, err
	}
	q := one.LossAt(opt.Budget / 2)
	if math.IsInf(q, 1) {
		return 0, fmt.Errorf("no trial of seed %d ends within half the budget of %v", seed, opt.Budget)
	}
	many, err := run(opt.Workers, opt.Budget/2, &q)
	if err != nil {
		return 0, err
	}
	return one.TimeTo(q) / (float64(opt.Workers) * many.TimeTo(q)), nil
}

// median returns the median, of an even number the mean of the two in the middle.
func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	n := len(x)
	return (x[n/2] + x[(n-1)/2]) / 2
}
