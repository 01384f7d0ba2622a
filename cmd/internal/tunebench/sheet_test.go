package tunebench

import (
	"fmt"
	"slices"
	"testing"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// sheetSpace has two learners with a number each, and a choice that both have.
func sheetSpace(t testing.TB) space.Space {
	t.Helper()
	s, err := space.New([]space.Hyperparameter{
		{Name: "learner", Type: space.TypeCategorical, Choices: []space.Value{space.String("knn"), space.String("tree")}},
		{Name: "scaler", Type: space.TypeCategorical, Choices: []space.Value{space.String("none"), space.String("standard"), space.String("robust")}},
		{Name: "knn.k", Type: space.TypeFloat, Low: 0, High: 10, When: space.Equals("learner", space.String("knn"))},
		{Name: "tree.depth", Type: space.TypeFloat, Low: 0, High: 10, When: space.Equals("learner", space.String("tree"))},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func knn(scaler string, k float64) space.Config {
	return space.Config{"learner": space.String("knn"), "scaler": space.String(scaler), "knn.k": space.Float(k)}
}

func tree(scaler string, depth float64) space.Config {
	return space.Config{"learner": space.String("tree"), "scaler": space.String(scaler), "tree.depth": space.Float(depth)}
}

// sheetConfigs are 24 configurations.
func sheetConfigs() []space.Config {
	var list []space.Config
	for _, scaler := range []string{"none", "standard", "robust"} {
		for _, x := range []float64{1, 4, 6, 9} {
			list = append(list, knn(scaler, x), tree(scaler, x))
		}
	}
	return list
}

// sheetSet is a knowledge base of tasks named prefix0, prefix1, …, two to a group. A task's loss on fold i is that of
// loss plus i/100, on test rows 0.05 more.
func sheetSet(t testing.TB, prefix string, tasks int, maximize bool, loss func(task int, c space.Config) (float64, bool)) *record.Set {
	t.Helper()
	set := record.NewSet()
	set.Spaces["space"] = &record.Space{Space: sheetSpace(t)}
	set.Protocols["cv"] = &record.Protocol{Resampling: "cv", Folds: 2, Repeats: 1, Metrics: []record.Metric{{Name: "score", Maximize: maximize}}}
	for i := range tasks {
		id := record.ID(fmt.Sprint(prefix, i))
		set.Tasks[id] = &record.Task{Fingerprint: "data of " + string(id), Type: record.Classification, Rows: 100, Columns: 5}
		set.Labels = append(set.Labels, &record.Label{Task: id, Name: string(id), Group: fmt.Sprint(prefix, "group", i/2)})
		set.Features = append(set.Features, &record.Features{Task: id, Extractor: "x/1", Values: map[string]float64{"a": float64(i), "b": float64(i % 3)}})
		for _, c := range sheetConfigs() {
			r := &record.Run{Task: id, Protocol: "cv", Space: "space", Config: c, Status: study.Failed, Reason: "no"}
			if x, ok := loss(i, c); ok {
				sign := 1.0
				if maximize {
					x, sign = 1-x, -1
				}
				r.Status, r.Reason = study.Complete, ""
				r.Measures = []record.Measure{{Metric: "score", Validation: []float64{x, x + sign*.01}, Test: []float64{x + sign*.05, x + sign*.06}}}
			}
			set.Runs = append(set.Runs, r)
		}
	}
	return set
}

// bowl is best for the tree at depth 6 with the standard scaler; knn at 9 without scaler fails.
func bowl(task int, c space.Config) (float64, bool) {
	if c.Equal(knn("none", 9)) {
		return 0, false
	}
	loss := .2 + .01*float64(task)
	if c["learner"].Text() == "knn" {
		loss += .3 + .01*c["knn.k"].Float()
	} else {
		d := c["tree.depth"].Float() - 6
		loss += .02 * d * d
	}
	if c["scaler"].Text() != "standard" {
		loss += .05
	}
	return loss, true
}

// sheetTasks reads the tables of a set.
func sheetTasks(t testing.TB, set *record.Set) []*Task {
	t.Helper()
	tasks, notes, err := ReadTables(set, record.Classification, "")
	if err != nil || len(notes) > 0 {
		t.Fatal(notes, err)
	}
	return tasks
}

// rowOf is the row of a configuration.
func rowOf(t testing.TB, task *Task, c space.Config) int {
	t.Helper()
	i := slices.IndexFunc(task.Rows, func(r Row) bool { return r.Config.Equal(c) })
	if i < 0 {
		t.Fatalf("no row %v", c)
	}
	return i
}
