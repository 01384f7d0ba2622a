package kb

import (
	"math"
	"slices"
	"testing"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/metafeatures"
)

const sampleExtractor = "foreign:sample"

func TestNearest(t *testing.T) {
	k := fileKB(t)
	add(t, k, sample(t, 0, 5)...) // rows 0 to 4, odd 0 or 1
	regression := &record.Task{Fingerprint: "r", Type: record.Regression}
	add(t, k, regression,
		&record.Features{Task: identify(t, regression), Extractor: sampleExtractor, Values: map[string]float64{"rows": 2, "odd": 0}},
		&record.Features{Task: identify(t, task(0)), Extractor: "foreign:x", Values: map[string]float64{"rows": 2, "odd": 0}})

	query := Query{Extractor: sampleExtractor, Values: map[string]float64{"rows": 2, "odd": 0}, Type: record.Classification, K: 3}
	got, err := k.Nearest(t.Context(), query)
	if err != nil || len(got) != 3 {
		t.Fatalf("%v, %v", got, err)
	}
	if got[0].Name != "set 2" || got[0].Distance != 0 || got[0].Group != "group 1" || got[0].Type != record.Classification {
		t.Errorf("nearest is %+v", got[0])
	}
	// Rows 0 and 4 lie one interquartile range (from 1 to 3) away, odd is the same: (1 + 0) / 2.
	for _, n := range got[1:] {
		if (n.Name != "set 0" && n.Name != "set 4") || math.Abs(n.Distance-0.5) > 1e-12 {
			t.Errorf("then comes %+v", n)
		}
	}
	query.K, query.Type = 0, ""
	if all, _ := k.Nearest(t.Context(), query); len(all) != 6 {
		t.Errorf("%d tasks of all types, want 6", len(all))
	}
	query.Extractor = "metaml/2"
	if none, err := k.Nearest(t.Context(), query); len(none) != 0 || err != nil {
		t.Errorf("another definition of features was compared: %v, %v", none, err)
	}
	query.Extractor, query.Without = sampleExtractor, identify(t, task(2))
	if rest, _ := k.Nearest(t.Context(), query); slices.ContainsFunc(rest, func(n Neighbour) bool { return n.Task == query.Without }) {
		t.Errorf("the task itself is its neighbour: %v", rest)
	}
}

func TestNearestUsesTheLatestFeatures(t *testing.T) {
	set := record.NewSet()
	for digit, value := range map[string]float64{"1": 1, "2": 2, "3": 3, "4": 9} {
		set.Features = append(set.Features, &record.Features{Task: id(digit), Extractor: "x", Values: map[string]float64{"a": value}})
	}
	set.Features = append(set.Features, &record.Features{Task: id("4"), Extractor: "x", Values: map[string]float64{"a": 4}})
	got := NearestIn(set, Query{Extractor: "x", Values: map[string]float64{"a": 4}})
	if len(got) != 4 || got[0].Task != id("4") || got[0].Distance != 0 {
		t.Errorf("got %+v", got)
	}
}

// TestNearestComparesOwnFeaturesByChoice: units and sizes that say nothing about likeness do not count.
func TestNearestComparesOwnFeaturesByChoice(t *testing.T) {
	set := record.NewSet()
	for i, digit := range []string{"1", "2", "3"} {
		set.Features = append(set.Features, &record.Features{Task: id(digit), Extractor: metafeatures.Extractor,
			Values: map[string]float64{"cat_share": float64(i) / 10, "mean.mean": float64(100 * (3 - i))}})
	}
	got := NearestIn(set, Query{Extractor: metafeatures.Extractor, Values: map[string]float64{"cat_share": 0, "mean.mean": 100}})
	if len(got) != 3 || got[0].Task != id("1") || got[0].Distance != 0 {
		t.Errorf("got %+v", got)
	}
	if none := NearestIn(set, Query{Extractor: metafeatures.Extractor, Values: map[string]float64{}}); len(none) != 3 {
		t.Errorf("undefined against defined is a difference: %+v", none)
	}
	for _, f := range set.Features {
		delete(f.Values, "cat_share")
	}
	if none := NearestIn(set, Query{Extractor: metafeatures.Extractor, Values: map[string]float64{"cat_share": 0}}); len(none) != 0 {
		t.Errorf("compared by nothing: %+v", none)
	}
}
