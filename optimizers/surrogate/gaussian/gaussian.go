// Package gaussian is Gaussian-process regression (Rasmussen and Williams 2006) as Bayesian optimization needs it:
// exact, with a kernel for numeric, categorical and conditional inputs, hyperparameters by maximum a posteriori,
// observations added one at a time, and predictions with gradients.
//
// Inputs are points of the unit cube, NaN where a coordinate is inactive; outputs are best standardised, as a
// Transform does. The kernel of two points x and y is
//
//	scale M(r_0) Π_g (1 + a_g M(r_g)) + intercept + Σ_b v_b x_b y_b
//
// where M is the Matérn kernel of smoothness 5/2 and r_g the distance over the coordinates of group g, each divided
// by its lengthscale (automatic relevance determination); two different categories are at distance 1 before that.
// Where Prior.Warp says so, numeric coordinates are warped first, each by two parameters that are fitted with the others.
// Group 0 holds the coordinates that are always active. The product is over the groups of conditional coordinates
// that are active in both points: what points of different branches have in common is their shared mean, around which
// each branch varies by its own amplitude, and an inactive coordinate never enters a distance. The last terms are a
// linear model of the coordinates of Kind Basis, whose coefficients have prior variance v_b: a prediction of the
// output that is passed in as a coordinate becomes the prior mean a + b m(x), its weight by marginal likelihood.
//
// Nothing here is safe for use by several goroutines at once.
package gaussian

import (
	"errors"
	"fmt"
	"math"
)

// ErrInput is what an error about points, outputs or hyperparameters of the wrong shape is, by errors.Is.
var ErrInput = errors.New("invalid input of a Gaussian process")

// Kind is what a coordinate means.
type Kind uint8

// The kinds of coordinates. Numeric ones are compared by their difference, Categorical ones by equality; a Basis
// coordinate is the value of a function of the configuration in which the output may be linear.
const (
	Numeric Kind = iota
	Categorical
	Basis
)

// Dimension describes one coordinate. Those of the same Group > 0 are active (not NaN) together; those of group 0
// always are, and so are Basis coordinates whatever their group.
type Dimension struct {
	Kind  Kind
	Group int
}

// Hyperparameters of the kernel, all positive, and of the noise.
type Hyperparameters struct {
	// Scale is the variance of a function without conditional coordinates, Noise that of the outputs' noise.
	Scale, Noise float64
	// Intercept is the prior variance of a constant, which is not fitted; 0: the mean is 0.
	Intercept float64
	// Lengthscales has one entry per dimension; those of Basis dimensions mean nothing.
	Lengthscales []float64
	// Amplitudes has one entry per group above 0, in the order of their numbers.
	Amplitudes []float64
	// Weights has the prior variance of each Basis dimension's coefficient.
	Weights []float64
	// Warps has one entry per dimension where the model warps, and none where it does not; those of dimensions that are
	// not Numeric mean nothing.
	Warps []Warp
}

// layout is how dimensions are arranged inside: group by group, numeric before categorical, then the basis.
type layout struct {
	order  []int // position inside -> dimension
	inside []int // dimension -> position inside
	within []int // dimension -> block, -1 of a basis dimension
	blocks []block
	space  int   // coordinates that are not basis
	warped []int // positions inside whose coordinates are warped
}

// block is the coordinates of one group: numeric [from, split), categorical [split, to).
type block struct{ from, split, to int }

func newLayout(dims []Dimension) (layout, error) {
	l := layout{}
	highest := 0
	for i, d := range dims {
		if d.Kind > Basis || d.Group < 0 {
			return l, fmt.Errorf("dimension %d has kind %d and group %d: %w", i, d.Kind, d.Group, ErrInput)
		}
		highest = max(highest, d.Group)
	}
	if highest > len(dims) {
		return l, fmt.Errorf("group %d of %d dimensions: %w", highest, len(dims), ErrInput)
	}
	for g := range highest + 1 {
		b := block{from: len(l.order)}
		l.take(dims, g, Numeric)
		b.split = len(l.order)
		l.take(dims, g, Categorical)
		b.to = len(l.order)
		l.blocks = append(l.blocks, b)
	}
	l.space = len(l.order)
	for i, d := range dims {
		if d.Kind == Basis {
			l.order = append(l.order, i)
		}
	}
	l.invert()
	return l, nil
}

// invert notes where each dimension is.
func (l *layout) invert() {
	l.inside, l.within = make([]int, len(l.order)), make([]int, len(l.order))
	for i, j := range l.order {
		l.inside[j], l.within[j] = i, -1
	}
	for g, b := range l.blocks {
		for _, j := range l.order[b.from:b.to] {
			l.within[j] = g
		}
	}
}

// take appends the dimensions of a group and kind.
func (l *layout) take(dims []Dimension, group int, kind Kind) {
	for i, d := range dims {
		if d.Group == group && d.Kind == kind {
			l.order = append(l.order, i)
		}
	}
}

// warp marks the numeric coordinates as warped.
func (l *layout) warp() {
	for _, b := range l.blocks {
		for i := b.from; i < b.split; i++ {
			l.warped = append(l.warped, i)
		}
	}
}

// straight returns warps that bend nothing, by dimension; nil where nothing is warped.
func (l *layout) straight() []Warp {
	if len(l.warped) == 0 {
		return nil
	}
	warps := make([]Warp, len(l.order))
	for i := range warps {
		warps[i] = Warp{1, 1}
	}
	return warps
}

// basis is the number of basis coordinates.
func (l *layout) basis() int { return len(l.order) - l.space }

// Default returns the hyperparameters that Fit starts from: the mode of every prior where it has one.
func (m *Model) Default() Hyperparameters {
	h := Hyperparameters{
		Scale: 1, Noise: m.prior.NoiseStart, Intercept: m.prior.Intercept, Lengthscales: make([]float64, len(m.dims)),
		Amplitudes: make([]float64, len(m.layout.blocks)-1), Weights: make([]float64, m.layout.basis()),
	}
	for i, d := range m.dims {
		h.Lengthscales[i] = m.prior.lengthscaleStart(m.layout.space, d.Kind)
	}
	for i := range h.Amplitudes {
		h.Amplitudes[i] = 1
	}
	for i := range h.Weights {
		h.Weights[i] = 0.1
	}
	h.Warps = m.layout.straight()
	return h
}

// check refuses hyperparameters of another shape, and values that are not positive.
func (m *Model) check(h Hyperparameters) error {
	if len(h.Lengthscales) != len(m.dims) || len(h.Amplitudes) != len(m.layout.blocks)-1 || len(h.Weights) != m.layout.basis() {
		return fmt.Errorf("%d lengthscales, %d amplitudes and %d weights for %d dimensions, %d groups and %d basis dimensions: %w",
			len(h.Lengthscales), len(h.Amplitudes), len(h.Weights), len(m.dims), len(m.layout.blocks)-1, m.layout.basis(), ErrInput)
	}
	if len(h.Warps) != len(m.layout.straight()) {
		return fmt.Errorf("%d warps for %d dimensions, of which %d are warped: %w", len(h.Warps), len(m.dims), len(m.layout.warped), ErrInput)
	}
	lists := [][]float64{{h.Scale, h.Noise}, h.Lengthscales, h.Amplitudes}
	for _, w := range h.Warps {
		lists = append(lists, []float64{w.A, w.B})
	}
	for _, list := range lists {
		for _, v := range list {
			if !(v > 0) || math.IsInf(v, 1) {
				return fmt.Errorf("hyperparameter %v is not positive and finite: %w", v, ErrInput)
			}
		}
	}
	for _, v := range append([]float64{h.Intercept}, h.Weights...) {
		if !(v >= 0) || math.IsInf(v, 1) {
			return fmt.Errorf("variance %v is negative or not finite: %w", v, ErrInput)
		}
	}
	return nil
}

// Model is a Gaussian process over points of given dimensions, before any data.
type Model struct {
	dims   []Dimension
	layout layout
	prior  Prior
}

// New returns the model over points of these dimensions.
func New(dims []Dimension, prior Prior) (*Model, error) {
	l, err := newLayout(dims)
	if err != nil {
		return nil, err
	}
	if prior.Warp > 0 {
		l.warp()
	}
	return &Model{dims: append([]Dimension(nil), dims...), layout: l, prior: prior.withDefaults(len(dims))}, nil
}

// checkPoints refuses points of another length, coordinates that are infinite, or NaN where they must be active, and
// groups that are active in part.
func (m *Model) checkPoints(points [][]float64) error {
	for i, x := range points {
		if len(x) != len(m.dims) {
			return fmt.Errorf("point %d has %d coordinates, not %d: %w", i, len(x), len(m.dims), ErrInput)
		}
		for _, b := range m.layout.blocks[1:] {
			for _, j := range m.layout.order[b.from:b.to] {
				if math.IsNaN(x[j]) != math.IsNaN(x[m.layout.order[b.from]]) {
					return fmt.Errorf("point %d: coordinate %d is not active when others of its group are: %w", i, j, ErrInput)
				}
			}
		}
		for j, v := range x {
			if math.IsInf(v, 0) || (math.IsNaN(v) && (m.dims[j].Group == 0 || m.dims[j].Kind == Basis)) {
				return fmt.Errorf("point %d: coordinate %d is %v: %w", i, j, v, ErrInput)
			}
			if (v < 0 || v > 1) && m.prior.Warp > 0 && m.dims[j].Kind == Numeric {
				return fmt.Errorf("point %d: coordinate %d is %v, outside of [0, 1], which cannot be warped: %w", i, j, v, ErrInput)
			}
		}
	}
	return nil
}

func checkOutputs(points [][]float64, y []float64) error {
	if len(points) != len(y) {
		return fmt.Errorf("%d outputs for %d points: %w", len(y), len(points), ErrInput)
	}
	for i, v := range y {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("output %d is %v: %w", i, v, ErrInput)
		}
	}
	return nil
}
