package tunebench

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/random"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/optimizers/tpe"
)

func openRandom(p study.Problem) (optimizers.Optimizer, error) {
	return random.New(p, random.Settings{})
}
func openTPE(p study.Problem) (optimizers.Optimizer, error) { return tpe.New(p, tpe.Settings{}) }

// witness keeps what an optimizer is told.
type witness struct {
	optimizers.Optimizer
	told *[]study.Trial
}

func (w witness) Tell(ctx context.Context, trials ...study.Trial) error {
	*w.told = append(*w.told, trials...)
	return w.Optimizer.Tell(ctx, trials...)
}

// TestOwnIsToldRows checks that an optimizer hears of rows only, of each twice, with its own ids, failures as such.
func TestOwnIsToldRows(t *testing.T) {
	task := sheetTasks(t, sheetSet(t, "t", 1, false, bowl))[0]
	var told []study.Trial
	o := Own{Optimizer: "random", From: Cold, Open: func(p study.Problem) (optimizers.Optimizer, error) {
		inner, err := openRandom(p)
		return witness{inner, &told}, err
	}}
	rows, err := o.Play(context.Background(), task, Advice{}, 1, 100)
	if err != nil || len(rows) != 24 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if distinct := slices.Compact(slices.Sorted(slices.Values(rows))); len(distinct) != 24 {
		t.Errorf("rows %v", rows)
	}
	if len(told) != 48 {
		t.Fatalf("told %d times", len(told))
	}
	for i, trial := range told {
		row := task.Rows[rows[i/2]]
		if trial.ID != study.TrialID(i/2+1) || !trial.Config.Equal(row.Config) {
			t.Fatalf("event %d is %+v", i, trial)
		}
		switch {
		case i%2 == 0:
			if trial.Status != study.Pending {
				t.Fatalf("event %d is %+v", i, trial)
			}
		case trial.Status != row.Status, row.Status == study.Complete && trial.Losses[0] != row.Loss, row.Status != study.Complete && len(trial.Losses) > 0:
			t.Fatalf("event %d is %+v, the row %+v", i, trial, row)
		}
	}
}

// TestOwnTakesPicksFirst checks the hand-over: ten picks, then turns; what is no row is left out.
func TestOwnTakesPicksFirst(t *testing.T) {
	task := sheetTasks(t, sheetSet(t, "t", 1, false, bowl))[0]
	picks := []space.Config{knn("none", 5), tree("none", 1), tree("none", 4), tree("none", 6), tree("standard", 4), tree("standard", 6),
		knn("none", 1), knn("none", 4), knn("none", 6), knn("robust", 1), knn("robust", 4), tree("robust", 9)}
	rows, err := Own{Optimizer: "random", Open: openRandom, From: Warm}.Play(context.Background(), task, Advice{Picks: picks}, 1, 13)
	if err != nil || len(rows) != 13 {
		t.Fatalf("%v, %v", rows, err)
	}
	for i, c := range picks[1:11] {
		if rows[i] != rowOf(t, task, c) {
			t.Errorf("trial %d is %v, want %v", i+1, task.Rows[rows[i]].Config, c)
		}
	}
	if last := rowOf(t, task, picks[11]); rows[10] == last || rows[11] != last {
		t.Errorf("trials 11 and 12 are %v and %v, want the pick after the optimizer's turn", task.Rows[rows[10]].Config, task.Rows[rows[11]].Config)
	}
}

// TestOwnIsDeterministic also checks that a model finds the best row before chance does.
func TestOwnIsDeterministic(t *testing.T) {
	task := sheetTasks(t, sheetSet(t, "t", 1, false, bowl))[0]
	found := map[string]int{}
	for seed := range uint64(20) {
		for name, open := range map[string]func(study.Problem) (optimizers.Optimizer, error){"random": openRandom, "tpe": openTPE} {
			o := Own{Optimizer: name, Open: open, From: Cold}
			a, err := o.Play(context.Background(), task, Advice{}, seed, 24)
			if err != nil {
				t.Fatal(err)
			}
			b, err := o.Play(context.Background(), task, Advice{}, seed, 24)
			if err != nil || !slices.Equal(a, b) {
				t.Fatalf("%s, seed %d: %v and %v, %v", name, seed, a, b, err)
			}
			found[name] += slices.Index(a, rowOf(t, task, tree("standard", 6)))
		}
	}
	if found["tpe"] >= found["random"] {
		t.Errorf("trials before the best, over 20 runs: %v", found)
	}
}

// primed notes what it is told beforehand.
type primed struct {
	optimizers.Optimizer
	heard *[]study.Prior
}

func (p primed) Prime(_ context.Context, prior study.Prior) error {
	*p.heard = append(*p.heard, prior)
	return nil
}

// TestOwnIsPrimed checks that an optimizer that takes a prior is told it before the study, as in a study of metaml tune,
// and that others are not.
func TestOwnIsPrimed(t *testing.T) {
	task := sheetTasks(t, sheetSet(t, "t", 1, false, bowl))[0]
	advice := Advice{Prior: study.Prior{Tasks: []study.WeightedTask{{Name: "old", Weight: 1,
		Results: []study.EarlierResult{{Config: tree("none", 1), Loss: 1}}}}}}
	var heard []study.Prior
	open := func(p study.Problem) (optimizers.Optimizer, error) {
		inner, err := openRandom(p)
		return primed{inner, &heard}, err
	}
	for _, c := range []struct {
		own    Own
		advice Advice
		told   int
	}{
		{Own{Optimizer: "random", Open: open, Primed: true, From: Warm}, advice, 1},
		{Own{Optimizer: "random", Open: open, Primed: true, From: Cold}, Advice{}, 0},
		{Own{Optimizer: "random", Open: open, From: Warm}, advice, 0},
	} {
		heard = nil
		if _, err := c.own.Play(context.Background(), task, c.advice, 1, 3); err != nil || len(heard) != c.told {
			t.Errorf("%+v: told %d times, want %d, %v", c.own, len(heard), c.told, err)
		}
		if c.told == 1 && !reflect.DeepEqual(heard[0], advice.Prior) {
			t.Errorf("told %+v", heard[0])
		}
	}
	deaf := Own{Optimizer: "random", Open: openRandom, Primed: true, From: Warm}
	if _, err := deaf.Play(context.Background(), task, advice, 1, 3); !errors.Is(err, errors.ErrUnsupported) {
		t.Error(err)
	}
}

func TestOwnFails(t *testing.T) {
	task := sheetTasks(t, sheetSet(t, "t", 1, false, bowl))[0]
	broken := errors.New("broken")
	o := Own{Optimizer: "random", Open: func(study.Problem) (optimizers.Optimizer, error) { return nil, broken }}
	if _, err := o.Play(context.Background(), task, Advice{}, 1, 5); !errors.Is(err, broken) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := (Own{Optimizer: "random", Open: openRandom}).Play(ctx, task, Advice{}, 1, 5); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
