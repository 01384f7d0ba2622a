package kb

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"sort"

	"github.com/metaml/metaml/kb/record"
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
	// Distance is the mean over meta-features of the difference in rank: every meta-feature is replaced by the
	// share of the knowledge base's tasks that lie below it, so that 0 is equal and 1 the opposite end in
	// everything. A value that only one of the two has counts 1/2.
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
	names := slices.Sorted(maps.Keys(q.Values))
	for _, f := range comparable { // features that the query lacks separate tasks, too
		for name := range f.Values {
			if _, known := q.Values[name]; !known {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)

	sums := make([]float64, len(comparable))
	counts := make([]int, len(comparable))
	for _, name := range names {
		addDifferences(name, q.Values, comparable, sums, counts)
	}
	labels := labelsOf(set)
	neighbours := make([]Neighbour, len(comparable))
	for i, f := range comparable {
		n := Neighbour{Task: f.Task, Distance: sums[i] / float64(max(1, counts[i]))}
		if t := set.Tasks[f.Task]; t != nil {
			n.Type = t.Type
		}
		if l := labels[f.Task]; l != nil {
			n.Name, n.Group = l.Name, l.Group
		}
		neighbours[i] = n
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

// addDifferences adds one meta-feature's part of the distances.
func addDifferences(name string, query map[string]float64, tasks []*record.Features, sums []float64, counts []int) {
	var sorted []float64
	for _, f := range tasks {
		if v, ok := f.Values[name]; ok {
			sorted = append(sorted, v)
		}
	}
	slices.Sort(sorted)
	rank := func(v float64) float64 { // half of the equal ones count as below
		below := sort.SearchFloat64s(sorted, v)
		upTo := sort.Search(len(sorted), func(i int) bool { return sorted[i] > v })
		return float64(below+upTo) / float64(2*max(1, len(sorted)))
	}
	asked, defined := query[name]
	for i, f := range tasks {
		v, ok := f.Values[name]
		switch {
		case ok && defined:
			sums[i] += math.Abs(rank(v) - rank(asked))
		case ok != defined:
			sums[i] += 0.5
		default:
			continue
		}
		counts[i]++
	}
}

// labelsOf returns the last label of every task.
func labelsOf(set *record.Set) map[record.ID]*record.Label {
	labels := make(map[record.ID]*record.Label, len(set.Labels))
	for _, l := range set.Labels {
		labels[l.Task] = l
	}
	return labels
}
