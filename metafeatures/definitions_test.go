package metafeatures

import (
	"errors"
	"testing"

	"github.com/metaml/metaml/metafeatures/dataset"
)

// TestGlossary checks that every feature of every set is defined, in its group, and that nothing else is.
func TestGlossary(t *testing.T) {
	for _, set := range Sets() {
		g, err := NewGlossary(set)
		if err != nil {
			t.Fatal(err)
		}
		groups := map[string]string{}
		for _, d := range g.Definitions() {
			if d.Text == "" || d.Set != set || groups[d.Name] != "" {
				t.Errorf("%s: definition %+v", set, d)
			}
			groups[d.Name] = d.Group
		}
		names, err := GroupsOf(set)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, task := range []dataset.TaskType{dataset.Classification, dataset.Regression} {
			opt := Options{Set: set, Groups: names, Summaries: Summaries()}
			for _, f := range mustExtract(t, generated(90, 6, task, 1), opt).Features {
				if text, ok := g.Define(f.Name); !ok || text == "" {
					t.Errorf("%s: %s is not defined", set, f.Name)
				}
				base := baseOf(f.Name)
				seen[base] = true
				if f.Group != Relative && f.Group != Subsampled && groups[base] != f.Group {
					t.Errorf("%s: %s is in group %s, its definition in %s", set, base, f.Group, groups[base])
				}
			}
		}
		for name := range groups {
			if !seen[name] {
				t.Errorf("%s: %s is defined but not computed", set, name)
			}
		}
	}
	if _, err := NewGlossary("mine"); !errors.Is(err, ErrOption) {
		t.Errorf("error %v", err)
	}
}

// baseOf is a feature's name without summaries.
func baseOf(feature string) string {
	for i, c := range feature {
		if c == '.' {
			return feature[:i]
		}
	}
	return feature
}

// TestDefine checks the wording of plain, summarised and relative features.
func TestDefine(t *testing.T) {
	g, err := NewGlossary(MetaML)
	if err != nil {
		t.Fatal(err)
	}
	for feature, want := range map[string]string{
		"nr_attr":              "columns",
		"one_nn.mean":          "accuracy of 1-nearest-neighbour, per fold: mean",
		"one_nn.mean.relative": "rank among landmarkers by mean: accuracy of 1-nearest-neighbour, per fold",
		"one_nn.sd.subsampled": "accuracy of 1-nearest-neighbour, per fold: sd, on a subsample of the rows",
		"cor.quantiles.2":      "absolute correlation, per pair of columns: quantiles.2",
	} {
		if got, ok := g.Define(feature); got != want || !ok {
			t.Errorf("%s: %q, want %q", feature, got, want)
		}
	}
	if text, ok := g.Define("Landmark1NN"); ok {
		t.Errorf("metaml defines Landmark1NN as %q", text)
	}
}

// TestRecognise checks that the names of a foreign knowledge base tell its set.
func TestRecognise(t *testing.T) {
	for _, want := range []struct {
		set   string
		names []string
		known int
	}{
		{AutoSklearn, []string{"ClassEntropy", "KurtosisMean", "LandmarkLDA", "SymbolsSum", "theirs"}, 4},
		{FLAML, []string{"NumberOfInstances", "NumberOfFeatures", "NumberOfClasses", "PercentageOfNumericFeatures"}, 4},
		{OpenML, []string{"ClassEntropy", "Dimensionality", "Quartile2MutualInformation", "NumberOfInstances"}, 4},
		{MetaML, []string{"one_nn.mean", "eigenvalues.skewness", "nr_attr"}, 3},
		{"", []string{"width", "height"}, 0},
	} {
		if set, known := Recognise(want.names); set != want.set || known != want.known {
			t.Errorf("%v: %d names of %q, want %d of %q", want.names, known, set, want.known, want.set)
		}
	}
}
