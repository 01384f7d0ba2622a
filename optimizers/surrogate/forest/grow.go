package forest

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// tree is one grown tree. A node's in-bag rows are samples[lo:hi], an inner node's being its children's.
type tree struct {
	nodes    []Node
	leaves   []int32 // node of each leaf
	samples  []int32 // in-bag rows of the table
	weights  []float64
	mean     []float64 // leaves x outputs, or nil: computed when asked for
	variance []float64
}

// Node is a split or a leaf of a tree. A query goes left where its value of Feature is at most Cut or, where the feature
// is nominal, among Choices.
type Node struct {
	Feature     int     // index into a query; -1 in a leaf
	Cut         float64 // the largest value that goes left
	Choices     uint64  // the choices that go left, choice c being bit c; 0 where the feature is a number
	MissingLeft bool    // where a missing value goes
	Left, Right int     // nodes; 0 in a leaf
	Leaf        int     // the leaf's number, counted from 0; -1 in a split
	Weight      float64 // in-bag rows, repetitions counted
	Gain        float64 // decrease of the sum of squared errors by the split, on what the criterion saw
	parent      int32
	lo, hi      int32
}

// grower grows trees one after the other, keeping its buffers. Rows are rows of the table.
type grower struct {
	table      *Table
	opt        Options
	rng        *rand.Rand
	pcg        *rand.PCG
	rows       []int32   // distinct in-bag rows, ordered so that each node is an interval
	weights    []float64 // by row: how often it was drawn
	inverse    []float64 // 1/n
	spare      []int32
	columns    []int   // candidate features, shuffled
	constant   []bool  // by feature: it does not vary in the node, nor in those below
	constants  []int   // the features that are, in the order in which they were found
	node       []int32 // by row: the last node that it was in
	splitting  int32   // the node that is split
	criterion  criterion
	scratch    any // the criterion's buffers
	projection []float64
	sorter     sorter
	split      split
	response   []float64 // by row: the centred output, where nominal features need it
	pure       float64   // impurity up to which a node is not split
}

type split struct {
	feature     int
	cut         float64
	choices     uint64
	missingLeft bool
	score       float64
	found       bool
}

func growAll(table *Table, target target, rows []int32, opt Options) []tree {
	if v, ok := target.(*values); ok {
		v.prepare(opt)
	}
	trees := make([]tree, opt.Trees)
	workers := opt.Workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	if workers == 1 {
		g := newGrower(table, opt)
		for i := range trees {
			trees[i] = g.grow(target, rows, uint64(i))
		}
		return trees
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(workers, opt.Trees) {
		wait.Go(func() {
			g := newGrower(table, opt)
			for i := next.Add(1) - 1; int(i) < len(trees); i = next.Add(1) - 1 {
				trees[i] = g.grow(target, rows, uint64(i))
			}
		})
	}
	wait.Wait()
	return trees
}

func newGrower(table *Table, opt Options) *grower {
	pcg := rand.NewPCG(0, 0)
	g := &grower{
		table: table, opt: opt, pcg: pcg, rng: rand.New(pcg),
		weights: make([]float64, table.rows), inverse: make([]float64, table.rows+1),
		node:    make([]int32, table.rows),
		columns: make([]int, table.features), constant: make([]bool, table.features), sorter: newSorter(table.rows),
	}
	for j := range g.columns {
		g.columns[j] = j
	}
	for n := range g.inverse {
		g.inverse[n] = 1 / float64(n)
	}
	return g
}

// grow grows tree number i. The feature order is reset, so that a tree does not depend on those grown before it.
func (g *grower) grow(target target, rows []int32, i uint64) tree {
	g.pcg.Seed(g.opt.Seed, i)
	slices.Sort(g.columns)
	g.draw(rows)
	for r := range g.node {
		g.node[r] = -1
	}
	g.criterion = target.criterion(g)
	t := tree{nodes: make([]Node, 0, 64)}
	g.branch(&t, 0, int32(len(g.rows)), -1, 0)
	t.samples = slices.Clone(g.rows)
	t.weights = make([]float64, len(g.rows))
	for k, r := range g.rows {
		t.weights[k] = g.weights[r]
	}
	return t
}

// draw chooses the in-bag rows.
func (g *grower) draw(rows []int32) {
	clear(g.weights)
	g.rows = g.rows[:0]
	for _, r := range rows {
		if !g.opt.NoBootstrap {
			r = rows[g.rng.IntN(len(rows))]
		}
		if g.weights[r] == 0 {
			g.rows = append(g.rows, r)
		}
		g.weights[r]++
	}
}

// branch adds the node of rows[lo:hi] with everything below it and returns its number.
func (g *grower) branch(t *tree, lo, hi, parent int32, depth int) int {
	rows := g.rows[lo:hi]
	at := len(t.nodes)
	defer g.forget(len(g.constants))
	t.nodes = append(t.nodes, Node{Feature: -1, Leaf: -1, Weight: sumWeights(g.weights, rows), parent: parent, lo: lo, hi: hi})
	if depth >= g.opt.MaxDepth || len(rows) < 2*g.opt.MinLeaf || !g.search(rows, int32(at)) {
		t.nodes[at].Leaf = len(t.leaves)
		t.leaves = append(t.leaves, int32(at))
		return at
	}
	s := g.split
	middle := lo + g.partition(rows, &s)
	left := g.branch(t, lo, middle, int32(at), depth+1)
	right := g.branch(t, middle, hi, int32(at), depth+1)
	n := &t.nodes[at]
	n.Feature, n.Cut, n.Choices, n.MissingLeft = s.feature, s.cut, s.choices, s.missingLeft
	n.Left, n.Right, n.Gain = left, right, s.score
	return at
}

// forget makes all but the first features found constant ones that may vary, when the node they were found in is done.
func (g *grower) forget(first int) {
	for _, j := range g.constants[first:] {
		g.constant[j] = false
	}
	g.constants = g.constants[:first]
}

// purity is the share of the root's impurity that rounding may leave in a node without any.
const purity = 1e-12

// search finds the node's best split among randomly chosen features.
func (g *grower) search(rows []int32, at int32) bool {
	impurity, whole := g.criterion.begin(rows)
	if len(rows) == len(g.rows) {
		g.pure = purity * impurity
	}
	if impurity <= g.pure {
		return false
	}
	g.split, g.splitting = split{}, at
	for _, r := range rows {
		g.node[r] = at
	}
	try := max(1, int(math.Ceil(g.opt.MaxFeatures*float64(len(g.columns))-1e-9)))
	for i := range g.columns {
		if i >= try && g.split.found {
			break
		}
		if try < len(g.columns) {
			k := i + g.rng.IntN(len(g.columns)-i)
			g.columns[i], g.columns[k] = g.columns[k], g.columns[i]
		}
		if j := g.columns[i]; !g.constant[j] && !g.tryFeature(rows, j) {
			g.constant[j] = true
			g.constants = append(g.constants, j)
		}
	}
	g.split.score -= whole
	return g.split.found
}

// partition brings the rows that go left to the front, both sides in their order, and returns their number.
func (g *grower) partition(rows []int32, s *split) int32 {
	column := &g.table.columns[s.feature]
	g.spare = g.spare[:0]
	n := 0
	for _, r := range rows {
		if s.goesLeft(column.at(r)) {
			rows[n] = r
			n++
		} else {
			g.spare = append(g.spare, r)
		}
	}
	copy(rows[n:], g.spare)
	return int32(n)
}

func (s *split) goesLeft(v float64) bool {
	if s.choices != 0 {
		return among(v, s.choices, s.missingLeft)
	}
	return goesLeft(v, s.cut, s.missingLeft)
}

// goesLeft reports to which side of a split a value goes.
func (n *Node) goesLeft(v float64) bool {
	if n.Choices != 0 {
		return among(v, n.Choices, n.MissingLeft)
	}
	return goesLeft(v, n.Cut, n.MissingLeft)
}

func goesLeft(v, cut float64, missingLeft bool) bool {
	return v <= cut || (missingLeft && math.IsNaN(v))
}
