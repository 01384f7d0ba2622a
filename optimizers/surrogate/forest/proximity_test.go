package forest

import (
	"testing"
)

// TestProximityByHand checks shares in a tree of two leaves: two rows left, three right.
func TestProximityByHand(t *testing.T) {
	opt := Tree()
	opt.MaxDepth = 1
	f := mustFit(t, column(1, 2, 3, 10, 11), column(0, 0, 9, 9, 9), opt)
	sameValues(t, "left", f.Proximity([]float64{0}), []float64{0.5, 0.5, 0, 0, 0}, 1e-15)
	third := 1.0 / 3
	sameValues(t, "right", f.Proximity([]float64{5}), []float64{0, 0, third, third, third}, 1e-15)
}

// TestProximitySumsToOne checks that every query divides one vote among training rows, and that rows left out get
// none.
func TestProximitySumsToOne(t *testing.T) {
	x, y := matrices(120, 6, 30, 20)
	table, err := NewTable(x)
	if err != nil {
		t.Fatal(err)
	}
	var rows []int
	for i := range x {
		if i%3 != 0 {
			rows = append(rows, i)
		}
	}
	f, err := table.Fit(y, Options{Trees: 80, MinLeaf: 3, Projection: 8, Rows: rows})
	if err != nil {
		t.Fatal(err)
	}
	for i, q := range x {
		p := f.Proximity(q)
		var sum float64
		for r, v := range p {
			sum += v
			if v < 0 || (r%3 == 0 && v != 0) {
				t.Fatalf("query %d: row %d, trained on: %v, has proximity %v", i, r, r%3 != 0, v)
			}
		}
		if !near(sum, 1, 1e-12) {
			t.Fatalf("query %d: proximities sum to %v", i, sum)
		}
		if i%3 != 0 && p[i] < p[(i+1)%120] {
			t.Fatalf("training row %d is nearer to another row than to itself: %v, %v", i, p[i], p[(i+1)%120])
		}
	}
}

// TestProximityMeaning checks the definition tree by tree, out-of-bag rows included.
func TestProximityMeaning(t *testing.T) {
	x, y := matrices(40, 4, 2, 21)
	f := mustFit(t, x, y, Options{Trees: 12, MinLeaf: 4, Seed: 3})
	q := []float64{0.1, -0.2, 0.3, 0}
	want := make([]float64, len(x))
	at := f.Leaves(q)
	for i := range f.Trees() {
		var same []int
		for r := range x {
			if f.Leaves(x[r])[i] == at[i] {
				same = append(same, r)
			}
		}
		for _, r := range same {
			want[r] += 1 / float64(len(same)*f.Trees())
		}
	}
	sameValues(t, "proximity", f.Proximity(q), want, 1e-12)
}
