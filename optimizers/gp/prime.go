package gp

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/optimizers/surrogate/gaussian"
)

// The most earlier tasks and results of each that the prior mean is made of: the tasks of the largest weights, and the
// best results and others spread over the rest, half of each.
const (
	mostTasks   = 5
	mostResults = 200
)

// earlier is the prior mean that earlier tasks give: the weighted mean of what each of their processes expects of a
// point, in standard deviations of the task's transformed losses.
type earlier struct {
	weights   []float64 // sum to 1
	processes []*gaussian.Posterior
	byTask    []float64
}

var _ optimizers.Primer = (*Optimizer)(nil)

// Prime takes earlier tasks as a prior mean a + b m(x): m is what they say of a configuration, and the weight b follows
// from the new task's own results, near 0 where they do not agree. A task with fewer than three results says nothing, and
// densities and bounds are not used. Results must be of this problem's space.
func (o *Optimizer) Prime(ctx context.Context, prior study.Prior) error {
	tasks := slices.Clone(prior.Tasks)
	tasks = slices.DeleteFunc(tasks, func(t study.WeightedTask) bool { return len(t.Results) < leastLosses || !(t.Weight > 0) })
	slices.SortStableFunc(tasks, func(a, b study.WeightedTask) int { return cmp.Compare(b.Weight, a.Weight) })
	tasks = tasks[:min(mostTasks, len(tasks))]
	if len(tasks) == 0 {
		return ctx.Err()
	}
	e, total := &earlier{byTask: make([]float64, len(o.inputs.columns))}, 0.0
	for _, t := range tasks {
		if err := ctx.Err(); err != nil {
			return err
		}
		process, err := o.learn(t)
		if err != nil {
			return fmt.Errorf("gp: earlier task %q: %w", t.Name, err)
		}
		e.processes, e.weights = append(e.processes, process), append(e.weights, t.Weight)
		total += t.Weight
	}
	for i := range e.weights {
		e.weights[i] /= total
	}
	return o.expect(e)
}

// learn returns the process of an earlier task.
func (o *Optimizer) learn(t study.WeightedTask) (*gaussian.Posterior, error) {
	m, err := newModel(o.inputs)
	if err != nil {
		return nil, err
	}
	for i, r := range typical(t.Results) {
		if err := o.problem.Space.Validate(r.Config); err != nil {
			return nil, fmt.Errorf("result %d: %w", i+1, err)
		}
		m.add(o.inputs.codec.Encode(r.Config), study.Trial{Status: study.Complete, Losses: []float64{r.Loss}})
	}
	if err := m.condition(); err != nil {
		return nil, err
	}
	return m.posterior, nil
}

// typical chooses among many results the best, and others at equal distances in the order of losses.
func typical(results []study.EarlierResult) []study.EarlierResult {
	if len(results) <= mostResults {
		return results
	}
	sorted := slices.Clone(results)
	slices.SortStableFunc(sorted, func(a, b study.EarlierResult) int { return cmp.Compare(a.Loss, b.Loss) })
	const half = mostResults / 2
	chosen, rest := sorted[:half:half], sorted[half:]
	for i := range half {
		chosen = append(chosen, rest[i*len(rest)/half])
	}
	return chosen
}

// expect gives the model a prior mean. What it was told already it is told again.
func (o *Optimizer) expect(e *earlier) error {
	o.inputs.earlier = e
	o.inputs.dimensions = append(o.inputs.dimensions, gaussian.Dimension{Kind: gaussian.Basis})
	old := o.model
	var err error
	if o.model, err = newModel(o.inputs); err != nil {
		return fmt.Errorf("gp: %w", err)
	}
	for i, x := range old.points {
		o.model.points, o.model.loss = append(o.model.points, append(x, e.mean(x))), append(o.model.loss, old.loss[i])
	}
	o.model.losses = old.losses
	o.search = newSearch(o.inputs, o.search.settings)
	return nil
}

// mean is the prior mean at a point without its own coordinate.
func (e *earlier) mean(x []float64) float64 {
	sum := 0.0
	for i, p := range e.processes {
		sum += e.weights[i] * p.Mean(x)
	}
	return sum
}

// gradient is mean, with its derivatives.
func (e *earlier) gradient(x, by []float64) float64 {
	clear(by)
	sum := 0.0
	for i, p := range e.processes {
		sum += e.weights[i] * p.MeanGradient(x, e.byTask)
		for j, d := range e.byTask {
			by[j] += e.weights[i] * d
		}
	}
	return sum
}
