package simulation

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/metaml/metaml/optimizers/study"
)

// TestDurations draws from every distribution: the mean is the effort, and the share of those beyond five times the
// mean is what the distribution says.
func TestDurations(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, tc := range []struct {
		name      string
		duration  Duration
		tolerance float64 // of the mean, relative
		tail      float64 // P(factor > 5)
	}{
		{"constant", Constant(), 1e-9, 0},
		{"exponential", Exponential(), 0.02, math.Exp(-5)},
		{"lognormal", LogNormal(1), 0.03, 0.5 * math.Erfc((math.Log(5)+0.5)/math.Sqrt2)},
		{"pareto", Pareto(2.5), 0.03, math.Pow(1.5/2.5/5, 2.5)},
		{"recorded", Recorded(func(s study.Suggestion) float64 { return float64(s.ID) }), 1e-9, 0},
	} {
		const draws, effort = 50_000, 0.25
		sum, tail := 0.0, 0.0
		for range draws {
			d := tc.duration(study.Suggestion{ID: 1}, effort, rng)
			if d < 0 {
				t.Fatalf("%s: a run time of %v", tc.name, d)
			}
			if sum += d; d > 5*effort {
				tail++
			}
		}
		if mean := sum / draws; math.Abs(mean/effort-1) > tc.tolerance {
			t.Errorf("%s: mean %v", tc.name, mean)
		}
		if share := tail / draws; math.Abs(share-tc.tail) > 0.002 {
			t.Errorf("%s: a share of %v is beyond five times the mean, want %v", tc.name, share, tc.tail)
		}
	}
}

func TestClockStreams(t *testing.T) {
	first := map[uint64]bool{}
	for seed := range uint64(10) {
		for id := range study.TrialID(10) {
			first[clockStream(seed, id).Uint64()] = true
		}
	}
	if len(first) != 100 {
		t.Errorf("%d different streams of 100", len(first))
	}
}
