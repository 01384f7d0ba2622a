package asktell

import (
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/grid"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/optimizers/tpe"
)

// branin is a study of the branin function: x0 in [-5, 10], x1 in [0, 15].
func branin(t testing.TB) (problem.Problem, study.Problem) {
	t.Helper()
	f, err := problem.Find("branin")
	if err != nil {
		t.Fatal(err)
	}
	return f, f.Study(11)
}

func open(t testing.TB, p study.Problem, l optimizers.Ledger) *Session {
	t.Helper()
	s, err := Open(t.Context(), p, l)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ask asks a study as a caller does: with a fresh session and a fresh optimizer.
func ask(t testing.TB, p study.Problem, l optimizers.Ledger, warm []space.Config, n int) Asked {
	t.Helper()
	o, err := tpe.New(p, tpe.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := open(t, p, l).Ask(t.Context(), o, warm, n)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func log(t testing.TB, l optimizers.Ledger) []study.Trial {
	t.Helper()
	var all []study.Trial
	for e, err := range l.Events(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e.Trial)
	}
	return all
}

func at(x, y float64) space.Config { return space.Config{"x0": space.Float(x), "x1": space.Float(y)} }

// TestIsRunByHand asks and tells, each time as a new caller, and compares with the run of the same study: the same
// trials with the same results.
func TestIsRunByHand(t *testing.T) {
	f, p := branin(t)
	warm := []space.Config{at(0, 5), at(3, 2), at(0, 5)}
	evaluator := f.Evaluator(1)
	byHand := &optimizers.Memory{}
	for range 40 {
		a := ask(t, p, byHand, warm, 1)
		if len(a.Trials) != 1 {
			t.Fatalf("%d trials", len(a.Trials))
		}
		done, err := evaluator.Evaluate(t.Context(), a.Trials[0].Suggestion, func(study.Observation) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		r := Result{Trial: a.Trials[0].ID, Status: done.Status, Metrics: done.Observations[len(done.Observations)-1].Metrics}
		if news, err := open(t, p, byHand).Tell(t.Context(), r); news != 1 || err != nil {
			t.Fatalf("%d news, %v", news, err)
		}
	}
	o, err := tpe.New(p, tpe.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	run := &optimizers.Memory{}
	if _, err := optimizers.Run(t.Context(), p, o, []optimizers.Evaluator{f.Evaluator(1)},
		optimizers.Options{Ledger: run, Trials: 40, WarmStarts: warm}); err != nil {
		t.Fatal(err)
	}
	got, want := log(t, byHand), log(t, run)
	if len(got) != 80 || len(got) != len(want) {
		t.Fatalf("%d events, want %d", len(got), len(want))
	}
	for i := range want {
		if !reflect.DeepEqual(got[i].Suggestion, want[i].Suggestion) || got[i].Status != want[i].Status ||
			!reflect.DeepEqual(got[i].Losses, want[i].Losses) {
			t.Fatalf("event %d is\n%+v\nin a run\n%+v", i+1, got[i], want[i])
		}
	}
	if got[0].Origin != optimizers.OriginWarmStart || got[2].Origin != optimizers.OriginWarmStart || got[4].Origin == optimizers.OriginWarmStart {
		t.Errorf("origins %s, %s, %s; want two warm starts, the repetition left out", got[0].Origin, got[2].Origin, got[4].Origin)
	}
}

// TestAskManyIsAskOften asks for seven trials at once and one after the other.
func TestAskManyIsAskOften(t *testing.T) {
	_, p := branin(t)
	once, often := &optimizers.Memory{}, &optimizers.Memory{}
	warm := []space.Config{at(1, 1), at(2, 2)}
	if a := ask(t, p, once, warm, 7); len(a.Trials) != 7 {
		t.Fatalf("%d trials", len(a.Trials))
	}
	for range 7 {
		ask(t, p, often, warm, 1)
	}
	if got, want := log(t, once), log(t, often); !reflect.DeepEqual(got, want) {
		t.Errorf("at once\n%+v\none by one\n%+v", got, want)
	}
	if pending := open(t, p, once).Log().Pending(); len(pending) != 7 {
		t.Errorf("%d are pending", len(pending))
	}
}

// TestAskToTheEnd asks a grid of four points for more than that.
func TestAskToTheEnd(t *testing.T) {
	s, err := space.New([]space.Hyperparameter{{Name: "k", Type: space.TypeCategorical,
		Choices: []space.Value{space.Int(1), space.Int(2), space.Int(3), space.Int(4)}}})
	if err != nil {
		t.Fatal(err)
	}
	p := study.Problem{Space: s, Objectives: []study.Objective{{Metric: "loss"}}}
	l := &optimizers.Memory{}
	for i, want := range []struct {
		n         int
		exhausted bool
	}{{3, false}, {1, true}, {0, true}} {
		o, err := grid.New(p, grid.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		a, err := open(t, p, l).Ask(t.Context(), o, nil, 3)
		if err != nil || len(a.Trials) != want.n || a.Exhausted != want.exhausted {
			t.Errorf("ask %d: %d trials, exhausted %v, %v", i+1, len(a.Trials), a.Exhausted, err)
		}
	}
}

// scripted is an optimizer that answers as it is told to.
type scripted struct {
	answer func(first study.TrialID) ([]study.Suggestion, error)
	tell   error
}

func (s scripted) Ask(_ context.Context, first study.TrialID, _ int) ([]study.Suggestion, error) {
	return s.answer(first)
}
func (s scripted) Tell(context.Context, ...study.Trial) error { return s.tell }

func suggest(c space.Config) func(study.TrialID) ([]study.Suggestion, error) {
	return func(id study.TrialID) ([]study.Suggestion, error) {
		return []study.Suggestion{{ID: id, Config: c}}, nil
	}
}

// refusing is a ledger on a full disk.
type refusing struct{ optimizers.Memory }

var errFull = errors.New("no space left")

func (*refusing) Append(context.Context, ...optimizers.Event) error { return errFull }

// TestNothingHalfDone lets every part fail: nothing is begun then.
func TestNothingHalfDone(t *testing.T) {
	_, p := branin(t)
	broken := errors.New("broken")
	third := func(id study.TrialID) ([]study.Suggestion, error) {
		if id == 3 {
			return nil, broken
		}
		return suggest(at(float64(id), 1))(id)
	}
	for name, c := range map[string]struct {
		o    optimizers.Optimizer
		l    optimizers.Ledger
		warm []space.Config
		want error
		n    int
	}{
		"waits":                {o: scripted{answer: func(study.TrialID) ([]study.Suggestion, error) { return nil, nil }}},
		"fails":                {o: scripted{answer: third}, want: broken},
		"cannot be told":       {o: scripted{answer: suggest(at(1, 1)), tell: broken}, want: broken},
		"leaves the space":     {o: scripted{answer: suggest(at(11, 1))}, want: optimizers.ErrContract},
		"unusable warm start":  {o: scripted{answer: suggest(at(1, 1))}, warm: []space.Config{at(0, 99)}, want: space.ErrInvalid},
		"full disk":            {o: scripted{answer: suggest(at(1, 1))}, l: &refusing{}, want: errFull},
		"warm starts are used": {o: scripted{answer: third}, warm: []space.Config{at(0, 1), at(0, 2), at(0, 3), at(0, 4)}, n: 3},
	} {
		if c.l == nil {
			c.l = &optimizers.Memory{}
		}
		a, err := open(t, p, c.l).Ask(t.Context(), c.o, c.warm, 3)
		if !errors.Is(err, c.want) || err == nil && len(a.Trials) != c.n {
			t.Errorf("%s: %d trials, %v", name, len(a.Trials), err)
		}
		if n := len(log(t, c.l)); n != c.n {
			t.Errorf("%s: %d events in the log, want %d", name, n, c.n)
		}
	}
}

// TestLogOfAnother refuses a log that contradicts itself or the problem.
func TestLogOfAnother(t *testing.T) {
	_, p := branin(t)
	begin := func(id study.TrialID, c space.Config) study.Trial {
		return study.Trial{Suggestion: study.Suggestion{ID: id, Config: c}}
	}
	end := begin(1, at(1, 1))
	end.Status = study.Failed
	for want, trials := range map[string][]study.Trial{
		"trial 2 begins after trial 0":        {begin(2, at(1, 1))},
		"trial 1 ends without having begun":   {end},
		"trial 1: x3 is no hyperparameter":    {begin(1, space.Config{"x0": space.Float(1), "x1": space.Float(1), "x3": space.Float(1)})},
		"trial 1 ends without having begun\n": {begin(1, at(1, 1)), end, end},
	} {
		l := &optimizers.Memory{}
		for _, trial := range trials {
			if err := l.Append(t.Context(), optimizers.Event{Trial: trial}); err != nil {
				t.Fatal(err)
			}
		}
		_, err := Open(t.Context(), p, l)
		if !errors.Is(err, optimizers.ErrLog) {
			t.Errorf("%s: %v", want, err)
		} else if !strings.Contains(want, "x3") && !strings.Contains(err.Error(), strings.TrimSpace(want)) {
			t.Errorf("%v does not say: %s", err, want)
		}
	}
	if _, err := Open(t.Context(), study.Problem{Space: p.Space}, &optimizers.Memory{}); !errors.Is(err, optimizers.ErrLog) {
		t.Errorf("no objective: %v", err)
	}
}

// TestManyCallers lets asks and tells come in random order: no trial is given out twice, no result lost.
func TestManyCallers(t *testing.T) {
	_, p := branin(t)
	l := &optimizers.Memory{}
	rng := rand.New(rand.NewPCG(1, 1))
	var unfinished []study.TrialID
	given := map[study.TrialID]bool{}
	ended := 0
	for range 120 {
		if rng.IntN(2) == 0 || len(unfinished) == 0 {
			for _, trial := range ask(t, p, l, nil, 1+rng.IntN(3)).Trials {
				if given[trial.ID] {
					t.Fatalf("trial %d was given out twice", trial.ID)
				}
				given[trial.ID] = true
				unfinished = append(unfinished, trial.ID)
			}
			continue
		}
		i := rng.IntN(len(unfinished))
		if _, err := open(t, p, l).Tell(t.Context(), Value(unfinished[i], "loss", rng.Float64())); err != nil {
			t.Fatal(err)
		}
		unfinished = append(unfinished[:i], unfinished[i+1:]...)
		ended++
	}
	s := open(t, p, l)
	if len(s.Log().Trials) != len(given) || len(s.Log().Pending()) != len(unfinished) || ended+len(unfinished) != len(given) {
		t.Errorf("%d trials, %d pending; %d were given out, %d ended", len(s.Log().Trials), len(s.Log().Pending()), len(given), ended)
	}
}
