package report

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/metaml/metaml/optimizers/study"
)

// failure is a group of trials that ended the same way for the same reason.
type failure struct {
	Status  string          `json:"status"`
	Reason  string          `json:"reason,omitempty"` // of the first of them
	Count   int             `json:"count"`
	Seconds float64         `json:"seconds"` // that they took together
	Trials  []study.TrialID `json:"trials"`
}

// digits are what differs between reasons that are the same: sizes, addresses, line numbers.
var digits = regexp.MustCompile(`[0-9]+`)

// failures groups the trials that ended without a result, the largest groups first. Reasons are the same if they
// differ in numbers only.
func (s *subject) failures() []failure {
	list := []failure{}
	at := map[string]int{}
	for _, t := range s.trials {
		if !t.Status.Final() || t.Status == study.Complete || t.Status == study.Pruned {
			continue
		}
		key := t.Status.String() + "\n" + digits.ReplaceAllString(t.Reason, "#")
		i, seen := at[key]
		if !seen {
			i = len(list)
			at[key] = i
			list = append(list, failure{Status: t.Status.String(), Reason: strings.TrimSpace(t.Reason)})
		}
		f := &list[i]
		f.Count, f.Trials = f.Count+1, append(f.Trials, t.ID)
		if seconds := s.clock.seconds(t); seconds != nil {
			f.Seconds = round(f.Seconds + *seconds)
		}
	}
	slices.SortStableFunc(list, func(a, b failure) int { return cmp.Compare(b.Count, a.Count) })
	return list
}
