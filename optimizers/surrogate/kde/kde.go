// Package kde is density estimation by product kernels on the unit cube: Gaussians truncated to the cube for numbers,
// the same integrated over cells for numbers on a grid, and the kernel of Aitchison and Aitken (1976) for choices
// without order. Each kernel has a weight and one bandwidth per dimension, and a uniform component may be mixed in.
// It is what the tree-structured Parzen estimator (Bergstra et al. 2011) and BOHB (Falkner et al. 2018) model good and
// bad configurations by.
//
// Points are those of space.Encode: a choice or cell i of k anywhere in [i/k, (i+1)/k), NaN where a hyperparameter is
// inactive. All densities are with respect to the uniform distribution on the cube, in which a choice or a cell is
// constant over its slice: the density of a choice is its probability times the number of choices, and a uniform
// dimension has density 1. A kernel says nothing about a dimension in which it is inactive (density 1 there), and a
// point that is inactive in a dimension is not judged by it.
package kde

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Dimension is one coordinate of the cube. The zero Dimension is a number anywhere in [0, 1].
type Dimension struct {
	// Choices is the number of values without order. 0: it is a number.
	Choices int
	// Cells is the number of values of a number on a grid, each of which owns a slice of equal width. 0: any number.
	Cells int
}

// sort is what kind of coordinate a dimension is.
type sort uint8

const (
	numbers sort = iota
	choices
	cells
)

func (d Dimension) sort() sort {
	switch {
	case d.Choices > 0:
		return choices
	case d.Cells > 0:
		return cells
	}
	return numbers
}

// Options say what a mixture is made of. The zero Options have truncated kernels and nothing else.
type Options struct {
	// Uniform is the weight of a component that is uniform on the cube, as against those of Add.
	Uniform float64
	// Untruncated leaves the Gaussians as they are, so that near the edge a part of their mass is lost outside, as
	// in statsmodels' KDEMultivariate, which HpBandSter uses. Sample draws from truncated kernels all the same.
	Untruncated bool
}

// Mixture is a weighted mixture of kernels. It is meant to be filled again and again: Reset keeps its memory. It is
// not safe for concurrent use.
type Mixture struct {
	dims    []Dimension
	opt     Options
	factors []factor  // kernel by kernel, one per dimension
	shapes  []shape   // of the factors, one each
	latest  []latest  // by dimension
	height  []float64 // of each kernel: log of its weight and of the peaks of all its factors
	sums    []float64 // of the weights, up to and with each kernel
	grid    grid
	index   []float64 // the point being judged, choices and cells by number
	absent  []int     // its inactive dimensions
	runs    []run     // the others
	terms   []float64 // logarithms of the kernels' densities there
	drawn   int       // the kernel that the last draw came from: where it is, the density is likely to be high
}

// factor is a kernel's density in one dimension, relative to its peak: what judging a point reads of every kernel.
// Inactive: centre -1, all else zero.
type factor struct {
	centre float64 // coordinate; choice; on a grid, the row of the table
	// scale is the reciprocal of the bandwidth; for choices, the logarithm of another choice's density over the peak.
	scale float64
}

// shape is the rest of a factor.
type shape struct {
	peak  float64 // logarithm of the density at the peak
	width float64 // the bandwidth within its limits
}

// latest is what the bandwidth of the kernel added last gave in a dimension: by most rules it is that of all kernels.
// The peak of a number's Gaussian is that before truncation.
type latest struct {
	bandwidth, scale float64
	shape
}

// New returns an empty mixture on a cube of the given dimensions.
func New(dims []Dimension, opt Options) *Mixture {
	m := &Mixture{
		dims: slices.Clone(dims), opt: opt, index: make([]float64, len(dims)), grid: newGrid(dims, !opt.Untruncated),
		latest: make([]latest, len(dims)),
	}
	for j := range m.latest {
		m.latest[j].bandwidth = math.NaN()
	}
	return m
}

// Reset removes all kernels.
func (m *Mixture) Reset() {
	m.factors, m.shapes, m.height, m.sums = m.factors[:0], m.shapes[:0], m.height[:0], m.sums[:0]
	if len(m.grid.rows) > maxRows {
		m.grid.clear()
	}
}

// Len returns the number of kernels.
func (m *Mixture) Len() int { return len(m.height) }

// Add adds a kernel. Its bandwidth is, for a number, the standard deviation in units of the cube before truncation,
// from 1e-9 to 1000; for a choice, the probability of all other choices together, from 0 to (k-1)/k, at which the
// kernel is uniform. What lies beyond these limits is moved to them, and so are coordinates beyond the cube. A weight
// that is not positive adds nothing. Add panics when centre or bandwidth has not one value per dimension.
func (m *Mixture) Add(centre, bandwidth []float64, weight float64) {
	if len(centre) != len(m.dims) || len(bandwidth) != len(m.dims) {
		panic("kde: a kernel needs a centre and a bandwidth for every dimension")
	}
	if !(weight > 0) {
		return
	}
	height := 0.0
	if weight != 1 {
		height = math.Log(weight)
	}
	for j := range m.dims {
		f, of := m.factor(j, centre[j], bandwidth[j])
		height += of.peak
		m.factors, m.shapes = append(m.factors, f), append(m.shapes, of)
	}
	m.height = append(m.height, height)
	m.sums = append(m.sums, m.weights()+weight)
}

// weights is the weight of all kernels.
func (m *Mixture) weights() float64 {
	if len(m.sums) == 0 {
		return 0
	}
	return m.sums[len(m.sums)-1]
}

// total is the weight of everything.
func (m *Mixture) total() float64 { return m.weights() + m.opt.Uniform }

// factor makes a kernel's part in dimension j.
func (m *Mixture) factor(j int, centre, bandwidth float64) (factor, shape) {
	if math.IsNaN(centre) {
		return factor{centre: -1}, shape{}
	}
	d := m.dims[j]
	if d.Choices == 0 && d.Cells > 0 {
		h := within(bandwidth)
		row := m.grid.row(d.Cells, int(slice(centre, d.Cells)), h)
		return factor{centre: float64(row)}, shape{peak: m.grid.peaks[row], width: h}
	}
	l := &m.latest[j]
	if bandwidth != l.bandwidth {
		l.set(d, bandwidth)
	}
	if d.Choices > 0 {
		return factor{centre: slice(centre, d.Choices), scale: l.scale}, l.shape
	}
	f, of := factor{centre: min(max(centre, 0), 1), scale: l.scale}, l.shape
	if !m.opt.Untruncated {
		of.peak -= logMass(f.centre, of.width)
	}
	return f, of
}

// within moves the bandwidth of a number within its limits.
func within(h float64) float64 { return min(max(h, 1e-9), 1000) }

// set computes what a bandwidth gives in a dimension of choices or of a number. The kernel of Aitchison and Aitken is
// 1-h at its own choice and h/(k-1) at each other, here times k.
func (l *latest) set(d Dimension, bandwidth float64) {
	*l = latest{bandwidth: bandwidth}
	if d.Choices == 0 {
		l.width = within(bandwidth)
		l.scale, l.peak = 1/l.width, -math.Log(l.width*math.Sqrt(2*math.Pi))
		return
	}
	k := float64(d.Choices)
	h := min(max(bandwidth, 0), (k-1)/k)
	l.peak, l.width = math.Log((1-h)*k), h
	if d.Choices > 1 {
		l.scale = math.Log(h/(k-1)) - math.Log(1-h)
	}
}

// slice returns the number of the slice, of k, that a coordinate lies in.
func slice(u float64, k int) float64 {
	return min(max(math.Floor(u*float64(k)), 0), float64(k-1))
}

// certain is how many bandwidths beyond which a Gaussian's mass is nothing in float64.
const certain = 8.3

// logMass is the logarithm of the mass that the Gaussian at x has within [0, 1].
func logMass(x, h float64) float64 {
	mass := 1.0
	if x < certain*h {
		mass -= beyond(x / h)
	}
	if 1-x < certain*h {
		mass -= beyond((1 - x) / h)
	}
	if mass == 1 {
		return 0
	}
	return math.Log(mass)
}

// beyond is the standard Gaussian's mass above z.
func beyond(z float64) float64 { return math.Erfc(z/math.Sqrt2) / 2 }

// Sample draws a point. In dimensions in which the kernel it comes from is inactive it is uniform. The bandwidths of
// numbers are multiplied by widen (BOHB's bandwidth factor), 1 for a draw from the mixture itself. An empty mixture
// without a uniform component is drawn from as if it were uniform.
func (m *Mixture) Sample(rng *rand.Rand, widen float64, into []float64) {
	k := len(m.height)
	if target := rng.Float64() * m.total(); k > 0 {
		if k, _ = slices.BinarySearch(m.sums, target); m.opt.Uniform <= 0 {
			k = min(k, len(m.height)-1) // rounding
		}
	}
	m.drawn = k
	for j, d := range m.dims {
		u := rng.Float64()
		if k < len(m.height) {
			if at := k*len(m.dims) + j; m.factors[at].centre >= 0 {
				u = m.draw(d, m.factors[at].centre, m.shapes[at].width, u, widen, rng)
			}
		}
		into[j] = u
	}
}

// draw returns the coordinate of a factor's distribution that belongs to u, uniform in [0, 1).
func (m *Mixture) draw(d Dimension, centre, width, u, widen float64, rng *rand.Rand) float64 {
	switch {
	case d.Choices > 0:
		k := float64(d.Choices)
		if u < width*k/(k-1) { // the kernel is a mixture of its centre and of the uniform distribution
			return rng.Float64()
		}
		return (centre + 0.5) / k
	case d.Cells > 0:
		return truncated(m.grid.centres[int(centre)], width*widen, u)
	}
	return truncated(centre, width*widen, u)
}

// truncated returns quantile u of the Gaussian at x of standard deviation h, truncated to [0, 1].
func truncated(x, h, u float64) float64 {
	low, high := math.Erf(-x/h/math.Sqrt2), math.Erf((1-x)/h/math.Sqrt2)
	y := x + h*math.Sqrt2*math.Erfinv(low+u*(high-low))
	if math.IsInf(y, 0) || math.IsNaN(y) {
		return x
	}
	return min(max(y, 0), 1)
}
