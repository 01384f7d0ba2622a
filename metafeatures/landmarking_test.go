package metafeatures

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/metaml/metaml/metafeatures/dataset"
)

// TestStratifiedFolds compares with StratifiedKFold(3) of scikit-learn 1.9.1 on the same classes.
func TestStratifiedFolds(t *testing.T) {
	y := []float64{2, 0, 0, 1, 2, 2, 1, 0, 0, 0, 2, 1, 0}
	want := []int{0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2}
	if got := stratifiedFolds(y, 3, 3); !slices.Equal(got, want) {
		t.Errorf("folds %v, want %v", got, want)
	}
}

// TestStratifiedFoldsBalance checks that folds differ by at most one row, in all and in each class.
func TestStratifiedFoldsBalance(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 100 {
		n, classes, folds := 1+rng.IntN(80), 1+rng.IntN(5), 1+rng.IntN(10)
		y := make([]float64, n)
		for i := range y {
			y[i] = float64(rng.IntN(classes))
		}
		sizes := make([]int, folds)
		perClass := make([][]int, classes)
		for k := range perClass {
			perClass[k] = make([]int, folds)
		}
		for i, f := range stratifiedFolds(y, classes, folds) {
			sizes[f]++
			perClass[int(y[i])][f]++
		}
		for _, counts := range append(perClass, sizes) {
			if slices.Max(counts)-slices.Min(counts) > 1 {
				t.Fatalf("%d rows, %d classes: folds of sizes %v", n, classes, counts)
			}
		}
	}
}

// TestLandmarkRows checks that the sample keeps the classes' shares, is sorted and distinct, and differs by seed.
func TestLandmarkRows(t *testing.T) {
	labels := make([]string, 4000)
	for i := range labels {
		labels[i] = "common"
		if i%20 == 7 {
			labels[i] = "rare"
		}
	}
	d := datasetOf(levelsColumn("y", labels), numberColumn("x", make([]float64, 4000)))
	a := newTestExtraction(t, d, Options{}).landmarkRows()
	rare := 0
	for i, r := range a {
		if i > 0 && r <= a[i-1] {
			t.Fatalf("rows %d and %d out of order", a[i-1], r)
		}
		if labels[r] == "rare" {
			rare++
		}
	}
	if len(a) != 500 || rare < 24 || rare > 26 {
		t.Errorf("%d of %d rows are rare, want 25 of 500", rare, len(a))
	}
	if b := newTestExtraction(t, d, Options{Seed: 1}).landmarkRows(); slices.Equal(a, b) {
		t.Error("another seed draws the same rows")
	}
	if all := newTestExtraction(t, d, Options{LandmarkRows: -1}).landmarkRows(); len(all) != 4000 {
		t.Errorf("without limit there are %d rows", len(all))
	}
}

func landmarks(t *testing.T, d *dataset.Dataset) map[string]float64 {
	t.Helper()
	return mustExtract(t, d, Options{Groups: []string{Landmarking}}).Map()
}

// TestRegressionLandmarks checks which learner suits which target: a line, a step, an island.
func TestRegressionLandmarks(t *testing.T) {
	const n = 300
	rng := rand.New(rand.NewPCG(8, 8))
	a, b := make([]float64, n), make([]float64, n)
	line, step, island, noise := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		a[i], b[i] = rng.Float64(), rng.Float64()
		line[i] = 3*a[i] - 2*b[i] + 5
		if a[i] > 0.6 {
			step[i] = 10
		}
		island[i] = math.Sin(9*a[i]) * math.Cos(9*b[i])
		noise[i] = rng.NormFloat64()
	}
	of := func(y []float64) map[string]float64 {
		return landmarks(t, datasetOf(numberColumn("y", y), numberColumn("a", a), numberColumn("b", b)))
	}
	if v := of(line); v["linear_r2.mean"] < 0.999 {
		t.Errorf("a line is explained by %v", v["linear_r2.mean"])
	}
	if v := of(step); v["best_node_r2.mean"] < 0.95 || v["elite_nn_r2.mean"] < 0.9 || v["worst_node_r2.mean"] > 0.1 {
		t.Errorf("a step: %v", v)
	}
	if v := of(island); v["one_nn_r2.mean"] < 0.9 || v["decision_tree_r2.mean"] < 0.4 || v["linear_r2.mean"] > 0.3 {
		t.Errorf("an island: %v", v)
	}
	for name, value := range of(noise) {
		if value < -1 || (value > 0.3 && name[len(name)-5:] == ".mean") {
			t.Errorf("noise: %s is %v", name, value)
		}
	}
}

// TestRidgeByHand checks the penalty on a design of one column: with standardised values z, slope = z'y / (n + 1).
func TestRidgeByHand(t *testing.T) {
	l := &landmarkSample{x: column(-1, 1, -1, 1, 0), y: []float64{-2, 2, -2, 2, 9}, fold: []int{1, 1, 1, 1, 0}, folds: 2}
	if got := l.ridge()[4]; math.Abs(got) > 1e-12 {
		t.Errorf("at the centre: %v, want 0", got)
	}
	l.x[4][0] = 1
	if got := l.ridge()[4]; math.Abs(got-8.0/5) > 1e-12 {
		t.Errorf("at 1: %v, want 1.6", got)
	}
}

func column(values ...float64) [][]float64 {
	rows := make([][]float64, len(values))
	for i, v := range values {
		rows[i] = []float64{v}
	}
	return rows
}

// TestClassificationLandmarks checks learners on classes that only some of them can tell apart.
func TestClassificationLandmarks(t *testing.T) {
	const n = 400
	rng := rand.New(rand.NewPCG(9, 9))
	a, b := make([]float64, n), make([]float64, n)
	diagonal, checker, widths := make([]string, n), make([]string, n), make([]string, n)
	spread := make([]float64, n)
	for i := range n {
		a[i], b[i] = rng.Float64(), rng.Float64()
		diagonal[i] = strconv.FormatBool(a[i] > b[i])
		checker[i] = strconv.FormatBool((a[i] > 0.5) != (b[i] > 0.5))
		widths[i] = strconv.Itoa(i % 2)
		spread[i] = rng.NormFloat64() * (0.1 + float64(i%2))
	}
	of := func(labels []string, columns ...[]float64) map[string]float64 {
		var features []dataset.Column
		for _, c := range columns {
			features = append(features, numberColumn("", c))
		}
		return landmarks(t, datasetOf(levelsColumn("y", labels), features...))
	}
	if v := of(diagonal, a, b); v["linear_discr.mean"] < 0.95 || v["best_node.mean"] > 0.85 {
		t.Errorf("a diagonal: %v", v)
	}
	if v := of(checker, a, b); v["one_nn.mean"] < 0.9 || v["decision_tree.mean"] < 0.85 || v["linear_discr.mean"] > 0.65 {
		t.Errorf("a checkerboard: %v", v)
	}
	if v := of(widths, spread); v["naive_bayes.mean"] < 0.85 || v["linear_discr.mean"] > 0.65 {
		t.Errorf("classes of different widths: %v", v)
	}
}

// TestDependentColumns checks that linear discriminants leave out columns which add nothing: copies and constants.
func TestDependentColumns(t *testing.T) {
	d := generated(200, 4, dataset.Classification, 7)
	want := landmarks(t, d)
	copied := d.Features[0]
	constant := numberColumn("constant", make([]float64, 200))
	d.Features = append(d.Features, copied, constant)
	got := landmarks(t, d)
	for _, name := range []string{"linear_discr.mean", "linear_discr.sd"} {
		if math.Abs(got[name]-want[name]) > 1e-9 {
			t.Errorf("%s: %v with dependent columns, %v without", name, got[name], want[name])
		}
	}
}

// TestLandmarksOfLittle checks samples too small for ten folds, a class per row, and missing values everywhere.
func TestLandmarksOfLittle(t *testing.T) {
	nan := math.NaN()
	for name, d := range map[string]*dataset.Dataset{
		"three rows": datasetOf(levelsColumn("y", []string{"a", "b", "a"}), numberColumn("x", []float64{1, 2, 3})),
		"one row":    datasetOf(levelsColumn("y", []string{"a"}), numberColumn("x", []float64{1})),
		"a class per row": datasetOf(levelsColumn("y", []string{"a", "b", "c", "d", "e"}),
			numberColumn("x", []float64{1, 2, 3, 4, 5})),
		"missing": datasetOf(numberColumn("y", []float64{1, 2, 3, 4}), numberColumn("x", []float64{nan, nan, nan, nan})),
		"constant target": datasetOf(numberColumn("y", []float64{2, 2, 2, 2, 2, 2}),
			numberColumn("x", []float64{1, 2, 3, 4, 5, 6})),
	} {
		for name2, v := range mustExtract(t, d, Options{}).Map() {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Errorf("%s: %s is %v", name, name2, v)
			}
		}
	}
}

// TestLandmarksOfManyClasses checks that landmarkers cope with more classes than the rows that they look at, and that
// classes without rows change nothing.
func TestLandmarksOfManyClasses(t *testing.T) {
	const rows, classes = 6000, 3000
	rng := rand.New(rand.NewPCG(1, 2))
	target := dataset.Column{Name: "y", Kind: dataset.Categorical}
	for k := range classes {
		target.Levels = append(target.Levels, fmt.Sprintf("class %d", k))
	}
	x := make([]float64, rows)
	for i := range x {
		target.Values = append(target.Values, float64(i%classes))
		x[i] = rng.Float64()
	}
	groups := Options{Groups: []string{Landmarking, Subsampled, Relative}}
	for name, v := range mustExtract(t, datasetOf(target, numberColumn("x", x)), groups).Map() {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			t.Errorf("%s is %v", name, v)
		}
	}

	few := target
	few.Values = make([]float64, 60)
	for i := range few.Values {
		few.Values[i] = float64(i * i % 3)
	}
	d := datasetOf(few, numberColumn("x", x[:60]))
	with := landmarks(t, d)
	d.Target.Levels = few.Levels[:2]
	if without := landmarks(t, d); !maps.Equal(with, without) {
		t.Errorf("with classes that do not occur %v, without %v", with, without)
	}
}
