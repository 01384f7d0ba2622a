package report

import "github.com/metaml/metaml/optimizers/study"

// contribution says what the warm start brought.
type contribution struct {
	Starts []start `json:"starts"`
	// Gain is by how much the best warm start is better than the default, Search by how much the incumbent is better
	// than the best warm start; either is left out where there is nothing to compare.
	Gain   *float64 `json:"gain,omitempty"`
	Search *float64 `json:"search,omitempty"`
	// Overtaken is the first trial of the optimizer's own that was better than every warm start, 0 if none was.
	Overtaken study.TrialID `json:"overtaken,omitempty"`
}

// start is a warm start with what became of it.
type start struct {
	Trial  study.TrialID `json:"trial"`
	Status string        `json:"status"`
	Value  *float64      `json:"value,omitempty"`
	Reason string        `json:"reason,omitempty"` // why it was recommended
	From   []string      `json:"from,omitempty"`   // the tasks that it comes from
	Best   bool          `json:"best,omitempty"`
	Config settings      `json:"config"`
}

func (s *subject) contribution() contribution {
	c := contribution{Starts: []start{}}
	best, ok := s.bestWarm()
	for _, t := range s.trials {
		if !s.isWarm(t) {
			continue
		}
		w := start{Trial: t.ID, Status: t.Status.String(), Config: s.settings(t.Config), Best: ok && t.ID == best.ID}
		if len(t.Losses) > 0 {
			w.Value = number(s.value(t.Losses[0]))
		}
		if i := s.recommended(t.Config); i >= 0 {
			w.Reason, w.From = s.details.WarmStarts[i].Reason, s.details.WarmStarts[i].From
		}
		c.Starts = append(c.Starts, w)
	}
	if !ok {
		return c
	}
	if d, found := s.defaultTrial(); found {
		c.Gain = number(d.Losses[0] - best.Losses[0])
	}
	c.Search = number(best.Losses[0] - s.best.Losses[0])
	for _, t := range s.trials {
		if s.full(t) && !s.isWarm(t) && t.Losses[0] < best.Losses[0] {
			c.Overtaken = t.ID
			break
		}
	}
	return c
}
