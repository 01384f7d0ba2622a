package gp

import (
	"context"
	"slices"
	"testing"

	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/study"
)

// bowl plays a study of so many trials on a bowl, whose bottom is soon found, and returns its optimizer and trials.
func bowl(t *testing.T, trials int, single bool) (*Optimizer, []study.Trial) {
	t.Helper()
	p, err := problem.Find("branin")
	if err != nil {
		t.Fatal(err)
	}
	o, err := New(p.Study(1), Settings{Candidates: 256, Starts: 3, Single: single})
	if err != nil {
		t.Fatal(err)
	}
	var log []study.Trial
	for id := study.TrialID(1); int(id) <= trials; id++ {
		asked, err := o.Ask(context.Background(), id, 1)
		if err != nil {
			t.Fatal(err)
		}
		log = append(log, ended(asked[0]))
		if err := o.Tell(context.Background(), log[len(log)-1]); err != nil {
			t.Fatal(err)
		}
	}
	return o, log
}

// ended is a trial on the bowl.
func ended(s study.Suggestion) study.Trial {
	x, y := s.Config["x0"].Float(), s.Config["x1"].Float()
	return study.Trial{Suggestion: s, Status: study.Complete, Losses: []float64{(x-1)*(x-1) + (y-5)*(y-5)}}
}

// TestRestarts checks that once nothing is to be gained the search begins again and again, each time with a design and a
// model of its own, while now and then a trial is still of the first, which knows of all.
func TestRestarts(t *testing.T) {
	o, log := bowl(t, 120, false)
	var lengths []int // of the searches that began again
	for _, trial := range log {
		switch trial.Origin {
		case OriginRestart:
			lengths = append(lengths, 1)
		case OriginRestarted:
			lengths[len(lengths)-1]++
		default:
			continue
		}
		if trial.ID%goOnEvery == 0 {
			t.Errorf("trial %d is not of the first search", trial.ID)
		}
	}
	if len(lengths) < 2 {
		t.Fatalf("searches that began again: %v", lengths)
	}
	for _, n := range lengths[:len(lengths)-1] {
		if n <= o.initial {
			t.Errorf("searches that began again: %v; the design is of %d", lengths, o.initial)
		}
	}
	last := lengths[len(lengths)-1]
	if got := len(o.restart.model.points); got != last || o.restart.begun != last {
		t.Errorf("the last search knows %d trials and counts %d, not %d", got, o.restart.begun, last)
	}
	if got := len(o.model.points); got != len(log) {
		t.Errorf("the first search knows %d trials, not %d", got, len(log))
	}
	for _, trial := range log {
		if !o.restart.model.tried(o.inputs.codec.Encode(trial.Config)) {
			t.Errorf("trial %d counts as not tried in the last search", trial.ID)
		}
	}
}

// TestSingleNeverBeginsAgain: what promises most is tried, however little it is.
func TestSingleNeverBeginsAgain(t *testing.T) {
	_, log := bowl(t, 60, true)
	proposed := 0
	for _, trial := range log {
		switch trial.Origin {
		case OriginRestart, OriginRestarted:
			t.Fatalf("trial %d is of a search that began again", trial.ID)
		case Origin:
			proposed++
		}
	}
	if proposed < 40 {
		t.Errorf("%d of 60 trials are the model's", proposed)
	}
}

// TestRestartsNotEarly checks that no search begins again while there is much to be gained.
func TestRestartsNotEarly(t *testing.T) {
	o, _ := play(t, "branin", 1, 15, Settings{Candidates: 256, Starts: 3})
	for _, f := range o.history.Finished() {
		if f.Origin != Origin && f.Origin != OriginDesign {
			t.Errorf("trial %d is of origin %s", f.ID, f.Origin)
		}
	}
}

// TestRestartsReplay asks for a batch that begins a search again, and for the next while trials of it still run, of an
// optimizer that ran all along and of those that were told the log, in one piece or trial by trial.
func TestRestartsReplay(t *testing.T) {
	ctx := context.Background()
	o, log := bowl(t, 120, false)
	// cut the log before the first restart, so that the batch begins with it
	first := slices.IndexFunc(log, func(t study.Trial) bool { return t.Origin == OriginRestart })
	told := slices.Clone(log[:first])
	var live *Optimizer
	for range 3 {
		live = retold(t, o, told, true)
		id := study.TrialID(len(told) + 1)
		batch, err := live.Ask(ctx, id, 7)
		if err != nil {
			t.Fatal(err)
		}
		again, err := retold(t, o, told, false).Ask(ctx, id, 7)
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range batch {
			if !s.Config.Equal(again[i].Config) || s.Origin != again[i].Origin {
				t.Errorf("trial %d is %v by %s, and %v by %s of the log told at once", s.ID, s.Config, s.Origin, again[i].Config, again[i].Origin)
			}
			if len(told) == first && (s.Origin == OriginRestart) != (i == 0) && s.ID%goOnEvery != 0 {
				t.Errorf("trial %d of a batch is of origin %s", i, s.Origin)
			}
			running := study.Trial{Suggestion: s, Status: study.Pending}
			if i%2 == 0 {
				running = ended(s)
			}
			told = append(told, running)
		}
	}
}

// retold returns an optimizer as o was made that was told a log, in pieces or at once.
func retold(t *testing.T, o *Optimizer, log []study.Trial, pieces bool) *Optimizer {
	t.Helper()
	fresh, err := New(o.problem, o.search.settings)
	if err != nil {
		t.Fatal(err)
	}
	if !pieces {
		if err := fresh.Tell(context.Background(), log...); err != nil {
			t.Fatal(err)
		}
		return fresh
	}
	for i, trial := range log {
		if err := fresh.Tell(context.Background(), trial); err != nil {
			t.Fatal(err)
		}
		if i%10 == 9 {
			if _, err := fresh.Ask(context.Background(), study.TrialID(i+2), 2); err != nil {
				t.Fatal(err)
			}
		}
	}
	return fresh
}

// TestRestartsLeaveABasin asks for the global optimum of hartmann6 where the first search ends in another, whose regret is .119.
func TestRestartsLeaveABasin(t *testing.T) {
	const seed = 1004
	if _, regret := play(t, "hartmann6", seed, 45, Settings{}); regret < 0.1 {
		t.Fatalf("regret %v after 45 trials: the first search finds the optimum", regret)
	}
	if _, regret := play(t, "hartmann6", seed, 100, Settings{}); regret > 0.05 {
		t.Errorf("regret %v after 100 trials", regret)
	}
}
