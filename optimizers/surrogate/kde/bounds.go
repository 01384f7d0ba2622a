package kde

import "math"

// Most draws that are compared by a ratio of densities are far behind the best of them. That shows without a single
// exponential: the bounds here are of 2^n (1+f), which is exp(e) for n+f = e/ln 2 with a straight line in place of the
// curve between powers of 2.

// excess is the greatest ratio of over(e) to exp(e), (1+f)/2^f at f = 1/ln 2 - 1, and some roundings.
const excess = 1.06148

// over returns a number that is at least exp(e) but for 1e-12 of it, and at most excess as much; e is from -700 to 700.
func over(e float64) float64 {
	return math.Float64frombits(uint64(int64((e*math.Log2E + 1023) * (1 << 52))))
}

// small is the share of the density, by its logarithm, that all kernels together make at most that are not looked at
// closely.
const small = -6

// LogDensityCeiling returns a number that is not below LogDensity, and at most 0.07 above it.
func (m *Mixture) LogDensityCeiling(x []float64) float64 {
	s := m.start(x)
	left := small - math.Log(float64(len(m.height)))
	top := s.top
	if m.drawn < len(m.height) {
		top = max(top, m.kernel(m.drawn, top))
	}
	m.terms = m.terms[:0]
	for k := range m.height {
		if e := m.kernel(k, top+left); e >= top+left {
			m.terms = append(m.terms, e)
			top = max(top, e)
		}
	}
	if math.IsInf(top, -1) {
		return top
	}
	sum := s.sum*math.Exp(s.top-top) + math.Exp(small)
	for _, e := range m.terms {
		if e -= top; e >= left {
			sum += over(e)
		}
	}
	return top + math.Log(sum/m.total()) + 1e-9 // roundings
}

// Exceeds reports whether LogDensity is sure to exceed a limit. It is true whenever LogDensity does so by more than
// 0.07, and false wherever it does not.
func (m *Mixture) Exceeds(x []float64, limit float64) bool {
	s := m.start(x)
	limit += math.Log(m.total())
	if math.IsNaN(limit) || math.IsInf(limit, 1) || !(m.total() > 0) {
		return false
	}
	left := small - math.Log(float64(len(m.height)))
	sum := s.sum * math.Exp(s.top-limit)
	for k := range m.height {
		e := m.kernel(k, limit+left) - limit
		if e > 1 {
			return true
		}
		if e >= left {
			sum += over(e)
		}
		if sum > excess {
			return true
		}
	}
	return sum > excess
}
