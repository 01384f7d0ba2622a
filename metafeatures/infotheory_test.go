package metafeatures

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/metaml/metaml/metafeatures/dataset"
)

// TestBinCount compares with int(n ** (1/3)) in Python 3.11.
func TestBinCount(t *testing.T) {
	for n, want := range map[int]int{
		1: 1, 2: 1, 7: 1, 8: 2, 9: 2, 26: 2, 27: 3, 28: 3, 63: 3, 64: 3, 65: 4, 125: 4, 126: 5, 343: 6, 999: 9, 1000: 9,
		1001: 10, 1728: 11, 10000: 21, 99999: 46, 100000: 46,
	} {
		if got := binCount(n); got != want {
			t.Errorf("%d rows: %d bins, want %d", n, got, want)
		}
	}
}

func discretised(values []float64) codes {
	s := &sorter{items: make([]keyed, len(values)), buffer: make([]keyed, len(values))}
	items := s.sort(values)
	s.all.fill(items)
	return s.discretise(items, len(values))
}

func TestDiscretise(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name   string
		values []float64
		want   []int32
		levels int
	}{
		{"two bins, the edge below", []float64{5, 1, 4, 2, 3, 9, 8, 7, 6}, []int32{0, 0, 0, 0, 0, 1, 1, 1, 1}, 2},
		{"ties fill a bin", []float64{1, 1, 1, 1, 1, 1, 1, 1, 2}, []int32{0, 0, 0, 0, 0, 0, 0, 0, 1}, 2},
		{"constant", []float64{3, 3, 3, 3, 3, 3, 3, 3, 3}, make([]int32, 9), 1},
		{"tiny unit", []float64{5e-12, 1e-12, 4e-12, 2e-12, 3e-12, 9e-12, 8e-12, 7e-12, 6e-12}, []int32{0, 0, 0, 0, 0, 1, 1, 1, 1}, 2},
		{"missing", []float64{nan, 1, 4, 2, 3, nan, 8, 7, 6}, []int32{-1, 0, 0, 0, 0, -1, 1, 1, 1}, 2},
		{"all missing", []float64{nan, nan}, []int32{-1, -1}, 0},
	} {
		got := discretised(c.values)
		if !slices.Equal(got.code, c.want) || got.levels != c.levels {
			t.Errorf("%s: %v in %d levels, want %v in %d", c.name, got.code, got.levels, c.want, c.levels)
		}
	}
}

// TestCrosstab compares both ways of counting, and both with a count by hand, missing values included.
func TestCrosstab(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for range 50 {
		n := 1 + rng.IntN(60)
		a := codes{code: make([]int32, n), levels: 1 + rng.IntN(6)}
		b := codes{code: make([]int32, n), levels: 1 + rng.IntN(6)}
		want := make(map[[2]int32]float64)
		for i := range n {
			a.code[i], b.code[i] = int32(rng.IntN(a.levels+1))-1, int32(rng.IntN(b.levels+1))-1
			if a.code[i] >= 0 && b.code[i] >= 0 {
				want[[2]int32{a.code[i], b.code[i]}]++
			}
		}
		var dense, sparse contingency
		dense.countDense(a, b)
		sparse.countSparse(a, b)
		if !slices.Equal(dense.cells, sparse.cells) || len(dense.cells) != len(want) {
			t.Fatalf("dense %v, sparse %v, want %v", dense.cells, sparse.cells, want)
		}
		for _, c := range dense.cells {
			if want[[2]int32{c.row, c.column}] != c.count {
				t.Fatalf("cell %v, want %v", c, want)
			}
		}
	}
}

// TestCrosstabLarge checks that a table with more cells than memory should hold is counted sparsely.
func TestCrosstabLarge(t *testing.T) {
	const levels = 1 << 20
	a := codes{code: []int32{0, levels - 1, levels - 1}, levels: levels}
	table := crosstab(a, a)
	if table.total != 3 || len(table.cells) != 2 || table.rows != 2 {
		t.Errorf("%v cells, %v rows in total, %v levels", table.cells, table.total, table.rows)
	}
}

// TestConcentration checks Goodman and Kruskal's tau on tables with known values.
func TestConcentration(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b []int32
		want float64
	}{
		{"the same column", []int32{0, 0, 1, 1, 2}, []int32{0, 0, 1, 1, 2}, 1},
		{"independent", []int32{0, 0, 1, 1}, []int32{0, 1, 0, 1}, 0},
		// Rows 3:1 overall; given b = 0 always 0, given b = 1 even: (1/2 + 1/4 - 10/16) / (6/16).
		{"partly", []int32{0, 0, 0, 1}, []int32{0, 0, 1, 1}, 1.0 / 3},
		{"one row", []int32{0, 0, 0, 0}, []int32{0, 0, 1, 1}, math.NaN()},
	} {
		table := crosstab(codes{c.a, 3}, codes{c.b, 3})
		got := table.concentration()
		if !(math.Abs(got-c.want) < 1e-6) && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		reverse := crosstab(codes{c.b, 3}, codes{c.a, 3})
		if got, want := table.transposed().concentration(), reverse.concentration(); got != want && !math.IsNaN(want) {
			t.Errorf("%s: transposed %v, want %v", c.name, got, want)
		}
	}
}

// TestEntropies checks identities on a feature that tells the class and one that tells nothing, with missing values.
func TestEntropies(t *testing.T) {
	var tells, noise, labels []string
	for i := range 64 {
		labels = append(labels, fmt.Sprint(i%4))
		tells = append(tells, fmt.Sprint("l", i%4))
		noise = append(noise, fmt.Sprint("n", i/4%2))
	}
	tells[0], tells[5] = "", ""
	d := datasetOf(levelsColumn("y", labels), levelsColumn("tells", tells), levelsColumn("noise", noise))
	v := mustExtract(t, d, Options{Groups: []string{InfoTheory}, Summaries: []string{"min", "max"}}).Map()
	h := -(2*15*math.Log2(15.0/62) + 2*16*math.Log2(16.0/62)) / 62 // of the class where the feature is known
	for name, want := range map[string]float64{
		"class_ent": 2, "attr_ent.min": 1, "attr_ent.max": h, "mut_inf.min": 0, "mut_inf.max": h,
		"joint_ent.max": 3, "class_conc.max": 1, "class_conc.min": 0,
		"ns_ratio": 1 / h, "eq_num_attr": 4 / h,
	} {
		if math.Abs(v[name]-want) > 1e-5 {
			t.Errorf("%s: %v, want %v", name, v[name], want)
		}
	}
}

// TestEntropiesOfRegression checks that a numeric target is binned like a feature: their information is shared.
func TestEntropiesOfRegression(t *testing.T) {
	d := generated(300, 1, dataset.Regression, 3)
	d.Features[0].Values = d.Target.Values
	v := mustExtract(t, d, Options{Groups: []string{InfoTheory}}).Map()
	if math.Abs(v["mut_inf.mean"]-v["class_ent"]) > 1e-4 || math.Abs(v["class_conc.mean"]-1) > 1e-4 {
		t.Errorf("a copy of the target shares %v of %v bits, concentration %v", v["mut_inf.mean"], v["class_ent"], v["class_conc.mean"])
	}
	if math.Abs(v["class_ent"]-math.Log2(6)) > 1e-9 {
		t.Errorf("300 rows in 6 equal bins have %v bits", v["class_ent"])
	}
}
