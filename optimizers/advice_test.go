package optimizers_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// advice is an Advice made of a function.
type advice func(trials []study.Trial) (space.Config, bool)

func (a advice) Next(trials []study.Trial) (space.Config, bool) { return a(trials) }

// everyThird advises a configuration of its own for every third trial, which depends on the losses of all before.
func everyThird(trials []study.Trial) (space.Config, bool) {
	if len(trials)%3 != 2 {
		return nil, false
	}
	x := 0.0
	for _, t := range trials {
		if t.Status == study.Complete {
			x += t.Losses[0]
		}
	}
	return plain(x / float64(1+2*len(trials))), true
}

// TestAdviceComesBetweenProposals checks the order of warm starts, what is advised and proposals, and what is told.
func TestAdviceComesBetweenProposals(t *testing.T) {
	p := problemOf(t, 21)
	o := &scripted{ask: func(first study.TrialID) ([]study.Suggestion, error) {
		return []study.Suggestion{{ID: first, Config: plain(float64(first) / 100)}}, nil
	}}
	ledger := &optimizers.Memory{}
	result, err := optimizers.Run(context.Background(), p, o, repeated(parabola, 1), optimizers.Options{
		WarmStarts: []space.Config{plain(-1), plain(-0.5), plain(-0.75), plain(-0.25)}, Advice: advice(everyThird), Trials: 10, Ledger: ledger,
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, trial := range result.Trials {
		warm := i < 4 || i == 5 || i == 8 // not the third: warm starts are first
		if got := trial.Origin == optimizers.OriginWarmStart; got != warm {
			t.Errorf("trial %d is of origin %q", trial.ID, trial.Origin)
		}
		if trial.Seed != p.TrialSeed(trial.ID) || trial.Status != study.Complete {
			t.Errorf("trial %d has seed %d and is %v", trial.ID, trial.Seed, trial.Status)
		}
	}
	if want, _ := everyThird(result.Trials[:5]); !result.Trials[5].Config.Equal(want) {
		t.Errorf("trial 6 evaluated %v, advised was %v", result.Trials[5].Config, want)
	}
	if !reflect.DeepEqual(o.told, events(t, ledger)) {
		t.Error("the optimizer was not told every event")
	}
	if result.WarmStarted != 6 || result.Finished != 10 || result.End != optimizers.EndTrials {
		t.Errorf("%d warm starts of %d trials, end %s", result.WarmStarted, result.Finished, result.End)
	}
}

// TestAdviceSurvivesKills kills a study at every event: it goes on as if nothing had been.
func TestAdviceSurvivesKills(t *testing.T) {
	p := problemOf(t, 22)
	options := func(l optimizers.Ledger) optimizers.Options {
		return optimizers.Options{WarmStarts: []space.Config{plain(0.5)}, Advice: advice(everyThird), Trials: 12, Ledger: l}
	}
	whole := &optimizers.Memory{}
	if _, err := optimizers.Run(context.Background(), p, newAdaptive(p), repeated(parabola, 1), options(whole)); err != nil {
		t.Fatal(err)
	}
	want := events(t, whole)
	for kill := range len(want) {
		ledger := &mortal{n: kill}
		if _, err := optimizers.Run(context.Background(), p, newAdaptive(p), repeated(parabola, 1), options(ledger)); err == nil {
			t.Fatalf("killed at event %d, it ended well", kill)
		}
		ledger.n = 1000
		if _, err := optimizers.Run(context.Background(), p, newAdaptive(p), repeated(parabola, 1), options(ledger)); err != nil {
			t.Fatalf("after event %d: %v", kill, err)
		}
		if got := events(t, ledger); !reflect.DeepEqual(got, want) {
			t.Errorf("killed at event %d, the log is another", kill)
		}
	}
}

// TestAdviceIsNotRepeated has the optimizer propose where a configuration is advised that was evaluated, or is being, at
// full fidelity; a cheaper evaluation of it does not count.
func TestAdviceIsNotRepeated(t *testing.T) {
	p := problemOf(t, 23)
	p.Fidelities = []study.Range{{Name: "epochs", Low: 1, High: 9}}
	same := advice(func([]study.Trial) (space.Config, bool) { return plain(0.5), true })
	o := &scripted{ask: func(first study.TrialID) ([]study.Suggestion, error) {
		return []study.Suggestion{{ID: first, Config: plain(0.25), Fidelity: study.Fidelity{"epochs": 3}}}, nil
	}}
	result, err := optimizers.Run(context.Background(), p, o, repeated(parabola, 2), optimizers.Options{Advice: same, Trials: 4})
	if err != nil || result.WarmStarted != 1 || result.Trials[0].Origin != optimizers.OriginWarmStart {
		t.Errorf("%d warm starts, %v; want the first trial alone", result.WarmStarted, err)
	}
	cheap := advice(func(trials []study.Trial) (space.Config, bool) { return plain(0.25), len(trials) > 0 })
	if result, err = optimizers.Run(context.Background(), p, o, repeated(parabola, 1), optimizers.Options{Advice: cheap, Trials: 4}); err != nil ||
		result.WarmStarted != 1 || result.Trials[1].Origin != optimizers.OriginWarmStart {
		t.Errorf("%d warm starts, %v; want the second trial alone", result.WarmStarted, err)
	}
}

// TestForeignAdvice names the trial for which a configuration outside the space is advised.
func TestForeignAdvice(t *testing.T) {
	p := problemOf(t, 24)
	foreign := advice(func(trials []study.Trial) (space.Config, bool) {
		return space.Config{"y": space.Int(1)}, len(trials) == 2
	})
	result, err := optimizers.Run(context.Background(), p, newAdaptive(p), repeated(parabola, 1), optimizers.Options{Advice: foreign, Trials: 5})
	if err == nil || !strings.Contains(err.Error(), "trial 3") || result.Finished != 2 {
		t.Errorf("%d trials, %v", result.Finished, err)
	}
}

// TestAdviceOutlivesTheOptimizer goes on with what is advised when the optimizer has nothing left.
func TestAdviceOutlivesTheOptimizer(t *testing.T) {
	p := problemOf(t, 25)
	exhausted := &scripted{ask: func(study.TrialID) ([]study.Suggestion, error) { return nil, optimizers.ErrExhausted }}
	few := advice(func(trials []study.Trial) (space.Config, bool) {
		return plain(float64(len(trials)) / 10), len(trials) < 3
	})
	result, err := optimizers.Run(context.Background(), p, exhausted, repeated(parabola, 2), optimizers.Options{Advice: few, Trials: 5})
	if err != nil || result.Finished != 3 || result.End != optimizers.EndExhausted {
		t.Errorf("%d trials, end %q, %v", result.Finished, result.End, err)
	}
}
