package warmstart

import (
	"fmt"
	"slices"

	"github.com/metaml/metaml/optimizers/surrogate/forest"
	"github.com/metaml/metaml/transfer"
)

// Settings of the forest over tasks. Extremely randomised trees did better in grouped cross-validation than trees
// that search every cut, and are several times cheaper; beyond 600 of them only the noise between seeds falls.
const (
	forestTrees    = 600
	forestLeaf     = 5  // fewest tasks in a leaf
	posteriorLeaf  = 2  // in the forest of the posterior, which is cautious by other means
	forestOutputs  = 12 // principal components of the regrets that splits look at
	forestSections = 10 // parts of the forest, each grown without a tenth of the groups
)

// taskForest predicts rows of numbers about prior tasks, such as their regrets, from meta-features, and so says
// which of them a new task resembles. It is grown in sections, each of which leaves some groups out: what the
// section that has not seen a prior task's group says of that task is what would be said of a new task, which
// calibrates everything derived from the forest at no further cost (cross-fitting).
type taskForest struct {
	tasks    int
	sections []*grove // nil where too few tasks have meta-features
	section  []int    // by task: the section grown without its group
}

// growForest grows a forest of that many trees with that many tasks in a leaf on the tasks that have meta-features;
// targets has a row per task, nil for those that nothing is learned from.
func growForest(m *transfer.Matrix, targets [][]float64, trees, leaf int, seed uint64) (*taskForest, error) {
	f := &taskForest{tasks: len(m.Tasks), section: transfer.Folds(m.Tasks, forestSections)}
	f.sections = make([]*grove, slices.Max(f.section)+1)
	if len(m.FeatureNames) == 0 {
		return f, nil
	}
	table, err := forest.NewTable(m.Features())
	if err != nil {
		return nil, fmt.Errorf("warmstart: meta-features: %w", err)
	}
	width := 0
	for _, row := range targets {
		width = max(width, len(row))
	}
	targets = slices.Clone(targets)
	learns := make([]bool, len(targets))
	for t, row := range targets {
		if learns[t] = row != nil; !learns[t] {
			targets[t] = make([]float64, width)
		}
	}
	for s := range f.sections {
		var rows []int
		for t := range m.Tasks {
			if f.section[t] != s && learns[t] && !transfer.Undefined(m.Tasks[t].Features) {
				rows = append(rows, t)
			}
		}
		if len(rows) < 2*forestLeaf {
			continue
		}
		fitted, err := table.Fit(targets, forest.Options{
			Trees: (trees + len(f.sections) - 1) / len(f.sections), MinLeaf: leaf, MaxFeatures: 1,
			Cut: forest.CutRandom, Rows: rows, Seed: seed + uint64(s)<<32,
		})
		if err != nil {
			return nil, fmt.Errorf("warmstart: forest over tasks: %w", err)
		}
		f.sections[s] = newGrove(fitted, m.Features(), rows)
	}
	return f, nil
}

// proximity returns the weights with which the prior tasks speak for x; nil if the forest cannot tell.
func (f *taskForest) proximity(x []float64) []float64 {
	if transfer.Undefined(x) {
		return nil
	}
	var sum []float64
	grown := 0.0
	for _, s := range f.sections {
		if s == nil {
			continue
		}
		if sum == nil {
			sum = make([]float64, f.tasks)
		}
		grown++
		for t, p := range s.proximity(x) {
			sum[t] += p
		}
	}
	for t := range sum {
		sum[t] /= grown
	}
	return sum
}

// unseen returns the proximity of prior task t, whose features are x, in the section grown without its group.
func (f *taskForest) unseen(t int, x []float64) []float64 {
	s := f.sections[f.section[t]]
	if s == nil || transfer.Undefined(x) {
		return nil
	}
	return s.proximity(x)
}
