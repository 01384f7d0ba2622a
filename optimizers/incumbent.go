package optimizers

import (
	"github.com/metaml/metaml/optimizers/study"
)

// Effort is the share of a full evaluation that a trial at fidelity f takes, in (0, 1]: the product over the
// problem's fidelities of f as a fraction of its maximum.
func Effort(p study.Problem, f study.Fidelity) float64 {
	effort := 1.0
	for _, r := range p.Fidelities {
		if x, ok := f[r.Name]; ok {
			effort *= x / r.High
		}
	}
	return effort
}

// Incumbent returns the best trial so far: among the complete ones at the highest effort that any has reached, the
// one of least first loss, the earliest of equals. There is none before the first complete trial.
//
// Where losses are noisy the least of many is less than it would be if measured again. Losses that a Gaussian process on
// the study's trials has shrunken, with or without what earlier tasks say, chose no better: what was ahead on one half of
// the data sets was behind on the other. There is little to choose by: among configurations of a regret of at most .25 on
// validation rows, regrets on validation and test rows correlate by .10 ("metaml bench tune" prints it).
func Incumbent(p study.Problem, trials []study.Trial) (best study.Trial, ok bool) {
	for _, t := range trials {
		if t.Status != study.Complete || len(t.Losses) == 0 {
			continue
		}
		if !ok || better(p, t, best) {
			best, ok = t, true
		}
	}
	return best, ok
}

// better reports whether t replaces best as the incumbent.
func better(p study.Problem, t, best study.Trial) bool {
	te, be := Effort(p, t.Fidelity), Effort(p, best.Fidelity)
	switch {
	case te != be:
		return te > be
	case t.Losses[0] != best.Losses[0]:
		return t.Losses[0] < best.Losses[0]
	}
	return t.ID < best.ID
}
