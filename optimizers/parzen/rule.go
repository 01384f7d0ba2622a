package parzen

import "math"

// Rule says how wide kernels are.
type Rule struct {
	// Uniform is the weight of a uniform component in l and in g; a kernel of weight 1 is the unit.
	Uniform float64
	// Untruncated leaves the Gaussians of l and g untruncated, as HpBandSter does.
	Untruncated bool
	// Good and Bad are the bandwidths of l and of g.
	Good, Bad Bandwidth
}

// Bandwidth is a rule for the bandwidths of one density.
type Bandwidth struct {
	// Continuous and Grid are Scott's factor for numbers of either sort: the bandwidth is it times s n^(-1/(d+4)),
	// with the weighted standard deviation s of the n points that are active. 0: each kernel has a bandwidth of its
	// own, the distance to its neighbour in that dimension on the side where that is farther, as in the original
	// estimator of Bergstra et al.
	Continuous, Grid float64
	// Floor is the least bandwidth of numbers. 0: 1/min(100, max(n+2, N/8)) for n kernels, N in both densities: wide
	// while little is known, and in a long study finer than the few good trials alone would allow.
	Floor float64
	// Choices is the rule for what has no order.
	Choices ChoiceRule
}

// ChoiceRule is a rule for the bandwidths of choices.
type ChoiceRule uint8

// The rules for choices. Smoothed adds the uniform component's weight, shared by all n+1 kernels, to every choice of a
// kernel. Reference is statsmodels' normal reference rule on the choices' numbers, as HpBandSter has it, at least
// the floor.
const (
	Smoothed ChoiceRule = iota
	Reference
)

// floor is the least bandwidth of numbers for n kernels of all, which are those of both densities.
func (b Bandwidth) floor(n, all int) float64 {
	if b.Floor > 0 {
		return b.Floor
	}
	return 1 / min(100, max(float64(n)+2, float64(all)/8))
}

// widths sets the kernels' bandwidths in dimension j.
func (m *Model) widths(j int, kernels []Kernel, b Bandwidth, floor float64) {
	n := float64(len(kernels))
	factor := b.Continuous
	if m.dims[j].Cells > 0 {
		factor = b.Grid
	}
	switch k := float64(m.dims[j].Choices); {
	case k > 0 && b.Choices == Smoothed:
		a := m.rule.Uniform / (n + 1)
		m.widen(j, kernels, (k-1)*a/(1+k*a))
	case k > 0:
		m.widen(j, kernels, max(floor, k*factor*m.spread(j, kernels)))
	case factor > 0:
		m.widen(j, kernels, min(1, max(floor, factor*m.spread(j, kernels))))
	default:
		m.gaps(j, floor)
	}
}

// widen gives all kernels the same bandwidth.
func (m *Model) widen(j int, kernels []Kernel, h float64) {
	for k := range kernels {
		m.bandwidths[k*len(m.dims)+j] = h
	}
}

// spread is s n^(-1/(d+4)).
func (m *Model) spread(j int, kernels []Kernel) float64 {
	weight, mean, squares, n := 0.0, 0.0, 0.0, 0.0
	for _, k := range kernels {
		v := m.points[k.Point][j]
		if math.IsNaN(v) {
			continue
		}
		n++
		weight += k.Weight
		delta := v - mean
		mean += delta * k.Weight / weight
		squares += k.Weight * delta * (v - mean)
	}
	if n == 0 {
		return 0
	}
	variance := max(0, squares/weight) // of equal points, rounding may leave less than nothing
	return math.Sqrt(variance) * math.Pow(n, -1/float64(len(m.dims)+4))
}

// gaps gives each kernel, in dimension j, the distance to its neighbour on the side where that is farther. A kernel at
// the end has one neighbour; one that is alone has the edges of the cube for neighbours.
func (m *Model) gaps(j int, floor float64) {
	set := func(k int, h float64) { m.bandwidths[k*len(m.dims)+j] = min(1, max(floor, h)) }
	last, x, gap, n := 0, 0.0, 0.0, 0 // the kernel before, its coordinate, its gap to the one before it
	for _, p := range m.order[j] {
		k := m.kernelOf[p]
		if k < 0 {
			continue
		}
		next := m.points[p][j]
		if n++; n > 1 {
			set(last, max(gap, next-x))
			gap = next - x
		}
		last, x = k, next
	}
	switch {
	case n == 1:
		set(last, max(x, 1-x))
	case n > 1:
		set(last, gap)
	}
}
