package forest

import "math"

// compactNode is a node in 16 bytes, so that a tree stays in the processor's nearest cache. Nodes are in preorder: the
// left child is the next one.
type compactNode struct {
	cut   float64 // a nominal feature's choices, as bits
	about uint32  // four times the feature, plus flags; leafFlag in a leaf
	right int32   // right child; in a leaf its number
}

const (
	flagMissingLeft = 1
	flagNominal     = 2
	leafFlag        = math.MaxUint32
)

// compact appends the nodes of a tree.
func (t *tree) compact(to []compactNode) []compactNode {
	for i := range t.nodes {
		n := &t.nodes[i]
		if n.Feature < 0 {
			to = append(to, compactNode{about: leafFlag, right: int32(n.Leaf)})
			continue
		}
		c := compactNode{cut: n.Cut, about: uint32(n.Feature) << 2, right: int32(n.Right)}
		if n.Choices != 0 {
			c.cut = math.Float64frombits(n.Choices)
			c.about |= flagNominal
		}
		if n.MissingLeft {
			c.about |= flagMissingLeft
		}
		to = append(to, c)
	}
	return to
}

// leafIn returns the leaf that x falls into.
func leafIn(nodes []compactNode, x []float64) int32 { return leafBelow(nodes, 0, x) }

// leafBelow returns the leaf that x falls into from a node on. It spells out sendsLeft, which takes a third longer.
func leafBelow(nodes []compactNode, at int32, x []float64) int32 {
	for {
		n := &nodes[at]
		if n.about == leafFlag {
			return n.right
		}
		v := x[n.about>>2]
		var left bool
		if n.about&flagNominal == 0 {
			left = v <= n.cut || (n.about&flagMissingLeft != 0 && math.IsNaN(v))
		} else {
			left = among(v, math.Float64bits(n.cut), n.about&flagMissingLeft != 0)
		}
		if left {
			at++
		} else {
			at = n.right
		}
	}
}

// sendsLeft reports to which side of a split a value goes.
func (n *compactNode) sendsLeft(v float64) bool {
	if n.about&flagNominal == 0 {
		return v <= n.cut || (n.about&flagMissingLeft != 0 && math.IsNaN(v))
	}
	return among(v, math.Float64bits(n.cut), n.about&flagMissingLeft != 0)
}
