// Package parzen models the good and the bad configurations of a space by two kernel densities, l and g, and proposes
// the configuration of greatest l/g among draws from l. For any split by a quantile of the losses that is the one of
// greatest expected improvement (Bergstra et al. 2011). Package tpe uses it on all trials, bohb on those of one
// budget.
//
// One pair of densities serves all sets of active hyperparameters of a conditional space: where a kernel's
// configuration has no value, the kernel is uniform, so that which hyperparameters are active is learned like
// everything else, and what is known of one hyperparameter is used wherever it is active.
package parzen

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/surrogate/kde"
)

// Kernel is a point of a model with its weight in one of the densities.
type Kernel struct {
	Point  int
	Weight float64
}

// Model is the pair of densities on a space. It keeps points, and is fitted to a choice of them. It is not safe for
// concurrent use.
type Model struct {
	space     space.Space
	selective bool // some hyperparameters can be inactive
	dims      []kde.Dimension
	rule      Rule
	points    [][]float64
	order     [][]int // by dimension: the points that are active there, by coordinate, then by number
	good, bad density

	bandwidths []float64 // of the fit: a row per kernel
	kernelOf   []int     // of the fit: by point, -1 for none
	fitted     int       // of the fit: kernels of both densities
	drawn      []float64

	goodKernels, badKernels []Kernel // of the last Split
}

// density is one of the pair, with what it was fitted to: often the next fit is to the same.
type density struct {
	*kde.Mixture
	kernels []Kernel
	floor   float64 // of the bandwidths; 0: the density is not that of the kernels
}

// New returns a model without points.
func New(s space.Space, r Rule) *Model {
	dims := dimensions(s)
	opt := kde.Options{Uniform: r.Uniform, Untruncated: r.Untruncated}
	return &Model{
		space: s, selective: s.Conditional(), dims: dims, rule: r, order: make([][]int, len(dims)),
		good: density{Mixture: kde.New(dims, opt)}, bad: density{Mixture: kde.New(dims, opt)}, drawn: make([]float64, len(dims)),
	}
}

// finest is the most values that a number on a grid may have for its kernels to be integrated over them; others count
// as continuous.
const finest = 64

// dimensions translates hyperparameters: those on an even grid of not too many values have cells, the choices of an
// ordinal, too, and numbers on a logarithmic grid count as continuous, since their slices are of different widths.
func dimensions(s space.Space) []kde.Dimension {
	var dims []kde.Dimension
	for _, h := range s.Parameters() {
		d := kde.Dimension{}
		switch {
		case h.Type == space.TypeOrdinal:
			d.Cells = len(h.Choices)
		case h.Discrete():
			d.Choices = len(h.Values())
		case !h.Log && (h.Type == space.TypeInt || h.Step > 0):
			if n := h.Count(); n <= finest {
				d.Cells = n
			}
		}
		dims = append(dims, d)
	}
	return dims
}

// Add keeps a configuration and returns its number, counted from 0.
func (m *Model) Add(c space.Config) int {
	i, x := len(m.points), m.space.Encode(c)
	m.points, m.kernelOf = append(m.points, x), append(m.kernelOf, -1)
	for j, v := range x {
		if math.IsNaN(v) {
			continue
		}
		at, _ := slices.BinarySearchFunc(m.order[j], v, func(p int, v float64) int {
			if m.points[p][j] <= v { // behind its equals
				return -1
			}
			return 1
		})
		m.order[j] = slices.Insert(m.order[j], at, i)
	}
	return i
}

// Len returns the number of points.
func (m *Model) Len() int { return len(m.points) }

// Truncate forgets all points but the first n.
func (m *Model) Truncate(n int) {
	if n >= len(m.points) {
		return
	}
	for j := range m.order {
		m.order[j] = slices.DeleteFunc(m.order[j], func(i int) bool { return i >= n })
	}
	m.points, m.kernelOf = m.points[:n], m.kernelOf[:n]
	for _, d := range []*density{&m.good, &m.bad} {
		if slices.ContainsFunc(d.kernels, func(k Kernel) bool { return k.Point >= n }) {
			d.floor = 0
		}
	}
}

// Point returns the unit-cube coordinates of a point, which must not be changed.
func (m *Model) Point(i int) []float64 { return m.points[i] }

// SameActive reports whether the same hyperparameters are active at two points of the unit cube.
func SameActive(x, y []float64) bool {
	for j := range x {
		if math.IsNaN(x[j]) != math.IsNaN(y[j]) {
			return false
		}
	}
	return true
}

// Fit makes l of the good and g of the bad points. Each point may be in one of them, once.
func (m *Model) Fit(good, bad []Kernel) {
	m.fitted = len(good) + len(bad)
	m.fill(&m.good, good, m.rule.Good)
	m.fill(&m.bad, bad, m.rule.Bad)
}

// fill fits one density, unless it is that of the kernels already.
func (m *Model) fill(to *density, kernels []Kernel, bandwidth Bandwidth) {
	floor := bandwidth.floor(len(kernels), m.fitted)
	if floor == to.floor && slices.Equal(kernels, to.kernels) {
		return
	}
	to.floor, to.kernels = floor, append(to.kernels[:0], kernels...)
	d := len(m.dims)
	m.bandwidths = slices.Grow(m.bandwidths[:0], len(kernels)*d)[:len(kernels)*d]
	for k, p := range kernels {
		m.kernelOf[p.Point] = k
	}
	for j := range m.dims {
		m.widths(j, kernels, bandwidth, floor)
	}
	to.Reset()
	for k, p := range kernels {
		to.Add(m.points[p.Point], m.bandwidths[k*d:(k+1)*d], p.Weight)
		m.kernelOf[p.Point] = -1
	}
}

// Search says how Propose looks for a configuration.
type Search struct {
	// Candidates is how many draws from l are compared.
	Candidates int
	// Widen multiplies l's bandwidths of numbers for the draws; 1 for l itself.
	Widen float64
	// Pattern, a point of the unit cube, restricts the candidates to those with the same hyperparameters active. Nil:
	// no restriction.
	Pattern []float64
	// Allowed says which configurations may be proposed. It is asked about few.
	Allowed func(space.Config) bool
}

// patience is how many draws there may be for each candidate with the pattern asked for.
const patience = 5

// Propose returns the candidate of the greatest l/g that is allowed, of equals the first, if there is any.
func (m *Model) Propose(rng *rand.Rand, s Search) (best space.Config, found bool) {
	top, left := math.Inf(-1), s.Candidates
	for draws := 0; left > 0 && draws < patience*s.Candidates; draws++ {
		x, c := m.draw(rng, s.Widen)
		if s.Pattern != nil && !SameActive(x, s.Pattern) {
			continue
		}
		left--
		if m.bad.Exceeds(x, m.good.LogDensityCeiling(x)-top) {
			continue
		}
		score := m.LogRatio(x)
		if !(score > top) {
			continue
		}
		if c == nil {
			c = m.space.Decode(x)
		}
		if s.Allowed(c) {
			best, top, found = c, score, true
		}
	}
	return best, found
}

// draw draws a point from l, and gives its configuration if that was needed to see what is active.
func (m *Model) draw(rng *rand.Rand, widen float64) ([]float64, space.Config) {
	m.good.Sample(rng, widen, m.drawn)
	if !m.selective {
		return m.drawn, nil
	}
	c := m.space.Decode(m.drawn)
	return m.space.Encode(c), c
}

// LogRatio returns the logarithm of l/g at a point of the unit cube.
func (m *Model) LogRatio(x []float64) float64 { return m.good.LogDensity(x) - m.bad.LogDensity(x) }
