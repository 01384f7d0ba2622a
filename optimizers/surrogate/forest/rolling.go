package forest

import "fmt"

// Rolling is a forest for regression on one output that follows a table to which rows are added, at a cost per row
// that hardly grows. Up to Options.Fresh rows each addition grows all trees anew; at 2, 4, 8 times as many it is only
// every second, fourth, eighth tree's turn. New rows fall into the leaves of the other trees, so that means and
// variances are always those of all rows. What is grown when depends on the number of rows alone, not on how often
// the forest was looked at: a log of rows gives the same forest at once as row by row.
type Rolling struct {
	opt   Options
	fresh int
	table *Table
	trees []rollingTree
}

// rollingTree is a tree with the leaf of every row.
type rollingTree struct {
	grown    int // on how many rows
	nodes    []compactNode
	leafOf   []int32 // by row
	mean     []float64
	variance []float64
	weight   []float64 // rows of a leaf
}

// RollingOptions configures a rolling forest: Trees, MinLeaf, MaxDepth, MaxFeatures, Cut, Nominal and Seed as in
// Options. Every tree sees all rows.
type RollingOptions struct {
	Trees       int
	MinLeaf     int
	MaxDepth    int
	MaxFeatures float64
	Cut         CutRule
	Nominal     []int
	Fresh       int // rows up to which every tree is always new; 0: 128
	Seed        uint64
}

// NewRolling returns a rolling forest without rows.
func NewRolling(opt RollingOptions) (*Rolling, error) {
	o := Options{
		Trees: opt.Trees, MinLeaf: opt.MinLeaf, MaxDepth: opt.MaxDepth, MaxFeatures: opt.MaxFeatures, Cut: opt.Cut,
		Nominal: opt.Nominal, NoBootstrap: true, Seed: opt.Seed,
	}
	o, _, err := o.resolve(0)
	if err != nil {
		return nil, err
	}
	if opt.Fresh < 0 {
		return nil, fmt.Errorf("%w: Fresh %d is negative", ErrInput, opt.Fresh)
	}
	if opt.Fresh == 0 {
		opt.Fresh = 128
	}
	return &Rolling{opt: o, fresh: opt.Fresh, trees: make([]rollingTree, o.Trees)}, nil
}

// turn is how many rows are added between two times that a tree is grown, with rows rows.
func (f *Rolling) turn(rows int) int {
	turn := 1
	for rows >= 2*turn*f.fresh {
		turn *= 2
	}
	return turn
}

// Gradual reports whether a new row is some trees' turn only. Then following row by row grows no more trees than following
// several rows at once, and spreads the cost.
func (f *Rolling) Gradual() bool { return f.turn(f.Rows()) > 1 }

// due returns on how many of the rows a tree is grown.
func (f *Rolling) due(tree, rows int) int {
	for m := rows; ; m-- {
		if m <= 1 || (m+tree)%f.turn(m) == 0 {
			return m
		}
	}
}

// Follow brings the forest up to the rows of x, the first of which are those of the last call; NaN is a missing
// value. targets returns the outputs of the first rows rows, finite numbers whose squares are too, as they are seen
// when there are that many: they may change as rows are added, and must follow from those rows alone.
func (f *Rolling) Follow(x [][]float64, targets func(rows int) []float64) error {
	if err := f.extend(x); err != nil {
		return err
	}
	var g *grower
	seen := make(map[int]*values)
	for i := range f.trees {
		due := f.due(i, len(x))
		if f.trees[i].grown == due {
			continue
		}
		if seen[due] == nil {
			seen[due] = centred(targets(due))
		}
		if g == nil {
			g = newGrower(f.table, f.opt)
		}
		f.trees[i].grow(g, seen[due], i, due)
	}
	y := targets(len(x))
	for i := range f.trees {
		f.trees[i].place(x)
		f.trees[i].summarise(y)
	}
	return nil
}

// centred makes the target of a fit.
func centred(y []float64) *values {
	var sum float64
	for _, v := range y {
		sum += v
	}
	v := &values{columns: 1, centred: make([]float64, len(y))}
	for i := range y {
		v.centred[i] = y[i] - sum/float64(len(y))
	}
	return v
}

// extend adds the rows of x that are new to the table.
func (f *Rolling) extend(x [][]float64) error {
	known := 0
	if f.table != nil {
		known = f.table.rows
	}
	switch {
	case len(x) < known:
		return fmt.Errorf("%w: %d rows after %d", ErrInput, len(x), known)
	case len(x) == known && known > 0:
		return nil
	}
	const few = 16 // up to which adding one by one is cheaper than sorting anew
	if f.table == nil || len(x)-known > few {
		table, err := NewTable(x)
		if err == nil {
			err = table.checkNominal(f.opt, 1)
		}
		if err != nil {
			return err
		}
		f.table = table
		return nil
	}
	added, err := NewTable(x[known:])
	if err == nil && added.features != f.table.features {
		err = fmt.Errorf("%w: row %d of x has %d values, row 0 has %d", ErrInput, known, added.features, f.table.features)
	}
	if err == nil {
		err = added.checkNominal(f.opt, 1)
	}
	if err != nil {
		return err
	}
	for _, row := range x[known:] {
		f.table.add(row)
	}
	return nil
}

// grow grows tree number i on the first rows rows.
func (t *rollingTree) grow(g *grower, y *values, i, rows int) {
	all := make([]int32, rows)
	for r := range all {
		all[r] = int32(r)
	}
	grown := g.grow(y, all, uint64(rows)<<16|uint64(i))
	t.grown, t.nodes = rows, grown.compact(t.nodes[:0])
	t.leafOf = grownTo(t.leafOf, rows)
	for leaf, at := range grown.leaves {
		for _, r := range grown.samples[grown.nodes[at].lo:grown.nodes[at].hi] {
			t.leafOf[r] = int32(leaf)
		}
	}
	k := len(grown.leaves)
	t.mean, t.variance, t.weight = grownTo(t.mean, k), grownTo(t.variance, k), grownTo(t.weight, k)
}

// grownTo returns a slice of length n, in the given one's memory where it is enough.
func grownTo[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/2)
	}
	return s[:n]
}

// place finds the leaves of rows that came after the tree was grown.
func (t *rollingTree) place(x [][]float64) {
	for r := len(t.leafOf); r < len(x); r++ {
		t.leafOf = append(t.leafOf, leafIn(t.nodes, x[r]))
	}
}

// summarise computes mean and variance of every leaf.
func (t *rollingTree) summarise(y []float64) {
	clear(t.mean)
	clear(t.variance)
	clear(t.weight)
	for r, leaf := range t.leafOf {
		// Welford's update: no two passes over rows, and nothing cancels.
		t.weight[leaf]++
		delta := y[r] - t.mean[leaf]
		t.mean[leaf] += delta / t.weight[leaf]
		t.variance[leaf] += delta * (y[r] - t.mean[leaf])
	}
	for leaf, n := range t.weight {
		t.variance[leaf] /= n
	}
}

// Rows is the number of rows followed so far.
func (f *Rolling) Rows() int {
	if f.table == nil {
		return 0
	}
	return f.table.rows
}

// Neighbourhood is the leaves that some points fall into.
type Neighbourhood struct{ leaves [][]bool }

// Neighbourhood returns the leaves that hold the points.
func (f *Rolling) Neighbourhood(points [][]float64) *Neighbourhood {
	n := &Neighbourhood{leaves: make([][]bool, len(f.trees))}
	for i := range f.trees {
		n.leaves[i] = make([]bool, len(f.trees[i].mean))
		for _, p := range points {
			n.leaves[i][leafIn(f.trees[i].nodes, p)] = true
		}
	}
	return n
}

// Predict writes the mean and variance of the queries, which are the rows of a matrix with a column per feature, by
// the law of total variance as Forest.PredictVariance does. It allocates nothing. The forest must follow some rows.
func (f *Rolling) Predict(queries []float64, mean, variance []float64) {
	clear(mean)
	clear(variance)
	features := f.table.features
	for i := range f.trees {
		t := &f.trees[i]
		count := float64(i + 1)
		for q := range mean {
			leaf := leafIn(t.nodes, queries[q*features:(q+1)*features])
			delta := t.mean[leaf] - mean[q]
			mean[q] += delta / count
			variance[q] += t.variance[leaf] + delta*(t.mean[leaf]-mean[q])
		}
	}
	for q := range variance {
		variance[q] /= float64(len(f.trees))
	}
}

// Share writes, for each query, the share of trees in which it is in the leaf of one of the points that the
// neighbourhood was made of: 1 at such a point, less the farther away. It allocates nothing.
func (f *Rolling) Share(n *Neighbourhood, queries, share []float64) {
	clear(share)
	features := f.table.features
	for i := range f.trees {
		for q := range share {
			if n.leaves[i][leafIn(f.trees[i].nodes, queries[q*features:(q+1)*features])] {
				share[q]++
			}
		}
	}
	for q := range share {
		share[q] /= float64(len(f.trees))
	}
}
