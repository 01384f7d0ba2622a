package sequence

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/optimizertest"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// counter yields x = 0, 1, …, up to end-1; with a period, that many values over and over.
type counter struct{ next, end, period int }

func (c *counter) Next() (space.Config, error) {
	if c.next == c.end {
		return nil, optimizers.ErrExhausted
	}
	c.next++
	return config((c.next - 1) % c.period), nil
}

func config(x int) space.Config { return space.Config{"x": space.Int(int64(x))} }

func problem(t testing.TB) study.Problem {
	t.Helper()
	s, err := space.New([]space.Hyperparameter{{Name: "x", Type: space.TypeInt, Low: 0, High: 999}})
	if err != nil {
		t.Fatal(err)
	}
	return study.Problem{Space: s, Seed: 3}
}

func asked(t *testing.T, o *Optimizer, first study.TrialID, n int) string {
	t.Helper()
	suggestions, err := o.Ask(context.Background(), first, n)
	if err != nil {
		return err.Error()
	}
	var out []int64
	for _, s := range suggestions {
		out = append(out, s.Config["x"].Int())
	}
	return fmt.Sprint(out)
}

func told(t *testing.T, o *Optimizer, id study.TrialID, x int) {
	t.Helper()
	if err := o.Tell(context.Background(), study.Trial{Suggestion: study.Suggestion{ID: id, Config: config(x)}}); err != nil {
		t.Fatal(err)
	}
}

// TestFollowsInOrder passes over what others tried, answers what is left, and then is exhausted.
func TestFollowsInOrder(t *testing.T) {
	o := New(problem(t), "counter", &counter{end: 6, period: 1000}, 0)
	for _, step := range []struct {
		tell, n int
		want    string
	}{
		{3, 1, "[0]"}, {0, 2, "[1 2]"}, {1, 3, "[2 4 5]"}, {4, 9, "[2 5]"}, {900, 2, "[2 5]"}, {2, 1, "[5]"},
		{5, 1, optimizers.ErrExhausted.Error()}, {6, 1, optimizers.ErrExhausted.Error()},
	} {
		told(t, o, study.TrialID(step.tell+1), step.tell)
		if got := asked(t, o, 1000, step.n); got != step.want {
			t.Errorf("after %d was told, %s is asked, want %s", step.tell, got, step.want)
		}
	}
}

// TestReplayOfALongStudy tells a log one by one with questions in between, and at once: the place is the same. Asking
// changes nothing, and the queue does not grow with the study.
func TestReplayOfALongStudy(t *testing.T) {
	p, ctx := problem(t), context.Background()
	live := New(p, "counter", &counter{end: -1, period: 900}, 50)
	var log []study.Trial
	for id := study.TrialID(1); id <= 990; id++ {
		if _, err := live.Ask(ctx, id, 7); err != nil {
			t.Fatal(err)
		}
		s, err := live.Ask(ctx, id, 1)
		if err != nil {
			t.Fatal(err)
		}
		log = append(log, study.Trial{Suggestion: s[0]})
		if err := live.Tell(ctx, log[id-1]); err != nil {
			t.Fatal(err)
		}
		if id%301 == 0 || id > 897 && id%9 == 0 {
			replayed := New(p, "counter", &counter{end: -1, period: 900}, 50)
			if err := replayed.Tell(ctx, log...); err != nil {
				t.Fatal(err)
			}
			if want, got := asked(t, live, id+1, 3), asked(t, replayed, id+1, 3); got != want {
				t.Fatalf("after %d trials %s is proposed, after a replay %s", id, want, got)
			}
		}
	}
	if len(live.ahead) > 7*50 {
		t.Errorf("%d configurations are kept ahead", len(live.ahead))
	}
}

// TestEndlessSourceFindsTheLastConfigurations draws what the sequence never yields, until all is tried.
func TestEndlessSourceFindsTheLastConfigurations(t *testing.T) {
	p, ctx := problem(t), context.Background()
	o := New(p, "counter", &counter{end: -1, period: 10}, 50)
	seen := map[int64]bool{}
	for id := study.TrialID(1); id <= 1000; id++ {
		s, err := o.Ask(ctx, id, 1)
		if err != nil {
			t.Fatal(err)
		}
		seen[s[0].Config["x"].Int()] = true
		if err := o.Tell(ctx, study.Trial{Suggestion: s[0]}); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 1000 {
		t.Errorf("%d different configurations in 1000 trials", len(seen))
	}
	if _, err := o.Ask(ctx, 1001, 1); !errors.Is(err, optimizers.ErrExhausted) {
		t.Errorf("all is tried: error %v", err)
	}
}

// broken is a source that fails.
type broken struct{}

var errBroken = errors.New("no design")

func (broken) Next() (space.Config, error) { return nil, errBroken }

func TestSourceFails(t *testing.T) {
	o := New(problem(t), "broken", broken{}, 0)
	told(t, o, 1, 5)
	if _, err := o.Ask(context.Background(), 2, 1); !errors.Is(err, errBroken) {
		t.Errorf("error %v", err)
	}
}

// TestConforms runs the contract with a source over random configurations of each problem's space.
func TestConforms(t *testing.T) {
	optimizertest.Conform(t, func(_ testing.TB, p study.Problem, _ *study.Prior) optimizers.Optimizer {
		return New(p, "random", &stream{p: p}, Patience)
	}, optimizertest.Options{})
}

type stream struct {
	p    study.Problem
	next study.TrialID
}

func (s *stream) Next() (space.Config, error) {
	s.next++
	return s.p.Space.Sample(s.p.Stream(s.next))
}
