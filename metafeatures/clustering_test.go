package metafeatures

import (
	"math"
	"strings"
	"testing"

	"github.com/metaml/metaml/metafeatures/dataset"
)

func clusteringOf(t *testing.T, classes string, values ...float64) map[string]float64 {
	t.Helper()
	d := datasetOf(levelsColumn("y", strings.Split(classes, "")), numberColumn("x", values))
	return mustExtract(t, d, Options{Groups: []string{Clustering}}).Map()
}

// TestClusteringByHand checks two classes on a line: 0, 2 and 10, 12.
func TestClusteringByHand(t *testing.T) {
	v := clusteringOf(t, "aabb", 0, 2, 10, 12)
	for name, want := range map[string]float64{
		"int": 10,
		"vdb": 0.2,          // each 1 about its centroid, centroids 10 apart
		"vdu": 8.0 / 4 / 2,  // least 8 over the product of sizes, greatest within 2
		"ch":  100 * 2 / 4., // between 4*25, within 4, degrees of freedom 1 and 2
		"sil": (9./11 + 7./9) / 2,
		"nre": math.Ln2,
		"sc":  2,
	} {
		close(t, name, v[name], want)
	}
	if !(v["pb"] < -0.9) {
		t.Errorf("correlation of distance and sameness %v", v["pb"])
	}
}

// TestClusteringDegenerate checks what is left without a second class, and rows that all coincide.
func TestClusteringDegenerate(t *testing.T) {
	v := clusteringOf(t, "aaa", 1, 2, 3)
	if len(v) != 2 || v["nre"] != 0 || v["sc"] != 1 {
		t.Errorf("a single class: %v", v)
	}
	v = clusteringOf(t, "abab", 1, 1, 1, 1)
	if v["ch"] != 1 || v["vdb"] != 0 || v["sil"] != 0 {
		t.Errorf("rows that coincide: %v", v)
	}
	if _, ok := v["vdu"]; ok {
		t.Errorf("vdu is %v without any distance", v["vdu"])
	}
	if v := mustExtract(t, generated(30, 3, dataset.Regression, 1), Options{Groups: []string{Clustering}}).Map(); len(v) != 0 {
		t.Errorf("clusters of a regression: %v", v)
	}
}

// TestPairSampleIsClose checks that what is computed on a sample of the rows estimates the value on all.
func TestPairSampleIsClose(t *testing.T) {
	d := generated(1500, 6, dataset.Classification, 5)
	groups := []string{Clustering, Concept, Complexity}
	whole := mustExtract(t, d, Options{Groups: groups, PairRows: -1}).Map()
	part := mustExtract(t, d, Options{Groups: groups, PairRows: 500}).Map()
	for _, name := range []string{
		"int", "nre", "c1", "c2", "t2", "f1.mean", "cls_coef", "density",
		"cohesiveness.mean", "impconceptvar.mean", "conceptvar.mean", "wg_dist.mean",
	} {
		if math.Abs(part[name]-whole[name]) > 0.15*math.Abs(whole[name]) {
			t.Errorf("%s: %v on a sample, %v on all rows", name, part[name], whole[name])
		}
	}
}
