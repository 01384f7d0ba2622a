package optimizers_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/random"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

func TestRunWarmStartsFirst(t *testing.T) {
	p := problemOf(t, 1)
	o, _ := random.New(p, random.Settings{})
	ledger := &optimizers.Memory{}
	var heard []study.Trial
	result, err := optimizers.Run(context.Background(), p, o, repeated(parabola, 1), optimizers.Options{
		WarmStarts: []space.Config{plain(0.5), plain(0.25), {"x": space.Float(0.5), "kind": space.String("plain")}},
		Ledger:     ledger, Trials: 5,
		OnTrial: func(t study.Trial) { heard = append(heard, t) },
	})
	if err != nil {
		t.Fatal(err)
	}
	log := events(t, ledger)
	if !reflect.DeepEqual(heard, log) || len(log) != 10 {
		t.Errorf("OnTrial heard %d events, the log has %d", len(heard), len(log))
	}
	for i, trial := range log {
		id, status := study.TrialID(i/2+1), study.Status(i%2)
		origin := random.Origin
		if id <= 2 {
			origin = optimizers.OriginWarmStart
		}
		if trial.ID != id || trial.Status != status || trial.Origin != origin || trial.Seed != p.TrialSeed(id) {
			t.Errorf("event %d is trial %d, %v, %s, seed %d", i+1, trial.ID, trial.Status, trial.Origin, trial.Seed)
		}
	}
	if !log[0].Config.Equal(plain(0.5)) || !log[2].Config.Equal(plain(0.25)) {
		t.Errorf("warm starts are %v and %v", log[0].Config, log[2].Config)
	}
	if result.Finished != 5 || result.WarmStarted != 2 || result.End != optimizers.EndTrials || len(result.Trials) != 5 {
		t.Errorf("result %+v", result)
	}
	if result.Incumbent == nil || result.Incumbent.ID != 2 || len(result.Incumbent.Losses) != 1 {
		t.Errorf("incumbent %+v, want trial 2, whose x is the optimum", result.Incumbent)
	}
}

// TestRunUsesAllSlots lets no evaluation end before all slots are busy.
func TestRunUsesAllSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := problemOf(t, 2)
		var mu sync.Mutex
		running, most := 0, 0
		slow := func(ctx context.Context, s study.Suggestion, report func(study.Observation) error) (study.Trial, error) {
			mu.Lock()
			running++
			most = max(most, running)
			mu.Unlock()
			time.Sleep(time.Duration(1+s.Seed%50) * time.Second)
			mu.Lock()
			running--
			mu.Unlock()
			return parabola(ctx, s, report)
		}
		result, err := optimizers.Run(t.Context(), p, newAdaptive(p), repeated(slow, 8), optimizers.Options{Trials: 100})
		if err != nil || result.Finished != 100 {
			t.Fatalf("%d trials, %v", result.Finished, err)
		}
		if most != 8 {
			t.Errorf("at most %d of 8 slots were busy at once", most)
		}
	})
}

// TestReplayIsExact is the property that restarts rest on: from the log of a run with many slots and results in
// random order, a fresh optimizer that is told every prefix proposes what was proposed.
func TestReplayIsExact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := problemOf(t, 3)
		delays := rand.New(rand.NewPCG(1, 2))
		var mu sync.Mutex
		slow := func(ctx context.Context, s study.Suggestion, report func(study.Observation) error) (study.Trial, error) {
			mu.Lock()
			d := delays.ExpFloat64()
			mu.Unlock()
			time.Sleep(time.Duration(d * float64(time.Second)))
			if s.ID%7 == 0 {
				return study.Trial{Status: study.Failed, Reason: "every seventh"}, nil
			}
			return parabola(ctx, s, report)
		}
		ledger := &optimizers.Memory{}
		_, err := optimizers.Run(t.Context(), p, newAdaptive(p), repeated(slow, 5), optimizers.Options{
			Ledger: ledger, Trials: 60, WarmStarts: []space.Config{plain(0), plain(1)},
		})
		if err != nil {
			t.Fatal(err)
		}
		log, replayed := events(t, ledger), 0
		for i, trial := range log {
			if trial.Status != study.Pending || trial.Origin == optimizers.OriginWarmStart {
				continue
			}
			fresh := newAdaptive(p)
			if err := fresh.Tell(t.Context(), log[:i]...); err != nil {
				t.Fatal(err)
			}
			got, err := fresh.Ask(t.Context(), trial.ID, 1)
			if err != nil || !reflect.DeepEqual(got[0].Config, trial.Config) {
				t.Fatalf("trial %d: %v, %v; was %v", trial.ID, got, err, trial.Config)
			}
			replayed++
		}
		if replayed != 58 {
			t.Errorf("%d proposals replayed", replayed)
		}
	})
}

// TestDeterministic runs eight slots with random delays: in a deterministic run, delays change nothing.
func TestDeterministic(t *testing.T) {
	p := problemOf(t, 4)
	run := func(delaySeed uint64, deterministic bool) []study.Trial {
		ledger := &optimizers.Memory{}
		synctest.Test(t, func(t *testing.T) {
			slow := func(ctx context.Context, s study.Suggestion, report func(study.Observation) error) (study.Trial, error) {
				time.Sleep(time.Duration(rand.New(rand.NewPCG(delaySeed, s.Seed)).Int64N(int64(time.Minute))))
				return parabola(ctx, s, report)
			}
			if _, err := optimizers.Run(t.Context(), p, newAdaptive(p), repeated(slow, 8), optimizers.Options{
				Ledger: ledger, Trials: 50, Deterministic: deterministic, WarmStarts: []space.Config{plain(0)},
			}); err != nil {
				t.Fatal(err)
			}
		})
		return events(t, ledger)
	}
	first := run(1, true)
	for seed := range uint64(5) {
		if !reflect.DeepEqual(run(seed+2, true), first) {
			t.Fatal("another order of results gives another log")
		}
	}
	if reflect.DeepEqual(run(1, false), run(2, false)) {
		t.Error("the delays do not even change a run that is not deterministic: the test tests nothing")
	}
}

func TestRunStopsAtTarget(t *testing.T) {
	p := problemOf(t, 5)
	p.Objectives[0].Maximize = true
	for _, target := range []float64{1.9, 2} { // beyond it, or just as good
		stopsAtTarget(t, p, target)
	}
}

func stopsAtTarget(t *testing.T, p study.Problem, target float64) {
	t.Helper()
	n := 0
	rising := func(_ context.Context, s study.Suggestion, _ func(study.Observation) error) (study.Trial, error) {
		n++
		return complete(float64(n) / 2), nil
	}
	ledger := &optimizers.Memory{}
	opt := optimizers.Options{Target: &target, Ledger: ledger}
	result, err := optimizers.Run(context.Background(), p, newAdaptive(p), repeated(rising, 1), opt)
	if err != nil || result.End != optimizers.EndTarget || result.Finished != 4 || result.Incumbent.Losses[0] != -2 {
		t.Errorf("result %+v, %v; want 4 trials to a value of 2", result, err)
	}
	again, err := optimizers.Run(context.Background(), p, newAdaptive(p), repeated(rising, 1), opt)
	if err != nil || again.End != optimizers.EndTarget || again.Finished != 4 || n != 4 {
		t.Errorf("run again: %+v, %v, %d evaluations", again, err, n)
	}
}

// TestTargetIsOfFullEvaluations checks that a cheap evaluation, however good, does not end the study.
func TestTargetIsOfFullEvaluations(t *testing.T) {
	p := problemOf(t, 13)
	p.Fidelities = []study.Range{{Name: "epochs", Low: 1, High: 9}}
	rungs := &scripted{ask: func(first study.TrialID) ([]study.Suggestion, error) {
		return []study.Suggestion{{ID: first, Config: plain(0.25), Fidelity: study.Fidelity{"epochs": float64(2*first + 1)}}}, nil
	}}
	target := 1.0
	result, err := optimizers.Run(context.Background(), p, rungs, repeated(parabola, 1), optimizers.Options{Target: &target})
	if err != nil || result.Finished != 4 || result.Incumbent.ID != 4 {
		t.Errorf("%+v, %v; want the fourth trial, the first at 9 epochs, to end it", result, err)
	}
}

// TestRunStopsInTime checks that nothing begins after the time is up, that a running trial that reports is stopped and
// pruned, and that one that does not report is waited for.
func TestRunStopsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := problemOf(t, 6)
		steps := func(_ context.Context, s study.Suggestion, report func(study.Observation) error) (study.Trial, error) {
			if s.ID == 1 {
				time.Sleep(time.Hour)
				return complete(1), nil
			}
			for step := 1; ; step++ {
				time.Sleep(time.Second)
				o := study.Observation{Step: step, Steps: 1000, Metrics: map[string]float64{"loss": 1 / float64(step)}}
				if err := report(o); err != nil {
					if err != optimizers.ErrStop {
						t.Errorf("report: %v", err)
					}
					return study.Trial{Status: study.Complete}, nil
				}
			}
		}
		begun := time.Now()
		result, err := optimizers.Run(t.Context(), p, newAdaptive(p), repeated(steps, 2), optimizers.Options{Time: 10*time.Second + time.Millisecond})
		if err != nil || result.End != optimizers.EndTime || result.Finished != 2 || time.Since(begun) != time.Hour {
			t.Fatalf("after %v: %+v, %v", time.Since(begun), result, err)
		}
		stopped := result.Trials[1]
		if stopped.Status != study.Pruned || len(stopped.Observations) != 11 || stopped.Losses[0] != 1.0/11 {
			t.Errorf("the trial that reports each second is %v after %d observations with losses %v", stopped.Status, len(stopped.Observations), stopped.Losses)
		}
		if result.Trials[0].Status != study.Complete {
			t.Errorf("the trial that does not report is %v", result.Trials[0].Status)
		}
	})
}

// TestCutWarmStartBeginsAnew has the time be up while the second of two warm starts runs, and while a configuration of
// the advice does: both begin anew when the study goes on. One that the optimizer has stopped does not.
func TestCutWarmStartBeginsAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := problemOf(t, 6)
		ten := func(_ context.Context, s study.Suggestion, report func(study.Observation) error) (study.Trial, error) {
			for step := 1; step <= 10; step++ {
				time.Sleep(time.Second)
				o := study.Observation{Step: step, Steps: 10, Metrics: map[string]float64{"loss": s.Config["x"].Float()}}
				if err := report(o); err != nil {
					break
				}
			}
			return study.Trial{Status: study.Complete}, nil
		}
		picky := &stopping{scripted{
			ask: func(first study.TrialID) ([]study.Suggestion, error) {
				return []study.Suggestion{{ID: first, Config: plain(1)}}, nil
			},
			observe: func(_ study.TrialID, o study.Observation) (bool, error) {
				return o.Step == 5 && o.Metrics["loss"] == 0, nil
			},
		}}
		ledger := &optimizers.Memory{}
		run := func(time time.Duration) optimizers.Result {
			result, err := optimizers.Run(t.Context(), p, picky, repeated(ten, 1), optimizers.Options{
				WarmStarts: []space.Config{plain(0), plain(0.1)}, Advice: list{plain(0.2)}, Ledger: ledger, Time: time})
			if err != nil {
				t.Fatal(err)
			}
			return result
		}
		run(8500 * time.Millisecond)            // the optimizer stops the first, the end the second
		run(15500 * time.Millisecond)           // the second is complete, the end stops the advice
		result := run(15500 * time.Millisecond) // the advice is complete, the end stops a proposal
		run(500 * time.Millisecond)
		for i, want := range []struct {
			x      float64
			status study.Status
			cut    bool
		}{{0, study.Pruned, false}, {0.1, study.Pruned, true}, {0.1, study.Complete, false}, {0.2, study.Pruned, true},
			{0.2, study.Complete, false}, {1, study.Pruned, true}} {
			if i >= len(result.Trials) {
				t.Fatalf("%d trials", len(result.Trials))
			}
			if got := result.Trials[i]; !got.Config.Equal(plain(want.x)) || got.Status != want.status || optimizers.CutOff(got) != want.cut {
				t.Errorf("trial %d: %v %v, cut off: %v; want %+v", got.ID, got.Config, got.Status, optimizers.CutOff(got), want)
			}
		}
	})
}

// list is an Advice that gives its configurations in turn.
type list []space.Config

func (l list) Next(trials []study.Trial) (space.Config, bool) {
	for _, c := range l {
		if !slices.ContainsFunc(trials, func(t study.Trial) bool { return t.Config.Equal(c) && !optimizers.CutOff(t) }) {
			return c, true
		}
	}
	return nil, false
}

func TestRunEndsWithAnExhaustedOptimizer(t *testing.T) {
	p := problemOf(t, 7)
	asked := 0
	grid := &scripted{ask: func(first study.TrialID) ([]study.Suggestion, error) {
		asked++
		if first > 3 {
			return nil, fmt.Errorf("all points are taken: %w", optimizers.ErrExhausted)
		}
		return []study.Suggestion{{ID: first, Config: plain(float64(first) / 4)}}, nil
	}}
	result, err := optimizers.Run(context.Background(), p, grid, repeated(parabola, 2), optimizers.Options{})
	if err != nil || result.End != optimizers.EndExhausted || result.Finished != 3 || asked != 4 {
		t.Errorf("result %+v, %v after %d calls of Ask", result, err, asked)
	}
	if o := result.Trials[0].Origin; o != optimizers.OriginOptimizer {
		t.Errorf("origin %q", o)
	}
}

// TestRunWaits checks that an optimizer that waits is asked again only after it was told something, and that one that
// waits for nothing is found out.
func TestRunWaits(t *testing.T) {
	p := problemOf(t, 8)
	finished, refused := 0, false
	generations := &scripted{tell: func(t study.Trial) error {
		refused = false
		if t.Status.Final() {
			finished++
		}
		return nil
	}}
	generations.ask = func(first study.TrialID) ([]study.Suggestion, error) {
		if refused {
			t.Error("asked again without having been told anything")
		}
		if (first-1)%4 == 0 && finished < int(first-1) {
			refused = true
			return nil, nil
		}
		return []study.Suggestion{{ID: first, Config: plain(0)}}, nil
	}
	faults := 0
	flaky := func(ctx context.Context, s study.Suggestion, report func(study.Observation) error) (study.Trial, error) {
		if s.ID == 8 && faults == 0 {
			faults++
			time.Sleep(time.Second) // until the optimizer waits for this trial alone
			return study.Trial{}, errBroken
		}
		return parabola(ctx, s, report)
	}
	synctest.Test(t, func(t *testing.T) {
		result, err := optimizers.Run(t.Context(), p, generations, repeated(flaky, 3), optimizers.Options{Trials: 12})
		if err != nil || result.Finished != 12 || faults != 1 {
			t.Fatalf("%d trials, %d faults, %v", result.Finished, faults, err)
		}
	})
	stuck := &scripted{ask: func(study.TrialID) ([]study.Suggestion, error) { return nil, nil }}
	if _, err := optimizers.Run(context.Background(), p, stuck, repeated(parabola, 1), optimizers.Options{Trials: 1}); !errors.Is(err, optimizers.ErrContract) {
		t.Errorf("an optimizer that waits for nothing: error %v", err)
	}
}

func TestRunStopsTrials(t *testing.T) {
	p := problemOf(t, 9)
	rule := &stopping{}
	rule.ask = func(first study.TrialID) ([]study.Suggestion, error) {
		return []study.Suggestion{{ID: first, Config: plain(0)}}, nil
	}
	// The second trial is stopped at step 3 of 5, the third at its last step.
	rule.observe = func(id study.TrialID, o study.Observation) (bool, error) {
		return id == 2 && o.Step == 3 || id == 3 && o.Step == 5, nil
	}
	steps := func(_ context.Context, s study.Suggestion, report func(study.Observation) error) (study.Trial, error) {
		trial := study.Trial{Status: study.Complete}
		for step := 1; step <= 5; step++ {
			o := study.Observation{Step: step, Steps: 5, Metrics: map[string]float64{"loss": float64(10 * step), "other": math.NaN()}}
			trial.Observations = append(trial.Observations, o)
			if err := report(o); errors.Is(err, optimizers.ErrStop) {
				break
			} else if err != nil {
				return study.Trial{}, err
			}
		}
		return trial, nil
	}
	result, err := optimizers.Run(context.Background(), p, rule, repeated(steps, 2), optimizers.Options{Trials: 3})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		status study.Status
		loss   float64
	}{{study.Complete, 50}, {study.Pruned, 30}, {study.Complete, 50}} {
		trial := result.Trials[i]
		if trial.Status != want.status || len(trial.Losses) != 1 || trial.Losses[0] != want.loss {
			t.Errorf("trial %d is %v with losses %v, want %v with %v", i+1, trial.Status, trial.Losses, want.status, want.loss)
		}
		if _, ok := trial.Observations[0].Metrics["other"]; ok {
			t.Error("a metric that is NaN is in the log")
		}
	}
	if result.Incumbent.ID != 1 {
		t.Errorf("incumbent %d: a pruned trial cannot be it", result.Incumbent.ID)
	}

	broken := errors.New("out of order")
	rule.observe = func(study.TrialID, study.Observation) (bool, error) { return false, broken }
	if _, err := optimizers.Run(context.Background(), p, rule, repeated(steps, 2), optimizers.Options{Trials: 3}); !errors.Is(err, broken) {
		t.Errorf("error of Observe: %v", err)
	}
}

// TestLosses lists what becomes of what an evaluator returns.
func TestLosses(t *testing.T) {
	metrics := func(m map[string]float64) []study.Observation {
		return []study.Observation{{Metrics: map[string]float64{"loss": 9, "auc": 9}}, {Metrics: m}}
	}
	for _, tc := range []struct {
		name   string
		in     study.Trial
		status study.Status
		losses []float64
		reason string
	}{
		{"complete", study.Trial{Status: study.Complete, Observations: metrics(map[string]float64{"loss": 1, "auc": 0.75})}, study.Complete, []float64{1, -0.75}, ""},
		{"losses of its own", study.Trial{Status: study.Complete, Losses: []float64{7}, Observations: metrics(map[string]float64{"loss": 1, "auc": 0.75})}, study.Complete, []float64{1, -0.75}, ""},
		{"pruned", study.Trial{Status: study.Pruned, Observations: metrics(map[string]float64{"loss": 1, "auc": 0})}, study.Pruned, []float64{1, 0}, ""},
		{"metric missing", study.Trial{Status: study.Complete, Observations: metrics(map[string]float64{"loss": 1})}, study.Failed, nil, `"auc"`},
		{"NaN", study.Trial{Status: study.Complete, Observations: metrics(map[string]float64{"loss": math.NaN(), "auc": 1})}, study.Failed, nil, `"loss"`},
		{"infinite", study.Trial{Status: study.Pruned, Observations: metrics(map[string]float64{"loss": 1, "auc": math.Inf(1)})}, study.Failed, nil, `"auc"`},
		{"no observation", study.Trial{Status: study.Complete}, study.Failed, nil, `"loss"`},
		{"failed", study.Trial{Status: study.Failed, Reason: "singular", Losses: []float64{1, 1}}, study.Failed, nil, "singular"},
		{"timed out", study.Trial{Status: study.TimedOut, Observations: metrics(map[string]float64{"loss": 1, "auc": 1})}, study.TimedOut, nil, ""},
		{"out of memory", study.Trial{Status: study.OutOfMemory}, study.OutOfMemory, nil, ""},
		{"another's trial", study.Trial{Suggestion: study.Suggestion{ID: 77}, Status: study.Failed}, study.Failed, nil, ""},
	} {
		p := problemOf(t, 10)
		p.Objectives = append(p.Objectives, study.Objective{Metric: "auc", Maximize: true})
		fixed := func(context.Context, study.Suggestion, func(study.Observation) error) (study.Trial, error) {
			return tc.in, nil
		}
		result, err := optimizers.Run(context.Background(), p, newAdaptive(p), repeated(fixed, 1), optimizers.Options{Trials: 1})
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		got := result.Trials[0]
		if got.Status != tc.status || !reflect.DeepEqual(got.Losses, tc.losses) || !strings.Contains(got.Reason, tc.reason) || got.ID != 1 {
			t.Errorf("%s: trial %d %v, losses %v, reason %q", tc.name, got.ID, got.Status, got.Losses, got.Reason)
		}
	}
}

func TestRunRefusesBadOptions(t *testing.T) {
	p := problemOf(t, 11)
	nan := math.NaN()
	for name, run := range map[string]func() (optimizers.Result, error){
		"no slots": func() (optimizers.Result, error) {
			return optimizers.Run(context.Background(), p, newAdaptive(p), nil, optimizers.Options{})
		},
		"no objective": func() (optimizers.Result, error) {
			return optimizers.Run(context.Background(), study.Problem{Space: p.Space}, newAdaptive(p), repeated(parabola, 1), optimizers.Options{})
		},
		"negative trials": func() (optimizers.Result, error) {
			return optimizers.Run(context.Background(), p, newAdaptive(p), repeated(parabola, 1), optimizers.Options{Trials: -1})
		},
		"NaN target": func() (optimizers.Result, error) {
			return optimizers.Run(context.Background(), p, newAdaptive(p), repeated(parabola, 1), optimizers.Options{Target: &nan})
		},
		"warm start 2: ": func() (optimizers.Result, error) {
			return optimizers.Run(context.Background(), p, newAdaptive(p), repeated(parabola, 1), optimizers.Options{Trials: 1, WarmStarts: []space.Config{plain(0), {"y": space.Int(1)}}})
		},
		"prior for an optimizer that takes none": func() (optimizers.Result, error) {
			return optimizers.Run(context.Background(), p, newAdaptive(p), repeated(parabola, 1), optimizers.Options{Trials: 1, Prior: &study.Prior{}})
		},
	} {
		result, err := run()
		if err == nil || len(result.Trials) != 0 {
			t.Errorf("%s: %+v, %v", name, result, err)
		}
		if err != nil && strings.HasPrefix(name, "warm start") && !strings.HasPrefix(err.Error(), name) {
			t.Errorf("%v does not name %s", err, name)
		}
	}
}

// primed is an optimizer that takes a prior.
type primed struct {
	scripted
	prior *study.Prior
	err   error
}

func (p *primed) Prime(_ context.Context, prior study.Prior) error {
	p.prior = &prior
	return p.err
}

func TestRunPrimes(t *testing.T) {
	p := problemOf(t, 12)
	prior := study.Prior{Densities: []study.Density{{Parameter: "x", Weights: []float64{1, 2}}}}
	o := &primed{}
	o.ask = func(first study.TrialID) ([]study.Suggestion, error) {
		if o.prior == nil {
			t.Error("asked before it was primed")
		}
		return []study.Suggestion{{ID: first, Config: plain(0)}}, nil
	}
	if _, err := optimizers.Run(context.Background(), p, o, repeated(parabola, 1), optimizers.Options{Trials: 1, Prior: &prior}); err != nil || !reflect.DeepEqual(*o.prior, prior) {
		t.Errorf("primed with %+v, %v", o.prior, err)
	}
	o.err = errors.New("bad prior")
	if _, err := optimizers.Run(context.Background(), p, o, repeated(parabola, 1), optimizers.Options{Trials: 1, Prior: &prior}); !errors.Is(err, o.err) {
		t.Errorf("error %v", err)
	}
}
