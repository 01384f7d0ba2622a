package regret

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestStandardErrorIsOfGroups: a hundred independent values, each four times: the standard error is that of a
// hundred, not of four hundred.
func TestStandardErrorIsOfGroups(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var values []float64
	var groups []string
	for i := range 100 {
		v := rng.NormFloat64()
		for range 4 {
			values = append(values, v)
			groups = append(groups, fmt.Sprint(i))
		}
	}
	b := newBootstrap(groups, 4000, 1)
	if got, want := deviation(b.means(values)), .1; math.Abs(got/want-1) > .15 {
		t.Errorf("standard error %v, want about %v", got, want)
	}
	if got := b.overGroups(values); math.Abs(got-mean(values)) > 1e-12 {
		t.Errorf("groups of equal size: mean %v, over groups %v", mean(values), got)
	}
}

// TestIntervalCovers: intervals of means of skewed values hold the truth about as often as they say.
func TestIntervalCovers(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	groups := make([]string, 60)
	for i := range groups {
		groups[i] = fmt.Sprint(i)
	}
	held, rejected := 0, 0
	const trials = 300
	for trial := range trials {
		values := make([]float64, 60)
		for i := range values {
			values[i] = rng.ExpFloat64() - 1 // mean 0
		}
		lo, hi, p := interval(newBootstrap(groups, 400, uint64(trial)).means(values))
		if lo <= 0 && 0 <= hi {
			held++
		}
		if p < .05 {
			rejected++
		}
	}
	if share := float64(held) / trials; share < .88 || share > .98 {
		t.Errorf("95 %% intervals hold the truth in %.0f %%", 100*share)
	}
	if share := float64(rejected) / trials; share > .12 {
		t.Errorf("p < .05 in %.0f %% although nothing is there", 100*share)
	}
}

func TestHolmByHand(t *testing.T) {
	// In order: .01 x 4, .02 x 3, max(.03 x 2, before), max(.04, before).
	if got, want := holm([]float64{.04, .01, .03, .02}), []float64{.06, .04, .06, .06}; !closeTo(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := holm([]float64{.9, .8}); !closeTo(got, []float64{1, 1}) {
		t.Errorf("%v is above 1", got)
	}
	if got := holm(nil); len(got) != 0 {
		t.Errorf("%v of nothing", got)
	}
}

func closeTo(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Abs(x-y) < 1e-12 })
}
