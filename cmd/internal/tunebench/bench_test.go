package tunebench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/metaml/metaml/warmstart"
)

// contest is a benchmark of random search and TPE from every start on the tables of a set.
func contest(t testing.TB, workers int) Options {
	t.Helper()
	tasks := sheetTasks(t, sheetSet(t, "new", 4, false, bowl))
	known := sheetSet(t, "old", 6, false, bowl)
	advisors := NewAdvisors(known, warmstart.Options{K: 8, Seed: 1})
	return Options{Tasks: tasks, Seeds: 2, SeedBase: 10, Trials: 12, Workers: workers, Advise: advisors.Advise,
		Methods: func() ([]Method, error) {
			var list []Method
			for _, start := range []Start{Cold, Warm, Unrelated} {
				list = append(list,
					Own{Optimizer: "random", Open: openRandom, From: start}, Own{Optimizer: "tpe", Open: openTPE, From: start})
			}
			return list, nil
		}}
}

// TestRunIsTheSameHoweverItRuns compares one worker, three, and a run that was interrupted and goes on.
func TestRunIsTheSameHoweverItRuns(t *testing.T) {
	want, err := Run(context.Background(), contest(t, 1))
	if err != nil || len(want) != 4*6*2 {
		t.Fatalf("%d runs, %v", len(want), err)
	}
	got, err := Run(context.Background(), contest(t, 3))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("three workers: %d runs, %v", len(got), err)
	}
	opt, ran := contest(t, 2), 0
	ctx, cancel := context.WithCancel(context.Background())
	opt.Done = func(Key, []int, map[string]string) error {
		if ran++; ran == 9 {
			cancel()
		}
		return nil
	}
	some, err := Run(ctx, opt)
	if !errors.Is(err, context.Canceled) || len(some) < 9 || len(some) > 11 {
		t.Fatalf("%d runs, %v", len(some), err)
	}
	opt, ran = contest(t, 2), 0
	opt.Finished = some
	opt.Done = func(key Key, _ []int, _ map[string]string) error {
		if ran++; some[key] != nil {
			t.Errorf("%v ran again", key)
		}
		return nil
	}
	got, err = Run(context.Background(), opt)
	if err != nil || !reflect.DeepEqual(got, want) || ran != len(want)-len(some) {
		t.Errorf("%d runs of which %d now, %v", len(got), ran, err)
	}
}

// TestWarmRunsAreAdvised checks that advice of tasks that are alike helps from the first trial on, and that shuffled
// advice does not.
func TestWarmRunsAreAdvised(t *testing.T) {
	opt := contest(t, 1)
	opt.Seeds, opt.SeedsOf = 0, func(string) int { return 6 }
	runs, err := Run(context.Background(), opt)
	if err != nil {
		t.Fatal(err)
	}
	first := map[Start]float64{}
	for key, rows := range runs {
		for _, task := range opt.Tasks {
			if key.Task == string(task.ID) {
				for _, start := range []Start{Cold, Warm, Unrelated} {
					if key.Method == Label("tpe", start) {
						first[start] += task.test.regret(follow(task, rows, 12).test[0]) / 24
					}
				}
			}
		}
	}
	if first[Warm] > .01 || first[Unrelated] < .3 || first[Cold] < .3 {
		t.Errorf("regret of the first trial: %v", first)
	}
}

// failing is a method that fails on the second task.
type failing struct{ plays *atomic.Int32 }

func (failing) Name() string                { return "failing" }
func (failing) Start() Start                { return Cold }
func (failing) Versions() map[string]string { return nil }
func (failing) Close() error                { return nil }
func (f failing) Play(_ context.Context, _ *Task, _ Advice, _ uint64, _ int) ([]int, error) {
	if f.plays.Add(1) > 2 {
		return nil, errors.New("out of ideas")
	}
	return []int{1}, nil
}

func TestRunFails(t *testing.T) {
	opt := contest(t, 2)
	plays := new(atomic.Int32)
	opt.Methods = func() ([]Method, error) { return []Method{failing{plays}}, nil }
	runs, err := Run(context.Background(), opt)
	if err == nil || errors.Is(err, context.Canceled) || len(runs) != 2 {
		t.Errorf("%d runs, %v", len(runs), err)
	}
	full := errors.New("disk full")
	opt = contest(t, 1)
	opt.Done = func(Key, []int, map[string]string) error { return full }
	if _, err := Run(context.Background(), opt); !errors.Is(err, full) {
		t.Error(err)
	}
	opt = contest(t, 1)
	opt.Advise = func(*Task, Start, uint64) (Advice, error) { return Advice{}, full }
	if _, err := Run(context.Background(), opt); !errors.Is(err, full) {
		t.Error(err)
	}
	opt.Methods = func() ([]Method, error) { return nil, full }
	if _, err := Run(context.Background(), opt); !errors.Is(err, full) {
		t.Error(err)
	}
}

// TestFollow checks the incumbent: chosen by validation, scored on test, unmoved by failures and after the end.
func TestFollow(t *testing.T) {
	task := &Task{Rows: []Row{{Loss: math.Inf(1), Test: math.Inf(1)}, {Loss: .5, Test: .3}, {Loss: .4, Test: .6}, {Loss: .45, Test: .1}}}
	c := follow(task, []int{0, 1, 2, 3}, 6)
	if got, want := fmt.Sprint(c.validation, c.test), "[+Inf 0.5 0.4 0.4 0.4 0.4] [+Inf 0.3 0.6 0.6 0.6 0.6]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if c := follow(task, nil, 2); !slices.Equal(c.test, []float64{math.Inf(1), math.Inf(1)}) {
		t.Errorf("%v", c)
	}
}
