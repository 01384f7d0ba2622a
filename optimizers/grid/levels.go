package grid

import (
	"fmt"
	"maps"
	"slices"

	"github.com/metaml/metaml/optimizers/space"
)

// axis is a parameter with the values that the grid gives it.
type axis struct {
	parameter space.Hyperparameter
	levels    []space.Value
}

// numeric reports whether the number of levels is a choice.
func numeric(h space.Hyperparameter) bool { return !h.Discrete() && h.Low < h.High }

// axes returns a space's parameters, parents before children, with the levels that the settings give them.
func axes(s space.Space, set Settings) ([]axis, error) {
	parameters := parentsFirst(s)
	if err := set.check(s); err != nil {
		return nil, err
	}
	counts := make(map[string]int, len(parameters))
	for _, h := range parameters {
		counts[h.Name] = 1
		if set.Budget == 0 {
			counts[h.Name] = max(set.Levels, 0)
			if set.Levels == 0 {
				counts[h.Name] = defaultLevels
			}
		}
	}
	maps.Copy(counts, set.LevelsOf)
	list := make([]axis, len(parameters))
	for i, h := range parameters {
		levels, err := levels(h, counts[h.Name])
		if err != nil {
			return nil, err
		}
		list[i] = axis{parameter: h, levels: levels}
	}
	if set.Budget > 0 {
		return refine(list, set)
	}
	return list, nil
}

// refine gives the numeric parameters whose levels are not set one more level each, in turn, as long as the grid has
// no more configurations than the budget. A parameter is left alone once it has no further values or one more level
// would not fit.
func refine(list []axis, set Settings) ([]axis, error) {
	if size(list, set.Budget) >= set.Budget {
		return list, nil // nothing more fits
	}
	open := make([]bool, len(list))
	for i, a := range list {
		_, given := set.LevelsOf[a.parameter.Name]
		open[i] = numeric(a.parameter) && !given
	}
	for slices.Contains(open, true) {
		for i := range list {
			if !open[i] {
				continue
			}
			before := list[i].levels
			more, err := levels(list[i].parameter, len(before)+1)
			if err != nil {
				return nil, err
			}
			list[i].levels = more
			if len(more) == len(before) || size(list, set.Budget+1) > set.Budget {
				list[i].levels, open[i] = before, false
			}
		}
	}
	return list, nil
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

// levels returns n values of a parameter: for one level the middle, for more the ends and what lies between them at
// equal distances, in the logarithm where Log. A range of fewer whole numbers or grid points than levels has all of
// them; a discrete parameter its choices.
func levels(h space.Hyperparameter, n int) ([]space.Value, error) {
	if h.Discrete() {
		return slices.Clone(h.Values()), nil
	}
	h.When = nil
	line, err := space.New([]space.Hyperparameter{h})
	if err != nil {
		return nil, fmt.Errorf("grid: parameter %q: %w", h.Name, err)
	}
	values := make([]space.Value, 0, n)
	for j := range n {
		u := 0.5
		if n > 1 {
			u = float64(j) / float64(n-1)
		}
		v := line.Decode([]float64{u})[h.Name]
		if !slices.ContainsFunc(values, v.Equal) {
			values = append(values, v)
		}
	}
	return values, nil
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
