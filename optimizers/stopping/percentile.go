package stopping

import (
	"errors"
	"fmt"
	"slices"
)

// ErrSettings is what an error about the settings of a rule is, by errors.Is.
var ErrSettings = errors.New("invalid setting")

// Percentile stops a trial whose best loss so far is worse than that of most others at the same progress. The zero
// Percentile is Vizier's median rule.
type Percentile struct {
	// Percent is the percentage of other trials that are as good as a trial has to be, in (0, 100): 25 lets about
	// the best quarter go on. Default 50.
	Percent float64 `json:"percent,omitempty"`
	// Values compares with the others' best losses so far, as Optuna's pruners do, instead of with the means of their
	// losses so far, as Vizier does. It is the stricter rule. Default false.
	Values bool `json:"values,omitempty"`
	// Grace is the share of a trial for which it is left alone, in (0, 1); negative for none. Default 0.1.
	Grace float64 `json:"grace,omitempty"`
	// Trials is how many others must have come as far before there is a decision. Default 5.
	Trials int `json:"trials,omitempty"`
}

// Median is the median stopping rule with its defaults.
func Median() Percentile { return Percentile{} }

// Check reports what is wrong with the settings: ErrSettings.
func (r Percentile) Check() error {
	if !(r.Percent >= 0 && r.Percent < 100) || !(r.Grace < 1) || r.Trials < 0 {
		return fmt.Errorf("%w: a stopping rule of percent %v, grace %v, trials %d", ErrSettings, r.Percent, r.Grace, r.Trials)
	}
	return nil
}

// Stop compares with the trials that ended, stopped ones included as far as they came: comparing with complete ones
// alone would demand more and more, as these are the better ones.
func (r Percentile) Stop(trial *Curve, others []*Curve) bool {
	last := trial.Last()
	grace, needed := r.Grace, r.Trials
	if grace == 0 {
		grace = 0.1
	}
	if needed == 0 {
		needed = 5
	}
	if last.Progress < grace {
		return false
	}
	var marks []float64
	for _, c := range others {
		if p, ok := c.At(last.Progress); ok && c.Ended {
			if r.Values {
				marks = append(marks, p.Best)
			} else {
				marks = append(marks, p.Mean)
			}
		}
	}
	return len(marks) >= needed && last.Best > r.quantile(marks)
}

// quantile returns the percentile of the marks, interpolated linearly between them.
func (r Percentile) quantile(marks []float64) float64 {
	percent := r.Percent
	if percent == 0 {
		percent = 50
	}
	slices.Sort(marks)
	at := percent / 100 * float64(len(marks)-1)
	i := min(int(at), len(marks)-1)
	j := min(i+1, len(marks)-1)
	part := at - float64(i)
	return marks[i]*(1-part) + marks[j]*part
}
