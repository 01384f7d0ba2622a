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
	forestLeaf     = 5
	forestOutputs  = 24 // principal components of the regrets that splits look at
	forestSections = 10 // parts of the forest, each grown without a tenth of the groups
)

// taskForest predicts rows of regrets from meta-features, and so says which prior tasks a new one resembles. It is
// grown in sections, each of which leaves some groups out: the proximities of a prior task in the section that has
// not seen its group are what they would be for a new task, which calibrates everything derived from them at no
// further cost (cross-fitting).
type taskForest struct {
	tasks    int
	sections []*forest.Forest // nil if too few tasks have meta-features
	section  []int            // by task: the section grown without its group
}

// growForest grows the forest on the tasks that have meta-features.
func growForest(m *transfer.Matrix, belief *transfer.Belief, seed uint64) (*taskForest, error) {
	f := &taskForest{tasks: len(m.Tasks), section: transfer.Folds(m.Tasks, forestSections)}
	described := 0
	for t := range m.Tasks {
		if !transfer.Undefined(m.Tasks[t].Features) {
			described++
		}
	}
	if described < 2*forestLeaf || m.Groups() < 2 {
		return f, nil
	}
	table, err := forest.NewTable(m.Features())
	if err != nil {
		return nil, fmt.Errorf("warmstart: meta-features: %w", err)
	}
	targets := belief.Components(forestOutputs, seed)
	sections := slices.Max(f.section) + 1
	for s := range sections {
		var rows []int
		for t := range m.Tasks {
			if f.section[t] != s && !transfer.Undefined(m.Tasks[t].Features) {
				rows = append(rows, t)
			}
		}
		grown, err := table.Fit(targets, forest.Options{
			Trees: forestTrees / sections, MinLeaf: forestLeaf, MaxFeatures: 1, Cut: forest.CutRandom, Rows: rows,
			Seed: seed + uint64(s)<<32,
		})
		if err != nil {
			return nil, fmt.Errorf("warmstart: forest over tasks: %w", err)
		}
		f.sections = append(f.sections, grown)
	}
	return f, nil
}

// proximity returns the weights with which the prior tasks speak for x; nil if the forest cannot tell.
func (f *taskForest) proximity(x []float64) []float64 {
	if len(f.sections) == 0 || transfer.Undefined(x) {
		return nil
	}
	sum := make([]float64, f.tasks)
	for _, s := range f.sections {
		for t, p := range s.Proximity(x) {
			sum[t] += p / float64(len(f.sections))
		}
	}
	return sum
}

// unseen returns the proximity of prior task t in the section that was grown without its group.
func (f *taskForest) unseen(t int, x []float64) []float64 {
	if len(f.sections) == 0 || transfer.Undefined(x) {
		return nil
	}
	return f.sections[f.section[t]].Proximity(x)
}
