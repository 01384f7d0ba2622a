package metafeatures

import (
	"errors"
	"strings"
	"testing"

	"github.com/metaml/metaml/metafeatures/dataset"
)

// TestSubsampledAgainstPymfe compares the means with the range of pymfe's over 30 samples of half the rows;
// testdata/subsampled.py makes the file.
func TestSubsampledAgainstPymfe(t *testing.T) {
	data := readReference(t, "reference.json")
	for i, set := range readReference(t, "subsampled.json") {
		t.Run(set.Name, func(t *testing.T) {
			if data[i].Name != set.Name || len(set.Spread) != 7 {
				t.Fatalf("%d landmarkers of %s for the data of %s", len(set.Spread), set.Name, data[i].Name)
			}
			got := mustExtract(t, data[i].dataset(t), Options{Groups: []string{Subsampled}}).Map()
			for name, want := range set.Spread {
				const margin = 0.03
				if v, ok := got[name+".mean.subsampled"]; !ok || v < want[0]-margin || v > want[1]+margin {
					t.Errorf("%s: %v (defined: %v), pymfe's are in %v", name, v, ok, want)
				}
			}
		})
	}
}

// TestSubsampleShare checks that the whole share gives the landmarkers themselves, and a small one fewer rows.
func TestSubsampleShare(t *testing.T) {
	d := generated(300, 6, dataset.Classification, 11)
	whole := mustExtract(t, d, Options{Groups: []string{Landmarking, Subsampled}, SubsampleShare: 1}).Map()
	quarter := mustExtract(t, d, Options{Groups: []string{Subsampled}, SubsampleShare: 0.25}).Map()
	differ := 0
	for name, v := range quarter {
		full, _ := strings.CutSuffix(name, "."+Subsampled)
		if whole[name] != whole[full] {
			t.Errorf("%s: %v on all rows, want %v", name, whole[name], whole[full])
		}
		if v != whole[full] {
			differ++
		}
	}
	if len(quarter) == 0 || differ < len(quarter)/2 {
		t.Errorf("%d of %d features differ on a quarter of the rows", differ, len(quarter))
	}
	for _, share := range []float64{-0.1, 1.5} {
		if _, err := (Options{SubsampleShare: share}).resolve(); !errors.Is(err, ErrOption) {
			t.Errorf("share %v: error %v", share, err)
		}
	}
}
