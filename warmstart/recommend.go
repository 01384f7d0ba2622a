package warmstart

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/transfer"
)

// ErrBudget is wrapped by the error that no configuration is expected to fit the time.
var ErrBudget = errors.New("no configuration fits the time")

// Source is where the results of prior tasks come from; a knowledge base is one.
type Source interface {
	Snapshot(ctx context.Context) (*record.Set, error)
}

// Task is the new task that configurations are wanted for.
type Task struct {
	Name      string
	ID        record.ID          // of its record, by which results on the same data are known; empty: none are
	Type      string             // record.Classification or record.Regression; empty: unknown
	Extractor string             // names the definitions of Features; empty: those the knowledge base has most of
	Features  map[string]float64 // meta-features by name; undefined ones are absent
	Size      transfer.Size      // of its table, to tell times by; zero: what Features say
}

// Options says what to recommend. The zero value asks the default strategy for five configurations, judged by the
// primary metric of the protocol with the most runs.
type Options struct {
	K        int      // how many; 0: 5
	Strategy string   // by name; empty: Default
	Metric   string   // a metric of the protocol; empty: its primary one
	Learners []string // only configurations of these learners; nil: all
	Protocol record.ID
	Space    record.ID
	Seed     uint64
	// Seconds bounds the expected time of all configurations together, see Query.Seconds; then there may be fewer
	// than K. 0: time does not matter.
	Seconds float64
	// Memory keeps what is learned from the knowledge base for the next time. Nil: it is learned anew.
	Memory Memory
}

// defaultK is how many configurations are recommended where the caller does not say.
const defaultK = 5

// shownNeighbours is how many prior tasks advice names.
const shownNeighbours = 9

// Advice is what Recommend answers.
type Advice struct {
	Strategy string
	Metric   record.Metric
	Protocol record.ID
	Space    record.ID
	// Tasks, Groups and Configs count what the advice rests on.
	Tasks, Groups, Configs int
	// Distance is the distance from the nearest prior task, the mean difference of meta-features in interquartile
	// ranges; nil if there is nothing to compare. Usual is the range in which nine in ten prior tasks lie from the
	// nearest of another group. Nearest names that task.
	Distance *float64
	Nearest  string
	Usual    [2]float64
	// InDistribution is whether Distance is no longer than 95 % of those: if not, the advice is a safe all-round
	// choice rather than a judgement about the task.
	InDistribution  bool
	Recommendations []Recommendation
	// Neighbors are the prior tasks of most weight, in that order. Those of least distance may be others.
	Neighbors []Neighbor
	// Weights say how much each prior task counts in the choice, in the order of the matrix's tasks; they sum to one.
	Weights []float64
	// Own counts the results on the very data of the task, see Task.ID; they are what the default strategy goes by.
	Own int
	// Evidence is the number of equally weighted groups of prior tasks that the choice rests on.
	Evidence float64
	Notes    []string // what was chosen among several, or left out
}

// Recommendation is one configuration to try.
type Recommendation struct {
	Rank    int // from 1
	Config  space.Config
	Learner string // empty if the space has no choice of learner
	// ExpectedRegret is the normalised regret expected of the best of this configuration and those before it: 0 is
	// the best known configuration of the task, 1 its median one. Interval holds it with 80 % probability.
	ExpectedRegret float64
	Interval       [2]float64
	// Alone is the regret expected of this configuration by itself, see adviser.alone; for the first it is ExpectedRegret.
	Alone float64
	// ExpectedMetric is the metric expected of the best of this configuration and those before it, in its own
	// direction; MetricInterval holds it with 80 % probability. Nil for metrics that depend on the target's unit.
	ExpectedMetric *float64
	MetricInterval *[2]float64
	// Seconds is what one run is expected to take, by the prior tasks weighted as for the choice and scaled to the size of
	// the new one (transfer.Stopwatch); nil if that is not known of any.
	Seconds *float64
	Reasons []string // short sentences
}

// Neighbor is a prior task that advice rests on.
type Neighbor struct {
	Task     record.ID
	Name     string
	Distance *float64 // as Advice.Distance; nil if there is nothing to compare
	Weight   float64  // the share it has in the choice
	// Regrets are those of the recommendations, by rank, on the scale of Recommendation.ExpectedRegret; nil where never run.
	Regrets []*float64
}

// Recommend recommends configurations for a new task from the results in source. Errors wrap transfer.ErrEmpty,
// transfer.ErrNotFound, ErrStrategy or ErrBudget, or come from source.
func Recommend(ctx context.Context, source Source, task Task, opt Options) (*Advice, error) {
	set, err := source.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	m, err := transfer.New(set, transfer.Options{
		Type: task.Type, Protocol: opt.Protocol, Space: opt.Space, Metric: opt.Metric, Learners: opt.Learners,
	})
	if err != nil {
		return nil, err
	}
	var searched *space.Space
	if s := set.Spaces[m.Space]; s != nil {
		searched = &s.Space
	}
	return Advise(m, searched, task, opt)
}

// Advise is Recommend from a matrix. The space, if given, supplies further configurations where the matrix has
// fewer than are asked for.
func Advise(m *transfer.Matrix, searched *space.Space, task Task, opt Options) (*Advice, error) {
	if opt.K == 0 {
		opt.K = defaultK
	}
	strategy, err := NewStrategy(opt.Strategy)
	if err != nil {
		return nil, err
	}
	if len(m.Candidates()) == 0 {
		return nil, fmt.Errorf("warmstart: no prior task has a result: %w", transfer.ErrEmpty)
	}
	in, err := recalledInsight(Comparable(m), strategy, opt)
	if err != nil {
		return nil, err
	}
	if task.Extractor != "" && task.Extractor != in.m.Extractor {
		task.Features = nil // values of different definitions are never compared
	}
	if task.Size == (transfer.Size{}) {
		task.Size = m.SizeBy(m.Vector(task.Features))
	}
	a := &adviser{insight: in, task: task, opt: opt, configs: len(m.Configs)}
	return a.advise(searched)
}

// adviser carries one piece of advice together.
type adviser struct {
	*insight
	task    Task
	opt     Options
	configs int // that the knowledge base has

	ranking   Ranking
	view      *transfer.Belief // of the new task's regrets, by the prior task that it may be like
	likely    []float64        // how likely it is like each; the ranking's weights but for tasks that are known themselves
	distances []float64        // from the prior tasks
	nearest   float64
	order     []int // prior tasks, the weightiest first
}

func (a *adviser) advise(searched *space.Space) (*Advice, error) {
	x := a.m.Vector(a.task.Features)
	a.ranking = a.recommender.Recommend(Query{Features: x, K: a.opt.K, Seconds: a.opt.Seconds, Size: a.task.Size, Own: a.own()})
	a.view, a.likely = a.belief, a.ranking.Weights
	if a.ranking.own != nil {
		a.view, a.likely = a.ranking.own.belief, a.ranking.own.weights
	}
	if len(a.ranking.Configs) == 0 {
		return nil, a.tooShort()
	}
	a.distances = a.novelty.distances(x)
	a.nearest = slices.Min(a.distances)
	a.order = a.byWeight()
	out := &Advice{
		Strategy: cmp.Or(a.opt.Strategy, Default), Metric: a.m.Metric, Protocol: a.m.Protocol, Space: a.m.Space,
		Tasks: len(a.m.Tasks), Groups: a.m.Groups(), Configs: a.configs, Notes: slices.Clone(a.m.Notes), Weights: a.ranking.Weights,
		Evidence: transfer.EffectiveGroups(a.ranking.Weights, a.m.GroupNumbers()), Distance: finite(a.nearest), InDistribution: a.nearest <= a.novelty.limit(),
	}
	if a.ranking.own != nil {
		out.Own = len(a.ranking.own.losses)
	}
	if out.Distance != nil {
		out.Nearest = a.m.Tasks[slices.Index(a.distances, a.nearest)].Name
	}
	if usual := a.novelty.usual; len(usual) > 0 {
		out.Usual = [2]float64{quantile(usual, .05), quantile(usual, .95)}
	}
	for _, t := range a.order[:min(shownNeighbours, len(a.order))] {
		out.Neighbors = append(out.Neighbors, Neighbor{
			Task: a.m.Tasks[t].ID, Name: a.m.Tasks[t].Name, Distance: finite(a.distances[t]), Weight: a.ranking.Weights[t], Regrets: a.regrets(t),
		})
	}
	a.recommendations(out, x)
	if a.opt.Seconds > 0 {
		return out, nil
	}
	return out, a.fillFromSpace(out, searched)
}

// own returns the row of the task itself, nil if it is not among the prior tasks.
func (a *adviser) own() *int {
	row := slices.IndexFunc(a.m.Tasks, func(t transfer.Task) bool { return t.ID == a.task.ID })
	if row < 0 || a.task.ID == "" {
		return nil
	}
	return &row
}

// tooShort is the error that nothing fits the time.
func (a *adviser) tooShort() error {
	seconds, shortest := expectedSeconds(transfer.NewStopwatch(a.m), a.ranking.Weights, a.task.Size), math.Inf(1)
	for _, c := range a.m.Candidates() {
		shortest = min(shortest, seconds[c])
	}
	return fmt.Errorf("%w: %.3g s; the shortest run is expected to take %.3g s", ErrBudget, a.opt.Seconds, shortest)
}

// byWeight orders the prior tasks by weight, then by distance.
func (a *adviser) byWeight() []int {
	order := make([]int, len(a.m.Tasks))
	for t := range order {
		order[t] = t
	}
	slices.SortStableFunc(order, func(s, t int) int {
		return cmp.Or(cmp.Compare(a.ranking.Weights[t], a.ranking.Weights[s]), cmp.Compare(a.distances[s], a.distances[t]))
	})
	return order
}

// recommendations describes the ranked configurations.
func (a *adviser) recommendations(out *Advice, x []float64) {
	forecasts := a.forecasts(x)
	alone, watch := a.alone(forecasts), transfer.NewStopwatch(a.m)
	for rank, c := range a.ranking.Configs {
		config := a.m.Configs[c]
		r := Recommendation{
			Rank: rank + 1, Config: config.Values, Learner: config.Learner, Alone: alone[rank],
			ExpectedRegret: forecasts[rank].Regret.Expected, Interval: forecasts[rank].Regret.Interval(),
			Seconds: finite(watch.Seconds(c, a.ranking.Weights, a.task.Size)), Reasons: a.reasons(rank),
		}
		if metric := forecasts[rank].Metric; metric != nil {
			interval := metric.Interval()
			r.ExpectedMetric, r.MetricInterval = &metric.Expected, &interval
		}
		out.Recommendations = append(out.Recommendations, r)
	}
}

// forecasts says what is expected by rank: by results on the very data where there are any, in their metric where its
// scale is known of them.
func (a *adviser) forecasts(x []float64) []Forecast {
	out := a.forecaster.Forecast(x, a.ranking)
	own := a.ranking.own
	if own == nil {
		return out
	}
	low, high := a.forecaster.level.bounds()
	for rank := range out {
		f := own.forecast(a.ranking.Configs[:rank+1], low, high)
		out[rank].Regret = f.Regret
		if f.Metric != nil {
			out[rank].Metric = f.Metric
		}
	}
	return out
}

// finite returns a pointer to v, nil if v is infinite or NaN.
func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}
