package kb

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/metafeatures"
)

// Query asks for the tasks nearest to one that is described by meta-features.
type Query struct {
	// Extractor and Values are as in record.Features. Only tasks with features of the same extractor are compared.
	Extractor string
	Values    map[string]float64
	// Type restricts the answer to tasks of that type (record.Classification, record.Regression) and of unknown
	// type; empty means all.
	Type string
	// K is how many tasks to return; 0 means all.
	K int
	// Without is a task to leave out, such as the one that is asked about.
	Without record.ID
}

// Neighbour is a task near to another.
type Neighbour struct {
	Task        record.ID
	Name, Group string // from its label, empty without one
	Type        string
	// Distance is the mean difference over meta-features, each in units of its interquartile range among the tasks
	// compared (metafeatures.Distance): 0 is alike in everything.
	Distance float64
}

// Nearest returns tasks in the order of their distance from the query, the nearest first; equal distances are
// ordered by id. The scan is exact.
func (k *KB) Nearest(ctx context.Context, q Query) ([]Neighbour, error) {
	set, err := k.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	return NearestIn(set, q), nil
}

// NearestIn is Nearest in a set.
func NearestIn(set *record.Set, q Query) []Neighbour {
	comparable := latestFeatures(set, q)
	vectors := make([]map[string]float64, len(comparable))
	for i, f := range comparable {
		vectors[i] = f.Values
	}
	scaler := metafeatures.FitScaler(comparedFeatures(q, vectors), vectors)
	asked := scaler.Transform(q.Values)
	labels := labelsOf(set)
	neighbours := make([]Neighbour, 0, len(comparable))
	for i, f := range comparable {
		n := Neighbour{Task: f.Task, Distance: metafeatures.Distance(asked, scaler.Transform(vectors[i]), metafeatures.L1)}
		if math.IsNaN(n.Distance) {
			continue // nothing that both could be compared by
		}
		if t := set.Tasks[f.Task]; t != nil {
			n.Type = t.Type
		}
		if l := labels[f.Task]; l != nil {
			n.Name, n.Group = l.Name, l.Group
		}
		neighbours = append(neighbours, n)
	}
	slices.SortFunc(neighbours, func(a, b Neighbour) int {
		return cmp.Or(cmp.Compare(a.Distance, b.Distance), cmp.Compare(a.Task, b.Task))
	})
	if q.K > 0 && q.K < len(neighbours) {
		neighbours = neighbours[:q.K]
	}
	return neighbours
}

// latestFeatures returns one record of features for each task the query may be compared with, the last one given.
func latestFeatures(set *record.Set, q Query) []*record.Features {
	byTask := map[record.ID]*record.Features{}
	for _, f := range set.Features {
		t := set.Tasks[f.Task]
		wrongType := q.Type != "" && t != nil && t.Type != "" && t.Type != q.Type
		if f.Extractor == q.Extractor && f.Task != q.Without && !wrongType {
			byTask[f.Task] = f
		}
	}
	list := make([]*record.Features, 0, len(byTask))
	for _, id := range slices.Sorted(maps.Keys(byTask)) {
		list = append(list, byTask[id])
	}
	return list
}

// comparedFeatures returns which meta-features count: of metaml's own those chosen for it, of foreign ones all.
func comparedFeatures(q Query, vectors []map[string]float64) []string {
	if q.Extractor == metafeatures.Extractor {
		return metafeatures.Similarity()
	}
	names := map[string]struct{}{}
	for _, v := range vectors {
		for name := range v {
			names[name] = struct{}{}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// labelsOf returns one label of every task: of several the one with the least name, as recommendations show it.
func labelsOf(set *record.Set) map[record.ID]*record.Label {
	labels := make(map[record.ID]*record.Label, len(set.Labels))
	for _, l := range set.Labels {
		if before := labels[l.Task]; before == nil || cmp.Or(cmp.Compare(l.Name, before.Name), cmp.Compare(l.Group, before.Group)) < 0 {
			labels[l.Task] = l
		}
	}
	return labels
}
