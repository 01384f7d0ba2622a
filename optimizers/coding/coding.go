// Package coding turns configurations into rows of numbers for models made of trees, and makes rows without making
// configurations, which costs a hundredth: SMAC judges thousands of candidates as rows, and fANOVA integrates over them.
package coding

import (
	"math"
	"slices"

	"github.com/metaml/metaml/optimizers/space"
)

// Codec turns configurations of a space into rows, one number per hyperparameter, and back. A number or ordinal is its
// coordinate in the unit cube, that of the value itself where values lie on a grid; a categorical, bool or constant is
// the position of its choice; NaN is a hyperparameter that is inactive. It is not safe for concurrent use.
type Codec struct {
	space      space.Space
	dimensions []Dimension
	order      []int // dimensions, parents before children
	agenda     agenda
	forbidden  []clause
	scratch    []float64
}

// Dimension is one hyperparameter. Its slices must not be changed.
type Dimension struct {
	Nominal bool      // its values have no order
	Levels  []float64 // its values in rows, ascending; nil: any coordinate in [0, 1]
	Upper   []float64 // by level: the probability that the space samples it or one before it
	when    *clause
}

// maxLevels is up to how many values a grid has a table; finer ones are as good as continuous.
const maxLevels = 1024

// New returns the codec of a space.
func New(s space.Space) (*Codec, error) {
	params := s.Parameters()
	c := &Codec{space: s, dimensions: make([]Dimension, len(params)), scratch: make([]float64, len(params))}
	singles := make([]space.Space, len(params))
	for i, h := range params {
		h.When = nil
		single, err := space.New([]space.Hyperparameter{h})
		if err != nil {
			return nil, err
		}
		singles[i] = single
		c.dimensions[i] = newDimension(h, single)
	}
	for i, h := range params {
		c.dimensions[i].when = c.compile(h.When, params, singles)
	}
	for _, f := range s.Forbidden() {
		c.forbidden = append(c.forbidden, *c.compile(&f, params, singles))
	}
	c.order = parentsFirst(s, params)
	c.agenda = newAgenda(c)
	return c, nil
}

// newDimension tabulates the values of a hyperparameter; single is the space of it alone.
func newDimension(h space.Hyperparameter, single space.Space) Dimension {
	d := Dimension{Nominal: h.Discrete() && h.Type != space.TypeOrdinal}
	values := gridValues(h)
	total := 0.0
	for i, v := range values {
		level := single.Encode(space.Config{h.Name: v})[0]
		if d.Nominal {
			level = float64(i)
		}
		d.Levels = append(d.Levels, level)
		weight := 1.0
		if h.Weights != nil {
			weight = h.Weights[i]
		}
		total += weight
		d.Upper = append(d.Upper, total)
	}
	if h.Log && values != nil {
		d.Upper = logSlices(values, d.Levels)
		return d
	}
	for i := range d.Upper {
		d.Upper[i] /= total
	}
	return d
}

// gridValues lists the values of a hyperparameter with few of them in ascending order; nil where it has many.
func gridValues(h space.Hyperparameter) []space.Value {
	switch {
	case h.Discrete():
		return h.Values()
	case h.Type == space.TypeFloat && h.Step == 0 || h.Count() > maxLevels:
		return nil
	}
	values := make([]space.Value, h.Count())
	for k := range values {
		values[k] = h.Point(k)
	}
	return values
}

// logSlices finds where the slices of a logarithmic grid end: half-way between neighbouring values, at a coordinate
// that is linear in the logarithm.
func logSlices(values []space.Value, levels []float64) []float64 {
	last := len(levels) - 1
	upper := make([]float64, len(levels))
	upper[last] = 1
	log := func(i int) float64 { return math.Log(values[i].Float()) }
	for i := range last {
		middle := math.Log(values[i].Float()/2 + values[i+1].Float()/2)
		upper[i] = levels[0] + float64((levels[last]-levels[0])*((middle-log(0))/(log(last)-log(0))))
	}
	return upper
}

// parentsFirst orders the hyperparameters so that none comes before one its condition asks about.
func parentsFirst(s space.Space, params []space.Hyperparameter) []int {
	order := make([]int, 0, len(params))
	seen := make([]bool, len(params))
	var visit func(i int)
	visit = func(i int) {
		if seen[i] {
			return
		}
		seen[i] = true
		for _, parent := range params[i].When.Parents() {
			visit(s.Index(parent))
		}
		order = append(order, i)
	}
	for i := range params {
		visit(i)
	}
	return order
}

// fromCube returns the row's value for a coordinate that the space's Encode made.
func (c *Codec) fromCube(i int, u float64) float64 {
	d := &c.dimensions[i]
	if d.Nominal && !math.IsNaN(u) {
		return float64(min(int(u*float64(len(d.Levels))), len(d.Levels)-1))
	}
	return u
}

// Encode returns a configuration's row.
func (c *Codec) Encode(config space.Config) []float64 {
	row := c.space.Encode(config)
	for i, u := range row {
		row[i] = c.fromCube(i, u)
	}
	return row
}

// Decode returns a row's configuration.
func (c *Codec) Decode(row []float64) space.Config {
	u := c.scratch
	for i, v := range row {
		if d := &c.dimensions[i]; d.Nominal {
			v = (v + 0.5) / float64(len(d.Levels))
		}
		u[i] = v
	}
	return c.space.Decode(u)
}

// Quantile returns the value at quantile q of the distribution that the space samples from.
func (d *Dimension) Quantile(q float64) float64 {
	if d.Levels == nil {
		return q
	}
	low, high := 0, len(d.Upper)-1
	for low < high {
		if middle := (low + high) / 2; q < d.Upper[middle] {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return d.Levels[low]
}

// Allowed reports whether no forbidden clause holds.
func (c *Codec) Allowed(row []float64) bool {
	for i := range c.forbidden {
		if c.forbidden[i].holds(row) {
			return false
		}
	}
	return true
}

// Nominal lists the numbers of choices without order, 0 for others, as Options.Nominal of the forest; features with more
// choices than a forest takes are numbers to it.
func (c *Codec) Nominal() []int {
	counts := make([]int, len(c.dimensions))
	for i, d := range c.dimensions {
		if d.Nominal && len(d.Levels) <= 64 {
			counts[i] = len(d.Levels)
		}
	}
	return counts
}

// Nearest returns the level nearest to a coordinate.
func (d *Dimension) Nearest(u float64) float64 {
	if d.Levels == nil {
		return u
	}
	k, _ := slices.BinarySearch(d.Levels, u)
	if k == len(d.Levels) || (k > 0 && u-d.Levels[k-1] < d.Levels[k]-u) {
		k--
	}
	return d.Levels[k]
}

// Dimensions returns the hyperparameters in the space's order. The slice must not be changed.
func (c *Codec) Dimensions() []Dimension { return c.dimensions }

// Order lists the dimensions with every parent before its children. The slice must not be changed.
func (c *Codec) Order() []int { return c.order }

// Active reports whether hyperparameter i is active in a row that has the values of its ancestors.
func (c *Codec) Active(i int, row []float64) bool { return c.dimensions[i].when.holds(row) }

// Asked lists the values of hyperparameter i that conditions of other hyperparameters ask for, as in rows, in no
// particular order and with repetitions.
func (c *Codec) Asked(i int) []float64 {
	var values []float64
	for k := range c.dimensions {
		values = c.dimensions[k].when.asked(i, values)
	}
	return values
}
