package warmstart

import (
	"math"

	"github.com/metaml/metaml/optimizers/surrogate/forest"
)

// grove is a fitted forest reduced to its proximities, in a form that can be stored. Trees follow one another in
// Feature and the slices beside it, a value per node.
type grove struct {
	Tasks   int       // length of a proximity
	Roots   []int32   // by tree: its first node
	Feature []int32   // -1 in a leaf
	Cut     []float64 // the largest value that goes left
	Missing []bool    // whether a missing value goes left
	Left    []int32   // node; in a leaf its number, from 0 over all trees
	Right   []int32
	Start   []int32 // by leaf, one more than leaves: its first place in Rows
	Rows    []int32 // tasks by leaf
}

// newGrove takes the trees of a forest that was fitted to the given rows of x.
func newGrove(f *forest.Forest, x [][]float64, rows []int) *grove {
	g := &grove{Tasks: len(x), Start: []int32{0}}
	inLeaf := make([][]int, len(rows)) // by row: the leaf of every tree
	for i, r := range rows {
		inLeaf[i] = f.Leaves(x[r])
	}
	for tree := range f.Trees() {
		base, firstLeaf, leaves := int32(len(g.Feature)), int32(len(g.Start)-1), 0
		g.Roots = append(g.Roots, base)
		for _, n := range f.Nodes(tree) {
			left, right := base+int32(n.Left), base+int32(n.Right)
			if n.Feature < 0 {
				left, right = firstLeaf+int32(n.Leaf), 0
				leaves = max(leaves, n.Leaf+1)
			}
			g.Feature, g.Cut = append(g.Feature, int32(n.Feature)), append(g.Cut, n.Cut)
			g.Missing, g.Left, g.Right = append(g.Missing, n.MissingLeft), append(g.Left, left), append(g.Right, right)
		}
		members := make([][]int32, leaves)
		for i, r := range rows {
			leaf := inLeaf[i][tree]
			members[leaf] = append(members[leaf], int32(r))
		}
		for _, m := range members {
			g.Rows = append(g.Rows, m...)
			g.Start = append(g.Start, int32(len(g.Rows)))
		}
	}
	return g
}

// proximity is the mean over trees of [same leaf] / (tasks in the leaf), as forest.Forest.Proximity.
func (g *grove) proximity(x []float64) []float64 {
	p := make([]float64, g.Tasks)
	for _, node := range g.Roots {
		for g.Feature[node] >= 0 {
			v := x[g.Feature[node]]
			if v <= g.Cut[node] || math.IsNaN(v) && g.Missing[node] {
				node = g.Left[node]
			} else {
				node = g.Right[node]
			}
		}
		rows := g.Rows[g.Start[g.Left[node]]:g.Start[g.Left[node]+1]]
		share := 1 / float64(len(rows)*len(g.Roots))
		for _, r := range rows {
			p[r] += share
		}
	}
	return p
}
