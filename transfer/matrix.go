// Package transfer learns across tasks. It turns the runs of a knowledge base into a matrix of tasks and
// configurations, puts the losses of different tasks on one scale (normalised regret), weighs prior tasks by how
// much they resemble a new one, and builds portfolios of configurations that complement each other.
package transfer

import (
	"errors"
	"math"
	"slices"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// ErrEmpty is wrapped by New when the records hold no run that the options admit.
var ErrEmpty = errors.New("no results to learn from")

// ErrNotFound is wrapped by New when the options name a protocol, space, metric or extractor that the records do
// not have.
var ErrNotFound = errors.New("not in the knowledge base")

// MaxRegret is the cap on normalised regret: twice as far from a task's best as its median configuration. It is
// also the regret of a run that ended without a result.
const MaxRegret = 2.0

// Matrix is what the runs of comparable evaluations say, task by configuration: one task type, one protocol, one
// space, one metric; tasks that another protocol knows better are known by that one, none by two. Rows are Tasks in the order of their ids, columns are Configs by learner and then by value, so
// that the order of the records does not matter. A Matrix is immutable; its methods return views or copies.
type Matrix struct {
	Type      string        // the tasks' type, empty if unknown
	Metric    record.Metric // what the losses measure, in its own direction
	Protocol  record.ID     // of all tasks but those that Notes speak of
	RowCap    int           // of Protocol: rows that runs train on at most; 0: no cap
	Space     record.ID
	Extractor string // of the tasks' features; empty if there are none

	Tasks        []Task
	Configs      []Config
	FeatureNames []string // sorted; names of the tasks' Features

	// Loss is the mean over folds and repetitions of the metric on validation data, negated if it is to be
	// maximised. NaN means never run, +Inf that every run timed out, ran out of memory, failed or crashed.
	Loss [][]float64
	// Regret is the normalised regret in [0, MaxRegret]; NaN means never run. See Task.Best.
	Regret [][]float64
	// Test is as Loss, on the outer test split. NaN where there is none.
	Test [][]float64
	// Cost is the mean cost of a run in seconds of CPU time, or of wall time where only that is known. NaN where
	// neither is.
	Cost [][]float64
	// Status is how the runs of the cell ended: Complete if any gave a result, Pending if there was none.
	Status [][]study.Status

	// Notes are sentences about what was chosen among several or left out, for the user.
	Notes []string

	aside *Matrix // columns that Thin set aside; nil: none
}

// Task is a row of a Matrix.
type Task struct {
	ID       record.ID
	Name     string // the first of its labels' names, or the head of its id
	Group    string // siblings share it; a task without siblings has its id
	Rows     int    // 0 if unknown
	Columns  int    // 0 if unknown
	RowCap   int    // rows that its runs trained on at most; 0: no cap
	Features []float64

	// Best is the loss of regret 0, Spread the loss added per unit of regret, Noise the standard error of a
	// cell's loss (0 if it cannot be estimated). See scale.
	Best, Spread, Noise float64
}

// Config is a column of a Matrix.
type Config struct {
	Values    space.Config // shared with the records: not to be modified
	Hash      string       // of the canonical JSON, hexadecimal
	Learner   string       // the learner it sets up, empty if the space has no such choice
	Reference bool         // belongs to the set that defines every task's Spread
}

// Without returns the matrix without the given rows, as if the knowledge base had never held those tasks.
func (m *Matrix) Without(tasks ...int) *Matrix {
	var keep []int
	for t := range m.Tasks {
		if !slices.Contains(tasks, t) {
			keep = append(keep, t)
		}
	}
	return m.Rows(keep)
}

// Rows returns the matrix with only the given rows, in that order.
func (m *Matrix) Rows(tasks []int) *Matrix {
	out := *m
	out.Tasks = pick(m.Tasks, tasks)
	out.Loss, out.Regret = pick(m.Loss, tasks), pick(m.Regret, tasks)
	out.Test, out.Cost, out.Status = pick(m.Test, tasks), pick(m.Cost, tasks), pick(m.Status, tasks)
	if m.aside != nil {
		out.aside = m.aside.Rows(tasks)
	}
	return &out
}

// And returns the matrix with the rows of another one of the same columns behind its own.
func (m *Matrix) And(other *Matrix) *Matrix {
	out := *m
	out.Tasks = slices.Concat(m.Tasks, other.Tasks)
	out.Loss, out.Regret = slices.Concat(m.Loss, other.Loss), slices.Concat(m.Regret, other.Regret)
	out.Test, out.Cost = slices.Concat(m.Test, other.Test), slices.Concat(m.Cost, other.Cost)
	out.Status = slices.Concat(m.Status, other.Status)
	return &out
}

// Knowing returns the matrix as if of task t nothing but the results of the given columns were known, with regrets on
// the scale that those give. The noise of the task's losses stays.
func (m *Matrix) Knowing(t int, columns []int) *Matrix {
	out := *m
	n := len(m.Configs)
	out.Tasks, out.Status = slices.Clone(m.Tasks), slices.Clone(m.Status)
	out.Status[t] = make([]study.Status, n)
	for _, c := range columns {
		out.Status[t][c] = m.Status[t][c]
	}
	for _, rows := range []*[][]float64{&out.Loss, &out.Regret, &out.Test, &out.Cost} {
		full := (*rows)[t]
		*rows = slices.Clone(*rows)
		(*rows)[t] = undefined(n)
		for _, c := range columns {
			(*rows)[t][c] = full[c]
		}
	}
	out.scale(t)
	return &out
}

// Columns returns the matrix with only the given columns, in that order. The scale of regrets stays.
func (m *Matrix) Columns(configs []int) *Matrix {
	out := *m
	out.Configs = pick(m.Configs, configs)
	for _, rows := range []*[][]float64{&out.Loss, &out.Regret, &out.Test, &out.Cost} {
		*rows = pickColumns(*rows, configs)
	}
	out.Status = pickColumns(m.Status, configs)
	return &out
}

func pickColumns[T any](rows [][]T, columns []int) [][]T {
	out := make([][]T, len(rows))
	for i, row := range rows {
		out[i] = pick(row, columns)
	}
	return out
}

// WithGroups returns the matrix with the group of every task given by group, row by row.
func (m *Matrix) WithGroups(group []string) *Matrix {
	out := *m
	out.Tasks = slices.Clone(m.Tasks)
	for t := range out.Tasks {
		out.Tasks[t].Group = group[t]
	}
	return &out
}

// Features returns the tasks' meta-features, a row per task and a column per feature name; NaN is missing.
func (m *Matrix) Features() [][]float64 {
	rows := make([][]float64, len(m.Tasks))
	for t := range m.Tasks {
		rows[t] = m.Tasks[t].Features
	}
	return rows
}

// Vector puts named meta-features in the order of FeatureNames; NaN where a name is missing.
func (m *Matrix) Vector(values map[string]float64) []float64 {
	x := make([]float64, len(m.FeatureNames))
	for i, name := range m.FeatureNames {
		v, ok := values[name]
		if !ok {
			v = math.NaN()
		}
		x[i] = v
	}
	return x
}

// Candidates returns the columns that can be recommended: those with a result on at least one task.
func (m *Matrix) Candidates() []int {
	var columns []int
	for c := range m.Configs {
		for t := range m.Tasks {
			if m.Status[t][c] == study.Complete {
				columns = append(columns, c)
				break
			}
		}
	}
	return columns
}

// Groups returns the number of groups among the tasks.
func (m *Matrix) Groups() int {
	seen := make(map[string]bool)
	for t := range m.Tasks {
		seen[m.Tasks[t].Group] = true
	}
	return len(seen)
}

func pick[T any](all []T, indices []int) []T {
	out := make([]T, len(indices))
	for i, j := range indices {
		out[i] = all[j]
	}
	return out
}

// WithFeatures returns the matrix with only those of the named meta-features that it has.
func (m *Matrix) WithFeatures(names []string) *Matrix {
	wanted := make(map[string]bool, len(names))
	for _, name := range names {
		wanted[name] = true
	}
	var columns []int
	for i, name := range m.FeatureNames {
		if wanted[name] {
			columns = append(columns, i)
		}
	}
	out := *m
	out.FeatureNames = pick(m.FeatureNames, columns)
	out.Tasks = slices.Clone(m.Tasks)
	for t := range out.Tasks {
		out.Tasks[t].Features = pick(m.Tasks[t].Features, columns)
	}
	return &out
}
