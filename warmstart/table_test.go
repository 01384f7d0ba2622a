package warmstart

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/transfer"
)

// config is configuration number i of two learners.
func config(i int) space.Config {
	return space.Config{"learner": space.String([]string{"svm", "tree"}[i%2]), "number": space.Int(int64(i))}
}

// number is the number of the configuration in column c.
func number(m *transfer.Matrix, c int) int { return int(m.Configs[c].Values["number"].Int()) }

func numbers(m *transfer.Matrix, columns []int) []int {
	out := make([]int, len(columns))
	for i, c := range columns {
		out[i] = number(m, c)
	}
	return out
}

// table is a knowledge base in the making: a row of losses and of features per task.
type table struct {
	losses   [][]float64 // NaN: never run; +Inf: timed out
	features [][]float64
	names    []string // of the features; nil: f0, f1, …
	metric   record.Metric
	groups   []string // nil: none
}

func (tb table) set() *record.Set {
	set := record.NewSet()
	if tb.metric.Name == "" {
		tb.metric.Name = "error"
	}
	set.Protocols["p"] = &record.Protocol{Metrics: []record.Metric{tb.metric}}
	for t, row := range tb.losses {
		id := record.ID(fmt.Sprintf("task%03d", t))
		set.Tasks[id] = &record.Task{Fingerprint: string(id), Type: record.Classification, Rows: 100 * (t + 1), Columns: 4}
		label := &record.Label{Task: id, Name: fmt.Sprintf("data %d", t)}
		if tb.groups != nil {
			label.Group = tb.groups[t]
		}
		set.Labels = append(set.Labels, label)
		if tb.features != nil {
			set.Features = append(set.Features, &record.Features{Task: id, Extractor: "x/1", Values: tb.values(tb.features[t])})
		}
		for c, loss := range row {
			if math.IsNaN(loss) {
				continue
			}
			run := &record.Run{Task: id, Protocol: "p", Space: "s", Config: config(c), Status: study.Complete, Cost: study.Cost{CPU: 1 + float64(c)}}
			if math.IsInf(loss, 1) {
				run.Status = study.TimedOut
			} else {
				run.Measures = []record.Measure{{Metric: tb.metric.Name, Validation: []float64{loss}}}
			}
			set.Runs = append(set.Runs, run)
		}
	}
	return set
}

func (tb table) values(x []float64) map[string]float64 {
	values := make(map[string]float64)
	for f, v := range x {
		name := fmt.Sprint("f", f)
		if tb.names != nil {
			name = tb.names[f]
		}
		if !math.IsNaN(v) {
			values[name] = v
		}
	}
	return values
}

func (tb table) matrix(t testing.TB) *transfer.Matrix {
	t.Helper()
	m, err := transfer.New(tb.set(), transfer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// kinds draws tasks of several kinds, told apart by their first feature; each kind has its own good configurations.
func kinds(rng *rand.Rand, tasks, configs, kinds int) table {
	var tb table
	for t := range tasks {
		kind := t % kinds
		tb.features = append(tb.features, []float64{float64(kind) + .05*rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64()})
		row := make([]float64, configs)
		for c := range row {
			row[c] = .5 + .1*rng.NormFloat64()
			if c%kinds == kind {
				row[c] -= .3
			}
		}
		tb.losses = append(tb.losses, row)
	}
	return tb
}

func learn(t testing.TB, name string, m *transfer.Matrix) Recommender {
	t.Helper()
	s, err := NewStrategy(name)
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Learn(m, 1)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return r
}

func distinct(values []int) bool {
	sorted := slices.Sorted(slices.Values(values))
	return len(slices.Compact(sorted)) == len(values)
}
