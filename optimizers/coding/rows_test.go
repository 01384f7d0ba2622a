package coding

import (
	"math"
	"testing"
)

// TestRows checks that a set has what was added, whatever its NaN, and nothing else.
func TestRows(t *testing.T) {
	var r Rows
	row := []float64{0.25, math.Float64frombits(0x7ff8000000000123), 2}
	if r.Has(row) {
		t.Error("the empty set has a row")
	}
	r.Add(row)
	if !r.Has([]float64{0.25, math.NaN(), 2}) {
		t.Error("a row with another NaN is another row")
	}
	for _, other := range [][]float64{{0.25, 0, 2}, {0.25, math.NaN()}, {0.25, math.NaN(), 2, 2}, {math.Nextafter(0.25, 1), math.NaN(), 2}, {}} {
		if r.Has(other) {
			t.Errorf("it has %v, which was not added", other)
		}
	}
	if n := testing.AllocsPerRun(10, func() { r.Has(row) }); n > 0 {
		t.Errorf("%v allocations to look a row up", n)
	}
	if r.Clear(); r.Has(row) {
		t.Error("a row is left when it was cleared")
	}
	r.Add(row)
	if !r.Has(row) {
		t.Error("a row that was added again is missing")
	}
}
