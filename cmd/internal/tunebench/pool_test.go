package tunebench

import (
	"math/rand/v2"
	"testing"

	"github.com/metaml/metaml/optimizers/space"
)

// TestNearest checks the distance: the learner first, then choices and numbers that both have.
func TestNearest(t *testing.T) {
	task := sheetTasks(t, sheetSet(t, "t", 1, false, bowl))[0]
	for _, tc := range []struct {
		what       string
		taken      []space.Config
		from, want space.Config
	}{
		{"a row is itself", nil, tree("robust", 4), tree("robust", 4)},
		{"the nearest number", nil, knn("none", 2.4), knn("none", 1)},
		{"the nearest number on the other side", nil, knn("none", 2.6), knn("none", 4)},
		{"a taken row is passed over", []space.Config{knn("none", 4)}, knn("none", 3.9), knn("none", 6)},
		{"a choice weighs more than any number", []space.Config{tree("none", 1), tree("none", 4), tree("none", 6)}, tree("none", 1), tree("none", 9)},
	} {
		p := newPool(task, 1)
		for _, c := range tc.taken {
			p.take(rowOf(t, task, c))
		}
		if got, ok := p.nearest(tc.from); !ok || !task.Rows[got].Config.Equal(tc.want) {
			t.Errorf("%s: from %v to %v", tc.what, tc.from, task.Rows[got].Config)
		}
	}
}

// TestNearestKeepsTheLearner empties a learner: only then another one's rows come, those with the same scaler first.
func TestNearestKeepsTheLearner(t *testing.T) {
	task := sheetTasks(t, sheetSet(t, "t", 1, false, bowl))[0]
	p := newPool(task, 1)
	for n := range 24 {
		row, ok := p.nearest(knn("standard", 5))
		if !ok {
			t.Fatalf("nothing left after %d", n)
		}
		c := task.Rows[row].Config
		if (c["learner"].Text() == "knn") != (n < 12) {
			t.Errorf("row %d is %v", n, c)
		}
		if own := n < 4 || n >= 12 && n < 16; own != (c["scaler"].Text() == "standard") {
			t.Errorf("row %d is %v", n, c)
		}
		p.take(row)
		p.take(row) // again changes nothing
	}
	if _, ok := p.nearest(knn("standard", 5)); ok || p.left != 0 {
		t.Errorf("%d left", p.left)
	}
}

// TestTiesBySeed checks that equally near rows are not always the same one, and that the seed decides.
func TestTiesBySeed(t *testing.T) {
	task := sheetTasks(t, sheetSet(t, "t", 1, false, bowl))[0]
	seen := map[int]bool{}
	for seed := range uint64(20) {
		a, _ := newPool(task, seed).nearest(knn("none", 5)) // between 4 and 6
		b, _ := newPool(task, seed).nearest(knn("none", 5))
		if a != b {
			t.Fatalf("seed %d: %d and %d", seed, a, b)
		}
		seen[a] = true
	}
	if len(seen) != 2 {
		t.Errorf("of two equally near rows %v came", seen)
	}
}

// TestNearestIsARow draws configurations anywhere in the space.
func TestNearestIsARow(t *testing.T) {
	task := sheetTasks(t, sheetSet(t, "t", 1, false, bowl))[0]
	rng, p := rand.New(rand.NewPCG(1, 1)), newPool(task, 3)
	for range 24 {
		c, err := task.Space.Sample(rng)
		if err != nil {
			t.Fatal(err)
		}
		row, ok := p.nearest(c)
		if !ok || p.taken[row] {
			t.Fatalf("row %d, %v", row, ok)
		}
		if found, ok := p.row(task.Rows[row].Config); !ok || found != row {
			t.Fatalf("row %d is found as %d", row, found)
		}
		p.take(row)
	}
	if _, ok := p.row(knn("none", 5)); ok {
		t.Error("a configuration between rows is a row")
	}
	if known := p.known([]space.Config{knn("none", 5), knn("none", 4)}); len(known) != 1 {
		t.Errorf("%v", known)
	}
}
