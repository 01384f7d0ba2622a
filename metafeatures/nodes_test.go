package metafeatures

import (
	"math"
	"slices"
	"testing"

	"github.com/metaml/metaml/optimizers/surrogate/forest"
)

// sampleOf makes a landmark sample of two folds, even rows being in fold 0.
func sampleOf(t *testing.T, x [][]float64, y []float64, classes int) *landmarkSample {
	t.Helper()
	l := &landmarkSample{x: x, y: y, classification: classes > 0, classes: classes, folds: 2, fold: make([]int, len(y))}
	for i := range y {
		l.fold[i] = i % 2
	}
	var err error
	if l.table, err = forest.NewTable(x); err != nil {
		t.Fatal(err)
	}
	return l
}

// TestNodes checks every single-split learner on a case where column 1 tells the class of all rows but one pair, and
// column 0 nothing.
func TestNodes(t *testing.T) {
	x := [][]float64{{1, 0}, {1, 0}, {2, 0}, {2, 0}, {1, 5}, {1, 5}, {2, 5}, {2, 5}, {1, 5}, {2, 5}}
	y := []float64{0, 0, 0, 0, 1, 1, 1, 1, 0, 0}
	l := sampleOf(t, x, y, 2)
	trees, err := l.trees()
	if err != nil {
		t.Fatal(err)
	}
	right := []float64{0, 0, 0, 0, 1, 1, 1, 1, 1, 1}
	if got := l.bestNode(trees); !slices.Equal(got, right) {
		t.Errorf("best node predicts %v, want %v", got, right)
	}
	for f, tree := range trees {
		if tree.most() != 1 || tree.least() != 0 {
			t.Errorf("fold %d: importance %v", f, tree.importance)
		}
	}
	worst, err := l.node(func(int) int { return 0 })
	if err != nil {
		t.Fatal(err)
	}
	if one, err := l.node(func(int) int { return 1 }); err != nil || !slices.Equal(one, right) {
		t.Errorf("node on column 1 predicts %v (%v), want %v", one, err, right)
	}
	wrong := 0
	for i := range y {
		if worst[i] != y[i] {
			wrong++
		}
	}
	if wrong < 2 {
		t.Errorf("the node on the useless column is wrong %d times", wrong)
	}
	if got := l.scores(right); !slices.Equal(got, []float64{0.8, 0.8}) {
		t.Errorf("accuracies %v, want 4 of 5 in each fold", got)
	}
}

// TestImportanceTies checks which of equally important columns count as the most and the least important.
func TestImportanceTies(t *testing.T) {
	tree := foldTree{importance: []float64{2, 0, 5, 0, 5, 1}}
	if tree.most() != 4 || tree.least() != 1 {
		t.Errorf("most %d, least %d", tree.most(), tree.least())
	}
}

// TestNodeWithoutSplit checks that a constant column predicts the most frequent class, or the mean.
func TestNodeWithoutSplit(t *testing.T) {
	l := sampleOf(t, column(3, 3, 3, 3, 3, 3), []float64{1, 1, 0, 1, 1, 0}, 2)
	got, err := l.node(func(int) int { return 0 })
	if err != nil || !slices.Equal(got, []float64{1, 1, 1, 1, 1, 1}) {
		t.Errorf("classes %v, %v", got, err)
	}
	l = sampleOf(t, column(3, 3, 3, 3), []float64{0, 2, 4, 6}, 0)
	got, err = l.node(func(int) int { return 0 })
	if err != nil || !slices.Equal(got, []float64{4, 2, 4, 2}) {
		t.Errorf("means %v, %v", got, err)
	}
}

// TestTreePredictions checks that whole trees are grown on the other fold only.
func TestTreePredictions(t *testing.T) {
	l := sampleOf(t, column(1, 1, 2, 2, 3, 3, 4, 4), []float64{0, 0, 1, 1, 0, 0, 1, 1}, 2)
	trees, err := l.trees()
	if err != nil {
		t.Fatal(err)
	}
	if got := l.treePredictions(trees); !slices.Equal(got, l.y) {
		t.Errorf("predictions %v, want %v", got, l.y)
	}
	for f, tree := range trees {
		for _, i := range tree.train {
			if l.fold[i] == f {
				t.Errorf("fold %d is trained on its own row %d", f, i)
			}
		}
	}
}

// TestScoresOfRegression checks R2 by fold, its floor, and what is undefined.
func TestScoresOfRegression(t *testing.T) {
	l := sampleOf(t, column(1, 2, 3, 4), []float64{0, 10, 4, 10}, 0)
	for _, c := range []struct {
		predictions, want []float64
	}{
		{[]float64{0, 10, 4, 10}, []float64{1, math.NaN()}}, // fold 1 has a constant target
		{[]float64{2, 0, 2, 0}, []float64{0, math.NaN()}},
		{[]float64{900, 0, -900, 0}, []float64{-1, math.NaN()}},
		{[]float64{math.NaN(), 0, 1, 0}, []float64{math.NaN(), math.NaN()}},
	} {
		if got := l.scores(c.predictions); !slices.EqualFunc(got, c.want, same) {
			t.Errorf("%v: R2 %v, want %v", c.predictions, got, c.want)
		}
	}
}

// TestLeastImportance checks ties and importances that overflowed.
func TestLeastImportance(t *testing.T) {
	nan := math.NaN()
	for _, test := range []struct {
		importance []float64
		want       int
	}{
		{[]float64{3, 1, 2, 1}, 1}, {[]float64{0, 0}, 0}, {[]float64{nan, 5, nan, 4}, 3}, {[]float64{2, nan}, 0}, {[]float64{nan, nan}, 0},
	} {
		if got := (foldTree{importance: test.importance}).least(); got != test.want {
			t.Errorf("%v: column %d, want %d", test.importance, got, test.want)
		}
	}
}
