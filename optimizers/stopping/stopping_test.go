package stopping

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/hyperband"
	"github.com/metaml/metaml/optimizers/optimizertest"
	"github.com/metaml/metaml/optimizers/random"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

func TestConforms(t *testing.T) {
	for name, rule := range map[string]Percentile{"median": Median(), "quarter": {Percent: 25, Values: true, Grace: -1, Trials: 2}} {
		t.Run(name, func(t *testing.T) {
			optimizertest.Conform(t, func(tb testing.TB, p study.Problem, _ *study.Prior) optimizers.Optimizer {
				inner, err := random.New(p, random.Settings{})
				if err != nil {
					tb.Fatal(err)
				}
				return New(p, inner, rule)
			}, optimizertest.Options{Stopping: true, Repeats: true})
		})
	}
	t.Run("around hyperband", func(t *testing.T) {
		optimizertest.Conform(t, func(tb testing.TB, p study.Problem, _ *study.Prior) optimizers.Optimizer {
			inner, err := hyperband.New(p, hyperband.Settings{})
			if err != nil {
				tb.Fatal(err)
			}
			return New(p, inner, Median())
		}, optimizertest.Options{Stopping: true, Fidelity: true})
	})
}

// lines is a problem of straight learning curves: trial x loses x at every step.
func lines(t *testing.T) study.Problem {
	t.Helper()
	s, err := space.New([]space.Hyperparameter{{Name: "x", Low: 0, High: 1}})
	if err != nil {
		t.Fatal(err)
	}
	return study.Problem{Space: s, Objectives: []study.Objective{{Metric: "score", Maximize: true}}, Fidelities: []study.Range{{Name: "epochs", Low: 1, High: 20}}}
}

// report is an observation of a score at a step of 10.
func report(step int, score float64) study.Observation {
	return study.Observation{Step: step, Steps: 10, Metrics: map[string]float64{"score": score}}
}

// stubborn proposes nothing and wants to stop at its own step.
type stubborn struct {
	optimizers.Optimizer
	step int
}

func (s stubborn) Observe(_ context.Context, _ study.TrialID, o study.Observation) (bool, error) {
	return o.Step == s.step, nil
}

func (s stubborn) Tell(context.Context, ...study.Trial) error { return nil }

// curve tells of a trial that ended with the scores.
func curve(t *testing.T, o *Optimizer, id study.TrialID, status study.Status, f study.Fidelity, scores ...float64) {
	t.Helper()
	trial := study.Trial{Suggestion: study.Suggestion{ID: id, Fidelity: f}, Status: status}
	for i, score := range scores {
		trial.Observations = append(trial.Observations, report(i+1, score))
	}
	if err := o.Tell(context.Background(), trial); err != nil {
		t.Fatal(err)
	}
}

// TestMedianRule is a case by hand: five trials whose scores are constant 1 … 5 but for one that rises to 3 in the
// mean, so that the median of means is 3.
func TestMedianRule(t *testing.T) {
	ctx := context.Background()
	o := New(lines(t), stubborn{}, Percentile{Grace: 0.25})
	begin := func(id study.TrialID, f study.Fidelity) {
		if err := o.Tell(ctx, study.Trial{Suggestion: study.Suggestion{ID: id, Fidelity: f}}); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(id study.TrialID, ob study.Observation, want bool) {
		t.Helper()
		if stop, err := o.Observe(ctx, id, ob); stop != want || err != nil {
			t.Errorf("trial %d at step %d: stop %v, %v", id, ob.Step, stop, err)
		}
	}
	curve(t, o, 1, study.Complete, nil, 1, 1, 1, 1)
	curve(t, o, 2, study.Complete, nil, 2, 2, 2, 2)
	curve(t, o, 3, study.Complete, nil, 0, 2, 4, 6) // means 0, 1, 2, 3
	curve(t, o, 4, study.Pruned, nil, 4, 4, 4, 4)
	begin(10, nil)
	expect(10, report(4, -9), false) // four others only
	curve(t, o, 5, study.Complete, nil, 5, 5, 5, 5)
	curve(t, o, 5, study.Complete, nil, 9, 9, 9, 9)                      // told again: nothing
	curve(t, o, 6, study.Failed, nil)                                    // has no curve
	curve(t, o, 7, study.Complete, study.Fidelity{"epochs": 5}, 9, 9, 9) // at another fidelity
	begin(11, nil)
	expect(11, report(2, -9), false)  // grace
	expect(11, report(3, 1.9), true)  // the median of 1, 2, 2, 4, 5 is 2
	expect(11, report(3, -9), false)  // no progress: no news
	expect(11, report(4, 2.9), true)  // 3
	expect(11, report(5, -9), false)  // nobody came that far
	expect(11, report(10, -9), false) // it ends anyway
	begin(12, nil)
	expect(12, report(3, 2), false)
	expect(12, report(4, 1), true)  // its best is 2
	expect(13, report(4, 0), false) // unknown
	begin(14, study.Fidelity{"epochs": 5})
	expect(14, report(3, 0), false) // one other only
}

// TestPositions reads progress from steps or fidelities, and makes nothing of observations without.
func TestPositions(t *testing.T) {
	o := New(lines(t), stubborn{step: -1}, Percentile{Trials: 1, Values: true})
	curve(t, o, 1, study.Complete, nil, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
	for id, tc := range map[study.TrialID]struct {
		ob   study.Observation
		want bool
	}{
		2: {report(5, 0), true},
		3: {study.Observation{Fidelity: study.Fidelity{"epochs": 10}, Metrics: map[string]float64{"score": 0}}, true},
		4: {study.Observation{Metrics: map[string]float64{"score": 0}}, false},
		5: {study.Observation{Step: 5, Steps: 10, Metrics: map[string]float64{"other": 0}}, false},
		6: {report(5, math.NaN()), false},
		7: {report(5, math.Inf(-1)), false},
		8: {study.Observation{Fidelity: study.Fidelity{"epochs": 1}, Metrics: map[string]float64{"score": 0}}, false}, // grace
	} {
		if err := o.Tell(context.Background(), study.Trial{Suggestion: study.Suggestion{ID: id}}); err != nil {
			t.Fatal(err)
		}
		if stop, err := o.Observe(context.Background(), id, tc.ob); stop != tc.want || err != nil {
			t.Errorf("%+v: stop %v, %v", tc.ob, stop, err)
		}
	}
}

// TestInnerStopperIsAsked: either of the two may stop a trial.
func TestInnerStopperIsAsked(t *testing.T) {
	o := New(lines(t), stubborn{step: 2}, Median())
	for step, want := range map[int]bool{1: false, 2: true, 3: false} {
		if stop, err := o.Observe(context.Background(), 1, report(step, 0)); stop != want || err != nil {
			t.Errorf("step %d: stop %v, %v", step, stop, err)
		}
	}
	if err := o.Prime(context.Background(), study.Prior{}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("priming one that takes no prior: %v", err)
	}
}

// TestQuantile compares with numpy.percentile([4, 1, 3, 2], q).
func TestQuantile(t *testing.T) {
	for percent, want := range map[float64]float64{0: 2.5, 25: 1.75, 50: 2.5, 90: 3.7} { // 0 is the default
		if got := (Percentile{Percent: percent}).quantile([]float64{4, 1, 3, 2}); math.Abs(got-want) > 1e-12 {
			t.Errorf("percentile %v is %v, want %v", percent, got, want)
		}
	}
	if got := (Percentile{}).quantile([]float64{-1e308, 1e308}); got != 0 {
		t.Errorf("the median of two huge numbers is %v", got)
	}
}

func TestCheck(t *testing.T) {
	for _, r := range []Percentile{{Percent: 100}, {Percent: -1}, {Percent: math.NaN()}, {Grace: 1}, {Trials: -1}} {
		if err := r.Check(); !errors.Is(err, ErrSettings) {
			t.Errorf("%+v: error %v", r, err)
		}
	}
	if err := (Percentile{Grace: -1}).Check(); err != nil {
		t.Error(err)
	}
}

// learner is an evaluator whose loss falls exponentially to x, in ten steps.
type learner struct{ steps int }

func (l *learner) Evaluate(_ context.Context, s study.Suggestion, report func(study.Observation) error) (study.Trial, error) {
	t := study.Trial{Suggestion: s, Status: study.Complete}
	for step := 1; step <= 10; step++ {
		l.steps++
		score := -s.Config["x"].Float() - math.Exp(-float64(step))
		ob := study.Observation{Step: step, Steps: 10, Metrics: map[string]float64{"score": score}}
		t.Observations = append(t.Observations, ob)
		if err := report(ob); errors.Is(err, optimizers.ErrStop) {
			break
		} else if err != nil {
			return t, err
		}
	}
	return t, nil
}

// TestSavesWork runs random search with and without the rules: the same best trial, for less steps.
func TestSavesWork(t *testing.T) {
	p := lines(t)
	best := map[string]float64{}
	steps := map[string]int{}
	for name, rule := range map[string]Rule{"none": never{}, "median": Median(), "quarter": Percentile{Percent: 25, Values: true}} {
		inner, _ := random.New(p, random.Settings{})
		l := &learner{}
		r, err := optimizers.Run(context.Background(), p, New(p, inner, rule), []optimizers.Evaluator{l}, optimizers.Options{Trials: 60})
		if err != nil {
			t.Fatal(err)
		}
		best[name], steps[name] = r.Incumbent.Losses[0], l.steps
	}
	if best["median"] != best["none"] || best["quarter"] != best["none"] {
		t.Errorf("best losses %v", best)
	}
	if steps["none"] != 600 || steps["median"] > 450 || steps["quarter"] > steps["median"] {
		t.Errorf("steps %v", steps)
	}
}

type never struct{}

func (never) Stop(*Curve, []*Curve) bool { return false }
