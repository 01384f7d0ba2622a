package dataset

import (
	"math"
	"slices"
	"testing"
)

func TestTrainingLeavesTestRowsOut(t *testing.T) {
	d := &Dataset{Task: Classification, Rows: 40, TotalRows: 40, Fingerprint: "f",
		Target:   Column{Kind: Categorical, Levels: []string{"a", "b"}},
		Features: []Column{{Name: "x", Kind: Numeric}}}
	for i := range d.Rows {
		d.Target.Values = append(d.Target.Values, float64(i%2))
		v := float64(i)
		if i%5 == 0 {
			v = math.NaN()
		}
		d.Features[0].Values = append(d.Features[0].Values, v)
	}
	s, err := NewSplit(d, SplitOptions{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	train := d.Training(s)
	var want []float64
	missing := 0
	for i, fold := range s.Assignments[0] {
		if fold < 0 {
			continue
		}
		if math.IsNaN(d.Features[0].Values[i]) {
			missing++
			continue
		}
		want = append(want, d.Features[0].Values[i])
	}
	got := slices.DeleteFunc(slices.Clone(train.Features[0].Values), math.IsNaN)
	if !slices.Equal(got, want) || train.Features[0].MissingCount != missing {
		t.Errorf("training rows %v (%d missing), want %v (%d missing)", got, train.Features[0].MissingCount, want, missing)
	}
	if train.Rows != 30 || len(train.Target.Values) != 30 || train.TotalRows != 40 || train.Fingerprint != "f" {
		t.Errorf("%d rows, %d targets, %d in all, fingerprint %s", train.Rows, len(train.Target.Values), train.TotalRows, train.Fingerprint)
	}
	if d.Rows != 40 || len(d.Features[0].Values) != 40 {
		t.Error("the dataset itself changed")
	}
}
