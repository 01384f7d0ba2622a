package record

import (
	"iter"
	"maps"
	"slices"
)

// Private is the tag of a task's label that keeps the task, and everything about it, out of what is shared.
const Private = "private"

// private returns the tasks that a label calls private.
func (s *Set) private() map[ID]bool {
	private := map[ID]bool{}
	for _, l := range s.Labels {
		if slices.Contains(l.Tags, Private) {
			private[l.Task] = true
		}
	}
	return private
}

// Hidden yields what concerns tasks that a label calls private: the tasks, their meta-features, labels and runs.
func (s *Set) Hidden() iter.Seq[Record] {
	return func(yield func(Record) bool) {
		private := s.private()
		if len(private) == 0 {
			return
		}
		hidden := NewSet()
		for id := range private {
			if t := s.Tasks[id]; t != nil {
				hidden.Tasks[id] = t
			}
		}
		hidden.Features = slices.DeleteFunc(slices.Clone(s.Features), func(f *Features) bool { return !private[f.Task] })
		hidden.Labels = slices.DeleteFunc(slices.Clone(s.Labels), func(l *Label) bool { return !private[l.Task] })
		hidden.Runs = slices.DeleteFunc(slices.Clone(s.Runs), func(r *Run) bool { return !private[r.Task] })
		for r := range hidden.All() {
			if !yield(r) {
				return
			}
		}
	}
}

// Public returns the set without the tasks that a label calls private, their meta-features, labels and runs, and
// without spaces and protocols that only they use. The set itself stays as it is.
func (s *Set) Public() *Set {
	private := s.private()
	if len(private) == 0 {
		return s
	}
	out := *s
	out.Tasks = maps.Clone(s.Tasks)
	maps.DeleteFunc(out.Tasks, func(id ID, _ *Task) bool { return private[id] })
	out.Features = slices.DeleteFunc(slices.Clone(s.Features), func(f *Features) bool { return private[f.Task] })
	out.Labels = slices.DeleteFunc(slices.Clone(s.Labels), func(l *Label) bool { return private[l.Task] })
	out.Runs = slices.DeleteFunc(slices.Clone(s.Runs), func(r *Run) bool { return private[r.Task] })
	used, hidden := map[ID]bool{}, map[ID]bool{}
	for _, r := range s.Runs {
		where := used
		if private[r.Task] {
			where = hidden
		}
		where[r.Space], where[r.Protocol] = true, true
	}
	out.Spaces, out.Protocols = maps.Clone(s.Spaces), maps.Clone(s.Protocols)
	maps.DeleteFunc(out.Spaces, func(id ID, _ *Space) bool { return hidden[id] && !used[id] })
	maps.DeleteFunc(out.Protocols, func(id ID, _ *Protocol) bool { return hidden[id] && !used[id] })
	return &out
}
