package bandit

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// TestOneWorkerFollowsThePaper runs two brackets on one worker: rungs in order, the best of each go on, best first.
func TestOneWorkerFollowsThePaper(t *testing.T) {
	l := ladder(t, epochs(1, 9), 3)
	d := newDriver(t, l, Hyperband(3, 3)) // 9, 3, 1 | 5, 1 | 3
	var levels, numbers []int
	for range 13 + 6 + 3 {
		trial := d.begin(1)[0]
		levels, numbers = append(levels, d.level(trial)), append(numbers, x(trial))
		d.end(trial, float64((x(trial)*7)%10)) // 1 … 9 rank 7 4 1 8 5 2 9 6 3
	}
	wantLevels := []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 1, 1, 1, 1, 1, 2, 2, 2, 2}
	wantNumbers := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 3, 6, 9, 3, 14, 15, 16, 17, 18, 16, 20, 21, 22}
	if !reflect.DeepEqual(levels, wantLevels) || !reflect.DeepEqual(numbers, wantNumbers) {
		t.Errorf("levels\n%v, want\n%v\nconfigurations\n%v, want\n%v", levels, wantLevels, numbers, wantNumbers)
	}
	if len(d.schedule.open) != 0 {
		t.Errorf("%d brackets are left open", len(d.schedule.open))
	}
}

// TestTiesGoToTheEarlier checks that of equal losses the earlier trials go on.
func TestTiesGoToTheEarlier(t *testing.T) {
	d := newDriver(t, ladder(t, epochs(1, 9), 3), []Bracket{Halving(3, 0, 9, 3)})
	first := d.begin(9)
	slices.Reverse(first)
	for _, trial := range first {
		d.end(trial, 1)
	}
	for i, trial := range d.begin(3) {
		if x(trial) != i+1 || int(trial.Parent) != i+1 {
			t.Errorf("promotion %d is of trial %d", i+1, trial.Parent)
		}
	}
}

// TestFailuresDoNotGoOn lets all but one trial of a rung end without a loss: the bracket ends smaller, and the next
// one begins.
func TestFailuresDoNotGoOn(t *testing.T) {
	d := newDriver(t, ladder(t, epochs(1, 9), 3), []Bracket{Halving(3, 0, 9, 3)})
	for i, trial := range d.begin(9) {
		if i == 5 {
			d.end(trial, 1e300)
		} else {
			d.fail(trial, study.Status(2+i%5))
		}
	}
	next := d.begin(2)
	if next[0].Parent != 6 || d.brackets[9] != 0 || next[1].Parent != 0 || d.brackets[10] != 1 {
		t.Fatalf("after the failures: %+v in brackets %v", next, d.brackets[9:])
	}
	d.fail(next[0], study.Crashed)
	if len(d.schedule.open) != 1 || d.schedule.open[0].number != 1 {
		t.Errorf("a bracket without hope is still open")
	}
}

// TestPrunedTrialsDoNotGoOn: their losses are of another fidelity.
func TestPrunedTrialsDoNotGoOn(t *testing.T) {
	d := newDriver(t, ladder(t, epochs(1, 3), 3), []Bracket{Halving(2, 0, 3, 3)})
	trials := d.begin(3)
	d.end(trials[0], 5)
	d.end(trials[1], 4)
	pruned := trials[2]
	pruned.Losses = []float64{0}
	d.fail(pruned, study.Pruned)
	if next := d.begin(1)[0]; next.Parent != 2 {
		t.Errorf("trial %d goes on", next.Parent)
	}
}

// TestNobodyWaits begins twelve trials on a bracket of nine: the others belong to the next bracket. Once it is
// certain that a trial is among the best three it goes on, and no earlier.
func TestNobodyWaits(t *testing.T) {
	d := newDriver(t, ladder(t, epochs(1, 9), 3), Hyperband(3, 3))
	trials := d.begin(12)
	if want := []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1}; !reflect.DeepEqual(d.brackets, want) {
		t.Fatalf("brackets %v", d.brackets)
	}
	for i := range 6 { // losses 0 … 5; three still run, which might be better than all
		d.end(trials[i], float64(i))
	}
	if next := d.begin(1)[0]; next.Parent != 0 {
		t.Fatalf("trial %d goes on though three others may yet be better", next.Parent)
	}
	d.end(trials[6], 0.5)
	if next := d.begin(2); next[0].Parent != 1 || next[1].Parent != 0 {
		t.Fatalf("with two running, trials %d and %d go on", next[0].Parent, next[1].Parent)
	}
	d.end(trials[7], 9)
	if next := d.begin(2); next[0].Parent != 7 {
		t.Fatalf("with one running, trial %d goes on", next[0].Parent)
	}
}

// TestRestart plays studies with several workers, failures and strangers' trials, and tells every prefix of their
// logs, with repetitions, to a fresh schedule: both plan the same.
func TestRestart(t *testing.T) {
	l := ladder(t, epochs(1, 9), 3)
	rng := rand.New(rand.NewPCG(1, 2))
	for range 5 {
		d := randomStudy(t, l, rng)
		live := NewSchedule(l, Hyperband(3, 3))
		for i, event := range d.log {
			live.Tell(event)
			again := NewSchedule(l, Hyperband(3, 3))
			for _, e := range d.log[:i+1] {
				again.Tell(e)
				again.Tell(e)
			}
			again.Tell(d.log[i/2])
			if a, b := jobs(live), jobs(again); !reflect.DeepEqual(a, b) {
				t.Fatalf("after %d events: %+v, restarted %+v", i+1, a, b)
			}
			if a, b := jobs(live), jobs(live); !reflect.DeepEqual(a, b) {
				t.Fatalf("planning changed the schedule: %+v, then %+v", a, b)
			}
		}
	}
}

func jobs(s *Schedule) (out []Job) {
	plan := s.Plan()
	for range 20 {
		if j, ok := plan.Next(); ok {
			out = append(out, j)
		}
	}
	return out
}

// randomStudy plays 80 trials, at most seven of which run at once.
func randomStudy(t *testing.T, l Ladder, rng *rand.Rand) *driver {
	d := newDriver(t, l, Hyperband(3, 3))
	var pending []study.Trial
	for len(d.trials) < 80 {
		if len(pending) < 7 && rng.IntN(2) == 0 {
			pending = append(pending, d.begin(1+rng.IntN(2))...)
			continue
		}
		if len(pending) == 0 {
			continue
		}
		i := rng.IntN(len(pending))
		if rng.IntN(6) == 0 {
			d.fail(pending[i], study.Failed)
		} else {
			d.end(pending[i], float64(rng.IntN(9)))
		}
		pending = slices.Delete(pending, i, i+1)
	}
	return d
}

// TestParallelPromotesWhatOneWorkerDoes compares the sets of promotions of a bracket in sequence and with any number
// of workers that end in any order: they are the same where losses differ.
func TestParallelPromotesWhatOneWorkerDoes(t *testing.T) {
	l := ladder(t, epochs(1, 27), 3)
	rng := rand.New(rand.NewPCG(5, 6))
	for range 50 {
		loss := rng.Perm(200)
		promoted := func(workers int) (out []int) {
			d := newDriver(t, l, []Bracket{Halving(4, 0, 27, 3)})
			var pending []study.Trial
			for len(d.schedule.open) == 0 || d.schedule.open[0].number == 0 {
				for len(pending) < workers {
					trial := d.begin(1)[0]
					pending = append(pending, trial)
					if trial.Parent != 0 && d.brackets[trial.ID-1] == 0 {
						out = append(out, 100*d.level(trial)+x(trial))
					}
				}
				i := rng.IntN(len(pending))
				trial := pending[i]
				d.end(trial, float64(loss[x(trial)%200]+200*(x(trial)%5)*d.level(trial)))
				pending = slices.Delete(pending, i, i+1)
			}
			slices.Sort(out)
			return out
		}
		one := promoted(1)
		if len(one) != 9+3+1 {
			t.Fatalf("%d promotions", len(one))
		}
		if many := promoted(2 + rng.IntN(30)); !slices.Equal(one, many) {
			t.Fatalf("one worker promotes %v, several %v", one, many)
		}
	}
}

// TestStrangersTakeNoPart tells warm starts, trials at other fidelities and children of unknown trials.
func TestStrangersTakeNoPart(t *testing.T) {
	l := ladder(t, epochs(1, 9), 3)
	s, untouched := NewSchedule(l, Hyperband(3, 3)), NewSchedule(l, Hyperband(3, 3))
	for i, stranger := range []study.Suggestion{
		{Origin: optimizers.OriginWarmStart}, {Origin: optimizers.OriginWarmStart, Fidelity: study.Fidelity{"epochs": 1}},
		{Fidelity: study.Fidelity{"epochs": 2}}, {Parent: 77, Fidelity: study.Fidelity{"epochs": 3}},
	} {
		stranger.ID = study.TrialID(i + 1)
		s.Tell(study.Trial{Suggestion: stranger})
		s.Tell(study.Trial{Suggestion: stranger, Status: study.Complete, Losses: []float64{0}})
	}
	if a, b := jobs(s), jobs(untouched); !reflect.DeepEqual(a, b) {
		t.Errorf("after strangers: %+v, without: %+v", a, b)
	}
}

// TestNoNewConfigurations closes levels as a space of seven configurations does: the bracket goes on with what it
// has, later brackets with theirs, and in the end there is nothing left.
func TestNoNewConfigurations(t *testing.T) {
	d := newDriver(t, ladder(t, epochs(1, 9), 3), Hyperband(3, 3))
	const configurations = 7
	used := make([]int, 3) // by level
	tops := 0
	for {
		plan := d.schedule.Plan()
		j, ok := plan.Next()
		for ok && j.Parent == 0 && used[j.Level] == configurations {
			plan.Close()
			j, ok = plan.Next()
		}
		if !ok {
			if plan.Running() {
				t.Fatal("it waits for nothing")
			}
			break
		}
		trial := d.trial(j)
		if j.Parent == 0 {
			used[j.Level]++
		}
		if j.Level == 2 {
			tops++
		}
		d.tell(trial)
		d.end(trial, float64(trial.ID))
		if len(d.trials) > 100 {
			t.Fatal("it does not end")
		}
	}
	// Of the first bracket, 7 configurations at the lowest level, 2 and 1 go on; of the next two at the middle level,
	// 5 and 2 of which 1 each; then seven at the full one.
	if want := []int{7, 7, 7}; !reflect.DeepEqual(used, want) || tops != 1+2+7 || len(d.trials) != 21+2+1+2 {
		t.Errorf("new configurations by level %v, %d full evaluations, %d trials", used, tops, len(d.trials))
	}
}

// TestWaitsWhileRunning: with every level closed, what runs is worth waiting for.
func TestWaitsWhileRunning(t *testing.T) {
	d := newDriver(t, ladder(t, epochs(1, 3), 3), []Bracket{Halving(2, 0, 3, 3)})
	trials := d.begin(2)
	plan := d.schedule.Plan()
	if _, ok := plan.Next(); !ok {
		t.Fatal("no room for a third")
	}
	plan.Close()
	if j, ok := plan.Next(); ok || !plan.Running() {
		t.Fatalf("job %+v, %v", j, ok)
	}
	d.end(trials[0], 1)
	d.end(trials[1], 2)
	plan = d.schedule.Plan()
	plan.Next()
	plan.Close()
	if j, ok := plan.Next(); !ok || j.Parent != 1 {
		t.Errorf("job %+v, %v", j, ok)
	}
}

// TestTellKeepsNothing spoils a configuration after it was told.
func TestTellKeepsNothing(t *testing.T) {
	s := NewSchedule(ladder(t, epochs(1, 3), 3), []Bracket{Halving(2, 0, 1, 3)})
	c := space.Config{"x": space.Int(1)}
	s.Tell(study.Trial{Suggestion: study.Suggestion{ID: 1, Config: c, Fidelity: study.Fidelity{"epochs": 1}}, Status: study.Complete, Losses: []float64{0}})
	c["x"] = space.Int(2)
	j, _ := s.Plan().Next()
	if x(study.Trial{Suggestion: study.Suggestion{Config: j.Config}}) != 1 {
		t.Errorf("the configuration became %v", j.Config)
	}
}

// BenchmarkSchedule plans and tells with 1,000 trials of Hyperband told.
func BenchmarkSchedule(b *testing.B) {
	l, err := NewLadder(epochs(1, 81), 3, "")
	if err != nil {
		b.Fatal(err)
	}
	for range b.N {
		s := NewSchedule(l, Hyperband(l.Len(), 3))
		for id := range study.TrialID(1000) {
			j, _ := s.Plan().Next()
			t := study.Trial{Suggestion: study.Suggestion{ID: id + 1, Config: j.Config, Parent: j.Parent, Fidelity: l.Fidelity(j.Level)}}
			s.Tell(t)
			t.Status, t.Losses = study.Complete, []float64{float64(id * 7919 % 101)}
			s.Tell(t)
		}
	}
}

// TestTurns begins brackets of one kind while none of it is over, and then those of the next kind, also when an older
// bracket ends late.
func TestTurns(t *testing.T) {
	d := newDriver(t, ladder(t, epochs(1, 9), 3), []Bracket{{0, []int{3, 1, 1}}, {1, []int{2, 1}}, {2, []int{2}}})
	level := func(want int, of []study.Trial) {
		t.Helper()
		for _, trial := range of {
			if trial.Parent != 0 || d.level(trial) != want {
				t.Errorf("trial %d is at level %d, parent %d; want a new one at %d", trial.ID, d.level(trial), trial.Parent, want)
			}
		}
	}
	finish := func(trials []study.Trial) {
		for _, trial := range trials {
			d.fail(trial, study.Failed)
		}
	}
	a, b, c := d.begin(3), d.begin(3), d.begin(3)
	level(0, slices.Concat(a, b, c))
	finish(b)
	second, third := d.begin(2), d.begin(2)
	level(1, slices.Concat(second, third))
	finish(a) // of the turn before: no news
	level(1, d.begin(2))
	finish(third)
	full := d.begin(2)
	level(2, full)
	finish(full)
	level(0, d.begin(3))
}
