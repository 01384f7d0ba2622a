package importance

import (
	"math"
	"slices"

	"github.com/metaml/metaml/optimizers/coding"
	"github.com/metaml/metaml/optimizers/surrogate/forest"
)

// box is the part of the space that falls into a leaf: along each hyperparameter an interval or a set of choices, and
// whether it may be inactive.
type box struct {
	mean  float64
	sides []side
}

// side is a box along one hyperparameter. Values above low up to high are in it, or of a nominal one the choices.
type side struct {
	low, high float64
	choices   uint64
	inactive  bool
}

// leafBoxes returns the boxes of a tree's leaves, which together are the space.
func leafBoxes(f *forest.Forest, tree int, c *coding.Codec) []box {
	nodes := f.Nodes(tree)
	var boxes []box
	sides := make([]side, len(c.Dimensions()))
	for j := range sides {
		sides[j] = side{low: math.Inf(-1), high: math.Inf(1), choices: math.MaxUint64, inactive: true}
	}
	var visit func(at int)
	visit = func(at int) {
		n := &nodes[at]
		if n.Feature < 0 {
			boxes = append(boxes, box{mean: f.LeafMean(tree, n.Leaf)[0], sides: slices.Clone(sides)})
			return
		}
		s := &sides[n.Feature]
		whole := *s
		s.restrict(n, true)
		visit(n.Left)
		*s = whole
		s.restrict(n, false)
		visit(n.Right)
		*s = whole
	}
	visit(0)
	return boxes
}

// restrict keeps of a side what goes to the left or right of a split.
func (s *side) restrict(n *forest.Node, left bool) {
	s.inactive = s.inactive && n.MissingLeft == left
	switch {
	case n.Choices != 0 && left:
		s.choices &= n.Choices
	case n.Choices != 0:
		s.choices &^= n.Choices
	case left:
		s.high = min(s.high, n.Cut)
	default:
		s.low = max(s.low, n.Cut)
	}
}

// run is neighbouring cells of an axis, from one up to but without another, that are of one class.
type run struct{ from, to, class int }

// axis divides a hyperparameter into cells on which every box is all or nothing: its values where they are few, else
// the intervals between cuts.
type axis struct {
	nominal bool
	ends    []float64 // of ordered cells: the level, or the interval's upper end
	p       []float64 // probability
	class   []int     // nil: all 0
	classes int
}

// newAxis divides hyperparameter j for the given boxes; class says to which class of levels each level belongs, nil if
// to one.
func newAxis(d coding.Dimension, nominal bool, class []int, classes int, boxes []box, j int) axis {
	a := axis{nominal: nominal, class: class, classes: classes}
	if d.Levels != nil {
		a.ends = d.Levels
		before := 0.0
		for _, upper := range d.Upper {
			a.p = append(a.p, upper-before)
			before = upper
		}
		return a
	}
	for i := range boxes {
		if high := boxes[i].sides[j].high; high > 0 && high < 1 {
			a.ends = append(a.ends, high)
		}
	}
	slices.Sort(a.ends)
	a.ends = append(slices.Compact(a.ends), 1)
	before := 0.0
	for _, end := range a.ends {
		a.p = append(a.p, end-before)
		before = end
	}
	return a
}

// classOf returns the class of a cell.
func (a *axis) classOf(cell int) int {
	if a.class == nil {
		return 0
	}
	return a.class[cell]
}

// contains reports whether a cell is within a side.
func (a *axis) contains(s side, cell int) bool {
	if a.nominal {
		return s.choices>>cell&1 == 1
	}
	return a.ends[cell] > s.low && a.ends[cell] <= s.high
}

// runs returns the cells of a side.
func (a *axis) runs(s side) []run {
	var out []run
	for cell := range a.p {
		if !a.contains(s, cell) {
			continue
		}
		if last := len(out) - 1; last >= 0 && out[last].to == cell && out[last].class == a.classOf(cell) {
			out[last].to++
			continue
		}
		out = append(out, run{cell, cell + 1, a.classOf(cell)})
	}
	return out
}
