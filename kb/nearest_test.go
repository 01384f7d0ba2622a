package kb

import (
	"math"
	"testing"

	"github.com/metaml/metaml/kb/record"
)

func TestNearest(t *testing.T) {
	k := fileKB(t)
	add(t, k, sample(t, 0, 5)...) // rows 0 to 4, odd 0 or 1
	regression := &record.Task{Fingerprint: "r", Type: record.Regression}
	foreign := identify(t, task(0))
	add(t, k, regression, &record.Features{Task: identify(t, regression), Extractor: "metaml/1", Values: map[string]float64{"rows": 2, "odd": 0}},
		&record.Features{Task: foreign, Extractor: "foreign:x", Values: map[string]float64{"rows": 2, "odd": 0}})

	got, err := k.Nearest(t.Context(), Query{Extractor: "metaml/1", Values: map[string]float64{"rows": 2, "odd": 0}, Type: record.Classification, K: 3})
	if err != nil || len(got) != 3 {
		t.Fatalf("%v, %v", got, err)
	}
	if got[0].Name != "set 2" || got[0].Distance != 0 || got[0].Group != "group 1" || got[0].Type != record.Classification {
		t.Errorf("nearest is %+v", got[0])
	}
	// Of five tasks, rows 4 and 0 are two ranks of five away, odd is the same: (2/5 + 0) / 2.
	for _, n := range got[1:] {
		if (n.Name != "set 0" && n.Name != "set 4") || math.Abs(n.Distance-0.2) > 1e-12 {
			t.Errorf("then comes %+v", n)
		}
	}
	if all, _ := k.Nearest(t.Context(), Query{Extractor: "metaml/1", Values: map[string]float64{"rows": 2}}); len(all) != 6 {
		t.Errorf("%d tasks of all types, want 6", len(all))
	}
	if none, err := k.Nearest(t.Context(), Query{Extractor: "metaml/2", Values: map[string]float64{"rows": 2}}); len(none) != 0 || err != nil {
		t.Errorf("another definition of features was compared: %v, %v", none, err)
	}
	without, _ := k.Nearest(t.Context(), Query{Extractor: "foreign:x", Values: map[string]float64{"rows": 2}, Without: foreign})
	if len(without) != 0 {
		t.Errorf("the task itself is its neighbour: %v", without)
	}
}

func TestNearestCountsMissingValues(t *testing.T) {
	set := record.NewSet()
	for digit, values := range map[string]map[string]float64{"1": {"a": 1, "b": 1}, "2": {"a": 1}, "3": {"a": 1, "b": 1, "c": 1}} {
		set.Features = append(set.Features, &record.Features{Task: id(digit), Extractor: "x", Values: values})
	}
	got := NearestIn(set, Query{Extractor: "x", Values: map[string]float64{"a": 1, "b": 1}})
	want := map[record.ID]float64{id("1"): 0, id("3"): 0.5 / 3, id("2"): 0.25}
	if len(got) != 3 || got[0].Task != id("1") || got[2].Task != id("2") {
		t.Fatalf("order %v", got)
	}
	for _, n := range got {
		if math.Abs(n.Distance-want[n.Task]) > 1e-12 {
			t.Errorf("%.1s: distance %v, want %v", n.Task, n.Distance, want[n.Task])
		}
	}
}
