package kb

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/study"
)

// TaskSummary is what a list of tasks shows.
type TaskSummary struct {
	ID            record.ID
	Name, Group   string // from its label, empty without one
	Source        string
	Type          string // empty where unknown
	Rows, Columns int    // 0 where unknown
	Runs          int    // of any final status
	Complete      int    // of which complete
	Configs       int    // different configurations among the runs
}

// Tasks lists the tasks of a snapshot by name, then by id.
func (k *KB) Tasks(ctx context.Context) ([]TaskSummary, error) {
	set, err := k.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	return TasksOf(set)
}

// TasksOf lists the tasks of a set by name, then by id.
func TasksOf(set *record.Set) ([]TaskSummary, error) {
	labels := labelsOf(set)
	summaries := make(map[record.ID]*TaskSummary, len(set.Tasks))
	for id, t := range set.Tasks {
		s := &TaskSummary{ID: id, Type: t.Type, Rows: t.Rows, Columns: t.Columns}
		if l := labels[id]; l != nil {
			s.Name, s.Group, s.Source = l.Name, l.Group, l.Source
		}
		summaries[id] = s
	}
	configs := map[record.ID]map[string]struct{}{}
	hash := configHasher()
	for _, r := range set.Runs {
		s := summaries[r.Task]
		if s == nil {
			continue // a run whose task is not here
		}
		s.Runs++
		if r.Status == study.Complete {
			s.Complete++
		}
		h, err := hash(r.Config)
		if err != nil {
			return nil, err
		}
		if configs[r.Task] == nil {
			configs[r.Task] = map[string]struct{}{}
		}
		configs[r.Task][string(r.Space)+h] = struct{}{}
	}
	list := make([]TaskSummary, 0, len(summaries))
	for _, id := range slices.Sorted(maps.Keys(summaries)) {
		s := summaries[id]
		s.Configs = len(configs[id])
		list = append(list, *s)
	}
	slices.SortStableFunc(list, func(a, b TaskSummary) int { return cmp.Compare(a.Name, b.Name) })
	return list, nil
}
