package grid

import (
	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
)

// odometer counts through the combinations of levels in lexicographic order, parents before children; an inactive
// parameter has one combination only.
type odometer struct {
	axes   []axis
	digits []int // the level of each parameter, inactive for those without one; nil before the first combination
	config space.Config
}

// inactive is the digit of an inactive parameter.
const inactive = -1

func newOdometer(axes []axis) *odometer { return &odometer{axes: axes, config: space.Config{}} }

// next goes to the next combination and reports whether there was one.
func (o *odometer) next() bool {
	if o.digits == nil {
		o.digits = make([]int, len(o.axes))
		o.reset(0)
		return true
	}
	for i := len(o.digits) - 1; i >= 0; i-- {
		a := &o.axes[i]
		if o.digits[i] == inactive {
			continue
		}
		delete(o.config, a.parameter.Name)
		if o.digits[i]+1 < len(a.levels) {
			o.set(i, o.digits[i]+1)
			o.reset(i + 1)
			return true
		}
	}
	return false
}

// reset gives the parameters from position i on, of which none is in the configuration, their first levels where they
// are active.
func (o *odometer) reset(i int) {
	for ; i < len(o.axes); i++ {
		o.digits[i] = inactive
		if o.axes[i].parameter.When.Holds(o.config) {
			o.set(i, 0)
		}
	}
}

func (o *odometer) set(i, level int) {
	o.digits[i] = level
	o.config[o.axes[i].parameter.Name] = o.axes[i].levels[level]
}

// points yields the allowed combinations.
type points struct {
	space    space.Space
	odometer *odometer
}

// Next returns the next allowed combination.
func (p *points) Next() (space.Config, error) {
	for p.odometer.next() {
		if len(p.space.Forbidden()) == 0 || p.space.Validate(p.odometer.config) == nil {
			return p.odometer.config.Clone(), nil
		}
	}
	return nil, optimizers.ErrExhausted
}
