package warmstart

import (
	"math/rand/v2"
	"testing"
)

// TestANearDuplicateDecides: on one task alone configuration 11 is the best; a new task of nearly the same meta-features
// begins with it, one that only is of the same kind does not, and neither does any where meta-features say nothing.
func TestANearDuplicateDecides(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	tb := kinds(rng, 60, 24, 3)
	for i := range tb.features {
		for range 9 {
			tb.features[i] = append(tb.features[i], rng.NormFloat64())
		}
	}
	const special = 11
	tb.losses[0][special] = -.2
	near, alike := make([]float64, 12), make([]float64, 12)
	for f, v := range tb.features[0] {
		near[f], alike[f] = v+.001, v+rng.NormFloat64()
	}
	alike[0] = tb.features[0][0]
	m := tb.matrix(t)
	r := learn(t, Posterior, m).(*taskPosterior)
	first := func(x []float64) int {
		return number(m, r.Recommend(Query{Features: m.Vector(tb.values(x)), K: 1}).Configs[0])
	}
	if r.forest == nil {
		t.Fatal("meta-features are not believed")
	}
	if got := first(near); got != special {
		t.Errorf("the near-duplicate begins with %d, want %d", got, special)
	}
	if got := first(alike); got == special {
		t.Errorf("a task that is only alike begins with %d", got)
	}
	r.forest = nil
	if got := first(near); got == special {
		t.Errorf("without belief in meta-features it begins with %d", got)
	}
}
