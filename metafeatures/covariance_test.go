package metafeatures

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/metaml/metaml/metafeatures/dataset"
)

func crossOf(t *testing.T, d *dataset.Dataset) (*extraction, *crossed) {
	t.Helper()
	x := newTestExtraction(t, d, Options{})
	e, err := x.encode()
	if err != nil {
		t.Fatal(err)
	}
	c, err := x.cross(e)
	if err != nil {
		t.Fatal(err)
	}
	return x, c
}

// TestPairwiseComplete compares covariance and correlation with gonum's on the rows where both columns are present.
func TestPairwiseComplete(t *testing.T) {
	d := generated(200, 12, dataset.Classification, 4)
	x, c := crossOf(t, d)
	whole := c.encoding.matrix(x, c.rows)
	incomplete := 0
	for i := range whole {
		for j := range i {
			var a, b []float64
			for k := range whole[i] {
				if u, v := whole[i][k], whole[j][k]; !math.IsNaN(u) && !math.IsNaN(v) {
					a, b = append(a, u), append(b, v)
				}
			}
			if len(a) < 200 {
				incomplete++
			}
			covariance, correlation := c.pair(i, j)
			close(t, "covariance", covariance, stat.Covariance(a, b, nil))
			close(t, "correlation", correlation, stat.Correlation(a, b, nil))
		}
	}
	if incomplete == 0 {
		t.Error("no pair had missing values")
	}
}

// TestPairWithoutRows checks columns that are never present together.
func TestPairWithoutRows(t *testing.T) {
	nan := math.NaN()
	_, c := crossOf(t, datasetOf(numberColumn("y", []float64{1, 2, 3, 5}),
		numberColumn("a", []float64{1, 2, nan, nan}), numberColumn("b", []float64{nan, nan, 1, 2})))
	if covariance, correlation := c.pair(0, 1); !math.IsNaN(covariance) || !math.IsNaN(correlation) {
		t.Errorf("covariance %v, correlation %v", covariance, correlation)
	}
}

// TestTriangle checks that the factor reproduces the matrix, solves systems, and leaves out dependent columns.
func TestTriangle(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	columns := mat.NewDense(5, 40, nil)
	for j := range 5 {
		for i := range 40 {
			columns.Set(j, i, rng.NormFloat64())
		}
	}
	for i := range 40 { // column 3 depends on 0 and 1
		columns.Set(3, i, 2*columns.At(0, i)-columns.At(1, i))
	}
	var m mat.SymDense
	m.SymOuterK(1, columns)
	f := factorise(&m, 1e-10)
	if len(f.kept) != 4 || f.kept[3] != 4 {
		t.Fatalf("columns %v are kept, want all but 3", f.kept)
	}
	for i, a := range f.kept {
		for j, b := range f.kept[:i+1] {
			var sum float64
			for k := range j + 1 {
				sum += f.rows[i][k] * f.rows[j][k]
			}
			close(t, "L L'", sum, m.At(a, b))
		}
	}
	want := []float64{1, -2, 3, 0, 0.5}
	b := make([]float64, 5)
	for i := range b {
		for j := range want {
			b[i] += m.At(i, j) * want[j]
		}
	}
	for i, v := range f.solve(b) {
		close(t, "solution", v, want[i])
	}
}

// TestCanonicalOfRegression checks that the one canonical correlation with a numeric target is the multiple
// correlation, here of an orthogonal design by hand: y = 2 a + b + error orthogonal to both.
func TestCanonicalOfRegression(t *testing.T) {
	a := []float64{-1, -1, -1, -1, 1, 1, 1, 1}
	b := []float64{-1, -1, 1, 1, -1, -1, 1, 1}
	e := []float64{-1, 1, -1, 1, -1, 1, -1, 1}
	y := make([]float64, 8)
	for i := range y {
		y[i] = 2*a[i] + b[i] + e[i]
	}
	d := datasetOf(numberColumn("y", y), numberColumn("a", a), numberColumn("b", b))
	v := mustExtract(t, d, Options{Groups: []string{Statistical}, Summaries: []string{"min", "max"}}).Map()
	for name, want := range map[string]float64{
		"can_cor.max": math.Sqrt(5.0 / 6), "nr_disc": 1, "w_lambda": 1.0 / 6, "p_trace": 5.0 / 6, "lh_trace": 5,
		"roy_root": 5, "target_cor.max": math.Sqrt(4.0 / 6), "target_cor.min": math.Sqrt(1.0 / 6), "cor.max": 0,
	} {
		close(t, name, v[name], want)
	}
	for _, name := range []string{"gravity", "sd_ratio"} {
		if _, ok := v[name]; ok {
			t.Errorf("%s is defined in regression", name)
		}
	}
}

// TestPerfectSeparation checks that columns which determine the class give large but finite statistics.
func TestPerfectSeparation(t *testing.T) {
	labels, values := make([]string, 40), make([]float64, 40)
	for i := range labels {
		labels[i] = string(rune('a' + i%2))
		values[i] = float64(i % 2)
	}
	v := mustExtract(t, datasetOf(levelsColumn("y", labels), numberColumn("x", values)), Options{}).Map()
	if lh := v["lh_trace"]; !(lh > 1e9 && lh < 1e11) {
		t.Errorf("lh_trace %v", lh)
	}
	close(t, "target_cor", v["target_cor.mean"], 1)
	close(t, "can_cor", v["can_cor.mean"], 1)
	close(t, "gravity", v["gravity"], 1)
}

// TestCorrelationRatio compares target_cor with the one-way analysis of variance by hand: between classes 36 of 40.
func TestCorrelationRatio(t *testing.T) {
	d := datasetOf(levelsColumn("y", []string{"a", "a", "b", "b"}), numberColumn("x", []float64{0, 2, 6, 8}))
	_, c := crossOf(t, d)
	x := newTestExtraction(t, d, Options{})
	close(t, "eta", x.targetGroups(c).correlations(c)[0], math.Sqrt(36.0/40))
}

// TestManyClasses checks the side of fewer rows: more classes than columns.
func TestManyClasses(t *testing.T) {
	labels, values := make([]string, 90), make([]float64, 90)
	for i := range labels {
		labels[i] = string(rune('A' + i%30))
		values[i] = float64(i%30) + float64(i%7)
	}
	v := mustExtract(t, datasetOf(levelsColumn("y", labels), numberColumn("x", values)), Options{}).Map()
	if v["nr_disc"] != 1 {
		t.Errorf("%v discriminants of one column", v["nr_disc"])
	}
	close(t, "can_cor", v["can_cor.mean"], v["target_cor.mean"])
}

// TestHugeValues checks that overflow makes features undefined and nothing worse.
func TestHugeValues(t *testing.T) {
	for _, task := range []dataset.TaskType{dataset.Classification, dataset.Regression} {
		d := generated(60, 6, task, 5)
		for i := range d.Features[0].Values {
			d.Features[0].Values[i] *= 1e307
			d.Features[1].Values[i] *= 1e-320
		}
		v := mustExtract(t, d, Options{})
		m := v.Map()
		if len(v.Skipped) != 0 || len(m) < 60 {
			t.Errorf("%s: %d features, skipped %v", task, len(m), v.Skipped)
		}
		for name, value := range m {
			if math.IsInf(value, 0) || math.IsNaN(value) {
				t.Errorf("%s is %v", name, value)
			}
		}
	}
}
