package tunebench

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/transfer"
)

// ErrTables is what an error is, by errors.Is, about records that no objective can be read from.
var ErrTables = errors.New("no tabulated objectives")

// Task is a tabulated objective: what training each of many configurations gave on one data set.
type Task struct {
	ID          record.ID
	Name        string
	Group       string // siblings share it
	Fingerprint string // of the data
	Type        string // record.Classification or record.Regression
	Metric      record.Metric
	Space       space.Space
	Protocol    record.Protocol // of the evaluations
	Rows        []Row           // first those of the table, then what was trained on top of them
	// Extractor names the definitions of Features, the data's meta-features.
	Extractor string
	Features  map[string]float64
	// Noise is the standard deviation of a configuration's validation loss that another draw of training and
	// validation rows would cause, by the corrected variance of Nadeau and Bengio (2003): sqrt(1/J + q) times the
	// standard deviation over the J folds, q the validation rows per training row. As in package transfer the
	// standard deviation is of what remains once the effects of configuration and fold are taken out of the better
	// half of the configurations. 0 where there are no folds.
	Noise float64

	tabulated        int // rows of the table
	validation, test scale
	index            index
}

// Row is a configuration of a table. Losses are lower for better ones: the metric, or 1 minus one that is to be
// maximised.
type Row struct {
	Config space.Config
	// Loss is the mean over folds on validation rows, Test that of the same models on rows that nothing chose by; both
	// +Inf unless Status is complete.
	Loss, Test float64
	Status     study.Status
	Seconds    float64 // 0 where not known
}

// scale is how losses become normalised regrets.
type scale struct{ best, spread float64 }

// regret is (loss - best) / (median - best) over the table's configurations, at most transfer.MaxRegret.
func (s scale) regret(loss float64) float64 {
	return min(transfer.MaxRegret, (loss-s.best)/s.spread)
}

// ReadTables reads the objectives of one type of task from the records of a knowledge base, in the order of their
// names, and says what it left out: tasks without test values, and those whose configurations are all the same. An
// empty metric is the protocol's primary one.
func ReadTables(set *record.Set, taskType, metric string) (tasks []*Task, notes []string, err error) {
	m, err := transfer.New(set, transfer.Options{Type: taskType, Metric: metric})
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %s: %w", ErrTables, taskType, err)
	}
	searched, protocol := set.Spaces[m.Space], set.Protocols[m.Protocol]
	if searched == nil || protocol == nil {
		return nil, nil, fmt.Errorf("%w: %s: the records lack the space or the protocol of their runs", ErrTables, taskType)
	}
	groups := labelledGroups(set)
	for i := range m.Tasks {
		t := &Task{ID: m.Tasks[i].ID, Name: m.Tasks[i].Name, Group: cmp.Or(groups[m.Tasks[i].ID], m.Tasks[i].Group), Type: taskType,
			Metric: m.Metric, Space: searched.Space, Protocol: *protocol, Extractor: m.Extractor, Features: map[string]float64{},
			Noise: m.Tasks[i].Noise * correction(protocol)}
		if r := set.Tasks[t.ID]; r != nil {
			t.Fingerprint = r.Fingerprint
		}
		for j, name := range m.FeatureNames {
			if x := m.Tasks[i].Features[j]; !math.IsNaN(x) {
				t.Features[name] = x
			}
		}
		if err := t.fill(m, i); err != nil {
			notes = append(notes, fmt.Sprintf("%s is left out: %v", t.Name, err))
			continue
		}
		tasks = append(tasks, t)
	}
	slices.SortFunc(tasks, func(a, b *Task) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return tasks, notes, nil
}

// correction turns the standard error of a mean over folds into Task.Noise: sqrt(1/J + q) / sqrt(1/J).
func correction(p *record.Protocol) float64 {
	if p.Folds < 2 {
		return 1
	}
	models := float64(p.Folds * max(1, p.Repeats))
	return math.Sqrt(1 + models/float64(p.Folds-1))
}

// labelledGroups are the groups that labels give to tasks.
func labelledGroups(set *record.Set) map[record.ID]string {
	groups := map[record.ID]string{}
	for _, l := range set.Labels {
		if before, ok := groups[l.Task]; l.Group != "" && (!ok || l.Group < before) {
			groups[l.Task] = l.Group
		}
	}
	return groups
}

// fill reads the rows of task i of the matrix.
func (t *Task) fill(m *transfer.Matrix, i int) error {
	offset := 0.0
	if m.Metric.Maximize {
		offset = 1
	}
	var losses, tests []float64
	for c, config := range m.Configs {
		status := m.Status[i][c]
		if status == study.Pending {
			continue
		}
		values, err := t.Space.Normalize(config.Values)
		if err != nil {
			return err
		}
		row := Row{Config: values, Loss: math.Inf(1), Test: math.Inf(1), Status: status}
		if cost := m.Cost[i][c]; !math.IsNaN(cost) {
			row.Seconds = cost
		}
		if status == study.Complete {
			row.Loss, row.Test = offset+m.Loss[i][c], offset+m.Test[i][c]
			if math.IsNaN(row.Test) {
				return errors.New("there are results without test values")
			}
			losses, tests = append(losses, row.Loss), append(tests, row.Test)
		}
		t.Rows = append(t.Rows, row)
	}
	t.tabulated = len(t.Rows)
	var ok, same bool
	if t.validation, ok = scaleOf(losses); ok {
		t.test, same = scaleOf(tests)
	}
	if !ok || !same {
		return errors.New("all its configurations do the same")
	}
	var err error
	t.index, err = newIndex(t)
	return err
}

// degenerate is the distance from best to median under which configurations are all the same.
const degenerate = 1e-6

// scaleOf returns the scale of losses, false where they are all the same.
func scaleOf(losses []float64) (scale, bool) {
	if len(losses) == 0 {
		return scale{}, false
	}
	sorted := slices.Sorted(slices.Values(losses))
	s := scale{sorted[0], transfer.Median(sorted) - sorted[0]}
	return s, s.spread >= degenerate
}
