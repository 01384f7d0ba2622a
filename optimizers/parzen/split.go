package parzen

import "math"

// Split fits the model: l to the first k of the ranked members, with weights that fall with the rank r as
// log(k+1) - log(r) and are 1 on average, g to all other members with weight 1.
func (m *Model) Split(of Members, k int) {
	k = min(k, len(of.Ranked))
	good, bad := m.goodKernels[:0], m.badKernels[:0]
	sum := 0.0
	for i, p := range of.Ranked[:k] {
		w := math.Log(float64(k+1) / float64(i+1))
		sum += w
		good = append(good, Kernel{Point: p, Weight: w})
	}
	for i := range good {
		good[i].Weight *= float64(k) / sum
	}
	for _, list := range [][]int{of.Ranked[k:], of.Rest} {
		for _, p := range list {
			bad = append(bad, Kernel{Point: p, Weight: 1})
		}
	}
	m.goodKernels, m.badKernels = good, bad
	m.Fit(good, bad)
}
