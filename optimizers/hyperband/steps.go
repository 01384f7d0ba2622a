package hyperband

import (
	"math"
	"slices"
)

// steps are the losses of configurations at a level and at the next one.
type steps struct {
	below, above []float64 // by configuration
	changes      []float64 // of the loss, ascending
}

// add adds a configuration's losses, unless their difference is too great for a number.
func (s *steps) add(below, above float64) {
	change := above - below
	if math.IsInf(change, 0) {
		return
	}
	s.below, s.above = append(s.below, below), append(s.above, above)
	at, _ := slices.BinarySearch(s.changes, change)
	s.changes = slices.Insert(s.changes, at, change)
}

// median is the median change, of an even number the upper one; 0 where there is none.
func (s *steps) median() float64 {
	if len(s.changes) == 0 {
		return 0
	}
	return s.changes[len(s.changes)/2]
}

// What faithful asks for: how many configurations at least, and which share of their pairs in the same order.
const (
	faithfulConfigurations = 3
	faithfulShare          = 0.9
)

// faithful reports whether the step keeps the order of configurations: whether nearly all pairs are ranked at the
// level as they are at the next one. Those compared are the best of the level, which are hard to tell apart there
// where it is noisy.
func (s *steps) faithful() bool {
	n := len(s.below)
	if n < faithfulConfigurations {
		return false
	}
	same, pairs := 0, 0
	for i := range n {
		for j := range i {
			pairs++
			if (s.below[i] < s.below[j]) == (s.above[i] < s.above[j]) {
				same++
			}
		}
	}
	return float64(same) >= faithfulShare*float64(pairs)
}
