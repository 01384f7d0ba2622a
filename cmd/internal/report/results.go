package report

import (
	"slices"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// The roles of results.
const (
	roleDefault = "default"
	roleWarm    = "warm start"
	roleBest    = "best"
)

// result is a configuration worth comparing: the space's default, the best warm start, the incumbent.
type result struct {
	Role   string        `json:"role"`
	Trial  study.TrialID `json:"trial"`
	Value  *float64      `json:"value"`
	SD     *float64      `json:"sd,omitempty"` // over folds
	Folds  int           `json:"folds,omitempty"`
	Test   *float64      `json:"test,omitempty"` // mean over the models of all folds, on the untouched test split
	TestSD *float64      `json:"test_sd,omitempty"`
	Config settings      `json:"config"`
}

// results lists the results that there are, in the order in which they improve upon each other by design.
func (s *subject) results() []result {
	list := []result{}
	add := func(role string, t study.Trial) {
		r := result{Role: role, Trial: t.ID, Value: number(s.value(t.Losses[0])), Config: s.settings(t.Config)}
		if sample := s.folds(t, "fold"); len(sample) > 0 {
			_, sd := meanSD(sample)
			r.Folds, r.SD = len(sample), number(sd)
		}
		if sample := s.folds(t, "test"); len(sample) > 0 {
			mean, sd := meanSD(sample)
			r.Test, r.TestSD = number(mean), number(sd)
		}
		list = append(list, r)
	}
	if t, ok := s.defaultTrial(); ok {
		add(roleDefault, t)
	}
	if t, ok := s.bestWarm(); ok {
		add(roleWarm, t)
	}
	if s.best != nil {
		add(roleBest, *s.best)
	}
	return list
}

// defaultTrial is the first complete full trial of the default configuration.
func (s *subject) defaultTrial() (study.Trial, bool) {
	i := slices.IndexFunc(s.trials, func(t study.Trial) bool { return s.full(t) && t.Config.Equal(s.defaultConfig()) })
	if i < 0 {
		return study.Trial{}, false
	}
	return s.trials[i], true
}

// defaultConfig is the configuration that the study compares with: the one in its details, or the space's own.
func (s *subject) defaultConfig() space.Config {
	if s.details.Default != nil {
		return s.details.Default
	}
	return s.problem.Space.Default()
}

// isWarm reports whether a trial is a warm start. The default is evaluated with them, to compare with, without being a
// recommendation, unless it is one, too.
func (s *subject) isWarm(t study.Trial) bool {
	if t.Origin != optimizers.OriginWarmStart {
		return false
	}
	if s.details.Default == nil || !t.Config.Equal(s.details.Default) {
		return true
	}
	return s.recommended(t.Config) >= 0
}

// recommended is the position of a configuration among the recommended warm starts, -1 if it is none.
func (s *subject) recommended(c space.Config) int {
	for i, w := range s.details.WarmStarts {
		if w.Config.Equal(c) {
			return i
		}
	}
	return -1
}

// bestWarm is the best of the warm starts.
func (s *subject) bestWarm() (best study.Trial, ok bool) {
	for _, t := range s.trials {
		if s.full(t) && s.isWarm(t) && (!ok || t.Losses[0] < best.Losses[0]) {
			best, ok = t, true
		}
	}
	return best, ok
}

// milestone is a trial that was the best so far when it ended.
type milestone struct {
	Trial study.TrialID `json:"trial"`
	Value *float64      `json:"value"`
	End   *float64      `json:"end,omitempty"`
}

// progress lists the milestones. Trials count at the highest effort that any has reached, and in the order of their
// numbers, as the chart places them.
func (s *subject) progress() []milestone {
	list := []milestone{}
	best := 0.0
	for _, t := range s.trials {
		if !s.full(t) || len(list) > 0 && t.Losses[0] >= best {
			continue
		}
		best = t.Losses[0]
		list = append(list, milestone{t.ID, number(s.value(best)), s.clock.end(t.ID)})
	}
	return list
}
