package trials

import (
	"errors"
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// problem has one parameter x in [0, 1] and a metric that is maximised.
func problem(t testing.TB) study.Problem {
	t.Helper()
	s, err := space.New([]space.Hyperparameter{{Name: "x", Type: space.TypeFloat, Low: 0, High: 1}})
	if err != nil {
		t.Fatal(err)
	}
	return study.Problem{Space: s, Objectives: []study.Objective{{Metric: "gloss", Maximize: true}}}
}

// trial is trial id with x, as it stands.
func trial(id study.TrialID, x float64, status study.Status, losses ...float64) study.Trial {
	return study.Trial{Suggestion: study.Suggestion{ID: id, Config: space.Config{"x": space.Float(x)}}, Status: status, Losses: losses}
}

func TestLogFolds(t *testing.T) {
	log := Log{Problem: problem(t)}
	whole := trial(3, 0, study.Pending)
	whole.Config["x"] = space.Int(1) // as JSON has a whole float
	for _, x := range []study.Trial{trial(1, .1, study.Pending), trial(2, .2, study.Pending), trial(2, .2, study.Complete, -5), whole} {
		if err := log.Add(x); err != nil {
			t.Fatal(err)
		}
	}
	if p := log.Pending(); len(log.Trials) != 3 || len(p) != 2 || p[0].ID != 1 || p[1].ID != 3 {
		t.Errorf("trials %+v, pending %+v", log.Trials, p)
	}
	if v := log.Trials[2].Config["x"]; v != space.Float(1) {
		t.Errorf("x is %v of kind %v", v, v.Kind())
	}
	for id, want := range map[study.TrialID]bool{0: false, 1: true, 3: true, 4: false, 1<<64 - 1: false} {
		if x, ok := log.Trial(id); ok != want || ok && x.ID != id {
			t.Errorf("trial %d: %v, %+v", id, ok, x)
		}
	}
	if v, ok := Value(log.Problem, log.Trials[1]); !ok || v != 5 {
		t.Errorf("value %v, %v", v, ok)
	}
	if _, ok := Value(log.Problem, log.Trials[0]); ok {
		t.Error("a pending trial has a value")
	}
}

func TestLogRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		trials []study.Trial
		want   string
	}{
		"a gap":          {[]study.Trial{trial(2, .1, study.Pending)}, "begins after trial 0"},
		"a second begin": {[]study.Trial{trial(1, .1, study.Pending), trial(1, .1, study.Pending)}, "begins after trial 1"},
		"an end only":    {[]study.Trial{trial(1, .1, study.Complete, 1)}, "without having begun"},
		"a second end":   {[]study.Trial{trial(1, .1, study.Pending), trial(1, .1, study.Failed), trial(1, .1, study.Complete, 1)}, "without having begun"},
		"a huge number":  {[]study.Trial{trial(1<<64-1, .1, study.Failed)}, "without having begun"},
		"outside":        {[]study.Trial{trial(1, 2, study.Pending)}, "trial 1: "},
	} {
		log := Log{Problem: problem(t)}
		var err error
		for i, x := range c.trials {
			if err = log.Add(x); err != nil && i != len(c.trials)-1 {
				t.Errorf("%s: event %d: %v", name, i+1, err)
			}
		}
		if !errors.Is(err, optimizers.ErrLog) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	aimless := Log{Problem: study.Problem{Space: problem(t).Space}}
	if err := errors.Join(aimless.Add(trial(1, .1, study.Pending)), aimless.Add(trial(1, .1, study.Complete, 1))); !errors.Is(err, optimizers.ErrLog) {
		t.Errorf("a loss without an objective: %v", err)
	}
}
