package tunebench

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/study"
)

// Trained is a method that is an optimizer of metaml whose proposals are trained for real, anywhere in the space,
// rather than moved to the nearest row of the table. The table only gives the scale of regrets, and the noise.
type Trained struct {
	Own
	// Load makes a task's data those that the evaluator works on. What it observes are the metric of the task and, as
	// METRIC/test/I for every model I, the metric on test rows.
	Load func(ctx context.Context, t *Task) (optimizers.Evaluator, error)
}

// Play implements Method. The results become further rows of the task.
func (m Trained) Play(ctx context.Context, t *Task, advice Advice, seed uint64, trials int) ([]int, error) {
	evaluator, err := m.Load(ctx, t)
	if err != nil {
		return nil, err
	}
	problem := study.Problem{Space: t.Space, Seed: seed,
		Objectives: []study.Objective{{Metric: t.Metric.Name, Maximize: t.Metric.Maximize}}}
	inner, err := m.open(ctx, problem, advice.Prior)
	if err != nil {
		return nil, err
	}
	list, err := run(ctx, problem, inner, evaluator, advice.Picks, trials)
	if err != nil {
		return nil, err
	}
	results := make([]Row, 0, len(list))
	for _, trial := range list {
		row, err := t.result(trial)
		if err != nil {
			return nil, fmt.Errorf("trial %d: %w", trial.ID, err)
		}
		results = append(results, row)
	}
	return t.add(results), nil
}

// add makes results rows of the task and returns their numbers.
func (t *Task) add(results []Row) []int {
	rows := make([]int, len(results))
	for i := range results {
		rows[i] = len(t.Rows) + i
	}
	t.Rows = append(t.Rows, results...)
	return rows
}

// added returns the rows of a run that training added; nil where it looked rows of the table up.
func (t *Task) added(rows []int) []Row {
	var results []Row
	for _, row := range rows {
		if row >= t.tabulated {
			results = append(results, t.Rows[row])
		}
	}
	return results
}

// result is a trial as a row.
func (t *Task) result(trial study.Trial) (Row, error) {
	row := Row{Config: trial.Config, Loss: math.Inf(1), Test: math.Inf(1), Status: trial.Status}
	if len(trial.Observations) == 0 {
		return row, nil
	}
	last := trial.Observations[len(trial.Observations)-1]
	row.Seconds = last.Cost.CPU
	if trial.Status != study.Complete {
		return row, nil
	}
	sum, models := 0.0, 0
	for name, x := range last.Metrics {
		if strings.HasPrefix(name, t.Metric.Name+"/test/") {
			sum, models = sum+x, models+1
		}
	}
	if models == 0 {
		return row, fmt.Errorf("the evaluator left out %s on test rows", t.Metric.Name)
	}
	row.Loss, row.Test = trial.Losses[0], sum/float64(models)
	if t.Metric.Maximize {
		row.Loss, row.Test = 1+row.Loss, 1-row.Test
	}
	return row, nil
}
