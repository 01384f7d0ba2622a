// Package grid is grid search: the full factorial over a few levels of every numeric parameter and all choices of the
// others, in lexicographic order with the last parameter changing fastest. Conditional parameters are varied where they
// are active and nowhere else, so that no configuration comes twice; forbidden ones are left out. With n levels of each
// of d parameters only n values of each are ever tried, which is why random search beats it where few of them matter
// (Bergstra and Bengio 2012).
package grid

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/sequence"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// Origin is the origin of its suggestions.
const Origin = "grid"

const (
	// defaultLevels is the number of levels where neither levels nor a budget are set.
	defaultLevels = 5
	// mostLevels and mostBudget bound what the settings may ask for, and so the grid's memory.
	mostLevels = 10_000
	mostBudget = 100_000
)

// Settings of grid search. Levels of a numeric parameter are its ends and points at equal distances between them, in
// the logarithm for log parameters; a single level is the middle.
type Settings struct {
	// Levels is the number of levels of every numeric parameter, at most 10,000; default 5, or what Budget allows.
	Levels int `json:"levels,omitempty"`
	// LevelsOf is the number of levels of single numeric parameters, by name, instead.
	LevelsOf map[string]int `json:"levels_of,omitempty"`
	// Budget is the number of configurations, at most 100,000, that the grid should not exceed. Instead of Levels, parameters get one
	// more level each, in turn, in the space's order, while that many suffice. Choices are never left out: a space
	// that has more without any level has a larger grid.
	Budget int `json:"budget,omitempty"`
}

// check refuses settings that contradict themselves or the space.
func (s Settings) check(in space.Space) error {
	switch {
	case s.Levels < 0 || s.Levels > mostLevels:
		return fmt.Errorf("grid: levels is %d; give a number of levels from 1 to %d, or leave it out", s.Levels, mostLevels)
	case s.Budget < 0 || s.Budget > mostBudget:
		return fmt.Errorf("grid: budget is %d; give a number of configurations from 1 to %d, or leave it out", s.Budget, mostBudget)
	case s.Budget > 0 && s.Levels > 0:
		return errors.New("grid: levels and budget are both set; leave one of them out")
	}
	for _, name := range slices.Sorted(maps.Keys(s.LevelsOf)) {
		h, ok := in.Parameter(name)
		if !ok || h.Discrete() {
			return fmt.Errorf("grid: levels_of names %q, which is no numeric parameter of the space", name)
		}
		if n := s.LevelsOf[name]; n <= 0 || n > mostLevels {
			return fmt.Errorf("grid: levels_of gives %q %d levels; give a number from 1 to %d", name, n, mostLevels)
		}
	}
	return nil
}

// Optimizer is grid search.
type Optimizer struct{ *sequence.Optimizer }

var _ optimizers.Optimizer = (*Optimizer)(nil)

// New returns grid search over a problem's space; its suggestions end with optimizers.ErrExhausted. It learns nothing
// from results, and so handles every space, any fidelities (at their maximum) and any number of objectives. Settings
// that contradict themselves or the space are an error.
func New(p study.Problem, s Settings) (*Optimizer, error) {
	axes, err := axes(p.Space, s)
	if err != nil {
		return nil, err
	}
	return &Optimizer{sequence.New(p, Origin, &points{space: p.Space, odometer: newOdometer(axes)}, 0)}, nil
}
