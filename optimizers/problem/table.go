package problem

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// ErrTable is what every error about a file that is no usable table is, by errors.Is.
var ErrTable = errors.New("unusable table")

// TableOptions say how to read a table.
type TableOptions struct {
	// Space gives the parameters of a JSON table, which may have any values in any order and must all be active:
	// a key has one digit per parameter, in alphabetical order, which counts the parameter's values from 0. The
	// zero Space stands for one integer per digit, from 0 to the greatest digit there is, named p0, p1, …
	// CSV tables carry their own.
	Space space.Space
	// Maximize says that higher values are better: the loss is then 1 less the value.
	Maximize bool
	// Metric is the metric of a CSV table, empty for its first.
	Metric string
}

// axis is one parameter of a table with its values in the order of their indices.
type axis struct {
	parameter space.Hyperparameter
	values    []space.Value
}

// newAxis lists a parameter's values.
func newAxis(h space.Hyperparameter) (axis, error) {
	a := axis{parameter: h}
	switch {
	case h.When != nil:
		return a, fmt.Errorf("parameter %q is conditional; those of a table are always active", h.Name)
	case h.Count() == 0:
		return a, fmt.Errorf("parameter %q has infinitely many values; give it choices or a step", h.Name)
	}
	n := h.Count()
	if n > largestTable {
		return a, fmt.Errorf("parameter %q has %d values, more than a table can", h.Name, n)
	}
	for i := range n {
		a.values = append(a.values, h.Point(i))
	}
	return a, nil
}

// index returns the position of a value, which must be one of the parameter's.
func (a axis) index(v space.Value) int {
	if !a.parameter.Discrete() { // by number, as grid points of floats are equal up to rounding only
		step := max(a.parameter.Step, 0)
		if step == 0 {
			step = 1
		}
		i := int(math.Round((v.Float() - a.parameter.Low) / step))
		return min(max(i, 0), len(a.values)-1)
	}
	return slices.IndexFunc(a.values, v.Equal)
}

// largestTable bounds the cells of a table.
const largestTable = 1 << 28

// grid is the cells of a table: one per combination of values, the last axis running fastest.
type grid []axis

// newGrid makes the grid of a space, its axes in alphabetical order.
func newGrid(s space.Space) (grid, error) {
	var g grid
	cells := 1
	for _, h := range s.Parameters() {
		a, err := newAxis(h)
		if err != nil {
			return nil, err
		}
		if cells *= len(a.values); cells > largestTable {
			return nil, fmt.Errorf("the space has more than %d configurations", largestTable)
		}
		g = append(g, a)
	}
	if len(s.Forbidden()) > 0 {
		return nil, errors.New("the space forbids combinations; a table has them all")
	}
	slices.SortFunc(g, func(a, b axis) int { return strings.Compare(a.parameter.Name, b.parameter.Name) })
	return g, nil
}

// size is the number of cells.
func (g grid) size() int {
	n := 1
	for _, a := range g {
		n *= len(a.values)
	}
	return n
}

// cell returns the number of a configuration's cell.
func (g grid) cell(c space.Config) int {
	n := 0
	for _, a := range g {
		n = n*len(a.values) + a.index(c[a.parameter.Name])
	}
	return n
}

// config returns the configuration of a cell.
func (g grid) config(cell int) space.Config {
	c := make(space.Config, len(g))
	for _, a := range slices.Backward(g) {
		c[a.parameter.Name] = a.values[cell%len(a.values)]
		cell /= len(a.values)
	}
	return c
}

// level is the losses of all cells at one fidelity.
type level struct {
	at     float64
	losses []float64
}

// tabular makes the problem of a complete table. Levels ascend; the last is the full fidelity, the only one if
// fidelity is empty. A measurement between two levels shows the lower one, as a learner does that is looked at now
// and then.
func tabular(s space.Space, g grid, fidelity string, levels []level) Problem {
	full := levels[len(levels)-1].losses
	p := Problem{Space: s, Optimum: slices.Min(full), loss: func(c space.Config) float64 { return full[g.cell(c)] }}
	for cell, loss := range full {
		if loss == p.Optimum {
			p.Minimizers = append(p.Minimizers, g.config(cell))
		}
	}
	sorted := slices.Clone(full)
	slices.Sort(sorted)
	p.spread = (sorted[(len(sorted)-1)/2]+sorted[len(sorted)/2])/2 - p.Optimum
	if fidelity == "" {
		return p
	}
	p.Fidelities = []study.Range{{Name: fidelity, Low: levels[0].at, High: levels[len(levels)-1].at, Log: true, Integer: true}}
	p.measure = func(c space.Config, f study.Fidelity, _ uint64) float64 {
		at, ok := f[fidelity]
		if !ok {
			return full[g.cell(c)]
		}
		i := len(levels) - 1
		for i > 0 && levels[i].at > at {
			i--
		}
		return levels[i].losses[g.cell(c)]
	}
	return p
}
