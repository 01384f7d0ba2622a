package record

import (
	"iter"
	"maps"
	"slices"
)

// Set is a collection of records in memory: what a snapshot of a knowledge base is, and what learning across
// tasks reads. Ids of runs are computed on demand (Identify), since most readers never need them. Runs may share
// configurations and measure slices; nothing reached from a Set may be modified.
type Set struct {
	Tasks       map[ID]*Task
	Features    []*Features
	Labels      []*Label
	Protocols   map[ID]*Protocol
	Spaces      map[ID]*Space
	Runs        []*Run
	Retractions []*Retraction
}

// NewSet returns an empty set.
func NewSet() *Set {
	return &Set{Tasks: map[ID]*Task{}, Protocols: map[ID]*Protocol{}, Spaces: map[ID]*Space{}}
}

// Put adds a record whose id is known. It does not look for an equal one among features, labels, runs and
// retractions.
func (s *Set) Put(id ID, r Record) {
	switch r := r.(type) {
	case *Task:
		s.Tasks[id] = r
	case *Features:
		s.Features = append(s.Features, r)
	case *Label:
		s.Labels = append(s.Labels, r)
	case *Protocol:
		s.Protocols[id] = r
	case *Space:
		s.Spaces[id] = r
	case *Run:
		s.Runs = append(s.Runs, r)
	case *Retraction:
		s.Retractions = append(s.Retractions, r)
	}
}

// All yields every record: tasks, protocols and spaces by id, the others in their order.
func (s *Set) All() iter.Seq[Record] {
	return func(yield func(Record) bool) {
		_ = eachSorted(s.Tasks, yield) && eachSorted(s.Protocols, yield) && eachSorted(s.Spaces, yield) &&
			each(s.Features, yield) && each(s.Labels, yield) && each(s.Runs, yield) && each(s.Retractions, yield)
	}
}

func eachSorted[R Record](m map[ID]R, yield func(Record) bool) bool {
	for _, id := range slices.Sorted(maps.Keys(m)) {
		if !yield(m[id]) {
			return false
		}
	}
	return true
}

func each[R Record](list []R, yield func(Record) bool) bool {
	for _, r := range list {
		if !yield(r) {
			return false
		}
	}
	return true
}
