package de

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestMeans computes the weighted Lehmer mean of F and the weighted mean of CR by hand: weights 1/4 and 3/4 of F = 0.4
// and 0.8 give (0.04 + 0.48) / (0.1 + 0.6), of CR = 0.2 and 1 they give 0.8. Infinite gains count alike.
func TestMeans(t *testing.T) {
	for _, tc := range []struct {
		list        []success
		scale, rate float64
	}{
		{[]success{{0.4, 0.2, 1}, {0.8, 1, 3}}, 0.52 / 0.7, 0.8},
		{[]success{{0.4, 0.2, 1}, {0.8, 1, math.Inf(1)}}, 0.8 / 1.2, 0.6},
		{[]success{{0.4, 0.2, 1e308}, {0.8, 1, 1e308}}, 0.8 / 1.2, 0.6},
		{[]success{{0.3, 0, 5}}, 0.3, 0},
	} {
		scale, rate := means(tc.list)
		if math.Abs(scale-tc.scale) > 1e-12 || math.Abs(rate-tc.rate) > 1e-12 {
			t.Errorf("%v: means %v and %v, want %v and %v", tc.list, scale, rate, tc.scale, tc.rate)
		}
	}
}

// TestMemory notes three generations of four: the entries change in turn, and not where nobody won.
func TestMemory(t *testing.T) {
	m := newMemory(Settings{})
	generation := func(won bool, scale, rate float64) {
		for k := range 4 {
			m.note(scale, rate, 1, won && k%2 == 0, 4)
		}
	}
	generation(true, 0.9, 0.1)
	generation(false, 0.3, 0.3)
	generation(true, 0.2, 0.8)
	want := memory{scales: [entries]float64{0.9, 0.2, 0.5, 0.5, 0.5}, rates: [entries]float64{0.1, 0.8, 0.5, 0.5, 0.5}, next: 2}
	if !near(m.scales[:], want.scales[:]) || !near(m.rates[:], want.rates[:]) || m.next != 2 || m.told != 0 || len(m.successes) != 0 {
		t.Errorf("the memory is %+v, want %+v", m, want)
	}
}

func near(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Abs(x-y) < 1e-12 })
}

// TestDraws checks the ranges and medians of what is drawn around entries, and that settings fix it.
func TestDraws(t *testing.T) {
	m, rng := newMemory(Settings{}), rand.New(rand.NewPCG(1, 2))
	for i := range entries {
		m.scales[i], m.rates[i] = 0.7, 0.3
	}
	var scales, rates []float64
	for range 4001 {
		scale, rate := m.draw(rng)
		if !(scale > 0 && scale <= 1 && rate >= 0 && rate <= 1) {
			t.Fatalf("F %v, CR %v", scale, rate)
		}
		scales, rates = append(scales, scale), append(rates, rate)
	}
	slices.Sort(scales)
	slices.Sort(rates)
	// Of the Cauchy distribution 4.52 % lie below 0 and are drawn again, so that its median is its quantile 0.5226, and
	// its lower quartile that of 0.2839. The normal one's upper quartile is 0.674 deviations above its median.
	for _, c := range []struct{ got, want float64 }{{scales[2000], 0.7071}, {scales[1000], 0.6193}, {rates[2000], 0.3}, {rates[3000], 0.3674}} {
		if math.Abs(c.got-c.want) > 0.015 {
			t.Errorf("a quartile is %v, want %v", c.got, c.want)
		}
	}
	fixed := newMemory(Settings{ScaleFactor: 0.5, CrossoverRate: 0.9})
	if scale, rate := fixed.draw(rng); scale != 0.5 || rate != 0.9 {
		t.Errorf("fixed, F is %v, CR is %v", scale, rate)
	}
}
