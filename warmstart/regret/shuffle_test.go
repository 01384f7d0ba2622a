package regret

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/metaml/metaml/warmstart"
)

// TestShuffledSaysWhatFeaturesBring: on tasks whose best configuration a feature tells, knn loses everything by
// shuffled features and greedy nothing; the portfolio is what it is.
func TestShuffledSaysWhatFeaturesBring(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var losses, features [][]float64
	for i := range 60 {
		kind := i % 3
		row := []float64{.5, .5, .5, .4, .6, .7, .8}
		row[kind] = .1
		losses, features = append(losses, row), append(features, []float64{float64(kind) + .01*rng.Float64()})
	}
	m := table(t, losses, features)
	opt := Options{Strategies: []string{warmstart.KNN, warmstart.Greedy}, K: []int{1, 3}, Shuffled: true}
	var steps [][2]int
	opt.Progress = func(done, total int) { steps = append(steps, [2]int{done, total}) }
	r := evaluate(t, m, LeaveOneOut(m), opt, nil)
	if len(steps) != 120 || steps[0] != [2]int{1, 120} || steps[119] != [2]int{120, 120} {
		t.Errorf("progress %v", steps)
	}
	opt.Progress = nil
	knn, greedy := r.Shuffled[warmstart.KNN]["1"], r.Shuffled[warmstart.Greedy]["1"]
	if knn.Gain.Verdict != "better" || knn.Gain.Diff > -.3 || knn.Gain.HiGroups >= 0 || !near(knn.Gain.Diff, r.Strategies[warmstart.KNN]["1"].NR-knn.NR) {
		t.Errorf("knn: %+v", knn)
	}
	if greedy.Gain.Diff != 0 || greedy.Harm == nil || greedy.Harm.Diff != 0 {
		t.Errorf("greedy: %+v", greedy)
	}
	if knn.Harm == nil || !near(knn.Harm.Diff, knn.NR-r.Strategies[warmstart.Greedy]["1"].NR) {
		t.Errorf("knn against greedy: %+v", knn.Harm)
	}
	opt.Shuffled = false
	if r := evaluate(t, m, LeaveOneOut(m), opt, nil); r.Shuffled != nil {
		t.Error("shuffled without being asked to")
	}
	opt.Shuffled, opt.Strategies = true, []string{warmstart.KNN}
	if r := evaluate(t, m, LeaveOneOut(m), opt, nil); r.Shuffled[warmstart.KNN]["1"].Harm != nil {
		t.Error("compared with greedy, which took no part")
	}
}

// TestGroupMeans: each resample's mean over groups, whatever their sizes.
func TestGroupMeans(t *testing.T) {
	b := newBootstrap([]string{"a", "a", "a", "b"}, 500, 1)
	values := []float64{1, 1, 1, 3}
	for r, m := range b.groupMeans(values) {
		if want := float64(b.draws[r][0]*1+b.draws[r][1]*3) / 2; math.Abs(m-want) > 1e-12 {
			t.Fatalf("resample %v: %v, want %v", b.draws[r], m, want)
		}
	}
}
