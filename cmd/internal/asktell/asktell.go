// Package asktell lets programs outside metaml run the loop of a study: they ask for trials, evaluate them wherever and
// however they like, and tell what came of it. Each call stands alone: it takes the study over, brings the optimizer to
// where the log ends, and is on disk before it answers, so that callers may die at any time.
package asktell

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/metaml/metaml/cmd/internal/trials"
	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// Session is a study during one call. Its ledger must not be written by anybody else meanwhile.
type Session struct {
	ledger optimizers.Ledger
	events []study.Trial // the log
	log    trials.Log
}

// Open reads a study's log.
func Open(ctx context.Context, p study.Problem, ledger optimizers.Ledger) (*Session, error) {
	if len(p.Objectives) == 0 {
		return nil, fmt.Errorf("%w: the problem has no objective", optimizers.ErrLog)
	}
	s := &Session{ledger: ledger, log: trials.Log{Problem: p}}
	for e, err := range ledger.Events(ctx) {
		if err != nil {
			return nil, err
		}
		if err := s.add(e.Trial); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *Session) add(t study.Trial) error {
	s.events = append(s.events, t)
	return s.log.Add(t)
}

// Log returns the study's trials as they stand.
func (s *Session) Log() *trials.Log { return &s.log }

// Asked is the answer to Ask.
type Asked struct {
	// Trials are new and pending; they may be fewer than were asked for.
	Trials []study.Trial
	// Exhausted says why there are fewer: the optimizer has nothing left to propose. Otherwise it waits to be told of
	// trials that are pending.
	Exhausted bool
}

// Ask begins at most n trials: first the warm starts that have not begun yet, then what the optimizer, which must be
// fresh, proposes one by one, each knowing of those before it. All of them are in the log when Ask returns, or none.
func (s *Session) Ask(ctx context.Context, o optimizers.Optimizer, warm []space.Config, n int) (Asked, error) {
	if _, err := s.replay(ctx, o, 0, 0); err != nil {
		return Asked{}, err
	}
	warm, err := s.fresh(warm)
	if err != nil {
		return Asked{}, err
	}
	var a Asked
	for len(a.Trials) < n {
		t, err := s.next(ctx, o, &warm)
		if errors.Is(err, optimizers.ErrExhausted) {
			a.Exhausted = true
			break
		}
		if err != nil {
			return Asked{}, err
		}
		if t == nil {
			break
		}
		if err := s.add(*t); err != nil {
			return Asked{}, err
		}
		a.Trials = append(a.Trials, *t)
		if err := o.Tell(ctx, *t); err != nil {
			return Asked{}, fmt.Errorf("telling the optimizer of trial %d: %w", t.ID, err)
		}
	}
	return a, s.append(ctx, a.Trials)
}

// next returns the trial to begin next, nil if the optimizer waits.
func (s *Session) next(ctx context.Context, o optimizers.Optimizer, warm *[]space.Config) (*study.Trial, error) {
	p, id := s.log.Problem, study.TrialID(len(s.log.Trials)+1)
	if w := *warm; len(w) > 0 {
		*warm = w[1:]
		return &study.Trial{Suggestion: study.Suggestion{
			ID: id, Config: w[0], Seed: p.TrialSeed(id), Origin: optimizers.OriginWarmStart}}, nil
	}
	suggestions, err := o.Ask(ctx, id, 1)
	if err == nil {
		suggestions, err = optimizers.CheckSuggestions(p, suggestions, id, 1)
	}
	if err != nil {
		return nil, fmt.Errorf("asking the optimizer for trial %d: %w", id, err)
	}
	if len(suggestions) == 0 {
		return nil, nil
	}
	return &study.Trial{Suggestion: suggestions[0]}, nil
}

// fresh returns the warm starts that neither repeat each other nor one that has begun.
func (s *Session) fresh(warm []space.Config) ([]space.Config, error) {
	var begun, fresh []space.Config
	for _, t := range s.log.Trials {
		if t.Origin == optimizers.OriginWarmStart {
			begun = append(begun, t.Config)
		}
	}
	for i, c := range warm {
		c, err := s.log.Problem.Space.Normalize(c)
		if err != nil {
			return nil, fmt.Errorf("warm start %d: %w", i+1, err)
		}
		if !slices.ContainsFunc(begun, c.Equal) {
			fresh, begun = append(fresh, c), append(begun, c)
		}
	}
	return fresh, nil
}

// append writes events to the ledger, all or none. Once they are decided on, cancelling the call does not keep them out.
func (s *Session) append(ctx context.Context, news []study.Trial) error {
	if len(news) == 0 {
		return nil
	}
	events := make([]optimizers.Event, len(news))
	for i, t := range news {
		events[i].Trial = t
	}
	if err := s.ledger.Append(context.WithoutCancel(ctx), events...); err != nil {
		return fmt.Errorf("writing to the study's log: %w", err)
	}
	return nil
}
