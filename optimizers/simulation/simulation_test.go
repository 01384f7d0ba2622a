package simulation

import (
	"context"
	"errors"
	"math"
	"reflect"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/asha"
	"github.com/metaml/metaml/optimizers/hyperband"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/random"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/optimizers/successivehalving"
)

// cheap is a problem with a fidelity that is quick to measure: branin, whose cheaper evaluations are exact.
func cheap(t *testing.T) problem.Problem {
	t.Helper()
	p, err := problem.Find("branin")
	if err != nil {
		t.Fatal(err)
	}
	p.Fidelities = []study.Range{{Name: "steps", Low: 1, High: 27, Integer: true}}
	return p
}

func openRandom(p study.Problem) (optimizers.Optimizer, error) {
	return random.New(p, random.Settings{})
}

func openASHA(p study.Problem) (optimizers.Optimizer, error) { return asha.New(p, asha.Settings{}) }

func openHyperband(p study.Problem) (optimizers.Optimizer, error) {
	return hyperband.New(p, hyperband.Settings{})
}

func simulate(t *testing.T, p problem.Problem, open Open, opt Options) Trace {
	t.Helper()
	o, err := open(p.Study(opt.Seed))
	if err != nil {
		t.Fatal(err)
	}
	trace, err := Run(context.Background(), p, o, opt)
	if err != nil {
		t.Fatal(err)
	}
	return trace
}

// TestWorkersShareTheTime runs twelve full evaluations of unit time: trial i ends at the time ceil(i / workers).
func TestWorkersShareTheTime(t *testing.T) {
	for workers := range 6 {
		trace := simulate(t, cheap(t), openRandom, Options{Workers: workers, Trials: 12, Seed: 3})
		if len(trace) != 12 {
			t.Fatalf("%d trials ended", len(trace))
		}
		for i, p := range trace {
			if want := float64(i/max(1, workers) + 1); p.Time != want || p.Trial != study.TrialID(i+1) || p.Spent != float64(i+1) || p.Effort != 1 {
				t.Errorf("%d workers: point %+v, want time %v", workers, p, want)
			}
		}
	}
}

// TestTrace checks the questions to a trace.
func TestTrace(t *testing.T) {
	trace := Trace{{Time: 1, Spent: 0.5, Loss: 9}, {Time: 2, Spent: 1, Loss: 4}, {Time: 4, Spent: 3, Loss: 5}, {Time: 6, Spent: 4, Loss: 1}}
	inf := math.Inf(1)
	for _, tc := range []struct{ got, want float64 }{
		{trace.LossAt(0.5), inf}, {trace.LossAt(1), 9}, {trace.LossAt(5), 5}, {trace.LossAt(100), 1},
		{trace.LossAfter(0.4), inf}, {trace.LossAfter(2.9), 4}, {trace.LossAfter(3), 5},
		{trace.TimeTo(10), 1}, {trace.TimeTo(4.5), 2}, {trace.TimeTo(4), 2}, {trace.TimeTo(3), 6}, {trace.TimeTo(0), inf},
		{Trace{}.LossAt(1), inf},
	} {
		if tc.got != tc.want {
			t.Errorf("%v, want %v", tc.got, tc.want)
		}
	}
}

// TestIncumbent follows successive halving: the incumbent is the best at the highest effort so far, scored without
// noise.
func TestIncumbent(t *testing.T) {
	p := cheap(t)
	trace := simulate(t, p, func(s study.Problem) (optimizers.Optimizer, error) {
		return successivehalving.New(s, successivehalving.Settings{})
	}, Options{Trials: 40, Seed: 5})
	level, best := 0.0, math.Inf(1)
	for _, point := range trace {
		if point.Effort > level {
			level, best = point.Effort, math.Inf(1)
		}
		if point.Effort == level {
			best = min(best, point.Observed)
		}
		if point.Loss != best {
			t.Errorf("at trial %d the incumbent has loss %v, the best at effort %v is %v", point.Trial, point.Loss, level, best)
		}
	}
	if level != 1 {
		t.Errorf("the highest effort is %v", level)
	}
}

// TestCredit counts the first bracket on levels of 1, 3, 9 and 27 steps: without credit each of its four rungs costs
// 27/27; with it, each but the first costs two thirds of that.
func TestCredit(t *testing.T) {
	for credit, want := range map[bool]float64{false: 4, true: 1 + 3*2./3} {
		trace := simulate(t, cheap(t), openHyperband, Options{Trials: 40, Credit: credit})
		if got := trace[39]; math.Abs(got.Spent-want) > 1e-9 || math.Abs(got.Time-want) > 1e-9 {
			t.Errorf("credit %v: effort %v in time %v, want %v", credit, got.Spent, got.Time, want)
		}
	}
}

// TestBounds ends by time, effort and target.
func TestBounds(t *testing.T) {
	p := cheap(t)
	if trace := simulate(t, p, openRandom, Options{Workers: 2, Time: 5.5}); len(trace) != 10 || trace[9].Time != 5 {
		t.Errorf("by time: %d trials", len(trace))
	}
	if trace := simulate(t, p, openASHA, Options{Workers: 2, Spent: 5}); trace[len(trace)-1].Spent < 5 || trace[len(trace)-1].Spent > 7 {
		t.Errorf("by effort: %v", trace[len(trace)-1].Spent)
	}
	target := 2.0
	trace := simulate(t, p, openRandom, Options{Target: &target, Trials: 10000})
	if n := len(trace); trace[n-1].Loss > target || trace[n-2].Loss <= target {
		t.Errorf("by target: %+v", trace[n-2:])
	}
}

// TestRepeats runs the same twice, with stragglers: the traces are the same, of another seed they are not.
func TestRepeats(t *testing.T) {
	opt := Options{Workers: 5, Duration: Pareto(1.2), Trials: 60, Seed: 1}
	a, b := simulate(t, cheap(t), openHyperband, opt), simulate(t, cheap(t), openHyperband, opt)
	opt.Seed = 2
	if c := simulate(t, cheap(t), openHyperband, opt); !reflect.DeepEqual(a, b) || reflect.DeepEqual(a, c) {
		t.Error("the same seed has different traces, or two seeds the same")
	}
	for i := range a[1:] {
		if a[i+1].Time < a[i].Time {
			t.Fatalf("time runs backwards at point %d", i+1)
		}
	}
}

// TestNobodyIdles: ASHA keeps all workers busy whatever the run times, so that the last end is near the sum of run
// times divided by the number of workers.
func TestNobodyIdles(t *testing.T) {
	for _, open := range []Open{openASHA, openHyperband} {
		trace := simulate(t, cheap(t), open, Options{Workers: 16, Trials: 3000})
		last := trace[len(trace)-1]
		if busy := last.Spent / (16 * last.Time); busy < 0.97 {
			t.Errorf("workers are busy for a share of %v", busy)
		}
	}
}

// TestContract returns what breaks the contract, and bad options, as errors.
func TestContract(t *testing.T) {
	ctx, p := context.Background(), cheap(t)
	if _, err := Run(ctx, p, serial{waits: true}, Options{}); !errors.Is(err, optimizers.ErrContract) {
		t.Errorf("an optimizer that waits for nothing: %v", err)
	}
	if _, err := Run(ctx, p, serial{}, Options{}); !errors.Is(err, optimizers.ErrContract) {
		t.Errorf("an optimizer that proposes nothing valid: %v", err)
	}
	for _, opt := range []Options{{Workers: -1}, {Trials: -1}, {Time: -1}, {Spent: -1}} {
		if _, err := Run(ctx, p, serial{}, opt); err == nil {
			t.Errorf("%+v is accepted", opt)
		}
	}
	o, _ := openRandom(p.Study(0))
	bad := Recorded(func(study.Suggestion) float64 { return math.NaN() })
	if _, err := Run(ctx, p, o, Options{Trials: 1, Duration: bad}); err == nil {
		t.Error("a run time of NaN is accepted")
	}
	if _, err := Efficiencies(ctx, p, openRandom, EfficiencyOptions{}); err == nil {
		t.Error("no workers are accepted")
	}
}

// serial proposes an invalid trial, or waits for nothing.
type serial struct{ waits bool }

func (s serial) Ask(_ context.Context, first study.TrialID, _ int) ([]study.Suggestion, error) {
	if s.waits {
		return nil, nil
	}
	return []study.Suggestion{{ID: first}}, nil
}

func (serial) Tell(context.Context, ...study.Trial) error { return nil }
