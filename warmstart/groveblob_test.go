package warmstart

import (
	"errors"
	"math"
	"reflect"
	"testing"
)

// TestStoredGrove: what is written is read back, and nothing shorter or longer is taken for it.
func TestStoredGrove(t *testing.T) {
	for _, g := range []*grove{
		{Tasks: 3, Roots: []int32{0}, Feature: []int32{2, -1, -1}, Cut: []float64{math.Inf(-1), 0, 1e-300}, Missing: []bool{true, false, false},
			Left: []int32{1, 0, 1}, Right: []int32{2, 0, 0}, Start: []int32{0, 1, 3}, Rows: []int32{2, 0, 1}},
		{Roots: []int32{}, Feature: []int32{}, Cut: []float64{}, Missing: []bool{}, Left: []int32{}, Right: []int32{}, Start: []int32{}, Rows: []int32{}},
	} {
		b, err := g.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var got grove
		if err := got.UnmarshalBinary(b); err != nil || !reflect.DeepEqual(&got, g) {
			t.Errorf("%+v is read back as %+v, %v", g, got, err)
		}
		for n := range b {
			if err := new(grove).UnmarshalBinary(b[:n]); !errors.Is(err, errGrove) {
				t.Errorf("%d of %d bytes: %v", n, len(b), err)
			}
		}
		if err := new(grove).UnmarshalBinary(append(b, 0)); !errors.Is(err, errGrove) {
			t.Errorf("a byte too many: %v", err)
		}
	}
}
