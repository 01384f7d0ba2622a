package simulation

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/study"
)

// Open opens an optimizer on a problem.
type Open func(study.Problem) (optimizers.Optimizer, error)

// EfficiencyOptions say how Efficiencies measures.
type EfficiencyOptions struct {
	// Workers are the numbers of workers to compare with one.
	Workers []int
	// Budget is the time that one worker has, in full evaluations. It should be many times the number of workers: no
	// number of workers is faster than the evaluations that have to follow each other (see Efficiency.Bound).
	Budget float64
	// Seeds is the number of studies for every distribution, with the seeds SeedBase, SeedBase+1, …
	Seeds    int
	SeedBase uint64
	// Durations are the distributions of run times; nil: exponential, lognormal (sigma 1) and Pareto (alpha 1.5).
	Durations []Duration
	// Credit is that of Options.
	Credit bool
}

// Efficiency says how well an optimizer uses W workers: T_1(q) / (W T_W(q)), where T_W(q) is the time that W workers
// need to an incumbent of noise-free loss q, in the median over seeds, and q is the loss that one worker has at half
// its budget, in the median over seeds, too. Of several distributions of run times it is the median.
type Efficiency struct {
	Workers int
	// Value is the efficiency. 1 is perfect, and luck or a better order of trials can exceed it; 0 says that W workers
	// do not reach q in the time that one has.
	Value float64
	// Interval holds 95 % of what Value is with seeds drawn anew from those measured, at the same q.
	Interval [2]float64
	// Bound is the efficiency, in the median over studies, if W workers were to take the trials of the one worker, in its order and with its run
	// times, each as soon as a worker is free and the trial that it continues has ended: as if everything that the
	// one worker knew when it chose a trial were known beforehand. What it misses from 1 is due to stragglers and to
	// evaluations that have to follow each other; what Value misses from it is due to choices made without results
	// that one worker would have waited for. It is a little above 1 where long trials still run when q is reached, and
	// no strict bound: other trials than the one worker's may reach q sooner.
	Bound float64
	// By has the distributions one by one.
	By []Speedup
}

// Speedup is the efficiency at one distribution of run times.
type Speedup struct {
	Target float64 // q
	// One and Many are T_1(q) and T_W(q): medians, in full evaluations.
	One, Many    float64
	Value, Bound float64
}

// resamples is how many times seeds are drawn anew for an interval.
const resamples = 1000

// Efficiencies measures the efficiency of an optimizer on a problem with each number of workers.
func Efficiencies(ctx context.Context, p problem.Problem, open Open, opt EfficiencyOptions) ([]Efficiency, error) {
	if len(opt.Workers) == 0 || slices.Min(opt.Workers) < 1 || opt.Seeds < 1 || !(opt.Budget > 0) {
		return nil, fmt.Errorf("efficiencies of %v workers over %d seeds with a budget of %v: all must be positive", opt.Workers, opt.Seeds, opt.Budget)
	}
	if opt.Durations == nil {
		opt.Durations = []Duration{Exponential(), LogNormal(1), Pareto(1.5)}
	}
	times := make([][]hits, len(opt.Workers)) // by distribution
	for _, d := range opt.Durations {
		all, err := measure(ctx, p, open, opt, d)
		if err != nil {
			return nil, err
		}
		for i, h := range all {
			times[i] = append(times[i], h)
		}
	}
	var list []Efficiency
	for i, workers := range opt.Workers {
		e := Efficiency{Workers: workers, Interval: interval(times[i], opt)}
		for _, h := range times[i] {
			e.By = append(e.By, h.speedup())
		}
		e.Value = median(each(e.By, func(s Speedup) float64 { return s.Value }))
		e.Bound = median(each(e.By, func(s Speedup) float64 { return s.Bound }))
		list = append(list, e)
	}
	return list, nil
}

// hits are the times at which studies with one distribution of run times reach the target, by seed.
type hits struct {
	workers          int
	target           float64
	one, many, ideal []float64
}

// measure compares one worker with several at one distribution of run times.
func measure(ctx context.Context, p problem.Problem, open Open, opt EfficiencyOptions, d Duration) ([]hits, error) {
	one, err := traces(ctx, p, open, opt, Options{Workers: 1, Duration: d, Time: opt.Budget})
	if err != nil {
		return nil, err
	}
	q := median(each(one, func(t Trace) float64 { return t.LossAt(opt.Budget / 2) }))
	if math.IsInf(q, 1) {
		return nil, fmt.Errorf("no trial ends within half the budget of %v", opt.Budget)
	}
	timeTo := func(t Trace) float64 { return t.TimeTo(q) }
	var list []hits
	for _, workers := range opt.Workers {
		many, err := traces(ctx, p, open, opt, Options{Workers: workers, Duration: d, Time: opt.Budget, Target: &q})
		if err != nil {
			return nil, err
		}
		ideal := func(t Trace) float64 { return t.idealTime(q, workers) }
		list = append(list, hits{workers: workers, target: q, one: each(one, timeTo), many: each(many, timeTo), ideal: each(one, ideal)})
	}
	return list, nil
}

// speedup sums the times up.
func (h hits) speedup() Speedup {
	s := Speedup{Target: h.target, One: median(h.one), Many: median(h.many), Value: h.efficiency(nil)}
	var bounds []float64
	for i, ideal := range h.ideal {
		if !math.IsInf(ideal, 1) {
			bounds = append(bounds, h.one[i]/(float64(h.workers)*ideal))
		}
	}
	s.Bound = median(bounds)
	return s
}

// efficiency is that over some of the seeds, nil for all.
func (h hits) efficiency(seeds []int) float64 {
	one, many := h.one, h.many
	if seeds != nil {
		one, many = chosen(one, seeds), chosen(many, seeds)
	}
	a, b := median(one), median(many)
	if math.IsInf(b, 1) {
		return 0
	}
	return a / (float64(h.workers) * b)
}

// chosen returns the elements at some places.
func chosen(x []float64, at []int) []float64 {
	return each(at, func(i int) float64 { return x[i] })
}

// interval draws seeds anew, for all distributions the same ones.
func interval(times []hits, opt EfficiencyOptions) [2]float64 {
	rng := rand.New(rand.NewPCG(opt.SeedBase, uint64(opt.Seeds)))
	seeds, values := make([]int, opt.Seeds), make([]float64, resamples)
	for i := range values {
		for j := range seeds {
			seeds[j] = rng.IntN(opt.Seeds)
		}
		values[i] = median(each(times, func(h hits) float64 { return h.efficiency(seeds) }))
	}
	slices.Sort(values)
	return [2]float64{values[resamples/40], values[resamples-1-resamples/40]}
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

// each returns a number of every element.
func each[E any](list []E, number func(E) float64) []float64 {
	out := make([]float64, len(list))
	for i, x := range list {
		out[i] = number(x)
	}
	return out
}

// median returns the median, of an even number the upper one for losses and times alike: the half that has a loss of at
// most the upper one in some time has, in the median, reached it by then.
func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	return x[len(x)/2]
}
