package metafeatures

import (
	"math"
	"testing"
)

// TestConceptByHand checks three rows on a line, at 0, 1/2 and 1 after stretching.
func TestConceptByHand(t *testing.T) {
	x := numberColumn("x", []float64{10, 15, 20})
	half := math.Exp2(-2) // 2^(-2 * .5/(1-.5)); the weight at distance 1 is nil
	opt := Options{Groups: []string{Concept}, Summaries: []string{"min", "max", "mean"}}
	v := mustExtract(t, datasetOf(levelsColumn("y", []string{"a", "a", "b"}), x), opt).Map()
	for name, want := range map[string]float64{
		"cohesiveness.min": 1, "cohesiveness.max": 1,
		"impconceptvar.mean": (0.5 + 0.5 + 1) / 3,
		"conceptvar.min":     0, "conceptvar.max": 1, "conceptvar.mean": (0 + half/(2*half) + 1) / 3,
		"wg_dist.min": 0.5, "wg_dist.max": 0.5,
	} {
		close(t, name, v[name], want)
	}
	v = mustExtract(t, datasetOf(numberColumn("y", []float64{0, 1, 4}), x), opt).Map()
	for name, want := range map[string]float64{
		"cohesiveness.min": 1, "wg_dist.max": 0.5,
		"target_conceptvar.min": 0.25, "target_conceptvar.max": 0.75, "target_conceptvar.mean": 0.5,
		"target_impconceptvar.mean": (0.25 + 0.75 + 1) / 3,
	} {
		close(t, name, v[name], want)
	}
}

// TestConceptOfCorners checks rows in opposite corners, between which there is no room left.
func TestConceptOfCorners(t *testing.T) {
	d := datasetOf(levelsColumn("y", []string{"a", "b"}), numberColumn("x", []float64{0, 1}))
	v := mustExtract(t, d, Options{Groups: []string{Concept}}).Map()
	if got, ok := v["conceptvar.mean"]; ok {
		t.Errorf("conceptvar %v of rows without weight", got)
	}
	close(t, "cohesiveness.mean", v["cohesiveness.mean"], 0.5)
}

// TestConceptOfConstant checks that a constant target varies nowhere.
func TestConceptOfConstant(t *testing.T) {
	d := datasetOf(numberColumn("y", []float64{3, 3, 3}), numberColumn("x", []float64{0, 0.5, 2}))
	v := mustExtract(t, d, Options{Groups: []string{Concept}}).Map()
	if got, ok := v["target_conceptvar.mean"]; !ok || got != 0 {
		t.Errorf("a constant target varies by %v", got)
	}
}
