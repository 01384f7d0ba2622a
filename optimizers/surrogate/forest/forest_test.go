package forest

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"runtime"
	"testing"
)

func near(a, b, tolerance float64) bool {
	return math.Abs(a-b) <= tolerance || (math.IsNaN(a) && math.IsNaN(b))
}

func sameValues(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: got %d values, want %d", what, len(got), len(want))
	}
	for i := range want {
		if !near(got[i], want[i], tolerance) {
			t.Fatalf("%s: value %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

func mustFit(t *testing.T, x, y [][]float64, opt Options) *Forest {
	t.Helper()
	f, err := Fit(x, y, opt)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func column(values ...float64) [][]float64 {
	rows := make([][]float64, len(values))
	for i, v := range values {
		rows[i] = []float64{v}
	}
	return rows
}

// TestStump checks the one split of a hand-made case: cutting 1,2,3 | 10,11 removes the most squared error.
func TestStump(t *testing.T) {
	opt := Tree()
	opt.MaxDepth = 1
	f := mustFit(t, column(1, 2, 3, 10, 11), column(0, 0, 3, 9, 9), opt)
	root := f.Nodes(0)[0]
	if root.Feature != 0 || root.Cut != 6.5 || root.Weight != 5 {
		t.Errorf("root %+v, want a cut at 6.5 over 5 rows", root)
	}
	// Around the mean 4.2 the squared error is 82.8; around 1 and 9 it is 6.
	if !near(root.Gain, 76.8, 1e-9) {
		t.Errorf("gain %v, want 76.8", root.Gain)
	}
	for _, c := range []struct{ x, mean, variance float64 }{{0, 1, 2}, {6.5, 1, 2}, {6.6, 9, 0}} {
		mean, variance := f.PredictVariance([]float64{c.x})
		if !near(mean[0], c.mean, 1e-12) || !near(variance[0], c.variance, 1e-12) {
			t.Errorf("at %v: mean %v, variance %v, want %v, %v", c.x, mean[0], variance[0], c.mean, c.variance)
		}
	}
	if l := f.LeafMean(0, 1); l[0] != 9 {
		t.Errorf("mean of the right leaf %v, want 9", l[0])
	}
}

// TestMissingFeature checks that missing values go where they fit, and to the larger side if none was seen.
func TestMissingFeature(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name       string
		x, y       [][]float64
		query, out float64
	}{
		{"with the high ones", column(1, 2, 3, 4, nan, nan), column(0, 0, 5, 5, 5, 5), nan, 5},
		{"with the low ones", column(1, 2, 3, 4, nan, nan), column(0, 0, 5, 5, 0, 0), nan, 0},
		{"alone", column(1, 2, 3, nan, nan), column(1, 1, 1, 7, 7), nan, 7},
		{"alone, others right", column(1, 2, 3, nan, nan), column(1, 1, 1, 7, 7), 99, 1},
		{"unseen, majority left", column(1, 2, 3, 4), column(0, 0, 0, 8), nan, 0},
		{"unseen, majority right", column(1, 2, 3, 4), column(8, 0, 0, 0), nan, 0},
	} {
		for _, cut := range []CutRule{CutMidpoint, CutInGap, CutRandom} {
			opt := Tree()
			opt.Cut = cut
			f := mustFit(t, c.x, c.y, opt)
			if cut == CutRandom && f.Nodes(0)[0].Weight != float64(len(c.x)) {
				t.Errorf("%s: root weight %v", c.name, f.Nodes(0)[0].Weight)
			}
			for i := range c.x {
				if got := f.Predict(c.x[i]); !math.IsNaN(c.x[i][0]) && got[0] != c.y[i][0] {
					t.Errorf("%s, cut %d: training row %d predicts %v, want %v", c.name, cut, i, got[0], c.y[i][0])
				}
			}
			if got := f.Predict([]float64{c.query})[0]; cut != CutRandom && got != c.out {
				t.Errorf("%s, cut %d: %v predicts %v, want %v", c.name, cut, c.query, got, c.out)
			}
		}
	}
}

// TestMissingOutputs checks that splits and leaves use the cells that are there, and that a leaf without any takes
// the mean of the node above.
func TestMissingOutputs(t *testing.T) {
	nan := math.NaN()
	x := column(1, 2, 3, 4)
	y := [][]float64{{0, 4, nan}, {0, nan, nan}, {6, nan, nan}, {6, nan, nan}}
	f := mustFit(t, x, y, Tree())
	if cut := f.Nodes(0)[0].Cut; cut != 2.5 {
		t.Errorf("cut at %v, want 2.5", cut)
	}
	sameValues(t, "left", f.Predict([]float64{1}), []float64{0, 4, nan}, 0)
	sameValues(t, "right", f.Predict([]float64{4}), []float64{6, 4, nan}, 0)
	mean, variance := f.PredictVariance([]float64{4})
	sameValues(t, "right mean", mean, []float64{6, 4, nan}, 0)
	sameValues(t, "right variance", variance, []float64{0, 0, nan}, 0)
}

// TestPartialAgreesWithComplete compares the two regression criteria on complete data.
func TestPartialAgreesWithComplete(t *testing.T) {
	x, y := matrices(60, 6, 3, 3)
	complete := mustFit(t, x, y, Options{Trees: 5, MinLeaf: 2, Seed: 4})
	withHole := make([][]float64, len(y))
	for i := range y {
		withHole[i] = append(append([]float64(nil), y[i]...), math.NaN())
	}
	partial := mustFit(t, x, withHole, Options{Trees: 5, MinLeaf: 2, Seed: 4})
	for i := range x {
		want, got := complete.Predict(x[i]), partial.Predict(x[i])
		sameValues(t, fmt.Sprint("row ", i), got[:3], want, 1e-9)
		if !math.IsNaN(got[3]) {
			t.Fatalf("an output without any value predicts %v", got[3])
		}
	}
}

type reference struct {
	X, Y    [][]float64
	Classes []int
	Cases   []struct {
		Depth, Leaf             int
		Rows, Both, Probability [][]float64
		One                     []float64
	}
}

// TestAgainstScikitLearn compares single trees with scikit-learn's; testdata/reference.py makes the file.
func TestAgainstScikitLearn(t *testing.T) {
	data, err := os.ReadFile("testdata/tree.json")
	if err != nil {
		t.Fatal(err)
	}
	var ref reference
	if err := json.Unmarshal(data, &ref); err != nil {
		t.Fatal(err)
	}
	first := make([][]float64, len(ref.Y))
	for i, row := range ref.Y {
		first[i] = row[:1]
	}
	for _, c := range ref.Cases {
		opt := Tree()
		opt.MaxDepth, opt.MinLeaf = c.Depth, c.Leaf
		both, one := mustFit(t, ref.X, ref.Y, opt), mustFit(t, ref.X, first, opt)
		gini, err := FitClasses(ref.X, ref.Classes, opt)
		if err != nil {
			t.Fatal(err)
		}
		for i, q := range c.Rows {
			what := fmt.Sprintf("depth %d, leaf %d, row %d", c.Depth, c.Leaf, i)
			sameValues(t, what+", two outputs", both.Predict(q), c.Both[i], 1e-9)
			sameValues(t, what+", one output", one.Predict(q), c.One[i:i+1], 1e-9)
			sameValues(t, what+", classes", gini.Predict(q), c.Probability[i], 1e-9)
		}
	}
}

// TestUnlimitedTreeReproduces checks that an unlimited tree predicts its training rows exactly, by every cut rule.
func TestUnlimitedTreeReproduces(t *testing.T) {
	for _, outputs := range []int{1, 3, 30} {
		x, y := matrices(80, 7, outputs, 5)
		for _, cut := range []CutRule{CutMidpoint, CutInGap, CutRandom} {
			opt := Tree()
			opt.Cut = cut
			f := mustFit(t, x, y, opt)
			for i := range x {
				sameValues(t, fmt.Sprintf("%d outputs, cut %d, row %d", outputs, cut, i), f.Predict(x[i]), y[i], 1e-12)
			}
		}
	}
}

// TestLimits checks MinLeaf and MaxDepth on every tree of a forest, and the cut rules' ranges.
func TestLimits(t *testing.T) {
	x, y := matrices(150, 8, 4, 6)
	for _, cut := range []CutRule{CutMidpoint, CutInGap, CutRandom} {
		f := mustFit(t, x, y, Options{Trees: 20, MinLeaf: 4, MaxDepth: 5, Cut: cut})
		for i := range f.Trees() {
			nodes := f.Nodes(i)
			if d := depth(nodes, 0); d > 5 {
				t.Errorf("cut %d, tree %d is %d deep, want at most 5", cut, i, d)
			}
			for k := range nodes {
				n := f.trees[i].nodes[k]
				if rows := int(n.hi - n.lo); rows < 4 {
					t.Errorf("cut %d, tree %d, node %d has %d rows, want at least 4", cut, i, k, rows)
				}
				if n.Feature >= 0 && (n.Gain < -1e-9 || nodes[n.Left].Weight+nodes[n.Right].Weight != n.Weight) {
					t.Errorf("cut %d, tree %d, node %d: gain %v, weight %v of children %v and %v", cut, i, k,
						n.Gain, n.Weight, nodes[n.Left].Weight, nodes[n.Right].Weight)
				}
			}
		}
	}
}

func depth(nodes []Node, at int) int {
	if nodes[at].Feature < 0 {
		return 0
	}
	return 1 + max(depth(nodes, nodes[at].Left), depth(nodes, nodes[at].Right))
}

// TestCutInGap checks that cuts fall anywhere between the two neighbours and nowhere else.
func TestCutInGap(t *testing.T) {
	low, high := math.Inf(1), math.Inf(-1)
	for seed := range uint64(200) {
		opt := Tree()
		opt.Cut, opt.Seed = CutInGap, seed
		cut := mustFit(t, column(0, 1, 3, 4), column(0, 0, 1, 1), opt).Nodes(0)[0].Cut
		low, high = min(low, cut), max(high, cut)
	}
	if low < 1 || high >= 3 || low > 1.1 || high < 2.9 {
		t.Errorf("cuts range over [%v, %v], want nearly all of [1, 3)", low, high)
	}
	for _, v := range [][2]float64{{-math.MaxFloat64, math.MaxFloat64}, {1, math.Nextafter(1, 2)}, {0, math.SmallestNonzeroFloat64}} {
		for _, share := range []float64{0, 0.5, math.Nextafter(1, 0)} {
			if cut := drawBetween(v[0], v[1], share); !(cut >= v[0] && cut < v[1]) {
				t.Errorf("cut %v is not in [%v, %v)", cut, v[0], v[1])
			}
		}
	}
}

// TestVariance checks the law of total variance against its definition.
func TestVariance(t *testing.T) {
	x, y := matrices(100, 5, 2, 8)
	f := mustFit(t, x, y, Options{Trees: 15, MinLeaf: 6, Seed: 1})
	q := x[3]
	mean, variance := f.PredictVariance(q)
	leaves := f.Leaves(q)
	for k := range 2 {
		var within, sum, squares float64
		for i := range f.Trees() {
			tr := &f.trees[i]
			n := tr.nodes[tr.leaves[leaves[i]]]
			var w, s, ss float64
			for j := n.lo; j < n.hi; j++ {
				v := y[tr.samples[j]][k]
				w, s, ss = w+tr.weights[j], s+tr.weights[j]*v, ss+tr.weights[j]*v*v
			}
			within += ss/w - s/w*s/w
			sum += s / w
			squares += s / w * s / w
		}
		n := float64(f.Trees())
		if want := sum / n; !near(mean[k], want, 1e-9) {
			t.Errorf("output %d: mean %v, want %v", k, mean[k], want)
		}
		if want := within/n + squares/n - sum/n*sum/n; !near(variance[k], want, 1e-9) {
			t.Errorf("output %d: variance %v, want %v", k, variance[k], want)
		}
	}
}

// TestManyOutputs checks that means computed when asked for are those that would have been kept.
func TestManyOutputs(t *testing.T) {
	x, y := matrices(60, 5, keptOutputs+4, 8)
	f := mustFit(t, x, y, Options{Trees: 10, MinLeaf: 3})
	if f.trees[0].mean != nil {
		t.Fatal("leaf means are kept for many outputs")
	}
	for i := range f.trees {
		for leaf := range f.trees[i].leaves {
			n := f.trees[i].nodes[f.trees[i].leaves[leaf]]
			var w, s float64
			for j := n.lo; j < n.hi; j++ {
				w += f.trees[i].weights[j]
				s += f.trees[i].weights[j] * y[f.trees[i].samples[j]][7]
			}
			if got := f.LeafMean(i, leaf)[7]; !near(got, s/w, 1e-12) {
				t.Fatalf("tree %d, leaf %d: mean %v, want %v", i, leaf, got, s/w)
			}
		}
	}
}

// TestForestLearns checks that averaging beats a single tree on data it has not seen, with every cut rule and with
// projected outputs.
func TestForestLearns(t *testing.T) {
	x, y := matrices(400, 6, 12, 9)
	train, test := make([]int, 300), make([]int, 100)
	for i := range train {
		train[i] = i
	}
	for i := range test {
		test[i] = 300 + i
	}
	table, err := NewTable(x)
	if err != nil {
		t.Fatal(err)
	}
	loss := func(opt Options) float64 {
		opt.Rows = train
		f, err := table.Fit(y, opt)
		if err != nil {
			t.Fatal(err)
		}
		var sum float64
		for _, i := range test {
			for k, p := range f.Predict(x[i]) {
				sum += (p - y[i][k]) * (p - y[i][k])
			}
		}
		return sum
	}
	tree := loss(Tree())
	for _, opt := range []Options{
		{Trees: 60}, {Trees: 60, Cut: CutInGap}, {Trees: 60, Cut: CutRandom}, {Trees: 60, Projection: 4},
	} {
		if got := loss(opt); got > 0.7*tree {
			t.Errorf("%+v: squared error %v, a single tree has %v", opt, got, tree)
		}
	}
}

// TestDeterminism checks that the result depends on the seed and on nothing else.
func TestDeterminism(t *testing.T) {
	x, y := matrices(90, 8, 20, 10)
	opt := Options{Trees: 30, MinLeaf: 2, Projection: 6, Cut: CutInGap, Seed: 5, Workers: 1}
	want := mustFit(t, x, y, opt)
	for _, workers := range []int{0, 2, 7} {
		opt.Workers = workers
		got := mustFit(t, x, y, opt)
		if !reflect.DeepEqual(want.trees, got.trees) {
			t.Errorf("%d workers grow other trees than one", workers)
		}
	}
	before := runtime.GOMAXPROCS(1)
	got := mustFit(t, x, y, opt)
	runtime.GOMAXPROCS(before)
	if !reflect.DeepEqual(want.trees, got.trees) {
		t.Error("GOMAXPROCS=1 grows other trees")
	}
	opt.Trees = 10
	if !reflect.DeepEqual(want.trees[:10], mustFit(t, x, y, opt).trees) {
		t.Error("the first ten trees depend on how many follow")
	}
	opt.Seed++
	if reflect.DeepEqual(want.trees[:10], mustFit(t, x, y, opt).trees) {
		t.Error("another seed grows the same trees")
	}
}

// TestClassProbabilities checks that probabilities are such, and that unseen classes in between get none.
func TestClassProbabilities(t *testing.T) {
	x, _ := matrices(90, 4, 1, 11)
	classes := make([]int, len(x))
	for i := range x {
		if x[i][0] > 0 {
			classes[i] = 2
		}
	}
	f, err := FitClasses(x, classes, Options{Trees: 25, Cut: CutRandom})
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for i := range x {
		p := f.Predict(x[i])
		if len(p) != 3 || p[1] != 0 || !near(p[0]+p[2], 1, 1e-12) {
			t.Fatalf("row %d: probabilities %v", i, p)
		}
		if p[classes[i]] > 0.5 {
			right++
		}
	}
	if right < 80 {
		t.Errorf("%d of 90 training rows are recognised", right)
	}
}

// TestTinyScale checks that trees do not depend on the unit of the target.
func TestTinyScale(t *testing.T) {
	x, y := matrices(50, 4, 1, 12)
	small := make([][]float64, len(y))
	for i := range y {
		small[i] = []float64{y[i][0] * 0x1p-60}
	}
	a, b := mustFit(t, x, y, Tree()), mustFit(t, x, small, Tree())
	for i := range x {
		if got, want := b.Predict(x[i])[0]*0x1p60, a.Predict(x[i])[0]; got != want {
			t.Fatalf("row %d: %v in small units, %v in large ones", i, got, want)
		}
	}
}

// TestLargeTable checks the other way of ordering rows, which small nodes of large tables use.
func TestLargeTable(t *testing.T) {
	x, y := matrices(3000, 1, 1, 13)
	table, err := NewTable(x)
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]int, 4)
	subset, targets := make([][]float64, len(rows)), make([][]float64, len(rows))
	for i := range rows {
		rows[i] = i * 700
		subset[i], targets[i] = x[rows[i]], y[rows[i]]
	}
	opt := Tree()
	want := mustFit(t, subset, targets, opt)
	opt.Rows = rows
	got, err := table.Fit(y, opt)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		sameValues(t, fmt.Sprint("row ", i), got.Predict(x[i]), want.Predict(x[i]), 1e-12)
	}
}

// TestAllocations checks that growing allocates per tree, not per node or candidate.
func TestAllocations(t *testing.T) {
	x, y := matrices(300, 10, 2, 14)
	table, err := NewTable(x)
	if err != nil {
		t.Fatal(err)
	}
	const trees = 50
	opt := Options{Trees: trees, MinLeaf: 2, Workers: 1}
	allocations := testing.AllocsPerRun(3, func() {
		if _, err := table.Fit(y, opt); err != nil {
			t.Fatal(err)
		}
	})
	if perTree := allocations / trees; perTree > 40 {
		t.Errorf("%v allocations per tree of about 100 leaves, want at most 40", perTree)
	}
}
