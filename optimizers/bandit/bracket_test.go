package bandit

import (
	"reflect"
	"testing"
)

// TestHyperbandTable compares with the table that algorithm 1 of Li et al. (2018) gives for R = 81 and eta = 3,
// computed by
//
//	python3 -c "import math
//	for s in range(4,-1,-1): n=math.ceil(5*3**s/(s+1)); print(s,[(n//3**i,3**(4-s+i)) for i in range(s+1)])"
func TestHyperbandTable(t *testing.T) {
	l := ladder(t, epochs(1, 81), 3)
	type row [][2]float64 // configurations and epochs of every rung
	want := []row{
		{{81, 1}, {27, 3}, {9, 9}, {3, 27}, {1, 81}},
		{{34, 3}, {11, 9}, {3, 27}, {1, 81}},
		{{15, 9}, {5, 27}, {1, 81}},
		{{8, 27}, {2, 81}},
		{{5, 81}},
	}
	var got []row
	for _, b := range Hyperband(l.Len(), l.Eta()) {
		var r row
		for i, n := range b.Sizes {
			r = append(r, [2]float64{float64(n), 81 * l.Effort(b.Bottom+i)})
		}
		if top := b.Bottom + len(b.Sizes) - 1; top != l.Len()-1 {
			t.Errorf("bracket %+v ends at level %d", b, top)
		}
		got = append(got, r)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("brackets %v, want %v", got, want)
	}
}

// TestBracketSizes compares with values of the formulas at other eta; those of HyperbandFloor by
//
//	python3 -c "S=5; print([[max(1,int(S//(s+1)*3**s/3**i)) for i in range(s+1)] for s in range(S-1,-1,-1)])"
func TestBracketSizes(t *testing.T) {
	for _, tc := range []struct {
		name string
		got  []Bracket
		want []Bracket
	}{
		{"floor", HyperbandFloor(5, 3), []Bracket{{0, []int{81, 27, 9, 3, 1}}, {1, []int{27, 9, 3, 1}}, {2, []int{9, 3, 1}}, {3, []int{6, 2}}, {4, []int{5}}}},
		{"eta 4", Hyperband(3, 4), []Bracket{{0, []int{16, 4, 1}}, {1, []int{6, 1}}, {2, []int{3}}}},
		{"eta 2.5", Hyperband(3, 2.5), []Bracket{{0, []int{7, 2, 1}}, {1, []int{4, 1}}, {2, []int{3}}}},
		{"one level", Hyperband(1, 3), []Bracket{{0, []int{1}}}},
		{"halving", []Bracket{Halving(4, 1, 10, 3)}, []Bracket{{1, []int{10, 3, 1}}}},
		{"halving few", []Bracket{Halving(4, 0, 2, 3)}, []Bracket{{0, []int{2, 1, 1, 1}}}},
	} {
		if !reflect.DeepEqual(tc.got, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, tc.got, tc.want)
		}
	}
}
