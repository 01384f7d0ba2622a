// Package auto chooses an optimizer by the shape of a study: its fidelities, the kinds and the number of its
// hyperparameters, its conditions, and how many trials it will have.
//
// It begins with the practitioners' rule: BOHB where there are fidelities; a Gaussian process in few continuous
// dimensions; SMAC or TPE in many, or where choices and conditions are; CMA-ES where continuous dimensions have a large
// budget. Measurement moved its borders, by regrets in "metaml bench optimizers", medians of 20 runs:
//
//   - Up to some hundred trials this module's Gaussian process, whose kernel takes choices and conditions, is ahead
//     there, too. After 100 trials it was first on six of six functions of 2 to 25 dimensions and on 21 of 21 spaces with
//     conditions (cash and its instances), by average rank among it, SMAC, TPE and random search 1.1 to 1.3, with the next
//     at 2.5 or more; on eight tables of tuning, most of whose hyperparameters have ten values, it shares the first place
//     with TPE (2.0 and 1.9; SMAC 2.2; the same 10 seeds).
//   - Ten trials per dimension are too few for CMA-ES: after them it is behind TPE on rosenbrock10 and ackley10, 2100 (TPE
//     610) and 10 (6.9), after twenty less so, 250 (180) and 5.7 (4.4), and after thirty ahead, 77 (120) and 3.3 (4.3);
//     after 300 trials it is so on hartmann6 and styblinski5, 2e-9 (.07) and 14 (28), too.
//   - With conditions, once trials are many, SMAC ranks before TPE (1.3 to 1.7 on the 20 cash instances).
package auto

import (
	"fmt"

	"github.com/metaml/metaml/optimizers/bandit"
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
	// UsualTrials are assumed where the number of trials is not known.
	UsualTrials = 100
	// modelTrials is the number of trials up to which the cost of a Gaussian process, cubic in it, stays small.
	modelTrials = 300
	// modelDimensions is the largest number of hyperparameters on which it was measured.
	modelDimensions = 25
	// manyTrials is the number of trials per dimension from which on CMA-ES has learnt the shape of a function.
	manyTrials = 30
	// fineLevels is the number of values from which on an integer is as good as continuous.
	fineLevels = 32
)

// Choose returns the name of the optimizer for a study of that many trials, 0 where that is not known, and why, as the
// end of a sentence that begins with "because".
func Choose(p study.Problem, trials int) (name, reason string) {
	if trials <= 0 {
		trials = UsualTrials
	}
	s := shapeOf(p.Space)
	numeric := !s.conditional && s.choices == 0 && s.coarse == 0
	switch {
	case len(p.Fidelities) > 0:
		return BOHB, fmt.Sprintf("cheaper evaluations (%s) sort out most configurations before they cost much", p.Fidelities[0].Name)
	case s.dimensions() <= modelDimensions && trials <= modelTrials:
		return GP, fmt.Sprintf("up to %d trials of up to %d hyperparameters a smooth model of them all needs the fewest", modelTrials, modelDimensions)
	case numeric && trials >= manyTrials*s.fine:
		return CMAES, fmt.Sprintf("%d trials are enough to learn the shape of a function of %d numbers", trials, s.fine)
	case s.dimensions() > modelDimensions:
		return TPE, fmt.Sprintf("%d hyperparameters are many: it models them at a cost that hardly grows", s.dimensions())
	case s.conditional:
		return SMAC, "some hyperparameters are active under conditions only: a forest splits by them first"
	case s.choices+s.coarse > 0:
		return SMAC, fmt.Sprintf("%d of %d hyperparameters have few values: a forest splits them as they are", s.choices+s.coarse, s.dimensions())
	}
	return TPE, fmt.Sprintf("%d trials are few for the shape of a function of %d numbers, and many for a model of them all", trials, s.fine)
}

// firstShare is the share of a study's trials in which the first bracket of BOHB must end.
const firstShare = 2. / 3

// Skip returns how many of the cheapest levels of effort BOHB is to leave out in a study of that many trials, 0 where that
// is not known. A bracket that begins at the cheapest level evaluates nothing in full before a hundred trials, with two
// fidelities several hundreds: a study that ends earlier has no result. Each level left out divides that by three.
//
// Means over 20 seeds that had no part in choosing the share of log10 of the regret after so many trials, in units of the
// spread, with no level left out and with those of the rule (go test ./cmd/metaml -run none -bench LevelsLeftOut):
//
//	                   30              60              130
//	mlp_letter         -1.12 -1.48     -1.18 -1.94     -1.18 -2.80
//	svm_subsets        -1.50 -2.03     -2.72 -2.72     -2.76 -2.76
//	mlp_adult          -1.29 -0.40     -2.08 -1.62     -2.54 -2.13
//	counting_ones      -0.29 -0.18     -0.51 -0.35     -0.60 -0.54
//	counting_shifted   -0.37 -0.21     -0.57 -0.41     -0.70 -0.61
//
// It pays where cheap trials tell little, and costs where they tell nearly all. More trials in full are better for their
// number, not for their cost.
func Skip(p study.Problem, trials int) int {
	ladder, err := bandit.NewLadder(p, 0, "")
	if err != nil || trials <= 0 {
		return 0
	}
	for skip := range ladder.Len() {
		begun := 0
		for _, n := range bandit.Hyperband(ladder.Len()-skip, ladder.Eta())[0].Sizes {
			begun += n
		}
		if float64(begun) <= firstShare*float64(trials) {
			return skip
		}
	}
	return ladder.Len() - 1
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
