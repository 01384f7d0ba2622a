package optimizers_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// problemOf is a problem over two numbers and a choice, one of the numbers conditional, minimising "loss".
func problemOf(t testing.TB, seed uint64) study.Problem {
	t.Helper()
	s, err := space.New([]space.Hyperparameter{
		{Name: "x", Low: -1, High: 1},
		{Name: "kind", Type: space.TypeCategorical, Choices: []space.Value{space.String("plain"), space.String("odd")}},
		{Name: "n", Type: space.TypeInt, Low: 1, High: 100, Log: true, When: space.Equals("kind", space.String("odd"))},
	})
	if err != nil {
		t.Fatal(err)
	}
	return study.Problem{Space: s, Objectives: []study.Objective{{Metric: "loss"}}, Seed: seed}
}

// plain is the configuration with x alone.
func plain(x float64) space.Config {
	return space.Config{"x": space.Float(x), "kind": space.String("plain")}
}

// adaptive is an optimizer every proposal of which depends on every event told before, bit by bit, so that any
// difference in what it is told shows in what it proposes.
type adaptive struct {
	problem study.Problem
	told    [sha256.Size]byte
	seen    map[string]bool
}

func newAdaptive(p study.Problem) *adaptive {
	return &adaptive{problem: p, seen: map[string]bool{}}
}

func (a *adaptive) Ask(_ context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
	var out []study.Suggestion
	for i := range n {
		id := first + study.TrialID(i)
		rng := rand.New(rand.NewPCG(binary.LittleEndian.Uint64(a.told[:]), a.problem.Stream(id).Uint64()))
		c, err := a.problem.Space.Sample(rng)
		if err != nil {
			return nil, err
		}
		out = append(out, study.Suggestion{ID: id, Config: c})
	}
	return out, nil
}

func (a *adaptive) Tell(_ context.Context, trials ...study.Trial) error {
	for _, t := range trials {
		b, err := json.Marshal(t)
		if err != nil {
			return err
		}
		if a.seen[string(b)] {
			continue
		}
		a.seen[string(b)] = true
		a.told = sha256.Sum256(append(a.told[:], b...))
	}
	return nil
}

// scripted is an optimizer that answers Ask by a function.
type scripted struct {
	ask     func(first study.TrialID) ([]study.Suggestion, error)
	observe func(study.TrialID, study.Observation) (bool, error)
	tell    func(study.Trial) error
	told    []study.Trial
}

func (s *scripted) Ask(_ context.Context, first study.TrialID, _ int) ([]study.Suggestion, error) {
	return s.ask(first)
}

func (s *scripted) Tell(_ context.Context, trials ...study.Trial) error {
	s.told = append(s.told, trials...)
	for _, t := range trials {
		if s.tell == nil {
			break
		}
		if err := s.tell(t); err != nil {
			return err
		}
	}
	return nil
}

// stopping is a scripted optimizer that is a Stopper.
type stopping struct{ scripted }

func (s *stopping) Observe(_ context.Context, id study.TrialID, o study.Observation) (bool, error) {
	return s.observe(id, o)
}

// evaluator is an Evaluator made of a function.
type evaluator func(context.Context, study.Suggestion, func(study.Observation) error) (study.Trial, error)

func (e evaluator) Evaluate(ctx context.Context, s study.Suggestion, report func(study.Observation) error) (study.Trial, error) {
	return e(ctx, s, report)
}

// parabola evaluates (x - 0.25)^2, a function of the configuration and the trial's seed alone.
func parabola(_ context.Context, s study.Suggestion, _ func(study.Observation) error) (study.Trial, error) {
	x := s.Config["x"].Float() - 0.25
	return complete(x*x + 1e-9*float64(s.Seed%7)), nil
}

func complete(loss float64) study.Trial {
	return study.Trial{Status: study.Complete, Observations: []study.Observation{{Metrics: map[string]float64{"loss": loss}}}}
}

// repeated returns n slots with the same evaluator.
func repeated(e evaluator, n int) []optimizers.Evaluator {
	slots := make([]optimizers.Evaluator, n)
	for i := range slots {
		slots[i] = e
	}
	return slots
}

// counter counts the evaluations of every trial that ran to their end.
type counter struct {
	mu    sync.Mutex
	ended map[study.TrialID]int
}

func (c *counter) count(e evaluator) evaluator {
	c.ended = map[study.TrialID]int{}
	return func(ctx context.Context, s study.Suggestion, report func(study.Observation) error) (study.Trial, error) {
		t, err := e(ctx, s, report)
		if err == nil {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.ended[s.ID]++
		}
		return t, err
	}
}

var errKilled = errors.New("killed")

// mortal is a Ledger that dies, without writing, at its n-th event from now.
type mortal struct {
	optimizers.Memory
	n int
}

func (m *mortal) Append(ctx context.Context, events ...optimizers.Event) error {
	if m.n--; m.n < 0 {
		return errKilled
	}
	return m.Memory.Append(ctx, events...)
}

// events returns what a ledger holds.
func events(t testing.TB, l optimizers.Ledger) []study.Trial {
	t.Helper()
	var trials []study.Trial
	for e, err := range l.Events(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Sequence != uint64(len(trials)+1) {
			t.Fatalf("event %d has sequence number %d", len(trials)+1, e.Sequence)
		}
		trials = append(trials, e.Trial)
	}
	return trials
}
