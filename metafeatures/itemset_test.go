package metafeatures

import (
	"slices"
	"testing"

	"github.com/metaml/metaml/metafeatures/dataset"
)

// TestItemsetsByHand checks the shares of values and of pairs of values, of complete columns and with a missing value.
func TestItemsetsByHand(t *testing.T) {
	target := levelsColumn("y", []string{"p", "q", "p", "q"})
	for _, c := range []struct {
		a, b     []string
		one, two []float64
	}{
		{[]string{"u", "u", "v", "v"}, []string{"r", "s", "s", "s"}, []float64{0.25, 0.5, 0.5, 0.75}, []float64{0.25, 0.25, 0.75, 0.75}},
		{[]string{"u", "u", "v", ""}, []string{"r", "r", "r", "s"}, []float64{0.25, 1. / 3, 2. / 3, 0.75}, []float64{1. / 3, 2. / 3}},
	} {
		x := newTestExtraction(t, datasetOf(target, levelsColumn("a", c.a), levelsColumn("b", c.b)), Options{})
		measures, err := x.itemset()
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range [][]float64{c.one, c.two} {
			got := slices.Sorted(slices.Values(measures[i].values))
			if len(got) != len(want) {
				t.Fatalf("%s: %v, want %v", measures[i].name, got, want)
			}
			for k := range want {
				close(t, measures[i].name, got[k], want[k])
			}
		}
	}
}

// TestItemsetLimit checks that the number of values stays within the limit and that pairs drawn are pairs there are.
func TestItemsetLimit(t *testing.T) {
	d := generated(300, 15, dataset.Classification, 3)
	all := newTestExtraction(t, d, Options{Groups: []string{Itemset}})
	some := newTestExtraction(t, d, Options{Groups: []string{Itemset}, MaxItems: 500})
	whole, err := all.itemset()
	if err != nil {
		t.Fatal(err)
	}
	part, err := some.itemset()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(part[1].values); n == 0 || n > 500 || len(whole[1].values) <= 500 {
		t.Errorf("%d values of %d within a limit of 500", n, len(whole[1].values))
	}
	if !slices.Equal(part[0].values, whole[0].values) {
		t.Error("the limit changes single values")
	}
	if len(all.notes) != 0 || len(some.notes) != 1 {
		t.Errorf("notes %q and %q", all.notes, some.notes)
	}
}
