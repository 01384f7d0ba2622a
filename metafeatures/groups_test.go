package metafeatures

import (
	"math"
	"slices"
	"testing"

	"github.com/metaml/metaml/metafeatures/dataset"
)

// extras are the groups that are computed only when named.
func extras() []string {
	return slices.DeleteFunc(Groups(), func(g string) bool { return slices.Contains(DefaultGroups(), g) })
}

// TestGroupsAgainstPymfe compares every feature that pymfe defines in the groups beyond the default ones;
// testdata/groups.py makes the file. What is the same in pymfe whatever the order of rows and the random state agrees
// to 1e-6. What hangs on random numbers, or on which of several equally good things is taken, lies within pymfe's
// range over many draws, widened on either side by half and by 5 %: between splits that are equally good but for
// rounding scikit-learn always makes the same choice.
func TestGroupsAgainstPymfe(t *testing.T) {
	data := readReference(t, "reference.json")
	for i, set := range readReference(t, "groups.json") {
		t.Run(set.Name, func(t *testing.T) {
			if data[i].Name != set.Name {
				t.Fatalf("the data are those of %s", data[i].Name)
			}
			got := mustExtract(t, data[i].dataset(t), Options{
				Groups: extras(), Summaries: []string{"mean", "sd", "min", "max", "median"},
			}).Map()
			for name, want := range set.Exact {
				agrees(t, got, name, want, 1e-6)
			}
			for name, want := range set.Spread {
				margin := (want[1]-want[0])/2 + 0.05*math.Abs(want[1])
				if v, ok := got[name]; !ok || v < want[0]-margin || v > want[1]+margin {
					t.Errorf("%s: %v (defined: %v), pymfe's are in %v", name, v, ok, want)
				}
			}
			if len(set.Exact) < 90 || len(set.Exact)+len(set.Spread) < 150 {
				t.Errorf("only %d exact and %d other features compared", len(set.Exact), len(set.Spread))
			}
		})
	}
}

// TestDefaultGroups checks which groups are computed where none are named.
func TestDefaultGroups(t *testing.T) {
	var groups []string
	for _, f := range mustExtract(t, generated(50, 3, dataset.Classification, 1), Options{}).Features {
		if !slices.Contains(groups, f.Group) {
			groups = append(groups, f.Group)
		}
	}
	if want := []string{"general", "statistical", "info-theory", "landmarking"}; !slices.Equal(groups, want) {
		t.Errorf("groups %v, want %v", groups, want)
	}
}
