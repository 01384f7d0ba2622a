package gaussian

import (
	"math"
	"testing"
)

// powers is the part of testdata/reference.json that scipy computed.
type powers struct {
	Y           []float64   `json:"y"`
	Powers      []float64   `json:"powers"`
	Transformed [][]float64 `json:"transformed"`
	Tail        []float64   `json:"tail"`
	Likeliest   float64     `json:"likeliest"`
}

// TestYeoJohnson checks the transformation, and the choice of its power, against scipy's.
func TestYeoJohnson(t *testing.T) {
	_, _, r := references(t)
	for i, power := range r.Powers {
		for j, y := range r.Y {
			if got := yeoJohnson(y, power); !near(got, r.Transformed[i][j], 1e-12) {
				t.Errorf("%v to the power %v is %v, want %v", y, power, got, r.Transformed[i][j])
			}
		}
	}
	if got := likeliest(r.Tail); math.Abs(got-r.Likeliest) > 2e-4 {
		t.Errorf("the likeliest power is %v, want %v", got, r.Likeliest)
	}
}

// TestTransform checks, for outputs of every awkward kind, that the transform is finite, rises, and standardises.
func TestTransform(t *testing.T) {
	for name, y := range map[string][]float64{
		"none": {}, "one": {3}, "equal": {7, 7, 7, 7}, "equal and huge": {-1e300, -1e300, -1e300},
		"huge": {1e300, -1e300, 0, 1e-300}, "largest": {math.MaxFloat64, -math.MaxFloat64, 1}, "nearly equal": {1, 1 + 2e-16, 1 + 1e-15, 1},
		"tail": {0.1, 0.11, 0.13, 0.2, 0.4, 5, 1e5}, "mostly equal": {1, 1, 1, 1, 1, 1, 1, 0.5}, "small": {1e-310, 2e-310, 5e-310},
	} {
		transform := FitTransform(y)
		sum, squares := 0.0, 0.0
		for i, v := range y {
			z := transform.Apply(v)
			if math.IsNaN(z) || math.IsInf(z, 0) {
				t.Fatalf("%s: %v becomes %v by %+v", name, v, z, transform)
			}
			sum += z
			squares += z * z
			for _, w := range y[:i] {
				if v < w && z > transform.Apply(w) {
					t.Errorf("%s: %v does not rise from %v to %v", name, transform, v, w)
				}
			}
		}
		n := float64(len(y))
		varies := n > 0 && y[0] != y[len(y)-1]
		if varies && (math.Abs(sum/n) > 1e-6 || math.Abs(squares/n-1) > 1e-6) {
			t.Errorf("%s: mean %v, variance %v", name, sum/n, squares/n)
		}
	}
}

// TestTransformShortensTails checks that a transform of skewed outputs leaves them less skewed, and does not touch
// their scale or offset.
func TestTransformShortensTails(t *testing.T) {
	_, _, r := references(t)
	skew := func(of func(float64) float64) float64 {
		sum, n := 0.0, float64(len(r.Tail))
		mean, squares := 0.0, 0.0
		for _, y := range r.Tail {
			mean += of(y) / n
		}
		for _, y := range r.Tail {
			d := of(y) - mean
			squares += d * d / n
			sum += d * d * d / n
		}
		return sum / math.Pow(squares, 1.5)
	}
	transform := FitTransform(r.Tail)
	if before, after := skew(func(y float64) float64 { return y }), skew(transform.Apply); before < 1.5 || math.Abs(after) > 0.3 {
		t.Errorf("skewness %v became %v", before, after)
	}
	moved := make([]float64, len(r.Tail))
	for i, y := range r.Tail {
		moved[i] = 1e6*y - 5e5
	}
	other := FitTransform(moved)
	for i, y := range r.Tail {
		if a, b := transform.Apply(y), other.Apply(moved[i]); math.Abs(a-b) > 1e-6 {
			t.Fatalf("output %v becomes %v, and moved and stretched %v", y, a, b)
		}
	}
}
