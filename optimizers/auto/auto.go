// Package auto chooses an optimizer by the shape of a study: its fidelities, the kinds and the number of its
// hyperparameters, its conditions, and how many trials it will have.
//
// It begins with the practitioners' rule: BOHB where there are fidelities; a Gaussian process in few continuous
// dimensions; SMAC or TPE in many, or where choices and conditions are; CMA-ES where continuous dimensions have a large
// budget. Measurement moved its borders; each reason says what was measured.
package auto

import (
	"fmt"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// The names of the optimizers among which Choose chooses.
const (
	BOHB  = "bohb"
	CMAES = "cmaes"
	GP    = "gp"
	SMAC  = "smac"
	TPE   = "tpe"
)

// Borders between the optimizers.
const (
	// usualTrials are assumed where the number of trials is not known.
	usualTrials = 100
	// fewDimensions is the number of continuous dimensions up to which a Gaussian process is the best model.
	fewDimensions = 6
	// manyTrials is the number of trials per dimension from which on CMA-ES has learnt the shape of a function.
	manyTrials = 50
	// modelTrials is the number of trials up to which the cost of a Gaussian process, cubic in it, stays small.
	modelTrials = 300
	// fineLevels is the number of values from which on an integer is as good as continuous.
	fineLevels = 32
)

// Choose returns the name of the optimizer for a study of that many trials, 0 where that is not known, and why, as the
// end of a sentence that begins with "because".
func Choose(p study.Problem, trials int) (name, reason string) {
	if trials <= 0 {
		trials = usualTrials
	}
	s := shapeOf(p.Space)
	switch {
	case len(p.Fidelities) > 0:
		return BOHB, fmt.Sprintf("cheaper evaluations (%s) sort out most configurations before they cost much", p.Fidelities[0].Name)
	case s.conditional:
		return TPE, "some hyperparameters are active under conditions only: it models each set of active ones"
	case s.choices > 0 || s.coarse > 0:
		return SMAC, fmt.Sprintf("%d of %d hyperparameters have few values: a forest splits them as they are", s.choices+s.coarse, s.dimensions())
	case s.fine > 0 && trials >= manyTrials*s.fine && trials > modelTrials:
		return CMAES, fmt.Sprintf("%d trials are enough to learn the shape of a function of %d numbers", trials, s.fine)
	case s.fine <= fewDimensions && trials <= modelTrials:
		return GP, fmt.Sprintf("%d numbers are few: a smooth model needs the fewest trials", s.fine)
	}
	return TPE, fmt.Sprintf("%d numbers are many for %d trials: it models each by its own density", s.fine, trials)
}

// shape counts the hyperparameters that can vary.
type shape struct {
	conditional bool
	choices     int // without an order
	coarse      int // ordered, of few values
	fine        int // as good as continuous
}

// dimensions is the number of hyperparameters that can vary.
func (s shape) dimensions() int { return s.choices + s.coarse + s.fine }

func shapeOf(s space.Space) shape {
	out := shape{conditional: s.Conditional()}
	for _, h := range s.Parameters() {
		switch levels := levelsOf(h); {
		case levels == 1:
		case h.Type == space.TypeCategorical && levels > 2:
			out.choices++
		case levels > 0 && levels < fineLevels:
			out.coarse++
		default:
			out.fine++
		}
	}
	return out
}

// levelsOf is the number of values that a hyperparameter can have, 0 if they are not counted.
func levelsOf(h space.Hyperparameter) int {
	if h.Discrete() {
		return len(h.Values())
	}
	step := h.Step
	if h.Type == space.TypeInt {
		step = max(step, 1)
	}
	switch {
	case h.High == h.Low:
		return 1
	case step == 0 || (h.High-h.Low)/step >= fineLevels:
		return 0
	}
	return int((h.High-h.Low)/step+1e-9) + 1
}
