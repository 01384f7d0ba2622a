package metafeatures

import (
	"math"
	"strings"
	"testing"

	"github.com/metaml/metaml/metafeatures/dataset"
)

func TestRankAmong(t *testing.T) {
	nan := math.NaN()
	features := []Feature{
		{Name: "a.mean", Value: 0.5}, {Name: "b.mean", Value: 0.9}, {Name: "c.mean", Value: 0.5}, {Name: "d.mean", Value: nan},
		{Name: "a.sd", Value: 0.7}, {Name: "e.mean", Value: 0.1},
	}
	for i, want := range []float64{2.5, 4, 2.5, nan, 1, 1} {
		if got := rankAmong(features[i], features); !same(got, want) {
			t.Errorf("%s has rank %v, want %v", features[i].Name, got, want)
		}
	}
}

// TestRanksAgainstPymfe ranks pymfe's own landmarkers and compares with its ranks; testdata/relative.py makes the file.
func TestRanksAgainstPymfe(t *testing.T) {
	for _, set := range readReference(t, "relative.json") {
		var features []Feature
		for name, v := range set.Exact {
			features = append(features, Feature{Name: name, Value: v})
		}
		if len(features) < 20 || len(set.Inexact) != len(features) {
			t.Errorf("%s: %d ranks of %d landmarkers", set.Name, len(set.Inexact), len(features))
		}
		for _, f := range features {
			if got, want := rankAmong(f, features), set.Inexact[f.Name+".relative"]; got != want {
				t.Errorf("%s: %s has rank %v, pymfe's is %v", set.Name, f.Name, got, want)
			}
		}
	}
}

// TestRelativeLandmarking checks the ranks against the landmarkers' values: their sum is that of 1 to n, and a higher
// value never has a lower rank.
func TestRelativeLandmarking(t *testing.T) {
	for _, task := range []dataset.TaskType{dataset.Classification, dataset.Regression} {
		v := mustExtract(t, generated(150, 6, task, 4), Options{
			Groups: []string{Landmarking, Relative}, Summaries: []string{"mean", "sd", "quantiles"},
		}).Map()
		for _, suffix := range []string{".mean", ".sd", ".quantiles.0", ".quantiles.4"} {
			var names []string
			var sum float64
			for name := range v {
				if landmark, ok := strings.CutSuffix(name, suffix+".relative"); ok {
					names = append(names, landmark)
					sum += v[name]
				}
			}
			n := float64(len(names))
			if n < 6 || sum != n*(n+1)/2 {
				t.Errorf("%s%s: %v ranks add up to %v", task, suffix, n, sum)
			}
			for _, a := range names {
				for _, b := range names {
					if v[a+suffix] < v[b+suffix] && v[a+suffix+".relative"] >= v[b+suffix+".relative"] {
						t.Errorf("%s: %s is lower than %s%s but not its rank", task, a, b, suffix)
					}
				}
			}
		}
	}
}
