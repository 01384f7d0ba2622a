package optimizers_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/study"
)

// TestFinishedTrialsAreNotEvaluatedAgain kills a study at every event, with the evaluator's journal of what had ended by
// then: the study goes on as if nothing had been, and evaluates each trial once in all.
func TestFinishedTrialsAreNotEvaluatedAgain(t *testing.T) {
	const trials = 8
	p := problemOf(t, 3)
	whole := &optimizers.Memory{}
	if _, err := optimizers.Run(context.Background(), p, newAdaptive(p), repeated(parabola, 1),
		optimizers.Options{Ledger: whole, Trials: trials}); err != nil {
		t.Fatal(err)
	}
	want := events(t, whole)
	for kill := range len(want) {
		ledger, journal := &mortal{n: kill}, []study.Finished{}
		var c counter
		evaluate := c.count(parabola)
		keeping := evaluator(func(ctx context.Context, s study.Suggestion, r func(study.Observation) error) (study.Trial, error) {
			trial, err := evaluate(ctx, s, r)
			kept := trial
			kept.Suggestion = s
			journal = append(journal, study.Finished{Trial: kept})
			return trial, err
		})
		opt := optimizers.Options{Ledger: ledger, Trials: trials}
		if _, err := optimizers.Run(context.Background(), p, newAdaptive(p), repeated(keeping, 1), opt); err == nil {
			t.Fatalf("killed at event %d, it ended well", kill)
		}
		ledger.n, opt.Finished = 1000, journal
		if _, err := optimizers.Run(context.Background(), p, newAdaptive(p), repeated(keeping, 1), opt); err != nil {
			t.Fatalf("after event %d: %v", kill, err)
		}
		if got := events(t, ledger); !reflect.DeepEqual(got, want) {
			t.Errorf("killed at event %d, the log is another", kill)
		}
		for id := study.TrialID(1); id <= trials; id++ {
			if c.ended[id] != 1 {
				t.Errorf("killed at event %d, trial %d was evaluated %d times", kill, id, c.ended[id])
			}
		}
	}
}

// TestForeignFinishedTrialsAreLeftAlone offers ends that are not those of the pending trial.
func TestForeignFinishedTrialsAreLeftAlone(t *testing.T) {
	p := problemOf(t, 3)
	begun := study.Trial{Suggestion: study.Suggestion{ID: 1, Config: plain(0.5), Seed: p.TrialSeed(1), Origin: "here"}}
	end := func(change func(*study.Trial)) study.Finished {
		f := study.Finished{Trial: complete(-1)}
		f.Trial.Suggestion = begun.Suggestion
		change(&f.Trial)
		return f
	}
	ledger := &optimizers.Memory{}
	if err := ledger.Append(context.Background(), optimizers.Event{Trial: begun}); err != nil {
		t.Fatal(err)
	}
	r, err := optimizers.Run(context.Background(), p, newAdaptive(p), repeated(parabola, 1), optimizers.Options{
		Ledger: ledger, Trials: 1, Finished: []study.Finished{
			end(func(t *study.Trial) { t.ID = 2 }),
			end(func(t *study.Trial) { t.ID = 0 }),
			end(func(t *study.Trial) { t.Config = plain(0.25) }),
			end(func(t *study.Trial) { t.Config = nil }),
			end(func(t *study.Trial) { t.Seed++ }),
			end(func(t *study.Trial) { t.Fidelity = study.Fidelity{"epochs": 1} }),
			end(func(t *study.Trial) { t.Status = study.Pending }),
		}})
	if err != nil {
		t.Fatal(err)
	}
	if r.Incumbent == nil || r.Incumbent.Losses[0] < 0 || r.Incumbent.Origin != "here" {
		t.Errorf("the incumbent is %+v", r.Incumbent)
	}
}

// TestStoppedTrialIsPrunedWhenRecovered tells a trial that was stopped from one that ended early by itself.
func TestStoppedTrialIsPrunedWhenRecovered(t *testing.T) {
	p := problemOf(t, 3)
	for stopped, want := range map[bool]study.Status{true: study.Pruned, false: study.Complete} {
		begun := study.Trial{Suggestion: study.Suggestion{ID: 1, Config: plain(0.5), Seed: p.TrialSeed(1)}}
		ended := complete(0.5)
		ended.Suggestion = begun.Suggestion
		ended.Observations[0].Step, ended.Observations[0].Steps = 2, 5
		ledger := &optimizers.Memory{}
		if err := ledger.Append(context.Background(), optimizers.Event{Trial: begun}); err != nil {
			t.Fatal(err)
		}
		r, err := optimizers.Run(context.Background(), p, newAdaptive(p), repeated(parabola, 1), optimizers.Options{
			Ledger: ledger, Trials: 1, Finished: []study.Finished{{Trial: ended, Stopped: stopped}}})
		if err != nil {
			t.Fatal(err)
		}
		if r.Trials[0].Status != want {
			t.Errorf("stopped %v: %v", stopped, r.Trials[0].Status)
		}
	}
}
