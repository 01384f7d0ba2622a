package metafeatures

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// draws returns samples of many shapes: continuous, tied, two-valued, negative, long, short.
func draws(seed uint64) [][]float64 {
	rng := rand.New(rand.NewPCG(seed, 1))
	var all [][]float64
	for _, n := range []int{1, 2, 3, 4, 7, 20, 255, 256, 600} {
		continuous, tied, two := make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range n {
			continuous[i] = rng.NormFloat64() * 100
			tied[i] = float64(rng.IntN(6))
			two[i] = float64(rng.IntN(2))
		}
		all = append(all, continuous, tied, two)
	}
	return all
}

// TestRadixSort compares with the library's sort on special values and samples long enough for either algorithm.
func TestRadixSort(t *testing.T) {
	special := []float64{
		0, math.Copysign(0, -1), 1, -1, math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64,
		-math.SmallestNonzeroFloat64, math.Inf(1), math.Inf(-1), 1e-300, -1e-300,
	}
	for range 6 {
		special = append(special, special...)
	}
	for _, values := range append(draws(1), special) {
		items := make([]keyed, len(values))
		for i, v := range values {
			items[i] = keyed{keyOf(v), int32(i)}
		}
		got := sorted(items, make([]keyed, len(items)))
		want := slices.Clone(values)
		slices.Sort(want)
		for i, it := range got {
			if v := valueOf(it.key); v != want[i] || values[it.row] != v {
				t.Fatalf("place %d of %d: %v of row %d, want %v", i, len(values), v, it.row, want[i])
			}
			if i > 0 && it.key == got[i-1].key && it.row < got[i-1].row {
				t.Fatalf("place %d of %d: equal values change their order", i, len(values))
			}
		}
	}
}

// TestDistribution compares every statistic with its definition on the values written out.
func TestDistribution(t *testing.T) {
	for _, values := range draws(2) {
		sortedValues := slices.Clone(values)
		slices.Sort(sortedValues)
		d := distributionOf(values)
		n := len(values)
		if d.size() != n {
			t.Fatalf("size %d, want %d", d.size(), n)
		}
		for k, v := range sortedValues {
			if d.at(k) != v {
				t.Fatalf("order statistic %d is %v, want %v", k, d.at(k), v)
			}
		}
		median := quantile(sortedValues, 0.5)
		deviations := make([]float64, n)
		var trimmed, logs, inverse float64
		for i, v := range sortedValues {
			deviations[i] = math.Abs(v - median)
			logs += math.Log(v)
			inverse += 1 / v
			if cut := int(0.2 * float64(n)); i >= cut && i < n-cut {
				trimmed += v / float64(n-2*cut)
			}
		}
		slices.Sort(deviations)
		u := describe(d)
		close(t, "median", u.median, median)
		close(t, "mad", u.deviation, 1.4826*quantile(deviations, 0.5))
		close(t, "trimmed mean", u.trimmedMean, trimmed)
		close(t, "iq range", u.iqRange, quantile(sortedValues, 0.75)-quantile(sortedValues, 0.25))
		close(t, "mean", u.mean, momentsOf(values).mean)
		close(t, "skewness", u.skewness, momentsOf(values).skewness())
		close(t, "kurtosis", u.kurtosis, momentsOf(values).kurtosis())
		switch {
		case sortedValues[0] < 0:
			if !math.IsNaN(u.geometricMean) || !math.IsNaN(u.harmonicMean) {
				t.Errorf("means of negative values: %v, %v", u.geometricMean, u.harmonicMean)
			}
		case sortedValues[0] == 0:
			if u.geometricMean != 0 || u.harmonicMean != 0 {
				t.Errorf("means with a zero: %v, %v", u.geometricMean, u.harmonicMean)
			}
		default:
			close(t, "geometric mean", u.geometricMean, math.Exp(logs/float64(n)))
			close(t, "harmonic mean", u.harmonicMean, float64(n)/inverse)
		}
	}
}

func close(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.IsNaN(got) && math.IsNaN(want) {
		return
	}
	if !(math.Abs(got-want) <= 1e-9*max(1, math.Abs(want))) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// TestGeometricMeanRange checks that products of many values neither overflow nor vanish.
func TestGeometricMeanRange(t *testing.T) {
	for _, scale := range []float64{1e-9, 1, 1e300} {
		values := make([]float64, 2000)
		var logs float64
		for i := range values {
			values[i] = scale * (1 + float64(i)/1000)
			logs += math.Log(values[i])
		}
		want := math.Exp(logs / 2000)
		if got := distributionOf(values).geometricMean(); math.Abs(got/want-1) > 1e-9 {
			t.Errorf("scale %v: %v, want %v", scale, got, want)
		}
	}
}

// TestIndicator compares dummy columns with their values written out.
func TestIndicator(t *testing.T) {
	for _, c := range []struct{ ones, n int }{{0, 5}, {5, 5}, {2, 5}, {1, 300}} {
		values := make([]float64, c.n)
		for i := range c.ones {
			values[i] = 1
		}
		got, want := indicator(c.ones, c.n), distributionOf(values)
		if !slices.Equal(got.values, want.values) || !slices.Equal(got.ends, want.ends) {
			t.Errorf("%d ones of %d: %v, want %v", c.ones, c.n, got, want)
		}
	}
}

// TestOutliers checks both fences, which a value must lie beyond.
func TestOutliers(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   bool
	}{
		{[]float64{1, 2, 3, 4, 5}, false},
		{[]float64{1, 2, 3, 4, 7}, false}, // the fence itself
		{[]float64{1, 2, 3, 4, 7.1}, true},
		{[]float64{-1.1, 2, 3, 4, 5}, true},
	} {
		if got := describe(distributionOf(c.values)).outliers; got != c.want {
			t.Errorf("%v: outliers %v", c.values, got)
		}
	}
}
