package asktell

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/metaml/metaml/optimizers/study"
)

var (
	// ErrUnknown is what an error about a trial that was never asked for is, by errors.Is.
	ErrUnknown = errors.New("never asked for")
	// ErrConflict is what an error about a trial that has ended otherwise is, by errors.Is.
	ErrConflict = errors.New("told otherwise before")
)

// Result is what came of a trial.
type Result struct {
	Trial study.TrialID
	// Status is how it ended; Complete and Pruned need the objective's metric, the others a Reason.
	Status study.Status
	Reason string
	// Metrics are the metrics measured, each in its own direction.
	Metrics map[string]float64
	Cost    study.Cost
	// Checkpoint is a folder or another word for where a trial that continues this one can begin; empty for none.
	Checkpoint string
}

// Tell ends trials: all results are in the log when it returns, or none. A result that was told before changes nothing;
// news counts the others. The error is ErrUnknown for a trial that was never asked for, and ErrConflict for one that
// ended otherwise. A trial whose objective is NaN or infinite is recorded as failed; such values of other metrics are
// left out.
func (s *Session) Tell(ctx context.Context, results ...Result) (news int, err error) {
	var ended []study.Trial
	for _, r := range results {
		before, ok := s.log.Trial(r.Trial)
		if !ok {
			return 0, fmt.Errorf("trial %d was %w; there are %d", r.Trial, ErrUnknown, len(s.log.Trials))
		}
		t := conclude(s.log.Problem, before, r)
		if before.Status.Final() {
			if !same(before, t) {
				return 0, fmt.Errorf("trial %d was %w: it is %s", r.Trial, ErrConflict, describe(before))
			}
			continue
		}
		if err := s.add(t); err != nil {
			return 0, err
		}
		ended = append(ended, t)
	}
	return len(ended), s.append(ctx, ended)
}

// conclude makes the trial that a result ends, with what was observed on the way.
func conclude(p study.Problem, before study.Trial, r Result) study.Trial {
	s := before.Suggestion
	t := study.Trial{Suggestion: s, Status: r.Status, Reason: r.Reason, Checkpoint: r.Checkpoint}
	metrics := maps.Clone(r.Metrics)
	maps.DeleteFunc(metrics, func(_ string, x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) })
	if len(metrics) > 0 || r.Cost != (study.Cost{}) {
		t.Observations = append(slices.Clone(before.Observations),
			study.Observation{Fidelity: maps.Clone(s.Fidelity), Metrics: metrics, Cost: r.Cost})
	} else {
		t.Observations = before.Observations
	}
	if t.Status != study.Complete && t.Status != study.Pruned {
		return t
	}
	for _, o := range p.Objectives {
		x, ok := metrics[o.Metric]
		if !ok {
			t.Status, t.Losses = study.Failed, nil
			t.Reason = fmt.Sprintf("%s is no finite number", o.Metric)
			return t
		}
		t.Losses = append(t.Losses, o.Loss(x))
	}
	return t
}

// same reports whether two ends of a trial say the same. What it took is not compared: who tells again after a lost
// answer may have measured it again.
func same(a, b study.Trial) bool {
	return a.Status == b.Status && a.Reason == b.Reason && a.Checkpoint == b.Checkpoint && slices.Equal(a.Losses, b.Losses) &&
		maps.Equal(metrics(a), metrics(b))
}

// metrics are those of the last observation.
func metrics(t study.Trial) map[string]float64 {
	if n := len(t.Observations); n > 0 {
		return t.Observations[n-1].Metrics
	}
	return nil
}

// describe says how a trial ended, with its metrics as they were told.
func describe(t study.Trial) string {
	if t.Reason != "" {
		return fmt.Sprintf("%v: %s", t.Status, t.Reason)
	}
	told := metrics(t)
	var list []string
	for _, name := range slices.Sorted(maps.Keys(told)) {
		list = append(list, fmt.Sprintf("%s %v", name, told[name]))
	}
	if list == nil {
		return t.Status.String()
	}
	return fmt.Sprintf("%v with %s", t.Status, strings.Join(list, ", "))
}
