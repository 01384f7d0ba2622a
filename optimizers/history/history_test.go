package history

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// problem has a number, a condition and a fidelity: 2 x 3 + 2 = 8 configurations.
func problem(t *testing.T) study.Problem {
	t.Helper()
	s, err := space.New([]space.Hyperparameter{
		{Name: "kind", Type: space.TypeCategorical, Choices: []space.Value{space.String("a"), space.String("b")}},
		{Name: "n", Type: space.TypeInt, Low: 1, High: 3, When: space.Equals("kind", space.String("a"))},
		{Name: "flag", Type: space.TypeBool},
	})
	if err != nil {
		t.Fatal(err)
	}
	return study.Problem{Space: s, Fidelities: []study.Range{{Name: "epochs", Low: 1, High: 9}}}
}

func config(n int64, flag bool) space.Config {
	return space.Config{"kind": space.String("a"), "n": space.Int(n), "flag": space.Bool(flag)}
}

func trial(id study.TrialID, c space.Config, status study.Status) study.Trial {
	return study.Trial{Suggestion: study.Suggestion{ID: id, Config: c}, Status: status}
}

func ids(trials []study.Trial) []study.TrialID {
	out := []study.TrialID{}
	for _, t := range trials {
		out = append(out, t.ID)
	}
	return out
}

// TestTell plays a log with repetitions and with ends in another order than beginnings.
func TestTell(t *testing.T) {
	h := New(problem(t))
	for _, step := range []struct {
		tell              study.Trial
		news              bool
		pending, finished []study.TrialID
	}{
		{trial(2, config(1, true), study.Pending), true, []study.TrialID{2}, []study.TrialID{}},
		{trial(1, config(2, true), study.Pending), true, []study.TrialID{1, 2}, []study.TrialID{}},
		{trial(2, config(1, true), study.Pending), false, []study.TrialID{1, 2}, []study.TrialID{}},
		{trial(2, config(1, true), study.Complete), true, []study.TrialID{1}, []study.TrialID{2}},
		{trial(2, config(1, true), study.Pending), false, []study.TrialID{1}, []study.TrialID{2}},
		{trial(2, config(1, true), study.Failed), false, []study.TrialID{1}, []study.TrialID{2}},
		{trial(5, config(3, true), study.Crashed), true, []study.TrialID{1}, []study.TrialID{2, 5}},
		{trial(1, config(2, true), study.Pruned), true, []study.TrialID{}, []study.TrialID{2, 5, 1}},
	} {
		if news := h.Tell(step.tell); (len(news) == 1) != step.news {
			t.Errorf("telling trial %d as %v: news %v", step.tell.ID, step.tell.Status, news)
		}
		pending := []study.TrialID{}
		for _, s := range h.Pending() {
			pending = append(pending, s.ID)
		}
		if got := ids(h.Finished()); !reflect.DeepEqual(got, step.finished) || !reflect.DeepEqual(pending, step.pending) {
			t.Errorf("after trial %d: pending %v, finished %v; want %v, %v", step.tell.ID, pending, got, step.pending, step.finished)
		}
	}
	if last, known := h.Trial(2); !known || last.Status != study.Complete || h.Len() != 3 {
		t.Errorf("trial 2 is %v, %v; %d trials", last.Status, known, h.Len())
	}
	if _, known := h.Trial(3); known {
		t.Error("trial 3 was never told")
	}
}

// TestTried tells configurations apart by value, activity and fidelity, and not by the kind of a number.
func TestTried(t *testing.T) {
	h := New(problem(t))
	low := trial(1, config(1, true), study.Pending)
	low.Fidelity = study.Fidelity{"epochs": 3}
	h.Tell(low, trial(2, config(2, true), study.Complete))
	for _, c := range []struct {
		config   space.Config
		fidelity study.Fidelity
		want     bool
	}{
		{config(1, true), study.Fidelity{"epochs": 3}, true},
		{config(1, true), nil, false},
		{config(1, false), study.Fidelity{"epochs": 3}, false},
		{config(2, true), nil, true},
		{config(2, true), study.Fidelity{"epochs": 9}, true},
		{space.Config{"kind": space.String("a"), "n": space.Float(2), "flag": space.Bool(true)}, nil, true},
		{space.Config{"kind": space.String("b"), "flag": space.Bool(true)}, nil, false},
	} {
		if got := h.Tried(c.config, c.fidelity); got != c.want {
			t.Errorf("%v at %v: tried %v", c.config, c.fidelity, got)
		}
	}
}

// TestDrawTakesEverythingOnce draws all eight configurations, then is exhausted; the history is as it was.
func TestDrawTakesEverythingOnce(t *testing.T) {
	p := problem(t)
	h := New(p)
	h.Tell(trial(1, config(2, false), study.Complete))
	for range 2 {
		b, rng, seen := h.Batch(), rand.New(rand.NewPCG(1, 2)), map[string]bool{}
		for range 7 {
			c, err := b.Draw(rng, nil)
			if err != nil {
				t.Fatal(err)
			}
			if h.Tried(c, nil) || seen[h.key(c, nil)] || p.Space.Validate(c) != nil {
				t.Errorf("drawn %v", c)
			}
			seen[h.key(c, nil)] = true
		}
		if c, err := b.Draw(rng, nil); !errors.Is(err, optimizers.ErrExhausted) {
			t.Errorf("nothing is left, and %v, %v is drawn", c, err)
		}
		if !b.Take(config(2, false), study.Fidelity{"epochs": 1}) || b.Take(config(2, false), study.Fidelity{"epochs": 1}) {
			t.Error("another fidelity is another evaluation, once")
		}
	}
}

// TestDrawFromAnInfiniteSpaceThatRepeats gives the one value that is likely, when it is tried already.
func TestDrawFromAnInfiniteSpaceThatRepeats(t *testing.T) {
	s, err := space.New([]space.Hyperparameter{
		{Name: "b", Type: space.TypeBool, Weights: []float64{1, 0}},
		{Name: "x", High: 1, When: space.Equals("b", space.Bool(true))},
	})
	if err != nil {
		t.Fatal(err)
	}
	b := New(study.Problem{Space: s}).Batch()
	for range 2 {
		if c, err := b.Draw(rand.New(rand.NewPCG(1, 2)), nil); err != nil || c["b"].Bool() {
			t.Errorf("%v, %v", c, err)
		}
	}
}

// BenchmarkTell tells a pending trial of ten floats, then its end.
func BenchmarkTell(b *testing.B) {
	params := make([]space.Hyperparameter, 10)
	for i := range params {
		params[i] = space.Hyperparameter{Name: string(rune('a' + i)), High: 1}
	}
	s, err := space.New(params)
	if err != nil {
		b.Fatal(err)
	}
	h, rng := New(study.Problem{Space: s}), rand.New(rand.NewPCG(1, 2))
	for i := 0; b.Loop(); i++ {
		c, _ := s.Sample(rng)
		h.Tell(trial(study.TrialID(i+1), c, study.Pending))
		h.Tell(trial(study.TrialID(i+1), c, study.Complete))
	}
}
