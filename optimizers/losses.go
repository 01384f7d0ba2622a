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

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
