package forest

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// scenario is a small random training set: few distinct values, holes in x and, if asked for, in y.
type scenario struct {
	x, y    [][]float64
	classes []int
}

func newScenario(rng *rand.Rand, holes bool) scenario {
	n, features, outputs := 2+rng.IntN(12), 1+rng.IntN(3), 1+rng.IntN(3)
	var s scenario
	for range n {
		x, y := make([]float64, features), make([]float64, outputs)
		for j := range x {
			x[j] = float64(rng.IntN(5))
			if rng.IntN(5) == 0 {
				x[j] = math.NaN()
			}
		}
		for k := range y {
			y[k] = float64(rng.IntN(8))
			if holes && rng.IntN(4) == 0 {
				y[k] = math.NaN()
			}
		}
		s.x, s.y = append(s.x, x), append(s.y, y)
		s.classes = append(s.classes, rng.IntN(4))
	}
	return s
}

// squaredError is the sum over outputs of squared deviations from the mean of the cells that are there.
func squaredError(y [][]float64, rows []int) float64 {
	var sum float64
	for k := range y[0] {
		var cells []float64
		var mean float64
		for _, r := range rows {
			if v := y[r][k]; !math.IsNaN(v) {
				cells = append(cells, v)
				mean += v
			}
		}
		for _, v := range cells {
			sum += (v - mean/float64(len(cells))) * (v - mean/float64(len(cells)))
		}
	}
	return sum
}

// bestGain tries every split of every feature with the missing rows on either side, and "present against missing".
func bestGain(s scenario, minLeaf int) float64 {
	all := make([]int, len(s.x))
	for i := range all {
		all[i] = i
	}
	best := math.Inf(-1)
	try := func(left func(x []float64) bool) {
		var a, b []int
		for i, x := range s.x {
			if left(x) {
				a = append(a, i)
			} else {
				b = append(b, i)
			}
		}
		if len(a) >= minLeaf && len(b) >= minLeaf {
			best = max(best, squaredError(s.y, all)-squaredError(s.y, a)-squaredError(s.y, b))
		}
	}
	for j := range s.x[0] {
		for cut := 0.0; cut < 5; cut++ {
			try(func(x []float64) bool { return x[j] <= cut })
			try(func(x []float64) bool { return !(x[j] > cut) })
		}
	}
	return best
}

// oneHot writes classes as indicator columns.
func oneHot(classes []int) [][]float64 {
	width := slices.Max(classes) + 1
	y := make([][]float64, len(classes))
	for i, c := range classes {
		y[i] = make([]float64, width)
		y[i][c] = 1
	}
	return y
}

// TestBestSplit compares the root's gain with that of the best of all splits, found by trying every one, for all
// three criteria.
func TestBestSplit(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	splits := 0
	for i := range 600 {
		s := newScenario(rng, i%3 == 1)
		opt := Tree()
		opt.MaxDepth, opt.MinLeaf = 1, 1+rng.IntN(3)
		var f *Forest
		if i%3 == 2 {
			s.y = oneHot(s.classes)
			var err error
			if f, err = FitClasses(s.x, s.classes, opt); err != nil {
				t.Fatal(err)
			}
		} else {
			f = mustFit(t, s.x, s.y, opt)
		}
		root := f.Nodes(0)[0]
		want := bestGain(s, opt.MinLeaf)
		all := make([]int, len(s.x))
		for r := range all {
			all[r] = r
		}
		if root.Feature < 0 {
			if !math.IsInf(want, -1) && squaredError(s.y, all) > 1e-9 {
				t.Fatalf("case %d: no split, but one gains %v", i, want)
			}
			continue
		}
		splits++
		if math.Abs(root.Gain-want) > 1e-9 {
			t.Fatalf("case %d: gain %v, the best possible is %v\nx %v\ny %v", i, root.Gain, want, s.x, s.y)
		}
	}
	if splits < 300 {
		t.Errorf("only %d of 600 cases had a split", splits)
	}
}

// TestGainIsReal checks, for random cuts too, that the gain of every node is what its rows' errors say.
func TestGainIsReal(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range 200 {
		s := newScenario(rng, i%2 == 1)
		opt := Tree()
		opt.Cut, opt.Seed = []CutRule{CutMidpoint, CutInGap, CutRandom}[i%3], uint64(i)
		f := mustFit(t, s.x, s.y, opt)
		tr := f.trees[0]
		rows := func(n Node) []int {
			var out []int
			for _, r := range tr.samples[n.lo:n.hi] {
				out = append(out, int(r))
			}
			return out
		}
		for k, n := range tr.nodes {
			if n.Feature < 0 {
				continue
			}
			left, right := tr.nodes[n.Left], tr.nodes[n.Right]
			want := squaredError(s.y, rows(n)) - squaredError(s.y, rows(left)) - squaredError(s.y, rows(right))
			if math.Abs(n.Gain-want) > 1e-9 {
				t.Fatalf("case %d, node %d: gain %v, want %v", i, k, n.Gain, want)
			}
			for _, r := range rows(left) {
				if !goesLeft(s.x[r][n.Feature], n.Cut, n.MissingLeft) {
					t.Fatalf("case %d, node %d: row %d is on the wrong side", i, k, r)
				}
			}
		}
	}
}

// TestBootstrapWeights checks that rows drawn several times weigh as much as the same rows written several times.
func TestBootstrapWeights(t *testing.T) {
	x, y := matrices(40, 1, 2, 5)
	f := mustFit(t, x, y, Options{Trees: 1, MaxFeatures: 1, MaxDepth: 3, Seed: 9})
	tr := f.trees[0]
	var repeatedX, repeatedY [][]float64
	var drawn float64
	for i, r := range tr.samples {
		drawn += tr.weights[i]
		for range int(tr.weights[i]) {
			repeatedX, repeatedY = append(repeatedX, x[r]), append(repeatedY, y[r])
		}
	}
	if drawn != 40 || len(tr.samples) == 40 {
		t.Fatalf("%v rows drawn, %d distinct", drawn, len(tr.samples))
	}
	opt := Tree()
	opt.MaxDepth = 3
	want := mustFit(t, repeatedX, repeatedY, opt)
	for i := range x {
		sameValues(t, "prediction", f.Predict(x[i]), want.Predict(x[i]), 1e-9)
	}
}

// TestBagSize checks that a bag holds about 63 % of the rows, the share that is drawn at all.
func TestBagSize(t *testing.T) {
	x, y := matrices(500, 2, 1, 6)
	f := mustFit(t, x, y, Options{Trees: 20, MinLeaf: 50})
	var distinct float64
	for _, tr := range f.trees {
		distinct += float64(len(tr.samples)) / 500 / 20
	}
	if math.Abs(distinct-(1-1/math.E)) > 0.02 {
		t.Errorf("bags hold %v of the rows", distinct)
	}
}

// TestRowsAreASubset checks that training on rows of a table is training on a table of those rows.
func TestRowsAreASubset(t *testing.T) {
	x, y := matrices(90, 5, 3, 7)
	x[4][2], x[50][2] = math.NaN(), math.NaN()
	var rows []int
	var partX, partY [][]float64
	for i := range x {
		if i%2 == 0 || i == 7 {
			rows = append(rows, i)
			partX, partY = append(partX, x[i]), append(partY, y[i])
		}
	}
	table, err := NewTable(x)
	if err != nil {
		t.Fatal(err)
	}
	for _, cut := range []CutRule{CutMidpoint, CutInGap, CutRandom} {
		opt := Options{Trees: 8, MinLeaf: 2, Seed: 1, Cut: cut}
		want := mustFit(t, partX, partY, opt)
		opt.Rows = rows
		got, err := table.Fit(y, opt)
		if err != nil {
			t.Fatal(err)
		}
		for i := range x {
			sameValues(t, "prediction", got.Predict(x[i]), want.Predict(x[i]), 1e-9)
		}
		p, q := got.Proximity(x[3]), want.Proximity(x[3])
		for k, r := range rows {
			if !near(p[r], q[k], 1e-12) {
				t.Fatalf("cut %d: proximity of row %d is %v, want %v", cut, r, p[r], q[k])
			}
		}
	}
}
