package metafeatures

import (
	"math"
	"slices"
	"testing"
)

// TestSummaries compares with scipy 1.17 (skew, kurtosis), numpy 2.4 (quantile, histogram, std with ddof 1); skewness
// and kurtosis corrected by ((n-1)/n) to the powers 1.5 and 2.
func TestSummaries(t *testing.T) {
	m := each("f", []float64{4, 1, math.NaN(), 10, 2, math.Inf(1), 3})
	for summary, want := range map[string][]float64{
		"count":     {5},
		"iq_range":  {2},
		"kurtosis":  {2.788*0.64 - 3},
		"max":       {10},
		"mean":      {4},
		"median":    {3},
		"min":       {1},
		"quantiles": {1, 2, 3, 4, 10},
		"range":     {9},
		"sd":        {math.Sqrt(12.5)},
		"skewness":  {36.0 / math.Pow(10, 1.5) * math.Pow(0.8, 1.5)},
		"sum":       {20},
		"var":       {12.5},
		"histogram": {0.2, 0.2, 0.2, 0.2, 0, 0, 0, 0, 0, 0.2},
	} {
		got := summarise(m, summary)
		if len(got) != len(want) {
			t.Fatalf("%s: %d features, want %d", summary, len(got), len(want))
		}
		for i, f := range got {
			if math.Abs(f.Value-want[i]) > 1e-12 {
				t.Errorf("%s: %v, want %v", f.Name, f.Value, want[i])
			}
		}
	}
	if got := summarise(m, "quantiles")[3].Name; got != "f.quantiles.3" {
		t.Errorf("name %q", got)
	}
}

// TestHistogram checks extremes: one value, and a range beyond the largest number.
func TestHistogram(t *testing.T) {
	for _, c := range []struct{ values, want []float64 }{
		{[]float64{1e300, 1e300}, []float64{0, 0, 1, 0}},
		{[]float64{-math.MaxFloat64, 0, math.MaxFloat64, math.MaxFloat64}, []float64{0.25, 0, 0.25, 0.5}},
		{[]float64{0, 1, 2, 3, 4}, []float64{0.2, 0.2, 0.2, 0.4}},
	} {
		if got := histogram(c.values, 4); !slices.EqualFunc(got, c.want, func(a, b float64) bool { return math.Abs(a-b) < 1e-12 }) {
			t.Errorf("%v: %v, want %v", c.values, got, c.want)
		}
	}
}

// TestSummariesUndefined checks what is left of no values, one, and equal ones.
func TestSummariesUndefined(t *testing.T) {
	for _, c := range []struct {
		values  []float64
		defined []string // all others are NaN
	}{
		{nil, []string{"count"}},
		{[]float64{math.NaN()}, []string{"count"}},
		{[]float64{7}, []string{"count", "histogram", "iq_range", "max", "mean", "median", "min", "quantiles", "range", "sum"}},
		{[]float64{7, 7, 7}, []string{"count", "histogram", "iq_range", "max", "mean", "median", "min", "quantiles", "range", "sd", "sum", "var"}},
	} {
		defined := make(map[string]bool)
		for _, s := range c.defined {
			defined[s] = true
		}
		for _, s := range Summaries() {
			for _, f := range summarise(each("f", c.values), s) {
				if math.IsNaN(f.Value) == defined[s] {
					t.Errorf("%s of %v is %v", s, c.values, f.Value)
				}
			}
		}
	}
}

func TestQuantile(t *testing.T) {
	for _, c := range []struct {
		values  []float64
		q, want float64
	}{
		{[]float64{3}, 0.3, 3},
		{[]float64{1, 2}, 0.25, 1.25},
		{[]float64{1, 2}, 0.75, 1.75},
		{[]float64{0, 10, 20, 30}, 0.5, 15},
		{[]float64{0, 10, 20, 30}, 1, 30},
		{[]float64{0, 10, 20, 30}, 0, 0},
	} {
		if got := quantile(c.values, c.q); got != c.want {
			t.Errorf("quantile %v of %v is %v, want %v", c.q, c.values, got, c.want)
		}
	}
}

// TestMomentsOfConstants checks that rounding does not make a shape out of nothing.
func TestMomentsOfConstants(t *testing.T) {
	values := make([]float64, 1000)
	for i := range values {
		values[i] = 0.1
	}
	if m := momentsOf(values); !m.constant || !math.IsNaN(m.skewness()) {
		t.Errorf("0.1 a thousand times: skewness %v", m.skewness())
	}
	values[0] = 0.1 + 1e-9
	if m := momentsOf(values); m.constant {
		t.Error("a column with two distinct values counts as constant")
	}
}

// TestHistogramOfExtremes checks ranges that overflow, and ones too small to be halved.
func TestHistogramOfExtremes(t *testing.T) {
	least := math.SmallestNonzeroFloat64
	for _, values := range [][]float64{{-math.MaxFloat64, 0, math.MaxFloat64}, {0, least}, {least, 2 * least, 3 * least}} {
		var sum float64
		for _, share := range histogram(values, 10) {
			sum += share
		}
		if math.Abs(sum-1) > 1e-12 {
			t.Errorf("%v: the shares add up to %v", values, sum)
		}
	}
}
