package cmaes

import (
	"errors"
	"fmt"
	"math"

	"github.com/metaml/metaml/optimizers/space"
)

// coordinates are the dimensions of the search: the space's hyperparameters that vary, each on the unit interval of
// space.Encode.
type coordinates struct {
	space   space.Space
	axes    []axis
	restful bool // some clauses forbid configurations
}

// axis is a hyperparameter that varies.
type axis struct {
	index int // in the space's order
	cells cells
}

// newCoordinates refuses spaces in which a normal distribution means nothing. The error is errors.ErrUnsupported.
func newCoordinates(s space.Space) (coordinates, error) {
	c := coordinates{space: s, restful: len(s.Forbidden()) > 0}
	for i, h := range s.Parameters() {
		if h.When != nil {
			return c, fmt.Errorf("cmaes: hyperparameter %q is conditional: %w: CMA-ES needs all hyperparameters in every configuration; use smac, tpe or de", h.Name, errors.ErrUnsupported)
		}
		if h.Type == space.TypeCategorical && len(h.Choices) > 2 {
			return c, fmt.Errorf("cmaes: hyperparameter %q has %d choices without an order: %w: declare it ordinal if they have one, or use smac, tpe or de", h.Name, len(h.Choices), errors.ErrUnsupported)
		}
		if a := (axis{index: i, cells: newCells(h)}); a.cells.count != 1 {
			c.axes = append(c.axes, a)
		}
	}
	return c, nil
}

// encode returns the coordinates of a configuration.
func (c coordinates) encode(config space.Config) []float64 {
	u := c.space.Encode(config)
	x := make([]float64, len(c.axes))
	for i, a := range c.axes {
		x[i] = u[a.index]
	}
	return x
}

// decode returns the configuration at a point; coordinates outside the unit interval are moved to its edge.
func (c coordinates) decode(x []float64) space.Config {
	u := make([]float64, c.space.Len())
	for i := range u {
		u[i] = math.NaN() // constants take their only value
	}
	for i, a := range c.axes {
		u[a.index] = x[i]
	}
	return c.space.Decode(u)
}

// allowed reports whether no clause forbids the configuration.
func (c coordinates) allowed(config space.Config) bool {
	return !c.restful || c.space.Validate(config) == nil
}

// inside reports whether the continuous coordinates of a point lie in the unit interval. The others may lie outside:
// beyond the ends are the first and the last value.
func (c coordinates) inside(x []float64) bool {
	for i, a := range c.axes {
		if a.cells.count == 0 && (x[i] < 0 || x[i] > 1) {
			return false
		}
	}
	return true
}

// reflect puts the continuous coordinates of a point into the unit interval.
func (c coordinates) reflect(x []float64) {
	for i, a := range c.axes {
		if a.cells.count == 0 {
			x[i] = mirror(x[i])
		}
	}
}

// mirror reflects x at 0 and 1 until it lies between them.
func mirror(x float64) float64 {
	if x >= 0 && x <= 1 {
		return x
	}
	if x = math.Mod(math.Abs(x), 2); x > 1 {
		return 2 - x
	}
	return x
}
