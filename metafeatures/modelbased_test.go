package metafeatures

import (
	"slices"
	"testing"
)

// TestTreeByHand checks a tree that can be drawn: a root that splits off one class, and below it a split into the
// other two.
func TestTreeByHand(t *testing.T) {
	d := datasetOf(levelsColumn("y", []string{"a", "a", "a", "a", "b", "b", "c", "c"}),
		numberColumn("first", []float64{1, 1, 1, 1, 2, 2, 3, 3}), numberColumn("noise", []float64{5, 5, 5, 5, 5, 5, 5, 5}))
	v := mustExtract(t, d, Options{Groups: []string{ModelBased}, Summaries: []string{"mean", "min", "max", "sum", "count"}}).Map()
	for name, want := range map[string]float64{
		"leaves": 3, "nodes": 2, "nodes_per_attr": 1, "nodes_per_inst": 0.25,
		"tree_depth.sum": 6, "tree_depth.count": 5, "leaves_branch.sum": 5,
		"leaves_corrob.max": 0.5, "leaves_corrob.sum": 1,
		"tree_shape.sum": 1.5, "leaves_homo.mean": 6,
		"tree_imbalance.max": 0.5 * 0.7071067811865476, "tree_imbalance.count": 2,
		"nodes_per_level.count": 2, "nodes_repeated.sum": 2, "nodes_repeated.count": 1,
		"var_importance.sum": 1, "var_importance.min": 0, "leaves_per_class.count": 3, "leaves_per_class.sum": 1,
	} {
		close(t, name, v[name], want)
	}
}

// TestTreeWithoutSplit checks that nothing to split on leaves a single leaf, and what that leaves undefined.
func TestTreeWithoutSplit(t *testing.T) {
	d := datasetOf(levelsColumn("y", []string{"a", "b", "a", "b"}), numberColumn("x", []float64{1, 1, 1, 1}))
	v := mustExtract(t, d, Options{Groups: []string{ModelBased}}).Map()
	for name, want := range map[string]float64{"leaves": 1, "nodes": 0, "leaves_per_class.mean": 1, "tree_shape.mean": 0, "var_importance.mean": 0} {
		if got, ok := v[name]; !ok || got != want {
			t.Errorf("%s: %v (defined: %v), want %v", name, got, ok, want)
		}
	}
	for _, name := range []string{"leaves_homo.mean", "nodes_repeated.mean", "nodes_per_level.mean"} {
		if got, ok := v[name]; ok {
			t.Errorf("%s: %v of a tree without splits", name, got)
		}
	}
}

// TestRegressionTree checks that leaves of a regression's tree hold at least five rows, and that no feature speaks of
// classes.
func TestRegressionTree(t *testing.T) {
	values := make([]float64, 40)
	for i := range values {
		values[i] = float64(i)
	}
	d := datasetOf(numberColumn("y", values), numberColumn("x", slices.Clone(values)))
	v := mustExtract(t, d, Options{Groups: []string{ModelBased}, Summaries: []string{"min", "mean"}}).Map()
	if v["leaves"] < 4 || v["leaves_corrob.min"] < 5.0/40 {
		t.Errorf("%v leaves, the smallest with %v of the rows", v["leaves"], v["leaves_corrob.min"])
	}
	if _, ok := v["leaves_per_class.mean"]; ok {
		t.Error("a regression's leaves have classes")
	}
}
