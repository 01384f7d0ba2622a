package optimizerbench

import (
	"context"
	"fmt"
	"time"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/study"
)

// Cost is the CPU time of proposing trials and taking in their results once so many are known.
type Cost struct {
	Mean    time.Duration // per trial, whatever is done only now and then included
	Longest time.Duration // of a single trial
}

// Opener opens an optimizer.
type Opener func(study.Problem) (optimizers.Optimizer, error)

// MeasureCost makes a study of observations trials by one optimizer, tells them to another, and measures the next asks
// trials of that one. Its first proposal is not measured: it makes up for all trials told at once, as after a restart.
func MeasureCost(ctx context.Context, p problem.Problem, past, open Opener, observations, asks int) (Cost, error) {
	known, err := observe(ctx, p, past, observations)
	if err != nil {
		return Cost{}, fmt.Errorf("the study before: %w", err)
	}
	s := &localSession{problem: p.Study(1)}
	if s.optimizer, err = open(s.problem); err != nil {
		return Cost{}, err
	}
	defer func() { _, _ = s.Close() }() // it is no process
	if err := s.optimizer.Tell(ctx, known...); err != nil {
		return Cost{}, err
	}
	s.last.ID = study.TrialID(len(known))
	var cost Cost
	for i := range asks + 1 {
		before := s.cpu
		if err := s.step(ctx, p); err != nil {
			return Cost{}, err
		}
		if spent := s.cpu - before; i > 0 {
			cost.Mean += spent / time.Duration(asks)
			cost.Longest = max(cost.Longest, spent)
		}
	}
	return cost, nil
}

// observe runs an optimizer and returns its trials.
func observe(ctx context.Context, p problem.Problem, open Opener, trials int) ([]study.Trial, error) {
	s := &localSession{problem: p.Study(1)}
	var err error
	if s.optimizer, err = open(s.problem); err != nil {
		return nil, err
	}
	defer func() { _, _ = s.Close() }() // it is no process
	var list []study.Trial
	for range trials {
		if err := s.step(ctx, p); err != nil {
			return nil, err
		}
		list = append(list, s.ended(p.Measure(s.last.Config, s.last.Fidelity, 1)))
	}
	return list, nil
}

// step makes one trial.
func (s *localSession) step(ctx context.Context, p problem.Problem) error {
	next, err := s.Next(ctx)
	if err != nil {
		return err
	}
	return s.Tell(ctx, p.Measure(next.Config, next.Fidelity, 1))
}
