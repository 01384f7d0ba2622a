package metafeatures

import (
	"math"
	"testing"
)

// TestShapiroWilk compares statistic and p-value with scipy.stats.shapiro of scipy 1.17.
func TestShapiroWilk(t *testing.T) {
	for _, c := range []struct {
		values []float64
		w, p   float64
	}{
		{[]float64{2.04, -2.56, 0.42}, 0.9716881781, 0.677108824295},
		{[]float64{2.2, 0.34, 0.26, 0.43}, 0.699192497179, 0.0113618386218},
		{[]float64{-0.23, -0.87, 3.32, 0.23, -0.35}, 0.768912667417, 0.0441313529546},
		{[]float64{0.27, 1.29, 0.52, 2.03, 0.91, 1.48}, 0.977714117814, 0.939647312781},
		{[]float64{0.96, -0.2, 0.02, 1.55, 0.55, -0.51, -0.18, 0.54, 1.94}, 0.934628875397, 0.526627741851},
		{[]float64{-0.27, -0.24, 1.0, -0.89, -0.29, 0.88, 0.58, 0.09, 0.67, -2.83, 1.02}, 0.831509121006, 0.0244359740629},
		{[]float64{0.91, 1.36, 1.16, 0.76, 1.77, 0.39, 2.04, 4.44, 0.2, 2.38, 0.71, 0.52}, 0.840782729946, 0.0283011784632},
		{[]float64{
			0.2, 3.13, 0.13, 1.47, 0.61, 2.52, 1.16, 4.25, 0.21, 0.19, 1.8, 0.44, 2.74, 1.11, 0.55, 3.38, 0.08, 1.09, 0.8,
			0.08, 0.15, 0.13, 0.33, 0.31, 0.34, 0.57, 0.2, 2.43, 1.04, 1.7,
		}, 0.82723159021, 0.000214391173514},
	} {
		s := newShapiroWilk(len(c.values))
		w := s.statistic(distributionOf(c.values))
		if math.Abs(w-c.w) > 1e-6 {
			t.Errorf("%d values: W %v, want %v", len(c.values), w, c.w)
		}
		if p := s.pValue(w); math.Abs(p-c.p) > 1e-5 {
			t.Errorf("%d values: p %v, want %v", len(c.values), p, c.p)
		}
	}
}

// TestShapiroWilkExtremes checks values for which the approximation's logarithms have no argument.
func TestShapiroWilkExtremes(t *testing.T) {
	if w := newShapiroWilk(4).statistic(distributionOf([]float64{2, 2, 2, 2})); !math.IsNaN(w) {
		t.Errorf("constant values have W %v", w)
	}
	for _, n := range []int{3, 4, 11, 12, 5000} {
		s := newShapiroWilk(n)
		for _, w := range []float64{0.01, 0.75, 1} {
			if p := s.pValue(w); !(p >= 0 && p <= 1) {
				t.Errorf("n = %d, W = %v: p = %v", n, w, p)
			}
		}
		if s.pValue(0.999999) < s.pValue(0.8) {
			t.Errorf("n = %d: a larger W has the smaller p-value", n)
		}
	}
}

// TestNormalColumns checks which columns count as normal, on the leading rows only.
func TestNormalColumns(t *testing.T) {
	s := &sorter{tests: make(map[int]*shapiroWilk)}
	for name, c := range map[string]struct {
		d    distribution
		want bool
	}{
		"constant":   {distributionOf([]float64{1, 1, 1, 1}), false},
		"two values": {distributionOf([]float64{1, 2}), false},
		"even":       {distributionOf([]float64{1, 2, 3, 4, 5}), true},
		"outlying":   {distributionOf([]float64{1, 1.1, 1.2, 1.3, 1.4, 1.5, 40}), false},
		"dummy":      {indicator(30, 100), false},
	} {
		if got := s.passes(c.d); got != c.want {
			t.Errorf("%s: normal %v", name, got)
		}
	}
}
