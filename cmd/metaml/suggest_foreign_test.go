package main

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/metaml/metaml/metafeatures"
	"github.com/metaml/metaml/metafeatures/dataset"
	"github.com/metaml/metaml/transfer"
)

// TestForeignKnowledgeIsAskedInItsTerms asks knowledge bases with meta-features of other programs about a data file.
func TestForeignKnowledgeIsAskedInItsTerms(t *testing.T) {
	ctx := context.Background()
	d, err := dataset.Read(ctx, "testdata/diabetes.csv", dataset.Options{Target: "target"})
	if err != nil {
		t.Fatal(err)
	}
	own, err := metafeatures.Extract(ctx, d, metafeatures.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name      string
		extractor string
		features  []string
		foreign   bool
	}{
		{"auto-sklearn's", "foreign:autosklearn", []string{"LogNumberOfInstances", "KurtosisMean", "SkewnessMean", "NumberOfFeatures"}, true},
		{"pymfe's", "foreign:pymfe", []string{"nr_attr", "nr_inst", "cor.mean", "skewness.mean"}, true},
		{"nobody's", "foreign:x", []string{"alpha", "beta", "nr_inst"}, false},
		{"metaml's own", own.Extractor, []string{"nr_attr"}, false},
	} {
		v, err := translate(ctx, &transfer.Matrix{Extractor: c.extractor, FeatureNames: c.features}, d, own, 0)
		if err != nil {
			t.Fatal(err)
		}
		if !c.foreign {
			if v.Extractor != own.Extractor {
				t.Errorf("%s: asked by %s", c.name, v.Extractor)
			}
			continue
		}
		values := v.Map()
		if v.Extractor != c.extractor || slices.ContainsFunc(c.features, func(name string) bool {
			x, ok := values[name]
			return !ok || math.IsNaN(x)
		}) {
			t.Errorf("%s: asked by %s with %v", c.name, v.Extractor, values)
		}
	}
}
