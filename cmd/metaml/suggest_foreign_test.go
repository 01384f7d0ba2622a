package main

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/metaml/metaml/kb"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/metafeatures"
	"github.com/metaml/metaml/metafeatures/dataset"
	"github.com/metaml/metaml/transfer"
	"github.com/metaml/metaml/warmstart"
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

// TestAnUnknownMetricIsNoStranger: of a metric that the knowledge base does not know, or knows of few tasks, what to begin
// with is what is good by its primary one; a known metric is asked for itself.
func TestAnUnknownMetricIsNoStranger(t *testing.T) {
	ctx := t.Context()
	d, err := dataset.Read(ctx, "testdata/diabetes.csv", dataset.Options{Target: "target"})
	if err != nil {
		t.Fatal(err)
	}
	v, err := metafeatures.Extract(ctx, d, metafeatures.Options{})
	if err != nil {
		t.Fatal(err)
	}
	k, err := kb.Open(ctx, kb.Options{Path: madeKnowledge(t), ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	set, err := k.Snapshot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	runs := slices.DeleteFunc(slices.Clone(set.Runs), func(r *record.Run) bool { return set.Tasks[r.Task].Type != record.Regression })
	rare := *set.Protocols[runs[0].Protocol]
	primary := rare.Metrics[0]
	rare.Metrics = append([]record.Metric{{Name: "pinball"}}, rare.Metrics...)
	rare.Folds++
	set.Protocols["rare"] = &rare
	for _, run := range runs[:3] {
		other := *run
		other.Protocol, other.Measures = "rare", []record.Measure{{Metric: "pinball", Validation: []float64{.5}}}
		set.Runs = append(set.Runs, &other)
	}
	for metric, want := range map[string]string{"pinball": primary.Name, "unheard of": primary.Name, primary.Name: primary.Name} {
		e, _, stderr := testEnvironment()
		s, err := e.consultAbout(ctx, set, d, v, warmstart.Options{K: 3, Metric: metric})
		if err != nil {
			t.Fatal(err)
		}
		if s.advice.Metric.Name != want || len(s.advice.Recommendations) != 3 || len(s.matrix.Tasks) < fewestByMetric {
			t.Errorf("%s: %d configurations by %s, from %d tasks", metric, len(s.advice.Recommendations), s.advice.Metric.Name, len(s.matrix.Tasks))
		}
		if said := strings.Contains(stderr.String(), "what is recommended is good by"); said != (metric != want) {
			t.Errorf("%s: %q", metric, stderr)
		}
	}
}
