package forest

import (
	"errors"
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"
)

// nominalCase is a small training set of one nominal feature with holes and one output.
func nominalCase(rng *rand.Rand, choices int) (x, y [][]float64) {
	for range 3 + rng.IntN(20) {
		v := float64(rng.IntN(choices))
		if rng.IntN(6) == 0 {
			v = math.NaN()
		}
		x, y = append(x, []float64{v}), append(y, []float64{float64(rng.IntN(9))})
	}
	return x, y
}

// TestBestChoices compares the root's gain with that of the best of all divisions into two sets, found by trying every
// one: that it is enough to look at neighbours in the order of means is Fisher's theorem.
func TestBestChoices(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	const choices = 6
	for i := range 300 {
		x, y := nominalCase(rng, choices)
		all := make([]int, len(x))
		for r := range all {
			all[r] = r
		}
		best := 0.0
		for set := range uint64(1) << choices {
			for _, missingLeft := range []bool{false, true} {
				var a, b []int
				for r := range x {
					if among(x[r][0], set, missingLeft) {
						a = append(a, r)
					} else {
						b = append(b, r)
					}
				}
				if len(a) > 0 && len(b) > 0 {
					best = max(best, squaredError(y, all)-squaredError(y, a)-squaredError(y, b))
				}
			}
		}
		opt := Tree()
		opt.MaxDepth, opt.Nominal, opt.Cut = 1, []int{choices}, CutRule(i%2)
		root := mustFit(t, x, y, opt).Nodes(0)[0]
		if got := max(root.Gain, 0); math.Abs(got-best) > 1e-9 {
			t.Fatalf("case %d: gain %v, the best possible is %v\nx %v\ny %v", i, got, best, x, y)
		}
	}
}

// TestRandomChoices checks that random divisions separate what is present, reach every division of three choices, and
// send a choice that no row has to either side.
func TestRandomChoices(t *testing.T) {
	x, y := column(0, 1, 2, 0, 1, 2), column(0, 5, 9, 0, 5, 9)
	seen := map[uint64]bool{}
	f := mustFit(t, x, y, Options{Trees: 200, Nominal: []int{4}, Cut: CutRandom, NoBootstrap: true, MaxFeatures: 1})
	for i := range f.Trees() {
		root := f.Nodes(i)[0]
		if here := bits.OnesCount64(root.Choices & 7); here == 0 || here == 3 {
			t.Fatalf("tree %d sends %b left", i, root.Choices)
		}
		seen[root.Choices] = true
	}
	if len(seen) != 12 {
		t.Errorf("%d different divisions, want 6 of those present times 2 of the absent one", len(seen))
	}
	for i := range x {
		if m, v := f.PredictVariance(x[i]); math.Abs(m[0]-y[i][0]) > 1e-12 || v[0] > 1e-12 {
			t.Errorf("row %d is predicted %v, variance %v", i, m, v)
		}
	}
	if _, v := f.PredictVariance([]float64{3}); v[0] < 4 {
		t.Errorf("about a choice never seen the trees agree: variance %v", v)
	}
}

// TestGainOfChoicesIsReal checks the gain of every node against its rows' errors, and that rows are on the right side.
func TestGainOfChoicesIsReal(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	for i := range 100 {
		x, y := nominalCase(rng, 5)
		for r := range x {
			x[r] = append(x[r], rng.Float64())
		}
		opt := Tree()
		opt.Nominal, opt.Cut, opt.Seed = []int{5, 0}, CutRule(i%3), uint64(i)
		f := mustFit(t, x, y, opt)
		tr := f.trees[0]
		for k := range tr.nodes {
			n := tr.nodes[k]
			if n.Feature < 0 {
				continue
			}
			var sides [3][]int
			for side, node := range []Node{n, tr.nodes[n.Left], tr.nodes[n.Right]} {
				for _, r := range tr.samples[node.lo:node.hi] {
					sides[side] = append(sides[side], int(r))
				}
			}
			want := squaredError(y, sides[0]) - squaredError(y, sides[1]) - squaredError(y, sides[2])
			if math.Abs(n.Gain-want) > 1e-9 {
				t.Fatalf("case %d, node %d: gain %v, want %v", i, k, n.Gain, want)
			}
			for _, r := range sides[1] {
				if !n.goesLeft(x[r][n.Feature]) {
					t.Fatalf("case %d, node %d: row %d is on the wrong side", i, k, r)
				}
			}
		}
	}
}

// TestNominalRefused lists what cannot be used.
func TestNominalRefused(t *testing.T) {
	x, y := column(0, 1, 2), column(1, 2, 3)
	for name, c := range map[string]struct {
		x, y    [][]float64
		nominal []int
	}{
		"too few entries":  {x, y, []int{}},
		"a code too large": {x, y, []int{2}},
		"a fraction":       {column(0, 0.5, 1), y, []int{3}},
		"a negative code":  {column(0, -1, 1), y, []int{3}},
		"65 choices":       {x, y, []int{65}},
		"two outputs":      {x, [][]float64{{1, 2}, {3, 4}, {5, 6}}, []int{3}},
	} {
		if _, err := Fit(c.x, c.y, Options{Nominal: c.nominal}); !errors.Is(err, ErrInput) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, err := Fit(column(0, 63), column(1, 2), Options{Nominal: []int{64}}); err != nil {
		t.Errorf("64 choices: %v", err)
	}
}
