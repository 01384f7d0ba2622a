package pack

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/metaml/metaml/kb/record"
)

func compress(t testing.TB, b []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll(b, nil)
}

func TestDecimal(t *testing.T) {
	for _, test := range []struct {
		v      float64
		digits int
		m, e   int
		ok     bool
	}{
		{0.123456, 6, 123456, -6, true}, {0.8, 6, 800000, -6, true}, {-12.5, 3, -125, -1, true}, {1500, 2, 15, 2, true},
		{0, 4, 0, -4, true}, {0.1234567, 6, 123457, -7, false}, {1.0 / 3, 6, 333333, -6, false}, {1e300, 6, 0, 0, false},
		{5e-324, 6, 0, 0, false}, {1e22, 1, 1, 22, true}, {999999, 6, 999999, 0, true}, {9.5, 1, 0, 0, false},
	} {
		m, e, ok := decimal(test.v, test.digits)
		if ok != test.ok || ok && (m != test.m || e != test.e) {
			t.Errorf("decimal(%v, %d) = %d, %d, %v; want %d, %d, %v", test.v, test.digits, m, e, ok, test.m, test.e, test.ok)
		}
	}
}

func TestDecimalHoldsEveryRoundedValue(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 20000 {
		v := record.Round6(rng.NormFloat64() * math.Pow(10, float64(rng.IntN(26)-13)))
		if m, e, ok := decimal(v, 6); !ok || undecimal(m, e) != v {
			t.Fatalf("%v became %d x 10^%d, %v", v, m, e, ok)
		}
	}
}

func TestSignificant(t *testing.T) {
	for v, want := range map[float64]int{0: 1, 1: 1, 0.5: 1, 120: 2, -0.123456: 6, 1e-9: 1, 1.0 / 3: 16, 1.5e300: 2} {
		if got := significant(v); got != want {
			t.Errorf("significant(%v) = %d, want %d", v, got, want)
		}
	}
}

// TestShare compares integer rounding with that of decimal text. They may differ only where k/n lies in the middle
// between two decimals and its float64 does not.
func TestShare(t *testing.T) {
	differ := 0
	for n := 1; n <= 700; n++ {
		for k := 0; k <= n; k++ {
			q := float64(k) / float64(n)
			got, want := share(k, n), record.Round6(q)
			if got == want {
				continue
			}
			if differ++; math.Abs(q-(got+want)/2) > 1e-15 {
				t.Fatalf("share(%d, %d) = %v, want %v", k, n, got, want)
			}
		}
	}
	if differ > 500 {
		t.Errorf("%d shares are rounded the other way", differ)
	}
}

func TestRowsOf(t *testing.T) {
	shares := func(n int, ks ...int) []float64 {
		var list []float64
		for _, k := range ks {
			list = append(list, record.Round6(float64(k)/float64(n)))
		}
		return list
	}
	for _, test := range []struct {
		values []float64
		want   int
	}{
		{shares(37, 1, 20, 33, 36), 37}, {shares(499, 1, 300, 498, 77), 499}, {shares(8191, 1, 5000, 8000, 77), 8191},
		{shares(10, 0, 10), 1}, {shares(10, 5, 5), 2}, {[]float64{0.5, 1.5}, 0}, {[]float64{-0.5}, 0},
		{[]float64{0.123457, 0.765432, 0.333331, 0.987654}, 0},
	} {
		if got := rowsOf(test.values); got != test.want {
			t.Errorf("rowsOf(%v) = %d, want %d", test.values, got, test.want)
		}
	}
}

func TestPredictionsStayInRange(t *testing.T) {
	for _, p := range []float64{0, 1, -1, 1e300, -1e300, 5e-324, math.MaxFloat64} {
		for e := -maxExponent; e <= maxExponent; e++ {
			if m := predictDigits(p, e, limits[6]); m <= -limits[6] || m >= limits[6] {
				t.Errorf("predictDigits(%v, %d) = %d", p, e, m)
			}
		}
		if k := predictShare(p, 100); k < 0 || k > 100 {
			t.Errorf("predictShare(%v, 100) = %d", p, k)
		}
	}
}
