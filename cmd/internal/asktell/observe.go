package asktell

import (
	"context"
	"fmt"
	"maps"
	"math"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/study"
)

// Observe adds an intermediate result to a pending trial and returns whether the optimizer, which must be fresh, wants
// the trial to be stopped; one that is no optimizers.Stopper never does. The observation is in the log when Observe
// returns: as the trial, pending still, with one observation more. Telling the same again has the same answer and
// changes nothing. The error is ErrUnknown for a trial that was never asked for, and ErrConflict for one that has ended,
// has another result at that step or one at a later step, or lacks the metric's finite value.
func (s *Session) Observe(ctx context.Context, o optimizers.Optimizer, id study.TrialID, ob study.Observation) (stop bool, err error) {
	before, ok := s.log.Trial(id)
	if !ok {
		return false, fmt.Errorf("trial %d was %w; there are %d", id, ErrUnknown, len(s.log.Trials))
	}
	for _, objective := range s.log.Problem.Objectives {
		if x, ok := ob.Metrics[objective.Metric]; !ok || math.IsNaN(x) || math.IsInf(x, 0) {
			return false, fmt.Errorf("%s is no finite number; tell the trial as failed: %w", objective.Metric, ErrConflict)
		}
	}
	for _, known := range before.Observations {
		if known.Step == ob.Step && known.Steps == ob.Steps && maps.Equal(known.Metrics, ob.Metrics) {
			return s.replay(ctx, o, id, known.Step)
		}
	}
	if n := len(before.Observations); before.Status.Final() {
		return false, fmt.Errorf("trial %d was %w: it is %s", id, ErrConflict, describe(before))
	} else if n > 0 && before.Observations[n-1].Step >= ob.Step {
		return false, fmt.Errorf("trial %d was %w: it is at step %d", id, ErrConflict, before.Observations[n-1].Step)
	}
	after := before
	after.Observations = append(before.Observations[:len(before.Observations):len(before.Observations)], ob)
	if err := s.add(after); err != nil {
		return false, err
	}
	if stop, err = s.replay(ctx, o, id, ob.Step); err != nil {
		return false, err
	}
	return stop, s.append(ctx, []study.Trial{after})
}

// replay brings a fresh optimizer to where the log ends, intermediate results included, and returns what it said to the
// one of a trial at a step.
func (s *Session) replay(ctx context.Context, o optimizers.Optimizer, id study.TrialID, step int) (stop bool, err error) {
	stopper, _ := o.(optimizers.Stopper)
	begun := map[study.TrialID]bool{}
	var untold []study.Trial
	tell := func() error {
		if len(untold) == 0 {
			return nil
		}
		if err := o.Tell(ctx, untold...); err != nil {
			return fmt.Errorf("telling the optimizer the study's log: %w", err)
		}
		untold = nil
		return nil
	}
	for _, t := range s.events {
		if t.Status.Final() || !begun[t.ID] {
			begun[t.ID] = true
			untold = append(untold, t)
			continue
		}
		if stopper == nil {
			continue
		}
		if err := tell(); err != nil {
			return false, err
		}
		ob := t.Observations[len(t.Observations)-1]
		wants, err := stopper.Observe(ctx, t.ID, ob)
		if err != nil {
			return false, fmt.Errorf("telling the optimizer an observation of trial %d: %w", t.ID, err)
		}
		if t.ID == id && ob.Step == step {
			stop = wants
		}
	}
	return stop, tell()
}
