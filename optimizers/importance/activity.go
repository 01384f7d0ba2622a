package importance

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/metaml/metaml/optimizers/coding"
)

// maxStates bounds the combinations of values that conditions ask for.
const maxStates = 20_000

// conditions is everything that decides which hyperparameters are active.
type conditions struct {
	classes [][]int // by hyperparameter, by level: the class of levels that conditions do not tell apart; nil: one class
	count   []int   // by hyperparameter: classes
	states  []state
}

// state is one combination of classes of the hyperparameters that conditions ask about.
type state struct {
	active []bool // by hyperparameter
	class  []int  // by hyperparameter, 0 where conditions do not ask
}

// activity lists the states of a space, of which exactly one holds for every configuration.
func activity(c *coding.Codec) (*conditions, error) {
	dims := c.Dimensions()
	out := &conditions{classes: make([][]int, len(dims)), count: make([]int, len(dims))}
	representative := make([][]float64, len(dims))
	var deciders []int
	for _, j := range c.Order() {
		asked := c.Asked(j)
		out.classes[j], representative[j] = classify(dims[j], asked)
		out.count[j] = len(representative[j])
		if len(asked) > 0 {
			deciders = append(deciders, j)
		}
	}
	row, class := make([]float64, len(dims)), make([]int, len(dims))
	var decide func(k int) error
	decide = func(k int) error {
		if k == len(deciders) {
			if len(out.states) == maxStates {
				return fmt.Errorf("importance: the conditions of this space ask for more than %d combinations of values: %w", maxStates, errors.ErrUnsupported)
			}
			out.states = append(out.states, newState(c, row, class))
			return nil
		}
		j := deciders[k]
		class[j] = 0
		if !c.Active(j, row) {
			row[j] = math.NaN()
			return decide(k + 1)
		}
		for class[j] = range representative[j] {
			row[j] = representative[j][class[j]]
			if err := decide(k + 1); err != nil {
				return err
			}
		}
		return nil
	}
	return out, decide(0)
}

// newState notes what is active in a row that has the values conditions ask for.
func newState(c *coding.Codec, row []float64, class []int) state {
	s := state{active: make([]bool, len(row)), class: slices.Clone(class)}
	for j := range s.active {
		s.active[j] = c.Active(j, row)
	}
	return s
}

// classify divides the levels of a hyperparameter into classes: each that is asked for, and all others. It returns the
// class of each level, nil where there is one class, and a value of each class. Where there are too many values for a
// table, none of those asked for has a probability.
func classify(d coding.Dimension, asked []float64) (class []int, representative []float64) {
	if len(asked) == 0 || d.Levels == nil {
		return nil, []float64{math.NaN()}
	}
	other := -1
	class = make([]int, len(d.Levels))
	for i, level := range d.Levels {
		switch {
		case slices.Contains(asked, level):
			class[i], representative = len(representative), append(representative, level)
		case other < 0:
			other = len(representative)
			class[i], representative = other, append(representative, level)
		default:
			class[i] = other
		}
	}
	return class, representative
}
