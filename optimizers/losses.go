package optimizers

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/metaml/metaml/optimizers/study"
)

// score gives a trial that ended its losses, or makes it failed where an objective has no finite value. stopped
// says that it was told to end early.
func score(p study.Problem, t study.Trial, stopped bool) study.Trial {
	t.Losses = nil
	t.Observations = slices.Clone(t.Observations)
	for i := range t.Observations {
		o := &t.Observations[i]
		o.Metrics = maps.Clone(o.Metrics)
		maps.DeleteFunc(o.Metrics, func(_ string, x float64) bool { return !finite(x) })
	}
	if t.Status != study.Complete && t.Status != study.Pruned {
		return t
	}
	var last study.Observation
	if n := len(t.Observations); n > 0 {
		last = t.Observations[n-1]
	}
	if early := last.Steps == 0 || last.Step < last.Steps; stopped && early {
		t.Status = study.Pruned
	}
	for _, objective := range p.Objectives {
		x, ok := last.Metrics[objective.Metric]
		if !ok {
			t.Status, t.Losses = study.Failed, nil
			t.Reason = fmt.Sprintf("the last observation has no finite %q", objective.Metric)
			return t
		}
		t.Losses = append(t.Losses, objective.Loss(x))
	}
	return t
}

// cutOff is the reason of a trial that was stopped because its run was at an end.
const cutOff = "stopped when the run ended"

// CutOff reports whether a trial was stopped because the time of its run was up or the target reached, not for what it
// had come to: as a warm start it is evaluated anew when the study goes on.
func CutOff(t study.Trial) bool { return t.Status == study.Pruned && t.Reason == cutOff }

// scoreCut is score where the trial was told to end early for the run's end.
func scoreCut(p study.Problem, t study.Trial) study.Trial {
	if t = score(p, t, true); t.Status == study.Pruned {
		t.Reason = cutOff
	}
	return t
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
