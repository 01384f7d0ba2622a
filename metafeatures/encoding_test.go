package metafeatures

import (
	"context"
	"math"
	"slices"
	"testing"
)

// TestEncoding checks which dummy columns there are: of the first categorical feature all levels, of the second all
// but the first by label; and that a dummy is missing where the category is.
func TestEncoding(t *testing.T) {
	d := datasetOf(levelsColumn("y", []string{"n", "y", "n", "y"}),
		levelsColumn("colour", []string{"red", "blue", "", "red"}),
		numberColumn("x", []float64{1, 2, math.NaN(), 4}),
		levelsColumn("size", []string{"s", "m", "l", "m"}),
	)
	x := newTestExtraction(t, d, Options{})
	e, err := x.encode()
	if err != nil {
		t.Fatal(err)
	}
	nan := math.NaN()
	want := [][]float64{
		{1, 2, nan, 4}, // x
		{0, 1, nan, 0}, // colour = blue
		{1, 0, nan, 1}, // colour = red
		{0, 1, 0, 1},   // size = m
		{1, 0, 0, 0},   // size = s
	}
	got := e.matrix(x, x.rows)
	if len(got) != len(want) {
		t.Fatalf("%d columns, want %d", len(got), len(want))
	}
	for j := range want {
		for i := range want[j] {
			if got[j][i] != want[j][i] && !(math.IsNaN(got[j][i]) && math.IsNaN(want[j][i])) {
				t.Errorf("column %d: %v, want %v", j, got[j], want[j])
				break
			}
		}
	}
	if rows := e.matrix(x, []int32{3}); rows[0][0] != 4 || rows[4][0] != 0 {
		t.Errorf("row 3 alone: %v", rows)
	}
}

// TestNarrowed checks the places of numeric columns and dummies, and that the most frequent dummies stay.
func TestNarrowed(t *testing.T) {
	x := newTestExtraction(t, datasetOf(levelsColumn("y", []string{"a", "b"}), numberColumn("x", []float64{1, 2})), Options{})
	for _, c := range []struct{ numeric, dummies, limit, wantNumeric, wantDummies int }{
		{3, 3, 6, 3, 3},
		{10, 10, 6, 3, 3},
		{10, 1, 6, 5, 1},
		{1, 10, 6, 1, 5},
		{10, 0, 6, 6, 0},
		{0, 10, 6, 0, 6},
		{10, 10, 1, 1, 0},
	} {
		e := &encoding{}
		for i := range c.numeric {
			e.columns = append(e.columns, encodedColumn{feature: i, level: -1})
		}
		for i := range c.dummies {
			e.columns = append(e.columns, encodedColumn{feature: 100, level: i, ones: i * 7 % 11})
		}
		e.total = len(e.columns)
		n := e.narrowed(x, c.limit)
		var numeric, dummies, least, left int
		least = 99
		for _, column := range n.columns {
			if column.level < 0 {
				numeric++
				continue
			}
			dummies++
			least = min(least, column.ones)
		}
		for _, column := range e.columns {
			if column.level >= 0 && !slices.Contains(n.columns, column) {
				left = max(left, column.ones)
			}
		}
		if numeric != c.wantNumeric || dummies != c.wantDummies || left > least {
			t.Errorf("%+v: %d numeric, %d dummies, the rarest %d times, one left out %d times", c, numeric, dummies, least, left)
		}
		if !slices.IsSortedFunc(n.columns, func(a, b encodedColumn) int { return a.feature*100 + a.level - b.feature*100 - b.level }) {
			t.Errorf("%+v: columns out of order: %v", c, n.columns)
		}
	}
}

// TestLabelOrder checks that numbers are ordered by value and everything else as strings.
func TestLabelOrder(t *testing.T) {
	for _, c := range []struct {
		levels []string
		want   []int
	}{
		{[]string{"10", "9", "-1"}, []int{2, 1, 0}},
		{[]string{"10", "9", "x"}, []int{0, 1, 2}},
		{[]string{"b", "a", "C"}, []int{2, 1, 0}},
		{[]string{"1.0", "1"}, []int{1, 0}},
		{nil, []int{}},
	} {
		if got := labelOrder(c.levels); !slices.Equal(got, c.want) {
			t.Errorf("%q: %v, want %v", c.levels, got, c.want)
		}
	}
}

// TestChosen checks that subsets are of the right size, sorted, distinct, and that each element is equally likely.
func TestChosen(t *testing.T) {
	counts := make([]int, 10)
	for seed := range uint64(3000) {
		x := &extraction{ctx: context.Background(), opt: Options{Seed: seed}}
		subset := chosen(x.rng(0), 10, 3)
		if len(subset) != 3 || !slices.IsSorted(subset) || subset[0] == subset[1] || subset[1] == subset[2] {
			t.Fatalf("subset %v", subset)
		}
		for _, v := range subset {
			counts[v]++
		}
	}
	for v, n := range counts {
		if n < 780 || n > 1020 { // 900 expected, standard deviation 25
			t.Errorf("%d is chosen %d times of 3000", v, n)
		}
	}
	if got := chosen(nil, 3, 5); !slices.Equal(got, []int{0, 1, 2}) {
		t.Errorf("5 of 3: %v", got)
	}
}
