package handover_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/transfer"
	"github.com/metaml/metaml/warmstart/handover"
)

// known is what a knowledge base knows of n tasks and the configurations x = 0, 1, …, with a loss for each.
func known(t *testing.T, n, configs int, loss func(task, x int) float64) *transfer.Matrix {
	t.Helper()
	set := record.NewSet()
	set.Protocols["p"] = &record.Protocol{Metrics: []record.Metric{{Name: "error"}}}
	for i := range n {
		id := record.ID(fmt.Sprintf("task%03d", i))
		set.Tasks[id] = &record.Task{Fingerprint: string(id), Type: record.Classification, Rows: 100, Columns: 4}
		set.Labels = append(set.Labels, &record.Label{Task: id, Name: fmt.Sprintf("data %d", i)})
		for x := range configs {
			run := &record.Run{Task: id, Protocol: "p", Space: "s", Config: space.Config{"x": space.Int(int64(x))}, Status: study.Complete}
			switch l := loss(i, x); {
			case math.IsNaN(l):
				continue
			case math.IsInf(l, 1):
				run.Status = study.TimedOut
			default:
				run.Measures = []record.Measure{{Metric: "error", Validation: []float64{l}}}
			}
			set.Runs = append(set.Runs, run)
		}
	}
	m, err := transfer.New(set, transfer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// integers is the space of the integers below n.
func integers(t *testing.T, n float64) space.Space {
	t.Helper()
	s, err := space.New([]space.Hyperparameter{{Name: "x", Type: space.TypeInt, Low: 0, High: n - 1}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPrior(t *testing.T) {
	// Configuration 2 was not run on task 1, failed on task 0, and 3 is of another space.
	m := known(t, 3, 4, func(task, x int) float64 {
		switch {
		case task == 1 && x == 2:
			return math.NaN()
		case task == 0 && x == 2:
			return math.Inf(1)
		}
		return float64(10*task + x)
	})
	prior, err := handover.Prior(m, []float64{0.25, 0.6, 0}, integers(t, 3))
	if err != nil || len(prior.Tasks) != 2 {
		t.Fatalf("%+v, %v; want the two tasks that have weight", prior, err)
	}
	first, second := prior.Tasks[0], prior.Tasks[1]
	if first.Name != "data 1" || second.Name != "data 0" || first.Weight != 0.705882 || second.Weight != 0.294118 {
		t.Errorf("%s has %v and %s %v", first.Name, first.Weight, second.Name, second.Weight)
	}
	for _, c := range []struct {
		of   study.WeightedTask
		want []float64 // by x
	}{{first, []float64{10, 11}}, {second, []float64{0, 1, 1}}} {
		if len(c.of.Results) != len(c.want) {
			t.Errorf("%s has %d results, want %d", c.of.Name, len(c.of.Results), len(c.want))
			continue
		}
		for x, r := range c.of.Results {
			if r.Loss != c.want[x] || !r.Config.Equal(space.Config{"x": space.Int(int64(x))}) {
				t.Errorf("%s: %v has %v, want %v", c.of.Name, r.Config, r.Loss, c.want[x])
			}
		}
	}
	if _, err := handover.Prior(m, []float64{1}, integers(t, 3)); err == nil {
		t.Error("weights of other tasks are taken")
	}
}

// TestPriorIsBounded asks for the prior of more tasks and configurations than are kept: the weightiest tasks are, and of
// each the best configurations and some of all others.
func TestPriorIsBounded(t *testing.T) {
	const tasks, configs = 45, 300
	m := known(t, tasks, configs, func(task, x int) float64 { return float64((x*7 + task) % configs) })
	weights := make([]float64, tasks)
	for i, at := range rand.New(rand.NewPCG(1, 1)).Perm(tasks) {
		weights[i] = float64(at + 1)
	}
	prior, err := handover.Prior(m, weights, integers(t, configs))
	if err != nil || len(prior.Tasks) != handover.MostTasks {
		t.Fatalf("%d tasks, %v", len(prior.Tasks), err)
	}
	sum := 0.0
	for i, task := range prior.Tasks {
		sum += task.Weight
		if i > 0 && task.Weight > prior.Tasks[i-1].Weight {
			t.Errorf("task %d weighs more than the one before", i+1)
		}
		good, worst := 0, 0.0
		for _, r := range task.Results {
			if worst = max(worst, r.Loss); r.Loss < handover.MostResults/2 {
				good++
			}
		}
		if len(task.Results) != handover.MostResults || good != handover.MostResults/2 || worst < configs-5 {
			t.Errorf("%s: %d results, %d of the best %d, the worst %v", task.Name, len(task.Results), good, handover.MostResults/2, worst)
		}
	}
	if math.Abs(sum-1) > 1e-4 {
		t.Errorf("the weights sum to %v", sum)
	}
}
