package forest

import (
	"fmt"
	"math"
	"testing"
)

// TestMaxFeatures checks that few candidates spread the splits over features, and that constant features do not use
// a node's candidates up.
func TestMaxFeatures(t *testing.T) {
	x, y := matrices(200, 6, 1, 1)
	for i := range x {
		y[i][0] = 10*x[i][0] + x[i][1] // feature 0 wins whenever it is tried
	}
	roots := func(share float64) map[int]int {
		count := make(map[int]int)
		f := mustFit(t, x, y, Options{Trees: 120, MaxFeatures: share, MaxDepth: 1})
		for i := range f.Trees() {
			count[f.Nodes(i)[0].Feature]++
		}
		return count
	}
	if all := roots(1); all[0] != 120 {
		t.Errorf("with all features tried the roots split on %v", all)
	}
	if one := roots(1e-9); len(one) != 6 || one[0] > 40 {
		t.Errorf("with one feature tried the roots split on %v", one)
	}
	if half := roots(0.5); half[0] < 40 || half[0] > 80 {
		t.Errorf("with three of six features tried, %d of 120 roots split on the best", half[0])
	}
	for i := range x {
		for j := 1; j < 6; j++ {
			x[i][j] = 3
		}
	}
	if only := roots(1e-9); only[0] != 120 {
		t.Errorf("with one feature that varies the roots split on %v", only)
	}
}

// TestNodes checks that the structure shown explains the predictions: following it leads to the same leaf, whose
// mean is the prediction.
func TestNodes(t *testing.T) {
	x, y := matrices(80, 5, 3, 2)
	x[5][1], x[6][1] = math.NaN(), math.NaN()
	f := mustFit(t, x, y, Options{Trees: 4, MinLeaf: 3})
	for _, q := range x {
		sum := make([]float64, 3)
		for i, leaf := range f.Leaves(q) {
			nodes := f.Nodes(i)
			n := nodes[0]
			for n.Feature >= 0 {
				next := n.Right
				if v := q[n.Feature]; v <= n.Cut || (math.IsNaN(v) && n.MissingLeft) {
					next = n.Left
				}
				if n.Leaf != -1 {
					t.Fatalf("a split has leaf number %d", n.Leaf)
				}
				n = nodes[next]
			}
			if n.Leaf != leaf || n.Left != 0 || n.Right != 0 {
				t.Fatalf("tree %d leads to %+v, want leaf %d", i, n, leaf)
			}
			for k, v := range f.LeafMean(i, leaf) {
				sum[k] += v / 4
			}
		}
		sameValues(t, "prediction", f.Predict(q), sum, 1e-12)
	}
	nodes := f.Nodes(0)
	nodes[0].Cut = 1e9
	if f.Nodes(0)[0].Cut == 1e9 {
		t.Error("the structure can be changed from outside")
	}
}

func TestShape(t *testing.T) {
	x, y := matrices(30, 4, 2, 3)
	f := mustFit(t, x, y, Options{})
	if f.Trees() != 100 || f.Features() != 4 || f.Outputs() != 2 {
		t.Errorf("%d trees, %d features, %d outputs", f.Trees(), f.Features(), f.Outputs())
	}
	for name, ask := range map[string]func(){
		"Predict":   func() { f.Predict([]float64{1}) },
		"Leaves":    func() { f.Leaves(make([]float64, 5)) },
		"Proximity": func() { f.Proximity(nil) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s takes a query of the wrong length", name)
				}
			}()
			ask()
		}()
	}
}

// TestVarianceGrowsOutside checks what the variance is for: it is larger where trees disagree, in a gap of the data,
// than where there are data.
func TestVarianceGrowsOutside(t *testing.T) {
	var x, y [][]float64
	for i := range 60 {
		v := float64(i) / 60
		if i >= 30 {
			v += 4
		}
		x, y = append(x, []float64{v}), append(y, []float64{5 * float64(i/30)})
	}
	f := mustFit(t, x, y, Options{Cut: CutInGap})
	_, inside := f.PredictVariance([]float64{0.2})
	_, gap := f.PredictVariance([]float64{2.5})
	if !(gap[0] > 4 && inside[0] < 0.1) {
		t.Errorf("variance %v in the gap, %v inside", gap[0], inside[0])
	}
}

// TestProjectionKeepsMeans checks that projections are for the search only: leaves hold the outputs' exact means.
func TestProjectionKeepsMeans(t *testing.T) {
	x, y := matrices(70, 5, 40, 4)
	y[3][7] = math.NaN()
	opt := Tree()
	opt.Projection, opt.MinLeaf = 5, 6
	f := mustFit(t, x, y, opt)
	byLeaf := make(map[int][]int)
	for i := range x {
		l := f.Leaves(x[i])[0]
		byLeaf[l] = append(byLeaf[l], i)
	}
	if len(byLeaf) < 4 {
		t.Fatalf("only %d leaves", len(byLeaf))
	}
	for l, rows := range byLeaf {
		mean, count := make([]float64, 40), make([]float64, 40)
		for _, r := range rows {
			for k, v := range y[r] {
				if !math.IsNaN(v) {
					mean[k] += v
					count[k]++
				}
			}
		}
		for k := range mean {
			mean[k] /= count[k]
		}
		sameValues(t, fmt.Sprint("leaf ", l), f.LeafMean(0, l), mean, 1e-12)
	}
}

// TestProjectionIgnored checks that a projection to no fewer outputs than there are changes nothing.
func TestProjectionIgnored(t *testing.T) {
	x, y := matrices(50, 5, 4, 5)
	plain := mustFit(t, x, y, Options{Trees: 5})
	projected := mustFit(t, x, y, Options{Trees: 5, Projection: 4})
	for i := range x {
		sameValues(t, "prediction", projected.Predict(x[i]), plain.Predict(x[i]), 0)
	}
}

// TestProjectionFindsTheSplit checks that projections see what many outputs have in common.
func TestProjectionFindsTheSplit(t *testing.T) {
	x, y := matrices(100, 8, 100, 6)
	for i := range x {
		for k := range y[i] {
			y[i][k] *= 0.3
			if x[i][2] > 0.4 {
				y[i][k]++
			}
		}
	}
	f := mustFit(t, x, y, Options{Trees: 30, MaxFeatures: 1, MaxDepth: 1, Projection: 6})
	for i := range f.Trees() {
		if root := f.Nodes(i)[0]; root.Feature != 2 || math.Abs(root.Cut-0.4) > 0.25 {
			t.Errorf("tree %d splits feature %d at %v", i, root.Feature, root.Cut)
		}
	}
}

// FuzzFit checks on arbitrary data that fitting either refuses or gives trees that are sound.
func FuzzFit(f *testing.F) {
	f.Add(uint64(1), uint8(3), uint8(2), []byte{1, 2, 3, 4, 5, 6, 7, 8, 9})
	f.Add(uint64(2), uint8(1), uint8(1), []byte{255, 255, 0, 0, 254, 7})
	f.Fuzz(func(t *testing.T, seed uint64, features, outputs uint8, data []byte) {
		p, q := 1+int(features)%5, 1+int(outputs)%20
		var x, y [][]float64
		for len(data) >= p+q {
			x, y = append(x, numbers(data[:p])), append(y, numbers(data[p:p+q]))
			data = data[p+q:]
		}
		opt := Options{
			Trees: 3, Seed: seed, MinLeaf: int(seed % 4), Cut: CutRule(seed % 3), Projection: int(seed % 7), NoBootstrap: seed%5 == 0,
		}
		forest, err := Fit(x, y, opt)
		if err != nil {
			return
		}
		for _, row := range x {
			var sum float64
			for _, v := range forest.Proximity(row) {
				sum += v
			}
			if !near(sum, 1, 1e-9) {
				t.Fatalf("proximities sum to %v", sum)
			}
			_, variance := forest.PredictVariance(row)
			for _, v := range variance {
				if v < 0 {
					t.Fatalf("variance %v", v)
				}
			}
		}
	})
}

// numbers spreads bytes over special and ordinary values.
func numbers(data []byte) []float64 {
	values := make([]float64, len(data))
	for i, b := range data {
		switch {
		case b == 255:
			values[i] = math.NaN()
		case b == 254:
			values[i] = math.MaxFloat64
		case b == 253:
			values[i] = -math.MaxFloat64
		case b == 252:
			values[i] = math.SmallestNonzeroFloat64
		default:
			values[i] = float64(b%16) - 8
		}
	}
	return values
}
