package optimizerbench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/study"
)

// own is the name of metaml among the versions.
const own = "metaml"

// Local is a method that is an optimizers.Optimizer, in this process or a plugin's.
type Local struct {
	name    string
	version string
	open    OpenLocal
}

// OpenLocal opens an optimizer for a run of that many full evaluations.
type OpenLocal func(ctx context.Context, p study.Problem, budget float64) (optimizers.Optimizer, error)

// NewLocal returns the method of that name. What open returns is closed at the end of a run if it is an io.Closer.
func NewLocal(name, version string, open OpenLocal) *Local {
	return &Local{name, version, open}
}

// Name implements Method.
func (l *Local) Name() string { return l.name }

// Versions implements Method.
func (l *Local) Versions() map[string]string { return map[string]string{own: l.version} }

// Close implements Method; nothing is kept between runs.
func (l *Local) Close() error { return nil }

// Open implements Method.
func (l *Local) Open(ctx context.Context, p problem.Problem, seed uint64, budget float64) (Session, error) {
	s := &localSession{problem: p.Study(seed), children: childrenCPU()}
	defer s.clock()()
	var err error
	s.optimizer, err = l.open(ctx, s.problem, budget)
	return s, err
}

// localSession drives an optimizer as the loop of package optimizers does with one slot.
type localSession struct {
	problem   study.Problem
	optimizer optimizers.Optimizer
	last      study.Suggestion
	cpu       time.Duration
	children  time.Duration // CPU time of ended child processes at the start
}

// clock starts to count the process's CPU time, all threads and the garbage collector included, until the function
// it returns is called. Evaluations are not counted.
func (s *localSession) clock() func() {
	start := processCPU()
	return func() { s.cpu += processCPU() - start }
}

// Next asks for one trial and tells it as pending.
func (s *localSession) Next(ctx context.Context) (study.Suggestion, error) {
	id := s.last.ID + 1
	stop := s.clock()
	answer, err := s.optimizer.Ask(ctx, id, 1)
	stop()
	if err != nil {
		return study.Suggestion{}, err
	}
	answer, err = optimizers.CheckSuggestions(s.problem, answer, id, 1)
	if err != nil {
		return study.Suggestion{}, err
	}
	if len(answer) == 0 {
		return study.Suggestion{}, fmt.Errorf("trial %d: it waits although nothing is pending: %w", id, optimizers.ErrContract)
	}
	s.last = answer[0]
	return s.last, s.tell(ctx, study.Trial{Suggestion: s.last})
}

// Tell tells the last trial's end.
func (s *localSession) Tell(ctx context.Context, loss float64) error {
	return s.tell(ctx, s.ended(loss))
}

// ended is the last trial at its end.
func (s *localSession) ended(loss float64) study.Trial {
	return study.Trial{
		Suggestion: s.last, Status: study.Complete, Losses: []float64{loss},
		Observations: []study.Observation{{Fidelity: s.last.Fidelity, Metrics: map[string]float64{problem.Metric: loss}}},
	}
}

func (s *localSession) tell(ctx context.Context, t study.Trial) error {
	defer s.clock()()
	return s.optimizer.Tell(ctx, t)
}

// Close ends the optimizer. The time of a plugin's process counts from its start to its end.
func (s *localSession) Close() (time.Duration, error) {
	closer, ok := s.optimizer.(io.Closer)
	if !ok {
		return s.cpu, nil
	}
	err := closer.Close()
	return s.cpu + childrenCPU() - s.children, errors.Join(err)
}
