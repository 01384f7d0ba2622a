package tunebench

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/metaml/metaml/cmd/internal/optimizerbench"
	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// library is another library as its session sees it: it proposes at random and keeps what it is told.
type library struct {
	rng     *rand.Rand
	on      problem.Problem
	asked   []space.Config
	told    []space.Config
	losses  []*float64
	gives   int // proposals that it has
	closed  bool
	budget  float64
	closing error
}

func (l *library) Name() string                { return "library" }
func (l *library) Versions() map[string]string { return map[string]string{"library": "3"} }
func (l *library) Close() error                { l.closed = true; return nil }
func (l *library) Open(_ context.Context, p problem.Problem, seed uint64, budget float64) (optimizerbench.Session, error) {
	l.on, l.rng, l.budget = p, rand.New(rand.NewPCG(seed, 1)), budget
	return l.session(), nil
}
func (l *library) session() optimizerbench.Session { return &session{l} }

type session struct{ *library }

func (s *session) Next(context.Context) (study.Suggestion, error) {
	if len(s.asked) == s.gives {
		return study.Suggestion{}, optimizers.ErrExhausted
	}
	c, err := s.on.Space.Sample(s.rng)
	s.asked = append(s.asked, c)
	return study.Suggestion{ID: study.TrialID(len(s.asked)), Config: c}, err
}
func (s *session) Tell(context.Context, float64) error { return errors.New("not what was evaluated") }
func (s *session) TellInstead(_ context.Context, c space.Config, loss *float64) error {
	s.told, s.losses = append(s.told, c), append(s.losses, loss)
	return nil
}
func (s *session) Close() (time.Duration, error) { return 0, s.closing }

// TestPeerSeesRows checks that a peer is told the row in place of its proposal, and failures as such.
func TestPeerSeesRows(t *testing.T) {
	task := sheetTasks(t, sheetSet(t, "t", 1, false, bowl))[0]
	l := &library{gives: 100}
	p := NewPeer(l)
	rows, err := p.Play(context.Background(), task, Advice{Picks: []space.Config{knn("none", 1)}}, 4, 100)
	if err != nil || len(rows) != 24 || l.budget != 24 || p.Start() != Cold || p.Name() != "library" || p.Versions()["library"] != "3" {
		t.Fatalf("%d rows, %v, budget %v", len(rows), err, l.budget)
	}
	failures := 0
	for i, row := range rows {
		r := task.Rows[row]
		if !l.told[i].Equal(r.Config) || l.told[i]["learner"] != l.asked[i]["learner"] && i < 8 {
			t.Errorf("trial %d: asked %v, told %v, row %v", i+1, l.asked[i], l.told[i], r.Config)
		}
		if l.losses[i] == nil {
			failures++
		} else if *l.losses[i] != r.Loss {
			t.Errorf("trial %d: told %v of %v", i+1, *l.losses[i], r.Loss)
		}
	}
	if failures != 1 {
		t.Errorf("%d failures, want that of knn at 9", failures)
	}
	if err := p.Close(); err != nil || !l.closed {
		t.Error(err)
	}
}

func TestPeerEnds(t *testing.T) {
	task := sheetTasks(t, sheetSet(t, "t", 1, false, bowl))[0]
	if rows, err := NewPeer(&library{gives: 3}).Play(context.Background(), task, Advice{}, 1, 10); err != nil || len(rows) != 3 {
		t.Errorf("%v, %v", rows, err)
	}
	broken := errors.New("broken pipe")
	if _, err := NewPeer(&library{gives: 3, closing: broken}).Play(context.Background(), task, Advice{}, 1, 10); !errors.Is(err, broken) {
		t.Error(err)
	}
	if _, err := NewPeer(deaf{&library{gives: 3}}).Play(context.Background(), task, Advice{}, 1, 10); !errors.Is(err, optimizerbench.ErrUnsupported) {
		t.Error(err)
	}
}

// deaf has sessions that can be told of their own proposals only.
type deaf struct{ *library }

func (d deaf) Open(ctx context.Context, p problem.Problem, seed uint64, budget float64) (optimizerbench.Session, error) {
	s, err := d.library.Open(ctx, p, seed, budget)
	return struct{ optimizerbench.Session }{s}, err
}
