package grid

import (
	"cmp"
	"fmt"
	"slices"
	"sort"

	"github.com/metaml/metaml/optimizers/space"
)

// axis is a parameter with the values that the grid gives it.
type axis struct {
	parameter space.Hyperparameter
	line      space.Space // of the parameter alone, always active
	asked     int         // levels asked for, of which a range of few values has less
	levels    []space.Value
}

// newAxis gives a parameter n levels.
func newAxis(h space.Hyperparameter, n int) (axis, error) {
	a := axis{parameter: h}
	h.When = nil
	var err error
	if a.line, err = space.New([]space.Hyperparameter{h}); err != nil {
		return a, fmt.Errorf("grid: parameter %q: %w", h.Name, err)
	}
	return a.with(n), nil
}

// exhausted reports whether more levels would add no value.
func (a axis) exhausted() bool {
	count := a.parameter.Count()
	return count > 0 && a.asked >= count
}

// with returns the axis with n levels: for one level the middle, for more the ends and what lies between them at equal
// distances, in the logarithm where Log. A range of no more whole numbers or grid points than levels has all of them; a
// discrete parameter its choices.
func (a axis) with(n int) axis {
	a.asked, a.levels = n, nil
	h := a.parameter
	if h.Discrete() || a.exhausted() {
		for k := range h.Count() {
			a.levels = append(a.levels, h.Point(k))
		}
		return a
	}
	for j := range n {
		u := 0.5
		if n > 1 {
			u = float64(j) / float64(n-1)
		}
		v := a.line.Decode([]float64{u})[h.Name]
		if len(a.levels) == 0 || !v.Equal(a.levels[len(a.levels)-1]) { // they ascend
			a.levels = append(a.levels, v)
		}
	}
	return a
}

// axes returns a space's parameters, parents before children, with the levels that the settings give them.
func axes(s space.Space, set Settings) ([]axis, error) {
	parameters := parentsFirst(s)
	if err := set.check(s); err != nil {
		return nil, err
	}
	list := make([]axis, len(parameters))
	for i, h := range parameters {
		n := cmp.Or(set.Levels, defaultLevels)
		if set.Budget > 0 {
			n = 1
		}
		if given, ok := set.LevelsOf[h.Name]; ok {
			n = given
		}
		var err error
		if list[i], err = newAxis(h, n); err != nil {
			return nil, err
		}
	}
	if set.Budget > 0 {
		return refine(list, set), nil
	}
	return list, nil
}

// refine gives the numeric parameters whose levels are not set one more level each, in turn, as long as the grid has
// no more configurations than the budget. A parameter is left alone once it has no further values or one more level
// would not fit.
func refine(list []axis, set Settings) []axis {
	if size(list, set.Budget) >= set.Budget {
		return list // nothing more fits
	}
	fits := func(list []axis) bool { return size(list, set.Budget+1) <= set.Budget }
	var open []int
	for i, a := range list {
		if _, given := set.LevelsOf[a.parameter.Name]; !given && !a.parameter.Discrete() {
			open = append(open, i)
		}
	}
	for len(open) > 0 {
		list = widened(list, open, most(func(n int) bool { return n <= set.Budget && fits(widened(list, open, n)) }))
		open = slices.DeleteFunc(open, func(i int) bool {
			wider := widened(list, []int{i}, 1)
			if list[i].exhausted() || !fits(wider) {
				return true
			}
			list = wider
			return false
		})
	}
	return list
}

// most returns the largest n that fits, where all below it do: 0 if 1 does not.
func most(fits func(n int) bool) int {
	above := 1
	for fits(above) {
		above *= 2
	}
	low := above / 2
	return low + sort.Search(above-low-1, func(n int) bool { return !fits(low + n + 1) })
}

// widened returns the axes with n more levels for some of them.
func widened(list []axis, which []int, n int) []axis {
	wider := slices.Clone(list)
	for _, i := range which {
		if !wider[i].exhausted() {
			wider[i] = wider[i].with(wider[i].asked + n)
		}
	}
	return wider
}

// size counts the combinations of levels up to a limit, forbidden ones included. Parameters that take part in no
// condition multiply; the combinations of the others are counted one by one.
func size(list []axis, limit int) int {
	parents := map[string]bool{}
	for _, a := range list {
		for _, name := range a.parameter.When.Parents() {
			parents[name] = true
		}
	}
	factor, related := 1, []axis{}
	for _, a := range list {
		if a.parameter.When != nil || parents[a.parameter.Name] {
			related = append(related, a)
		} else if factor < limit {
			factor *= len(a.levels)
		}
	}
	n := 0
	for o := newOdometer(related); n < limit && o.next(); {
		n += factor
	}
	return min(n, limit)
}

// parentsFirst returns a space's parameters in its order, but every parent before its children.
func parentsFirst(s space.Space) []space.Hyperparameter {
	placed := make(map[string]bool, s.Len())
	list := make([]space.Hyperparameter, 0, s.Len())
	var place func(h space.Hyperparameter)
	place = func(h space.Hyperparameter) {
		if placed[h.Name] {
			return
		}
		placed[h.Name] = true
		for _, name := range h.When.Parents() {
			parent, _ := s.Parameter(name)
			place(parent)
		}
		list = append(list, h)
	}
	for _, h := range s.Parameters() {
		place(h)
	}
	return list
}
