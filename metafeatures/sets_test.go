package metafeatures

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/metaml/metaml/metafeatures/dataset"
)

// setValues are the values of one dataset by the definitions of other projects.
type setValues struct {
	File, Name  string
	AutoSklearn map[string]float64 `json:"auto-sklearn"`
	Landmarkers map[string][2]float64
	FLAML       map[string]float64
	OpenML      map[string]float64
}

func readSetValues(t *testing.T) []setValues {
	t.Helper()
	data, err := os.ReadFile("testdata/sets.json")
	if err != nil {
		t.Fatal(err)
	}
	var content struct{ Datasets []setValues }
	if err := json.Unmarshal(data, &content); err != nil {
		t.Fatal(err)
	}
	return content.Datasets
}

// TestNamedSets compares the sets of other projects with their definitions on top of pandas, scipy and scikit-learn;
// testdata/sets.py makes the file.
func TestNamedSets(t *testing.T) {
	for _, want := range readSetValues(t) {
		t.Run(want.Name, func(t *testing.T) {
			sets := readReference(t, want.File)
			i := slices.IndexFunc(sets, func(s referenceSet) bool { return s.Name == want.Name })
			d := sets[i].dataset(t)
			for set, values := range map[string]map[string]float64{
				AutoSklearn: want.AutoSklearn, FLAML: want.FLAML, OpenML: want.OpenML,
			} {
				got := mustExtract(t, d, Options{Set: set}).Map()
				for name, v := range values {
					agrees(t, got, name, v, 1e-6)
				}
				for name := range got {
					if _, ok := values[name]; !ok && !strings.HasPrefix(name, "Landmark") {
						t.Errorf("%s: %s is not of the set", set, name)
					}
				}
			}
			got := mustExtract(t, d, Options{Set: AutoSklearn, Groups: []string{Landmarking}}).Map()
			if len(got) != len(want.Landmarkers) {
				t.Errorf("%d landmarkers, want %d", len(got), len(want.Landmarkers))
			}
			for name, spread := range want.Landmarkers {
				margin := (spread[1]-spread[0])/2 + 0.01
				if v := got[name]; v < spread[0]-margin || v > spread[1]+margin {
					t.Errorf("%s: %v, over 20 orders of the rows it is in %v", name, v, spread)
				}
			}
		})
	}
}

// TestSetSizes checks how many features the sets have whose sizes are known.
func TestSetSizes(t *testing.T) {
	for _, want := range []struct {
		set                        string
		classification, regression int
	}{{AutoSklearn, 46, 34}, {AutoSklearnKNN, 37, 31}, {FLAML, 4, 4}, {OpenML, 62, 43}} {
		for task, n := range map[dataset.TaskType]int{dataset.Classification: want.classification, dataset.Regression: want.regression} {
			v := mustExtract(t, generated(120, 7, task, 3), Options{Set: want.set})
			if len(v.Features) != n {
				t.Errorf("%s has %d features for %s, want %d", want.set, len(v.Features), task, n)
			}
			if v.Extractor != want.set+"/1" {
				t.Errorf("%s: extractor %q", want.set, v.Extractor)
			}
		}
	}
}

// TestPyMFESet checks that the set has what pymfe has and nothing else, with the same values as metaml's own.
func TestPyMFESet(t *testing.T) {
	known := map[string]bool{"decision_tree": false}
	for _, file := range []string{"reference.json", "groups.json"} {
		for _, s := range readReference(t, file) {
			for _, values := range []map[string]float64{s.Exact, s.Inexact} {
				for name := range values {
					base, _, _ := strings.Cut(name, ".")
					known[base] = true
				}
			}
			for name := range s.Spread {
				base, _, _ := strings.Cut(name, ".")
				known[base] = true
			}
		}
	}
	known["sd_ratio"] = true // compared only where pymfe's can be right
	d := generated(150, 8, dataset.Classification, 5)
	own := mustExtract(t, d, Options{Groups: Groups()})
	theirs := mustExtract(t, d, Options{Set: PyMFE})
	values := own.Map()
	seen := map[string]bool{}
	for _, f := range theirs.Features {
		base, _, _ := strings.Cut(f.Name, ".")
		seen[base] = true
		if !known[base] {
			t.Errorf("pymfe has no %s", base)
		}
		if v, ok := values[f.Name]; ok && v != f.Value {
			t.Errorf("%s: %v, metaml's own %v", f.Name, f.Value, v)
		}
	}
	for base, is := range known {
		if is && !seen[base] {
			t.Errorf("pymfe's %s is missing", base)
		}
	}
}

// TestMissingInSample checks that counts of missing cells speak of the whole file where the rows are a sample.
func TestMissingInSample(t *testing.T) {
	d := datasetOf(levelsColumn("y", []string{"a", "b", "a", "b"}), numberColumn("x", []float64{1, math.NaN(), 3, 4}))
	d.TotalRows = 40
	got := mustExtract(t, d, Options{Set: OpenML, Groups: []string{General}}).Map()
	for name, want := range map[string]float64{
		"NumberOfInstances": 40, "NumberOfMissingValues": 10, "PercentageOfInstancesWithMissingValues": 25, "MajorityClassSize": 20,
	} {
		if got[name] != want {
			t.Errorf("%s: %v, want %v", name, got[name], want)
		}
	}
}

// TestTinySets checks that every set answers for datasets so small or degenerate that most is undefined.
func TestTinySets(t *testing.T) {
	for name, d := range map[string]*dataset.Dataset{
		"one row":       datasetOf(levelsColumn("y", []string{"a"}), numberColumn("x", []float64{1})),
		"two rows":      datasetOf(levelsColumn("y", []string{"a", "b"}), levelsColumn("x", []string{"p", ""})),
		"constant":      datasetOf(numberColumn("y", []float64{1, 1, 1}), numberColumn("x", []float64{2, 2, 2})),
		"all missing":   datasetOf(numberColumn("y", []float64{1, 2, 3}), numberColumn("x", []float64{math.NaN(), math.NaN(), math.NaN()})),
		"huge":          datasetOf(levelsColumn("y", []string{"a", "b", "a", "b", "a", "b"}), numberColumn("x", []float64{1e300, -1e300, 1e308, -1e308, 0, 1})),
		"single class":  datasetOf(levelsColumn("y", slices.Repeat([]string{"a"}, 12)), numberColumn("x", []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})),
		"missing level": datasetOf(levelsColumn("y", []string{"a", "b", "a"}), levelsColumn("x", []string{"", "", ""})),
	} {
		for _, set := range Sets() {
			groups, err := GroupsOf(set)
			if err != nil {
				t.Fatal(err)
			}
			if v := mustExtract(t, d, Options{Set: set, Groups: groups}); len(v.Map()) == 0 {
				t.Errorf("%s of %s: nothing is defined", set, name)
			}
		}
	}
}

// TestUnknownSet checks the errors about sets and their groups.
func TestUnknownSet(t *testing.T) {
	if _, err := GroupsOf("autosklearn"); !errors.Is(err, ErrOption) {
		t.Errorf("error %v", err)
	}
	_, err := Options{Set: FLAML, Groups: []string{Landmarking}}.resolve()
	if !errors.Is(err, ErrOption) || !strings.HasSuffix(err.Error(), "there are general") {
		t.Errorf("error %v", err)
	}
}
