package de

import (
	"math"
	"math/rand/v2"
)

// entries is the number of entries of the memory.
const entries = 5

// memory is SHADE's success history: entries of scale factors F and crossover rates CR around which those of new
// challengers are drawn.
type memory struct {
	fixedScale, fixedRate float64 // 0: drawn
	scales, rates         [entries]float64
	next                  int // the entry that is replaced next
	told                  int // challengers since the last update
	successes             []success
}

// success is a challenger that won.
type success struct{ scale, rate, gain float64 }

func newMemory(s Settings) memory {
	m := memory{fixedScale: s.ScaleFactor, fixedRate: s.CrossoverRate}
	for i := range entries {
		m.scales[i], m.rates[i] = 0.5, 0.5
	}
	return m
}

// draw draws F from a Cauchy distribution of scale 0.1, truncated to (0, 1], and CR from a normal distribution of
// standard deviation 0.1, truncated to [0, 1], around one entry.
func (m *memory) draw(rng *rand.Rand) (scale, rate float64) {
	k := rng.IntN(entries)
	rate = min(max(m.rates[k]+0.1*rng.NormFloat64(), 0), 1)
	for scale <= 0 {
		scale = min(m.scales[k]+0.1*math.Tan(math.Pi*(rng.Float64()-0.5)), 1)
	}
	if m.fixedScale > 0 {
		scale = m.fixedScale
	}
	if m.fixedRate > 0 {
		rate = m.fixedRate
	}
	return scale, rate
}

// note adds a challenger's fate; after a generation with successes one entry becomes their mean: of the scale factors
// the Lehmer mean, which prefers large ones, of the rates the mean, both weighted by what was gained.
func (m *memory) note(scale, rate, gain float64, won bool, generation int) {
	if won {
		m.successes = append(m.successes, success{scale, rate, gain})
	}
	if m.told++; m.told < generation {
		return
	}
	m.told = 0
	if len(m.successes) == 0 {
		return
	}
	m.scales[m.next], m.rates[m.next] = means(m.successes)
	m.next = (m.next + 1) % entries
	m.successes = m.successes[:0]
}

// means returns the weighted Lehmer mean of the scale factors and the weighted mean of the rates. Where gains are
// infinite, as over a member that failed, or too large to be added, all count alike.
func means(list []success) (scale, rate float64) {
	total := 0.0
	for _, s := range list {
		total += s.gain
	}
	var squares, sum float64
	for _, s := range list {
		weight := s.gain / total
		if math.IsInf(total, 0) || total == 0 {
			weight = 1 / float64(len(list))
		}
		squares += weight * s.scale * s.scale
		sum += weight * s.scale
		rate += weight * s.rate
	}
	return squares / sum, rate
}
