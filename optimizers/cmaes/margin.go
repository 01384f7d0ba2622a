package cmaes

import "math"

// margins keep the values of discrete coordinates in play: without them the distribution soon lies within one value
// and never leaves it (Hamano et al. 2022, "CMA-ES with margin"). After each update, values other than the mean's keep
// the probability margin, by moving the mean or by stretching samples around it.
type margins struct {
	axes []axis
	// margin is the least probability, in (0, 0.5), of leaving the mean's value.
	margin float64
	// stretch is A of the paper: samples are evaluated at mean + stretch (x - mean).
	stretch []float64
}

// newMargins returns the margins for a population of lambda: alpha = 1 / (n lambda).
func newMargins(axes []axis, lambda int) *margins {
	m := &margins{axes: axes, margin: 1 / float64(len(axes)*lambda), stretch: make([]float64, len(axes))}
	for i := range m.stretch {
		m.stretch[i] = 1
	}
	// One coordinate and a population of two would leave no probability for the mean's own value.
	m.margin = min(m.margin, 0.25)
	return m
}

// stretched writes into v where the sample x is evaluated.
func (m *margins) stretched(s *distribution, x, v []float64) {
	copy(v, x)
	for i, a := range m.axes {
		if a.cells.count > 0 {
			v[i] = s.mean[i] + m.stretch[i]*(x[i]-s.mean[i])
		}
	}
}

// correct restores the margins after an update of the distribution.
func (m *margins) correct(s *distribution) {
	for i, a := range m.axes {
		if a.cells.count == 0 {
			continue
		}
		below, above := a.cells.around(s.mean[i])
		deviation := s.deviation(i) * m.stretch[i]
		low, high := upperTail((s.mean[i]-below)/deviation), upperTail((above-s.mean[i])/deviation)
		if max(low, high) > 0.5 {
			// At an end of the range there is one border: keep the mean so near that the other side has the margin.
			if min(low, high) < m.margin {
				s.mean[i] = above + math.Copysign(quantile(m.margin)*deviation, s.mean[i]-above)
			}
			continue
		}
		wantLow, wantHigh := m.share(low, high)
		if wantLow == low && wantHigh == high {
			continue
		}
		toBelow, toAbove := quantile(wantLow), quantile(wantHigh)
		m.stretch[i] = (above - below) / ((toBelow + toAbove) * s.deviation(i))
		s.mean[i] = (below*toAbove + above*toBelow) / (toBelow + toAbove)
	}
}

// share raises the probabilities of falling below and above the mean's value to half the margin each, at the cost of
// the three probabilities in proportion to what they exceed their least by.
func (m *margins) share(low, high float64) (float64, float64) {
	middle, half := 1-low-high, m.margin/2
	l, h := max(low, half), max(high, half)
	excess := (1 - l - h - middle) / (l + middle + h - 3*half)
	const edge = 1e-10 // keeps quantiles finite, as at most half lies on each side
	clip := func(p float64) float64 { return min(max(p, edge), 0.5-edge) }
	return clip(l + excess*(l-half)), clip(h + excess*(h-half))
}

// upperTail is the probability that a standard normal variable exceeds t.
func upperTail(t float64) float64 { return 0.5 * math.Erfc(t/math.Sqrt2) }

// quantile is the inverse of upperTail.
func quantile(p float64) float64 { return math.Sqrt2 * math.Erfcinv(2*p) }
