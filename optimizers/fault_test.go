package optimizers_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

var errBroken = errors.New("the process died")

// TestFaultIsRetriedOnce lets trial 2 fail once and trial 4 twice.
func TestFaultIsRetriedOnce(t *testing.T) {
	p := problemOf(t, 1)
	faults := map[study.TrialID]int{2: 1, 4: 2}
	flaky := func(ctx context.Context, s study.Suggestion, report func(study.Observation) error) (study.Trial, error) {
		if faults[s.ID]--; faults[s.ID] >= 0 {
			return study.Trial{}, errBroken
		}
		return parabola(ctx, s, report)
	}
	ledger := &optimizers.Memory{}
	result, err := optimizers.Run(context.Background(), p, newAdaptive(p), repeated(flaky, 1), optimizers.Options{Trials: 6, Ledger: ledger})
	if err != nil || result.Finished != 6 {
		t.Fatalf("%+v, %v", result, err)
	}
	for i, trial := range result.Trials {
		want := study.Complete
		if i+1 == 4 {
			want = study.Crashed
		}
		if trial.Status != want {
			t.Errorf("trial %d is %v, want %v", trial.ID, trial.Status, want)
		}
	}
	if crashed := result.Trials[3]; crashed.Reason != errBroken.Error() || crashed.Losses != nil {
		t.Errorf("trial 4 crashed with reason %q and losses %v", crashed.Reason, crashed.Losses)
	}
	if n := len(events(t, ledger)); n != 12 {
		t.Errorf("%d events for 6 trials: a retry must not begin a trial twice", n)
	}
}

// TestBrokenSlotIsLeftOut gives one of two slots an evaluator that always fails: no trial may be lost to it.
func TestBrokenSlotIsLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := problemOf(t, 2)
		var tries atomic.Int32
		broken := evaluator(func(context.Context, study.Suggestion, func(study.Observation) error) (study.Trial, error) {
			tries.Add(1)
			return study.Trial{}, errBroken
		})
		working := evaluator(func(ctx context.Context, s study.Suggestion, report func(study.Observation) error) (study.Trial, error) {
			time.Sleep(time.Second)
			return parabola(ctx, s, report)
		})
		result, err := optimizers.Run(t.Context(), p, newAdaptive(p), []optimizers.Evaluator{broken, working}, optimizers.Options{Trials: 20})
		if err != nil || result.Finished != 20 {
			t.Fatalf("%d trials, %v", result.Finished, err)
		}
		if tries.Load() != 3 {
			t.Errorf("the broken slot was used %d times", tries.Load())
		}
	})
}

// TestNoSlotsLeft checks that broken evaluators end the run instead of using up the budget, and that the trial left
// pending runs when the study is resumed.
func TestNoSlotsLeft(t *testing.T) {
	p := problemOf(t, 3)
	ledger := &optimizers.Memory{}
	broken := func(context.Context, study.Suggestion, func(study.Observation) error) (study.Trial, error) {
		return study.Trial{Status: study.Pending}, nil // which no evaluator may return
	}
	result, err := optimizers.Run(context.Background(), p, newAdaptive(p), repeated(broken, 1), optimizers.Options{Trials: 20, Ledger: ledger})
	if !errors.Is(err, optimizers.ErrNoSlots) || !errors.Is(err, optimizers.ErrContract) || result.Finished != 1 || len(result.Trials) != 2 {
		t.Fatalf("%+v, %v", result, err)
	}
	result, err = optimizers.Run(context.Background(), p, newAdaptive(p), repeated(parabola, 1), optimizers.Options{Trials: 20, Ledger: ledger})
	if err != nil || result.Finished != 20 || result.Trials[1].Status != study.Complete {
		t.Errorf("resumed: %+v, %v", result, err)
	}
}

// TestKilledAnywhere kills a run with one slot before each of its events in turn, and resumes it with a fresh
// optimizer until it is through: the log is that of the run that was never killed, and no warm start is lost or
// evaluated again after it ended.
func TestKilledAnywhere(t *testing.T) {
	p := problemOf(t, 4)
	opt := optimizers.Options{Trials: 12, WarmStarts: []space.Config{plain(0), plain(0.5), plain(-0.5)}}
	whole := &optimizers.Memory{}
	opt.Ledger = whole
	if _, err := optimizers.Run(context.Background(), p, newAdaptive(p), repeated(parabola, 1), opt); err != nil {
		t.Fatal(err)
	}
	want := events(t, whole)
	for every := 1; every <= len(want); every++ {
		ledger := &mortal{}
		opt.Ledger = ledger
		var ended counter
		slots := repeated(ended.count(parabola), 1)
		for {
			ledger.n = every
			_, err := optimizers.Run(context.Background(), p, newAdaptive(p), slots, opt)
			if err == nil {
				break
			}
			if !errors.Is(err, errKilled) {
				t.Fatal(err)
			}
		}
		if got := events(t, ledger); !reflect.DeepEqual(got, want) {
			t.Fatalf("killed after every %d events, the log differs", every)
		}
		// With one event between kills, each result is lost once before it is written.
		for id, n := range ended.ended {
			if n > 2 || every > 1 && every%2 == 0 && n > 1 {
				t.Errorf("killed after every %d events: trial %d ended %d times", every, id, n)
			}
		}
	}
}

// TestKilledConcurrently kills runs with eight slots again and again. Which trials are proposed may differ, but every
// warm start is evaluated exactly once, every trial ends exactly once in the log, and the budget is kept.
func TestKilledConcurrently(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := problemOf(t, 5)
		var warm []space.Config
		for i := range 20 {
			warm = append(warm, plain(float64(i)/20))
		}
		slow := func(ctx context.Context, s study.Suggestion, report func(study.Observation) error) (study.Trial, error) {
			select {
			case <-time.After(time.Duration(1+s.Seed%10) * time.Second):
				return parabola(ctx, s, report)
			case <-ctx.Done():
				return study.Trial{}, ctx.Err()
			}
		}
		ledger := &mortal{}
		kills := 0
		for n := 1; ; n++ {
			ledger.n = n % 17
			result, err := optimizers.Run(t.Context(), p, newAdaptive(p), repeated(slow, 8), optimizers.Options{Ledger: ledger, Trials: 60, WarmStarts: warm})
			if err == nil {
				if result.Finished != 60 || result.WarmStarted != 20 {
					t.Errorf("%d trials, %d warm starts", result.Finished, result.WarmStarted)
				}
				break
			}
			kills++
		}
		begun, ended := map[study.TrialID]int{}, map[study.TrialID]int{}
		for _, trial := range events(t, ledger) {
			if trial.Status.Final() {
				ended[trial.ID]++
				continue
			}
			begun[trial.ID]++
			if id := int(trial.ID); id <= 20 && !trial.Config.Equal(warm[id-1]) {
				t.Errorf("trial %d is not warm start %d", id, id)
			}
		}
		for id := study.TrialID(1); id <= 60; id++ {
			if begun[id] != 1 || ended[id] != 1 {
				t.Errorf("trial %d began %d times and ended %d times", id, begun[id], ended[id])
			}
		}
		if kills < 10 {
			t.Errorf("only %d kills", kills)
		}
	})
}

// TestCancel checks that a cancelled run waits for its evaluations, keeps what is complete, leaves the rest pending
// and leaks nothing; synctest fails if a goroutine stays.
func TestCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := problemOf(t, 6)
		obedient := evaluator(func(ctx context.Context, _ study.Suggestion, _ func(study.Observation) error) (study.Trial, error) {
			<-ctx.Done()
			return study.Trial{}, ctx.Err()
		})
		diligent := evaluator(func(ctx context.Context, _ study.Suggestion, report func(study.Observation) error) (study.Trial, error) {
			<-ctx.Done()
			time.Sleep(time.Second)
			if err := report(study.Observation{Metrics: map[string]float64{"loss": 3}}); err == nil {
				t.Error("report of a cancelled evaluation has no error")
			}
			return study.Trial{Status: study.Complete}, nil
		})
		confused := evaluator(func(ctx context.Context, _ study.Suggestion, _ func(study.Observation) error) (study.Trial, error) {
			<-ctx.Done()
			return study.Trial{Status: study.Failed, Reason: "killed by a signal"}, nil
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		ledger := &optimizers.Memory{}
		rule := &stopping{}
		rule.ask = func(first study.TrialID) ([]study.Suggestion, error) {
			return []study.Suggestion{{ID: first, Config: plain(0)}}, nil
		}
		rule.observe = func(study.TrialID, study.Observation) (bool, error) { return false, nil }
		result, err := optimizers.Run(ctx, p, rule, []optimizers.Evaluator{obedient, diligent, confused}, optimizers.Options{Ledger: ledger})
		if !errors.Is(err, context.DeadlineExceeded) || result.End != "" {
			t.Errorf("%+v, %v", result, err)
		}
		for i, want := range []study.Status{study.Pending, study.Complete, study.Pending} {
			if got := result.Trials[i].Status; got != want {
				t.Errorf("trial %d is %v, want %v", i+1, got, want)
			}
		}
		if log := events(t, ledger); len(log) != 4 || log[3].ID != 2 || log[3].Losses[0] != 3 {
			t.Errorf("log %+v", log)
		}
		cancelled, stop := context.WithCancel(t.Context())
		stop()
		if result, err := optimizers.Run(cancelled, p, rule, repeated(parabola, 1), optimizers.Options{}); !errors.Is(err, context.Canceled) || len(result.Trials) != 0 {
			t.Errorf("cancelled before it began: %+v, %v", result, err)
		}
	})
}

// TestCancelDuringRetry cancels a run while trial 1 is evaluated for the second time and the loop is busy with trial
// 2: that trial 1 fails then is no fault of its own, whichever of the two the loop notices first.
func TestCancelDuringRetry(t *testing.T) {
	for range 30 {
		synctest.Test(t, func(t *testing.T) {
			p := problemOf(t, 12)
			ctx, cancel := context.WithCancel(t.Context())
			rule := &stopping{}
			rule.ask = func(first study.TrialID) ([]study.Suggestion, error) {
				return []study.Suggestion{{ID: first, Config: plain(0)}}, nil
			}
			rule.observe = func(study.TrialID, study.Observation) (bool, error) {
				time.Sleep(2 * time.Second)
				return false, nil
			}
			attempts := 0
			evaluate := func(ctx context.Context, s study.Suggestion, report func(study.Observation) error) (study.Trial, error) {
				if s.ID == 2 {
					time.Sleep(time.Second)
					return study.Trial{Status: study.Failed}, report(study.Observation{})
				}
				if attempts++; attempts == 2 {
					time.Sleep(2 * time.Second)
					cancel()
				}
				return study.Trial{}, errBroken
			}
			result, err := optimizers.Run(ctx, p, rule, repeated(evaluate, 2), optimizers.Options{Trials: 2})
			if !errors.Is(err, context.Canceled) || result.Trials[0].Status != study.Pending || attempts != 2 {
				t.Fatalf("after %d attempts: %+v, %v", attempts, result, err)
			}
		})
	}
}

// TestCancelDeterministic checks that a cancelled deterministic run logs nothing out of order, and is resumed as if
// it had never stopped.
func TestCancelDeterministic(t *testing.T) {
	p := problemOf(t, 7)
	run := func(breaks bool) []study.Trial {
		ledger := &optimizers.Memory{}
		synctest.Test(t, func(t *testing.T) {
			slow := func(ctx context.Context, s study.Suggestion, report func(study.Observation) error) (study.Trial, error) {
				select {
				case <-time.After(time.Duration(1+s.Seed%60) * time.Second):
					return parabola(ctx, s, report)
				case <-ctx.Done():
					return parabola(ctx, s, report)
				}
			}
			for {
				ctx, cancel := context.WithCancel(t.Context())
				if breaks {
					ctx, cancel = context.WithTimeout(t.Context(), 100*time.Second)
				}
				_, err := optimizers.Run(ctx, p, newAdaptive(p), repeated(slow, 4), optimizers.Options{Ledger: ledger, Trials: 40, Deterministic: true})
				cancel()
				if err == nil {
					return
				}
			}
		})
		return events(t, ledger)
	}
	if !reflect.DeepEqual(run(true), run(false)) {
		t.Error("cancelling and resuming changes the log")
	}
}

// TestOptimizerErrors checks that an optimizer's errors end the run, after results that are in are in the log.
func TestOptimizerErrors(t *testing.T) {
	p := problemOf(t, 8)
	broken := errors.New("singular matrix")
	ask := func(first study.TrialID) ([]study.Suggestion, error) {
		if first == 3 {
			return nil, broken
		}
		return []study.Suggestion{{ID: first, Config: plain(0)}}, nil
	}
	result, err := optimizers.Run(context.Background(), p, &scripted{ask: ask}, repeated(parabola, 2), optimizers.Options{Trials: 5})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "trial 3") || len(result.Trials) != 2 || result.Finished != 2 {
		t.Errorf("error of Ask: %v; result %+v", err, result)
	}
	tell := func(trial study.Trial) error {
		if trial.ID == 2 && trial.Status.Final() {
			return broken
		}
		return nil
	}
	result, err = optimizers.Run(context.Background(), p, &scripted{ask: ask, tell: tell}, repeated(parabola, 1), optimizers.Options{Trials: 5})
	if !errors.Is(err, broken) || result.Finished != 2 {
		t.Errorf("error of Tell: %v; result %+v", err, result)
	}
}

// TestStaleOwner checks that a run whose ledger another owner has taken stops and writes nothing more, and that the
// optimizer hears only of what is in the log.
func TestStaleOwner(t *testing.T) {
	p := problemOf(t, 9)
	for after := range 12 {
		ledger := &stale{after: after}
		o := &scripted{ask: func(first study.TrialID) ([]study.Suggestion, error) {
			return []study.Suggestion{{ID: first, Config: plain(0)}}, nil
		}}
		_, err := optimizers.Run(context.Background(), p, o, repeated(parabola, 3), optimizers.Options{Ledger: ledger})
		if !errors.Is(err, optimizers.ErrStaleOwner) || ledger.refused != 1 {
			t.Errorf("error %v, %d refused writes", err, ledger.refused)
		}
		if log := events(t, ledger); len(o.told) != after || len(log) != after {
			t.Errorf("%d events told, %d in the log, %d accepted", len(o.told), len(log), after)
		}
	}
}

// stale refuses all but the first events.
type stale struct {
	optimizers.Memory
	after, refused int
}

func (s *stale) Append(ctx context.Context, events ...optimizers.Event) error {
	if s.after--; s.after < 0 {
		s.refused++
		return optimizers.ErrStaleOwner
	}
	return s.Memory.Append(ctx, events...)
}

// TestForeignLogs lists logs that are not those of a study of this problem.
func TestForeignLogs(t *testing.T) {
	p := problemOf(t, 10)
	begin := func(id study.TrialID) study.Trial {
		return study.Trial{Suggestion: study.Suggestion{ID: id, Config: plain(0)}}
	}
	end := func(id study.TrialID) study.Trial {
		trial := begin(id)
		trial.Status, trial.Losses = study.Complete, []float64{0}
		return trial
	}
	foreign := begin(1)
	foreign.Config = space.Config{"z": space.Int(1)}
	for name, tc := range map[string]struct {
		log  []study.Trial
		want string
	}{
		"ends first":     {[]study.Trial{end(1)}, "event 1: trial 1 ends without having begun"},
		"ends twice":     {[]study.Trial{begin(1), end(1), end(1)}, "event 3: trial 1 ends"},
		"begins twice":   {[]study.Trial{begin(1), begin(1)}, "event 2: trial 1 begins after trial 1"},
		"gap":            {[]study.Trial{begin(1), begin(3)}, "trial 3 begins after trial 1"},
		"no number":      {[]study.Trial{begin(0)}, "trial 0"},
		"ends, unknown":  {[]study.Trial{begin(1), end(0)}, "trial 0 ends"},
		"huge number":    {[]study.Trial{begin(1), end(1<<63 + 5)}, "ends without having begun"},
		"foreign config": {[]study.Trial{foreign}, `"x" is missing`},
	} {
		ledger := &optimizers.Memory{}
		for _, trial := range tc.log {
			if err := ledger.Append(context.Background(), optimizers.Event{Trial: trial}); err != nil {
				t.Fatal(err)
			}
		}
		_, err := optimizers.Run(context.Background(), p, newAdaptive(p), repeated(parabola, 1), optimizers.Options{Ledger: ledger})
		if !errors.Is(err, optimizers.ErrLog) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestUnreadableLog(t *testing.T) {
	p := problemOf(t, 11)
	ledger := &optimizers.Memory{}
	if err := ledger.Append(context.Background(), optimizers.Event{Trial: study.Trial{Suggestion: study.Suggestion{ID: 1, Config: plain(0)}}}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := optimizers.Run(ctx, p, newAdaptive(p), repeated(parabola, 1), optimizers.Options{Ledger: ledger}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if err := ledger.Append(ctx, optimizers.Event{}); !errors.Is(err, context.Canceled) {
		t.Errorf("append with a cancelled context: %v", err)
	}
	broken := errors.New("no")
	deaf := &scripted{tell: func(study.Trial) error { return broken }}
	if _, err := optimizers.Run(context.Background(), p, deaf, repeated(parabola, 1), optimizers.Options{Ledger: ledger}); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}
