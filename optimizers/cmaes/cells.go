package cmaes

import (
	"math"

	"github.com/metaml/metaml/optimizers/space"
)

// cells are the intervals of a unit interval that decode to one value each.
type cells struct {
	count int // 0: a continuum, 1: a constant
	// low, step and so on are those of a numeric grid; step 0 is a list of choices with cells of equal width.
	low, step   float64
	first, last float64 // ends of the unit interval, in the logarithm where log
	log         bool
}

// newCells returns the cells of a hyperparameter, as space.Encode lays them out.
func newCells(h space.Hyperparameter) cells {
	switch {
	case h.Discrete():
		return cells{count: len(h.Values())}
	case h.Low == h.High:
		return cells{count: 1}
	case h.Type == space.TypeFloat && h.Step == 0:
		return cells{}
	}
	c := cells{low: h.Low, step: h.Step, log: h.Log}
	if h.Type == space.TypeInt {
		c.step = max(h.Step, 1)
	}
	c.count = h.Count()
	c.first, c.last = h.Low-c.step/2, h.Low+(float64(c.count)-0.5)*c.step
	if h.Log {
		if c.first <= 0 {
			c.first = h.Low
		}
		c.first, c.last = math.Log(c.first), math.Log(c.last)
	}
	return c
}

// border returns the coordinate between cells k and k+1.
func (c cells) border(k int) float64 {
	if c.step == 0 {
		return float64(k+1) / float64(c.count)
	}
	x := c.low + (float64(k)+0.5)*c.step
	if c.log {
		x = math.Log(x)
	}
	return (x - c.first) / (c.last - c.first)
}

// find returns the cell of a coordinate, the nearest of those outside.
func (c cells) find(u float64) int {
	u = min(max(u, 0), 1)
	k := u * float64(c.count)
	if c.step > 0 {
		x := c.first + u*(c.last-c.first)
		if c.log {
			x = math.Exp(x)
		}
		k = (x-c.low)/c.step + 0.5
	}
	return min(max(int(k), 0), c.count-1)
}

// around returns the borders on both sides of a coordinate; in the first and last cell both are the only border.
func (c cells) around(u float64) (below, above float64) {
	k := c.find(u)
	return c.border(max(k-1, 0)), c.border(min(k, c.count-2))
}
