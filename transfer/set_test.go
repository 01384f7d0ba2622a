package transfer

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// sheet is a small knowledge base in the making: tasks by name, configurations by number.
type sheet struct{ set *record.Set }

const (
	sheetProtocol = record.ID("protocol")
	sheetSpace    = record.ID("space")
)

// newSheet has one protocol whose metrics are error (minimised, primary) and accuracy (maximised).
func newSheet() sheet {
	s := sheet{record.NewSet()}
	s.protocol(sheetProtocol)
	return s
}

func (s sheet) protocol(id record.ID) {
	s.set.Protocols[id] = &record.Protocol{Metrics: []record.Metric{{Name: "error"}, {Name: "accuracy", Maximize: true}}}
}

// task adds a task whose id is its name.
func (s sheet) task(name, taskType string, features map[string]float64) {
	id := record.ID(name)
	s.set.Tasks[id] = &record.Task{Fingerprint: name, Type: taskType, Rows: 100, Columns: 5}
	s.set.Labels = append(s.set.Labels, &record.Label{Task: id, Name: "the " + name})
	if features != nil {
		s.set.Features = append(s.set.Features, &record.Features{Task: id, Extractor: "x/1", Values: features})
	}
}

// config is configuration number i of two learners.
func config(i int) space.Config {
	return space.Config{"learner": space.String([]string{"tree", "svm"}[i%2]), "depth": space.Int(int64(i))}
}

// run adds a complete run with the error's fold values; accuracy is 1 - error.
func (s sheet) run(task string, c space.Config, errors ...float64) *record.Run {
	accuracy := make([]float64, len(errors))
	for i, e := range errors {
		accuracy[i] = 1 - e
	}
	r := &record.Run{
		Task: record.ID(task), Protocol: sheetProtocol, Space: sheetSpace, Config: c, Status: study.Complete,
		Measures: []record.Measure{{Metric: "accuracy", Validation: accuracy}, {Metric: "error", Validation: errors}},
		Cost:     study.Cost{Wall: 2, CPU: 1.5},
	}
	s.set.Runs = append(s.set.Runs, r)
	return r
}

// end adds a run that ended without a result.
func (s sheet) end(task string, c space.Config, status study.Status) *record.Run {
	r := s.run(task, c)
	r.Status, r.Measures = status, nil
	return r
}

// table fills a sheet with one task per row of losses, named t00, t01, …
func table(losses [][]float64, features [][]float64) *record.Set {
	s := newSheet()
	for t, row := range losses {
		name := fmt.Sprintf("t%02d", t)
		var values map[string]float64
		if features != nil {
			values = make(map[string]float64)
			for f, v := range features[t] {
				values[fmt.Sprintf("f%02d", f)] = v
			}
		}
		s.task(name, record.Classification, values)
		for c, loss := range row {
			s.run(name, config(c), loss)
		}
	}
	return s.set
}

// randomLosses draws a table of losses in [0, 1).
func randomLosses(rng *rand.Rand, tasks, configs int) [][]float64 {
	rows := make([][]float64, tasks)
	for t := range rows {
		rows[t] = make([]float64, configs)
		for c := range rows[t] {
			rows[t][c] = rng.Float64()
		}
	}
	return rows
}

// shuffled returns the set with its records in another order and configurations that share no maps.
func shuffled(set *record.Set, rng *rand.Rand) *record.Set {
	out := *set
	out.Runs, out.Features, out.Labels = slices.Clone(set.Runs), slices.Clone(set.Features), slices.Clone(set.Labels)
	for i, r := range out.Runs {
		twin := *r
		twin.Config = r.Config.Clone()
		out.Runs[i] = &twin
	}
	rng.Shuffle(len(out.Runs), func(i, j int) { out.Runs[i], out.Runs[j] = out.Runs[j], out.Runs[i] })
	rng.Shuffle(len(out.Features), func(i, j int) { out.Features[i], out.Features[j] = out.Features[j], out.Features[i] })
	rng.Shuffle(len(out.Labels), func(i, j int) { out.Labels[i], out.Labels[j] = out.Labels[j], out.Labels[i] })
	return &out
}
