package main

import (
	"context"
	"encoding/json"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/metaml/metaml/kb"
	"github.com/metaml/metaml/kb/record"
)

// TestKBNearestAsksForeignTasksInTheirTerms: tasks described by auto-sklearn's meta-features are found for a data file,
// the one that has the file's own sizes first.
func TestKBNearestAsksForeignTasksInTheirTerms(t *testing.T) {
	path := filepath.Join(t.TempDir(), "foreign.sqlite")
	base, err := kb.Open(context.Background(), kb.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	for i, rows := range []float64{442, 5000, 100000} { // diabetes.csv has 442 rows
		ids, err := base.Add(context.Background(), &record.Task{Fingerprint: strings.Repeat(string(rune('a'+i)), 64), Type: record.Regression})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := base.Add(context.Background(),
			&record.Label{Task: ids[0], Name: []string{"alike", "larger", "largest"}[i]},
			&record.Features{Task: ids[0], Extractor: "foreign:autosklearn", Values: map[string]float64{
				"NumberOfInstances": rows, "LogNumberOfInstances": math.Log(rows), "NumberOfFeatures": 10,
			}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := base.Close(); err != nil {
		t.Fatal(err)
	}
	e, stdout, stderr := testEnvironment()
	if code := run(context.Background(), e, []string{"kb", "nearest", "testdata/diabetes.csv", "--target", "target", "--kb", path, "--json"}); code != exitOK {
		t.Fatalf("exit status %d: %s", code, stderr)
	}
	var doc struct {
		Tasks []struct {
			Name     string
			Distance *float64
		}
	}
	if err := json.Unmarshal(stdout.Bytes(), &doc); err != nil {
		t.Fatalf("%v in %s", err, stdout)
	}
	if len(doc.Tasks) != 3 || doc.Tasks[0].Name != "alike" || doc.Tasks[2].Name != "largest" || doc.Tasks[0].Distance == nil || *doc.Tasks[0].Distance > .01 {
		t.Errorf("%s", stdout)
	}
}

// TestForeignTerms: the extractor of most tasks first, each with all names that any of its tasks has.
func TestForeignTerms(t *testing.T) {
	set := record.NewSet()
	add := func(extractor string, names ...string) {
		values := make(map[string]float64)
		for _, name := range names {
			values[name] = 1
		}
		set.Features = append(set.Features, &record.Features{Task: record.ID(extractor), Extractor: extractor, Values: values})
	}
	add("foreign:a", "x")
	add("foreign:b", "z", "y")
	add("foreign:b", "w")
	add("metaml/1", "nr_inst")
	terms := foreignTerms(set)
	if len(terms) != 2 || terms[0].Extractor != "foreign:b" || strings.Join(terms[0].FeatureNames, " ") != "w y z" || terms[1].Extractor != "foreign:a" {
		t.Errorf("%+v", terms)
	}
}
