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
// Where losses are noisy the least of many is less than it would be if measured again. To choose by losses that a model
// has shrunken was no better, whatever the model knows. The regret, on test rows, of the configuration chosen after a
// number of trials (0 is the best one of the table, 1 the median one), and the difference that the choice by the posterior
// mean of a Gaussian process makes (its standard error over tables): on 210 tables of 100 configurations, of which as many as trials were drawn, five
// times, in two halves of groups; and on the 56 tables of metaml bench tune, after two runs of random search and of TPE
// with warm starts. The noise is that of three folds, the better half of the trials (Nadeau and Bengio 2003):
//
//	                         210 tables, 25 trials        80 trials                    56 tables, random 100  TPE 100
//	least loss               .346         .306            .294         .261            .362                   .388
//	process on trials        -.014 (.013) +.009 (.008)    +.013 (.016) +.015 (.011)    -.025 (.032)           -.027 (.025)
//	half of the rest is true +.001 (.007) +.006 (.005)    +.013 (.011) +.001 (.009)    +.015 (.015)           -.014 (.020)
//	mean of earlier tasks    +.011 (.014) +.017 (.014)    +.025 (.018) +.056 (.019)    +.021 (.031)           -.014 (.031)
//	their covariance         -.020 (.016) +.009 (.009)    -.015 (.024) +.002 (.012)    +.001 (.037)           -.025 (.027)
//
// The second line gives every trial a deviation of its own beside the process, of half the noise's variance; the third and
// fourth add what earlier tasks say. What is best on the first half is worse on the second. Nor do other metrics of the
// same trials help. There is little to choose by: among configurations of a regret of at most .25 by validation, ten to a
// table, validation and test losses correlate by .28 and .12, and a regression on the losses, both processes and the mean
// of earlier tasks reaches no more than .32 and .13.
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
