package metafeatures

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/metaml/metaml/metafeatures/dataset"
)

type referenceSet struct {
	Name    string
	Columns []struct {
		Categorical bool
		Values      []string
	}
	Target         []string
	Regression     bool
	Exact, Inexact map[string]float64
	Spread         map[string][2]float64
}

func readReference(t *testing.T, file string) []referenceSet {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var content struct{ Datasets []referenceSet }
	if err := json.Unmarshal(data, &content); err != nil {
		t.Fatal(err)
	}
	return content.Datasets
}

func (s referenceSet) dataset(t *testing.T) *dataset.Dataset {
	t.Helper()
	var features []dataset.Column
	for j, c := range s.Columns {
		name := strconv.Itoa(j)
		if c.Categorical {
			features = append(features, levelsColumn(name, c.Values))
			continue
		}
		features = append(features, numberColumn(name, parsed(t, c.Values)))
	}
	if s.Regression {
		return datasetOf(numberColumn("target", parsed(t, s.Target)), features...)
	}
	return datasetOf(levelsColumn("target", s.Target), features...)
}

// parsed turns strings into numbers, "" into a missing one.
func parsed(t *testing.T, cells []string) []float64 {
	t.Helper()
	values := make([]float64, len(cells))
	for i, v := range cells {
		values[i] = math.NaN()
		if v == "" {
			continue
		}
		var err error
		if values[i], err = strconv.ParseFloat(v, 64); err != nil {
			t.Fatal(err)
		}
	}
	return values
}

// TestMissingValues compares features of data with missing values, of classification and of regression, with the
// same definitions on top of pandas, scipy and scikit-learn; testdata/missing.py makes the file.
func TestMissingValues(t *testing.T) {
	for _, set := range readReference(t, "missing.json") {
		t.Run(set.Name, func(t *testing.T) {
			got := mustExtract(t, set.dataset(t), Options{}).Map()
			for name, want := range set.Exact {
				agrees(t, got, name, want, 1e-6)
			}
			if len(set.Exact) < 60 {
				t.Errorf("only %d features compared", len(set.Exact))
			}
		})
	}
}

// TestAgainstPymfe compares every feature that pymfe defines; testdata/reference.py makes the file. What is exact
// agrees to 1e-6. What pymfe iterates for agrees with the exact value to 1e-6 and with pymfe's own to the accuracy of
// its iteration. What is random in pymfe, or hangs on which of equally good columns is taken, lies near the range of
// its values over 20 random states.
func TestAgainstPymfe(t *testing.T) {
	for _, set := range readReference(t, "reference.json") {
		t.Run(set.Name, func(t *testing.T) {
			got := mustExtract(t, set.dataset(t), Options{Summaries: []string{
				"mean", "sd", "min", "max", "median", "skewness", "kurtosis", "iq_range", "range",
			}}).Map()
			for name, want := range set.Exact {
				agrees(t, got, name, want, 1e-6)
			}
			for name, want := range set.Inexact {
				if summary := name[strings.Index(name, ".")+1:]; summary != "skewness" && summary != "kurtosis" {
					agrees(t, got, name, want, 5e-3)
				}
			}
			for name, want := range set.Spread {
				const margin = 0.05
				if v, ok := got[name+".mean"]; !ok || v < want[0]-margin || v > want[1]+margin {
					t.Errorf("%s: mean %v, pymfe's are in %v", name, v, want)
				}
			}
			if len(set.Exact) < 200 || len(set.Spread) != 5 {
				t.Errorf("only %d exact and %d random features compared", len(set.Exact), len(set.Spread))
			}
		})
	}
}

func agrees(t *testing.T, got map[string]float64, name string, want, tolerance float64) {
	t.Helper()
	value, ok := got[name]
	if !ok || math.Abs(value-want) > tolerance*max(math.Abs(want), 1e-3) {
		t.Errorf("%s: %v (defined: %v), want %v", name, value, ok, want)
	}
}
