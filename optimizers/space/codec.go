package space

import (
	"fmt"
	"math"
)

// Encode returns c as a point of the unit cube, one coordinate in [0, 1] per hyperparameter in the space's order,
// NaN where c has no value (the hyperparameter is inactive). c must be a configuration of this space; a value that
// is none of its choices encodes as NaN.
//
// A float lies at (x-low)/(high-low), in the logarithm where Log. An int, and anything on a grid, is a float on a
// range that reaches half a step beyond both ends, so that every grid point owns a slice of equal width (equal in
// the logarithm where Log). Choice i of k lies in the middle of its slice, at (i+1/2)/k.
func (s Space) Encode(c Config) []float64 {
	u := make([]float64, len(s.params))
	for i := range s.params {
		u[i] = math.NaN()
		if v, ok := c[s.params[i].Name]; ok {
			u[i] = s.params[i].encode(v)
		}
	}
	return u
}

// Decode returns the configuration at a point of the unit cube: choice floor(u k), grid points rounded half to even
// and kept within bounds. Coordinates of inactive hyperparameters are ignored, those beyond [0, 1] are moved to its
// edge, and an active hyperparameter whose coordinate is NaN takes its default. The configuration may be forbidden;
// Validate tells.
//
// Decode(Encode(c)) equals c, bit by bit, for every configuration that Decode, Sample, Design or Neighbours made;
// a float from elsewhere, for which no coordinate exists, comes back as the nearest that has one.
//
// Decode panics when u has not one coordinate per hyperparameter.
func (s Space) Decode(u []float64) Config {
	if len(u) != len(s.params) {
		panic(fmt.Sprintf("space: %d coordinates for %d hyperparameters", len(u), len(s.params)))
	}
	c := s.newConfig()
	for _, i := range s.order {
		h := &s.params[i]
		switch {
		case !h.When.Holds(c):
		case math.IsNaN(u[i]):
			c[h.Name] = h.DefaultValue()
		default:
			c[h.Name] = h.decode(u[i])
		}
	}
	return c
}

// span returns the interval, in the logarithm where Log, that the unit interval maps to.
func (h *Hyperparameter) span() (low, high float64) {
	low, high = h.Low, h.High
	if g := h.grid(); g > 0 {
		high = low + float64((h.lastStep()+0.5)*g)
		if low -= g / 2; h.Log && low <= 0 {
			low = h.Low
		}
	}
	if h.Log {
		return math.Log(low), math.Log(high)
	}
	return low, high
}

// decode returns the value at u.
func (h *Hyperparameter) decode(u float64) Value {
	u = min(max(u, 0), 1)
	if h.Discrete() {
		values := h.Values()
		return values[min(int(u*float64(len(values))), len(values)-1)]
	}
	switch u {
	case 0:
		return h.number(h.Low)
	case 1:
		return h.number(h.High)
	}
	low, high := h.span()
	x := low + float64(u*(high-low))
	if h.Log {
		x = math.Exp(x)
	}
	return h.number(x)
}

// encode returns a coordinate of v: one that decode maps back to v if there is any.
func (h *Hyperparameter) encode(v Value) float64 {
	if h.Discrete() {
		values := h.Values()
		for i := range values {
			if values[i].Equal(v) {
				return (float64(i) + 0.5) / float64(len(values))
			}
		}
		return math.NaN()
	}
	x := v.Float()
	switch {
	case math.IsNaN(x):
		return x
	case h.Low == h.High:
		return 0.5
	}
	low, high := h.span()
	at := x
	if h.Log {
		at = math.Log(x)
	}
	u := min(max((at-low)/(high-low), 0), 1)
	if h.decode(u).num == x {
		return u
	}
	return h.search(x)
}

// search finds by bisection, over the floats of [0, 1] in their order, the coordinate whose value is nearest to x.
// Rounding puts the formula of encode up to a few floats off.
func (h *Hyperparameter) search(x float64) float64 {
	below, above := uint64(0), math.Float64bits(1)
	for above-below > 1 {
		middle := below + (above-below)/2
		if h.decode(math.Float64frombits(middle)).num < x {
			below = middle
		} else {
			above = middle
		}
	}
	u, v := math.Float64frombits(below), math.Float64frombits(above)
	if math.Abs(h.decode(u).num-x) < math.Abs(h.decode(v).num-x) {
		return u
	}
	return v
}
