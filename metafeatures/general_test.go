package metafeatures

import (
	"math"
	"testing"

	"github.com/metaml/metaml/metafeatures/dataset"
)

// TestGeneral checks every general feature of a table small enough to count.
func TestGeneral(t *testing.T) {
	nan := math.NaN()
	d := datasetOf(levelsColumn("y", []string{"a", "b", "a", "a"}),
		numberColumn("n", []float64{1, 2, nan, 4}),
		numberColumn("two", []float64{5, nan, 7, 5}),
		levelsColumn("c", []string{"u", "v", "", "w"}),
		dataset.Column{Name: "b", Kind: dataset.Boolean, Values: []float64{0, 1, 1, 0}, Levels: []string{"no", "yes"}},
		dataset.Column{Name: "when", Kind: dataset.Date, Values: []float64{1e9, 2e9, 3e9, 4e9}},
	)
	d.TotalRows = 400 // four of them in memory
	got := mustExtract(t, d, Options{Groups: []string{General}}).Map()
	want := map[string]float64{
		"attr_to_inst": 5.0 / 400, "inst_to_attr": 80, "nr_attr": 5, "nr_inst": 400, "nr_bin": 2, "nr_cat": 2, "nr_num": 3,
		"cat_to_num": 2.0 / 3, "num_to_cat": 1.5, "cat_share": 0.4,
		"log_nr_inst": math.Log(400), "log_nr_attr": math.Log(5), "log_attr_to_inst": math.Log(5.0 / 400),
		"nr_levels.mean": 2.5, "nr_levels.sd": math.Sqrt(0.5),
		"missing_share": 3.0 / 20, "incomplete_attr_share": 0.6, "incomplete_inst_share": 0.5,
		"freq_class.mean": 0.5, "freq_class.sd": math.Sqrt(0.125), "nr_class": 2, "log_nr_class": math.Ln2,
		"class_imbalance": 1 + (0.75*math.Log2(0.75) + 0.25*math.Log2(0.25)),
	}
	for name, value := range want {
		close(t, name, got[name], value)
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s is not expected", name)
		}
	}
}

// TestGeneralOfRegression checks the counterpart of classes.
func TestGeneralOfRegression(t *testing.T) {
	d := datasetOf(numberColumn("y", []float64{1, 1, 2, -0.5, 2}), numberColumn("x", []float64{1, 2, 3, 4, 5}))
	v := mustExtract(t, d, Options{Groups: []string{General}}).Map()
	close(t, "target_levels_share", v["target_levels_share"], 0.6)
	for _, name := range []string{"nr_class", "freq_class.mean", "class_imbalance", "num_to_cat"} {
		if value, ok := v[name]; ok {
			t.Errorf("%s is %v", name, value)
		}
	}
}

func TestTwoValued(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		values []float64
		want   bool
	}{
		{nil, false},
		{[]float64{nan, nan}, false},
		{[]float64{1, 1, nan}, false},
		{[]float64{nan, 1, 2, 1, nan, 2}, true},
		{[]float64{1, 2, 3}, false},
	} {
		if got := twoValued(c.values); got != c.want {
			t.Errorf("%v: %v", c.values, got)
		}
	}
}

// TestTargetStatistics checks the statistics of a numeric target by hand.
func TestTargetStatistics(t *testing.T) {
	y := []float64{1, 2, 3, 4, 100}
	d := datasetOf(numberColumn("y", y), numberColumn("x", []float64{1, 2, 3, 5, 4}))
	v := mustExtract(t, d, Options{Groups: []string{Statistical}}).Map()
	m := momentsOf(y)
	close(t, "target_skewness", v["target_skewness"], m.skewness())
	close(t, "target_kurtosis", v["target_kurtosis"], m.kurtosis())
	close(t, "target_outlier_share", v["target_outlier_share"], 0.2)
	close(t, "target_cv", v["target_cv"], math.Sqrt(m.variance())/22)
}

// TestSparsity checks that a missing value counts as a value of its own.
func TestSparsity(t *testing.T) {
	nan := math.NaN()
	d := datasetOf(numberColumn("y", []float64{1, 2, 3, 4}),
		numberColumn("different", []float64{1, 2, 3, 4}),
		numberColumn("missing", []float64{1, 1, nan, nan}),
		levelsColumn("same", []string{"a", "a", "a", "a"}),
	)
	v := mustExtract(t, d, Options{Groups: []string{Statistical}, Summaries: []string{"min", "median", "max"}}).Map()
	close(t, "least", v["sparsity.min"], 0)
	close(t, "middle", v["sparsity.median"], 1.0/3)
	close(t, "most", v["sparsity.max"], 1)
}
