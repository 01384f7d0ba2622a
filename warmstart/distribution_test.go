package warmstart

import (
	"math"
	"testing"
)

func TestDistributionByHand(t *testing.T) {
	d := distribution{{0, .25}, {.5, .25}, {1, .5}}
	if got := d.mean(); got != .625 {
		t.Errorf("mean %v", got)
	}
	for v, want := range map[float64]float64{-1: 0, 0: .125, .2: .25, .5: .375, 1: .75, 2: 1} {
		if got := d.place(v); got != want {
			t.Errorf("place of %v: %v, want %v", v, got, want)
		}
	}
	for p, want := range map[float64]float64{0: 0, .25: 0, .3: .5, .5: .5, .51: 1, 1: 1} {
		if got := d.quantile(p); got != want {
			t.Errorf("quantile %v: %v, want %v", p, got, want)
		}
	}
}

// TestExactCRPSByHand: of 0 and 1, equally likely, the score of an outcome inside is the integral of 1/4 over [0, 1].
func TestExactCRPSByHand(t *testing.T) {
	for outcome, want := range map[float64]float64{0: .25, .3: .25, 1: .25, 1.5: .75, -1: 1.25} {
		if got := (distribution{{0, 2}, {1, 2}}).crps(outcome); math.Abs(got-want) > 1e-12 {
			t.Errorf("outcome %v: %v, want %v", outcome, got, want)
		}
	}
	if got := (distribution{{.4, 1}}).crps(.7); math.Abs(got-.3) > 1e-12 {
		t.Errorf("a point's score is its error: %v", got)
	}
}

// TestSpareReachesFartherOut with fewer values: of 9 equal ones the 10 % quantile is taken at .5 - .4*10/9.
func TestSpareReachesFartherOut(t *testing.T) {
	d := make(distribution, 9)
	for i := range d {
		d[i] = weighted{float64(i), 2}
	}
	for p, want := range map[float64]float64{.5: .5, .1: .5 - .4*10/9, .9: .5 + .4*10/9, 0: 0, 1: 1} {
		if got := d.spare()(p); math.Abs(got-want) > 1e-12 {
			t.Errorf("level %v becomes %v, want %v", p, got, want)
		}
	}
}

// TestPredictionOfADistribution that is not sorted: the quantile of level p is the least value up to which p lies.
func TestPredictionOfADistribution(t *testing.T) {
	p := distribution{{3, 1}, {1, 1}, {2, 2}}.prediction()
	if p.Expected != 2 || p.Quantiles[0] != 1 || p.Quantiles[4] != 1 || p.Quantiles[5] != 2 || p.Quantiles[14] != 2 || p.Quantiles[15] != 3 {
		t.Errorf("%+v", p)
	}
}
