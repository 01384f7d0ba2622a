package forest

import (
	"fmt"
	"math"
)

// keptOutputs is up to how many outputs the leaves' means are kept; beyond it they would dwarf the training data
// and are computed from the leaf's rows when asked for.
const keptOutputs = 16

// leaf returns the number of the leaf that x falls into.
func (t *tree) leaf(x []float64) int {
	n := &t.nodes[0]
	for n.Feature >= 0 {
		if n.goesLeft(x[n.Feature]) {
			n = &t.nodes[n.Left]
		} else {
			n = &t.nodes[n.Right]
		}
	}
	return n.Leaf
}

// summarise keeps the leaves' means and variances where there are few outputs.
func (t *tree) summarise(target target) {
	k := target.outputs()
	if k > keptOutputs {
		return
	}
	mean, variance := make([]float64, len(t.leaves)*k), make([]float64, len(t.leaves)*k)
	for leaf := range t.leaves {
		t.leafSummary(target, leaf, mean[leaf*k:(leaf+1)*k], variance[leaf*k:(leaf+1)*k])
	}
	t.mean, t.variance = mean, variance
}

// leafSummary writes a leaf's means and variances. An output without any cell in the leaf takes those of the
// nearest node above that has one, NaN if none has.
func (t *tree) leafSummary(target target, leaf int, mean, variance []float64) {
	if k := len(mean); t.mean != nil {
		copy(mean, t.mean[leaf*k:])
		copy(variance, t.variance[leaf*k:])
		return
	}
	node := &t.nodes[t.leaves[leaf]]
	target.summarise(mean, variance, t.samples[node.lo:node.hi], t.weights[node.lo:node.hi])
	if !hasNaN(mean) {
		return
	}
	aboveMean, aboveVariance := make([]float64, len(mean)), make([]float64, len(mean))
	for node.parent >= 0 && hasNaN(mean) {
		node = &t.nodes[node.parent]
		target.summarise(aboveMean, aboveVariance, t.samples[node.lo:node.hi], t.weights[node.lo:node.hi])
		for k, m := range mean {
			if math.IsNaN(m) {
				mean[k], variance[k] = aboveMean[k], aboveVariance[k]
			}
		}
	}
}

func hasNaN(values []float64) bool {
	for _, v := range values {
		if math.IsNaN(v) {
			return true
		}
	}
	return false
}

// check panics on a query of the wrong length, which no data can cause.
func (f *Forest) check(x []float64) {
	if len(x) != f.features {
		panic(fmt.Sprintf("forest: query of %d values for a forest of %d features", len(x), f.features))
	}
}

// Predict returns the mean over trees of the leaves' means, one value per output: the expected outputs, or the
// class probabilities. An output that no tree has seen is NaN. It panics if x has not Features() values.
func (f *Forest) Predict(x []float64) []float64 {
	mean, _ := f.PredictVariance(x)
	return mean
}

// PredictVariance returns mean and variance of every output by the law of total variance: the mean over trees of
// the leaves' variances plus the variance over trees of the leaves' means (Hutter et al. 2014).
func (f *Forest) PredictVariance(x []float64) (mean, variance []float64) {
	f.check(x)
	k := f.outputs
	memory := make([]float64, 6*k)
	mean, variance = memory[:k:k], memory[k:2*k:2*k]
	squares, count, m, v := memory[2*k:3*k], memory[3*k:4*k], memory[4*k:5*k], memory[5*k:]
	for i := range f.trees {
		t := &f.trees[i]
		t.leafSummary(f.target, t.leaf(x), m, v)
		for k := range m {
			if math.IsNaN(m[k]) {
				continue
			}
			// Welford's update keeps the variance of means exact where they are large and close.
			count[k]++
			delta := m[k] - mean[k]
			mean[k] += delta / count[k]
			squares[k] += delta * (m[k] - mean[k])
			variance[k] += (v[k] - variance[k]) / count[k]
		}
	}
	for k, n := range count {
		if n == 0 {
			mean[k], variance[k] = math.NaN(), math.NaN()
			continue
		}
		variance[k] += squares[k] / n
	}
	return mean, variance
}

// Leaves returns the leaf of every tree that x falls into, numbered from 0 within the tree.
func (f *Forest) Leaves(x []float64) []int {
	f.check(x)
	leaves := make([]int, len(f.trees))
	for i := range f.trees {
		leaves[i] = f.trees[i].leaf(x)
	}
	return leaves
}

// LeafMean returns the means of the outputs in one leaf.
func (f *Forest) LeafMean(tree, leaf int) []float64 {
	mean, variance := make([]float64, f.outputs), make([]float64, f.outputs)
	f.trees[tree].leafSummary(f.target, leaf, mean, variance)
	return mean
}
