// Package forest is the one decision tree and random forest of metaml: multi-output regression and classification
// with missing values on both sides, predictions with uncertainty, and forest proximities. Landmarkers, the task
// posterior, sequential model-based optimisation and fANOVA share it.
//
// A tree is grown greedily (Breiman et al. 1984): each split maximises the decrease of the sum of squared errors
// over all outputs, which for one-hot class indicators is the decrease of the Gini impurity. A forest averages
// trees grown on bootstrap samples with a random subset of the features at each split (Breiman 2001).
package forest

import (
	"errors"
	"fmt"
	"math"
)

// ErrInput is wrapped by every error about training data or options that cannot be used.
var ErrInput = errors.New("forest: invalid input")

// CutRule says where a split cuts between two neighbouring values of a feature.
type CutRule uint8

// The cut rules.
const (
	// CutMidpoint cuts half-way between the neighbouring values of the best split.
	CutMidpoint CutRule = iota
	// CutInGap draws the cut of the best split uniformly between the neighbouring values, so that the trees'
	// disagreement grows inside gaps of the data (Hutter et al. 2014).
	CutInGap
	// CutRandom draws one cut per candidate feature uniformly over the feature's range in the node and keeps the
	// best candidate: extremely randomised trees (Geurts et al. 2006). Several times cheaper to grow.
	CutRandom
)

// Options configures a forest. The zero value is a forest of 100 unpruned bootstrapped trees which try a third of
// the features at each split.
type Options struct {
	Trees       int     // number of trees; 0: 100
	MinLeaf     int     // fewest distinct training rows in a leaf; 0: 1
	MaxDepth    int     // longest path from the root, in splits; 0: unlimited
	MaxFeatures float64 // share of the features tried at each split, in (0,1]; 0: 1/3. At least one is tried, and more while none of the tried can split
	NoBootstrap bool    // grow every tree on all rows
	Cut         CutRule // where splits cut
	// Projection > 0 searches splits on that many random projections of the outputs, drawn anew for each tree
	// from a pool (Joly et al. 2014), instead of on all outputs; missing cells count as their output's mean then.
	// Leaves keep exact means. Ignored where it would not reduce the number of outputs.
	Projection int
	// Nominal lists the number of choices of each feature whose values 0, 1, … have no order; 0: a number. Such a
	// feature splits by sets of choices. At most 64 choices; regression on one output only; nil: all are numbers.
	Nominal []int
	Rows    []int  // rows of the table to train on, distinct; nil: all
	Workers int    // trees grown at the same time; 0: GOMAXPROCS. Does not change the result
	Seed    uint64 // tree i draws from the stream (Seed, i)
}

// Tree returns the options of a single tree that sees all rows and all features.
func Tree() Options { return Options{Trees: 1, MaxFeatures: 1, NoBootstrap: true} }

// Forest is a fitted forest. It is immutable and safe for concurrent use. It keeps a reference to the training
// targets, which must not change afterwards.
type Forest struct {
	features int
	outputs  int
	rows     int // of the table
	trees    []tree
	target   target
	members  []leafRows
}

// Fit grows a forest for regression: x and y have a row per training case; all rows of x have the same length, and
// so have all rows of y. NaN in x is a missing value: it goes to the side of the split where it fits better, or to
// the side of more rows if none was missing in training. NaN in y is a missing cell: splits and leaves use the
// cells that are there. Infinities are refused.
func Fit(x, y [][]float64, opt Options) (*Forest, error) {
	table, err := NewTable(x)
	if err != nil {
		return nil, err
	}
	return table.Fit(y, opt)
}

// FitClasses grows a forest for classification with Gini impurity; classes are codes from 0. Its outputs are the
// classes, its predictions their probabilities.
func FitClasses(x [][]float64, classes []int, opt Options) (*Forest, error) {
	table, err := NewTable(x)
	if err != nil {
		return nil, err
	}
	return table.FitClasses(classes, opt)
}

// Fit grows a forest for regression on rows of the table; see the function Fit. y has a row per row of the table.
func (t *Table) Fit(y [][]float64, opt Options) (*Forest, error) {
	values, err := newValues(y, t.rows)
	if err != nil {
		return nil, err
	}
	return t.fit(values, opt)
}

// FitClasses grows a forest for classification on rows of the table; see the function FitClasses.
func (t *Table) FitClasses(classes []int, opt Options) (*Forest, error) {
	labels, err := newLabels(classes, t.rows)
	if err != nil {
		return nil, err
	}
	return t.fit(labels, opt)
}

func (t *Table) fit(target target, opt Options) (*Forest, error) {
	opt, rows, err := opt.resolve(t.rows)
	if err == nil {
		err = t.checkNominal(opt, target.outputs())
	}
	if err != nil {
		return nil, err
	}
	f := &Forest{features: t.features, outputs: target.outputs(), rows: t.rows, target: target}
	f.trees = growAll(t, target, rows, opt)
	for i := range f.trees {
		f.trees[i].summarise(target)
	}
	f.members = f.membership(t, rows)
	return f, nil
}

// resolve checks the options, puts in the defaults and returns the training rows.
func (o Options) resolve(tableRows int) (Options, []int32, error) {
	switch {
	case o.Trees < 0, o.MinLeaf < 0, o.MaxDepth < 0, o.Projection < 0, o.Workers < 0:
		return o, nil, fmt.Errorf("%w: negative count in options %+v", ErrInput, o)
	case math.IsNaN(o.MaxFeatures), o.MaxFeatures < 0, o.MaxFeatures > 1:
		return o, nil, fmt.Errorf("%w: MaxFeatures %g is not in (0,1]", ErrInput, o.MaxFeatures)
	case o.Cut > CutRandom:
		return o, nil, fmt.Errorf("%w: unknown cut rule %d", ErrInput, o.Cut)
	}
	if o.Trees == 0 {
		o.Trees = 100
	}
	if o.MinLeaf == 0 {
		o.MinLeaf = 1
	}
	if o.MaxDepth == 0 {
		o.MaxDepth = math.MaxInt
	}
	if o.MaxFeatures == 0 {
		o.MaxFeatures = 1.0 / 3
	}
	rows, err := o.trainingRows(tableRows)
	return o, rows, err
}

func (o Options) trainingRows(tableRows int) ([]int32, error) {
	if o.Rows == nil {
		rows := make([]int32, tableRows)
		for i := range rows {
			rows[i] = int32(i)
		}
		return rows, nil
	}
	if len(o.Rows) == 0 {
		return nil, fmt.Errorf("%w: no training rows", ErrInput)
	}
	seen := make([]bool, tableRows)
	rows := make([]int32, len(o.Rows))
	for i, r := range o.Rows {
		if r < 0 || r >= tableRows {
			return nil, fmt.Errorf("%w: training row %d is not in 0..%d", ErrInput, r, tableRows-1)
		}
		if seen[r] {
			return nil, fmt.Errorf("%w: training row %d is listed twice", ErrInput, r)
		}
		seen[r] = true
		rows[i] = int32(r)
	}
	return rows, nil
}

// Outputs is the length of a prediction: the columns of y, or the number of classes.
func (f *Forest) Outputs() int { return f.outputs }

// Features is the length of a query.
func (f *Forest) Features() int { return f.features }

// Trees is the number of trees.
func (f *Forest) Trees() int { return len(f.trees) }

// Nodes returns a copy of a tree's nodes; the root is node 0.
func (f *Forest) Nodes(tree int) []Node {
	nodes := make([]Node, len(f.trees[tree].nodes))
	copy(nodes, f.trees[tree].nodes)
	return nodes
}
