package transfer

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/metaml/metaml/kb/record"
)

// describe gives the tasks their names, groups and meta-features.
func (b *builder) describe() error {
	b.label()
	b.m.Extractor = b.opt.Extractor
	if b.m.Extractor == "" {
		b.m.Extractor = b.mostUsedExtractor()
	}
	values := make([]map[string]float64, len(b.m.Tasks))
	names := make(map[string]bool)
	described := 0
	for _, f := range b.set.Features {
		t, ok := b.row[f.Task]
		if !ok || f.Extractor != b.m.Extractor {
			continue
		}
		if values[t] == nil {
			described++
		}
		values[t] = f.Values
		for name := range f.Values {
			names[name] = true
		}
	}
	if b.opt.Extractor != "" && described == 0 {
		return fmt.Errorf("%w: meta-features of extractor %q", ErrNotFound, b.opt.Extractor)
	}
	b.m.FeatureNames = slices.Sorted(maps.Keys(names))
	for t := range b.m.Tasks {
		b.m.Tasks[t].Features = b.m.Vector(values[t])
	}
	if missing := len(b.m.Tasks) - described; missing > 0 && described > 0 {
		b.m.Notes = append(b.m.Notes, fmt.Sprintf("%s of %d without meta-features of %s: known for their results only",
			plural(missing, "task"), len(b.m.Tasks), b.m.Extractor))
	}
	return nil
}

// label names and groups the tasks; where labels disagree the least one counts, whatever their order.
func (b *builder) label() {
	labels := slices.Clone(b.set.Labels)
	slices.SortStableFunc(labels, func(x, y *record.Label) int {
		return cmp.Or(cmp.Compare(x.Task, y.Task), cmp.Compare(x.Name, y.Name), cmp.Compare(x.Group, y.Group))
	})
	for _, l := range labels {
		t, ok := b.row[l.Task]
		if !ok {
			continue
		}
		task := &b.m.Tasks[t]
		if task.Name == "" {
			task.Name = l.Name
		}
		if task.Group == "" {
			task.Group = l.Group
		}
	}
	for t := range b.m.Tasks {
		task := &b.m.Tasks[t]
		if task.Name == "" {
			task.Name = brief(string(task.ID))
		}
		if task.Group == "" {
			task.Group = string(task.ID)
		}
	}
}

func (b *builder) mostUsedExtractor() string {
	tasks := make(map[string]int)
	for _, f := range b.set.Features {
		if _, ok := b.row[f.Task]; ok {
			tasks[f.Extractor]++
		}
	}
	best, most := "", 0
	for _, name := range slices.Sorted(maps.Keys(tasks)) {
		if tasks[name] > most {
			best, most = name, tasks[name]
		}
	}
	return best
}

// Undefined reports whether every meta-feature of x is missing.
func Undefined(x []float64) bool {
	return !slices.ContainsFunc(x, func(v float64) bool { return !math.IsNaN(v) })
}
