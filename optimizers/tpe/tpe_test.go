package tpe

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/optimizertest"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/random"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

func TestConforms(t *testing.T) {
	for name, s := range map[string]Settings{"defaults": {}, "early": {Startup: 3, ArmShare: 0.5}} {
		t.Run(name, func(t *testing.T) {
			optimizertest.Conform(t, func(tb testing.TB, p study.Problem, _ *study.Prior) optimizers.Optimizer {
				return open(tb, p, s)
			}, optimizertest.Options{})
		})
	}
}

func open(tb testing.TB, p study.Problem, s Settings) *Optimizer {
	tb.Helper()
	o, err := New(p, s)
	if err != nil {
		tb.Fatal(err)
	}
	return o
}

func find(tb testing.TB, name string) problem.Problem {
	tb.Helper()
	p, err := problem.Find(name)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func tell(tb testing.TB, o optimizers.Optimizer, trials ...study.Trial) {
	tb.Helper()
	if err := o.Tell(context.Background(), trials...); err != nil {
		tb.Fatal(err)
	}
}

func ask(tb testing.TB, o optimizers.Optimizer, first study.TrialID, n int) []study.Suggestion {
	tb.Helper()
	out, err := o.Ask(context.Background(), first, n)
	if err != nil || len(out) != n {
		tb.Fatalf("asked for %d: %d, %v", n, len(out), err)
	}
	return out
}

func complete(s study.Suggestion, loss float64) study.Trial {
	return study.Trial{Suggestion: s, Status: study.Complete, Losses: []float64{loss}}
}

// play runs trials one after another and returns them.
func play(tb testing.TB, o optimizers.Optimizer, trials int, loss func(space.Config) float64) []study.Trial {
	tb.Helper()
	var out []study.Trial
	for id := study.TrialID(1); id <= study.TrialID(trials); id++ {
		s := ask(tb, o, id, 1)[0]
		tell(tb, o, study.Trial{Suggestion: s})
		out = append(out, complete(s, loss(s.Config)))
		tell(tb, o, out[len(out)-1])
	}
	return out
}

// TestBeatsRandomSearch compares the regret of 80 trials, in the geometric mean over seeds and problems.
func TestBeatsRandomSearch(t *testing.T) {
	regret := func(p problem.Problem, o optimizers.Optimizer) float64 {
		best := math.Inf(1)
		for _, trial := range play(t, o, 80, p.Loss) {
			best = min(best, trial.Losses[0]-p.Optimum)
		}
		return math.Log(best + 1e-4)
	}
	for _, tc := range []struct {
		names  []string
		factor float64 // by which the regret is less at least
	}{{[]string{"branin"}, 10}, {[]string{"hartmann6"}, 4}, {[]string{"cash0", "cash5", "cash10", "cash15"}, 5}} {
		const trials = 8
		gain := 0.0
		for seed := range uint64(trials) {
			p := find(t, tc.names[int(seed)%len(tc.names)])
			by, err := random.New(p.Study(seed), random.Settings{})
			if err != nil {
				t.Fatal(err)
			}
			gain += (regret(p, by) - regret(p, open(t, p.Study(seed), Settings{}))) / trials
		}
		if factor := math.Exp(gain); factor < tc.factor {
			t.Errorf("%v: regret is that of random search divided by %.2f", tc.names, factor)
		}
	}
}

// TestStart checks that a study begins with the Sobol design, to which trials from elsewhere count.
func TestStart(t *testing.T) {
	p := find(t, "branin").Study(3)
	design, err := p.Space.Design(space.Sobol, 10, p.Seed)
	if err != nil {
		t.Fatal(err)
	}
	o := open(t, p, Settings{})
	warm, err := p.Space.Sample(study.Problem{Seed: 7}.Stream(1))
	if err != nil {
		t.Fatal(err)
	}
	tell(t, o, complete(study.Suggestion{ID: 1, Config: warm, Origin: optimizers.OriginWarmStart}, 1))
	answer := ask(t, o, 2, 12)
	for i, s := range answer {
		switch {
		case i < 9 && (!s.Config.Equal(design[i+1]) || s.Origin != OriginStart):
			t.Errorf("trial %d is %v of %s, want %v", s.ID, s.Config, s.Origin, design[i+1])
		case i >= 9 && s.Origin != Origin:
			t.Errorf("trial %d comes from %s", s.ID, s.Origin)
		}
	}
}

// line is a study of one number whose losses are given; the trials have the numbers 1, 2, ….
func line(tb testing.TB, s Settings, trials ...study.Trial) (*Optimizer, []float64) {
	tb.Helper()
	sp, err := space.New([]space.Hyperparameter{{Name: "x", High: 1}})
	if err != nil {
		tb.Fatal(err)
	}
	o := open(tb, study.Problem{Space: sp, Seed: 1, Fidelities: []study.Range{{Name: "b", Low: 1, High: 9}}}, s)
	for i := range trials {
		trials[i].ID = study.TrialID(i + 1)
	}
	tell(tb, o, trials...)
	var x []float64
	for seed := range uint64(40) {
		o.problem.Seed = seed
		c, _, err := (&asking{Optimizer: o, batch: o.history.Batch()}).next(o.problem.Stream(99))
		if err != nil {
			tb.Fatal(err)
		}
		x = append(x, c["x"].Float())
		o.model.Truncate(len(trials))
	}
	return o, x
}

func at(x, loss float64) study.Trial {
	return complete(study.Suggestion{Config: space.Config{"x": space.Float(x)}}, loss)
}

// share returns the share of numbers in [low, high].
func share(x []float64, low, high float64) float64 {
	n := 0.0
	for _, v := range x {
		if v >= low && v <= high {
			n++
		}
	}
	return n / float64(len(x))
}

// TestWhatIsGood checks where proposals go after the trials that are told.
func TestWhatIsGood(t *testing.T) {
	s := Settings{Startup: 1, Good: 0.3}
	failed := at(.85, 0)
	failed.Status, failed.Losses = study.Failed, nil
	cheap := at(.8, -100)
	cheap.Fidelity = study.Fidelity{"b": 3}
	pruned := at(.8, -100)
	pruned.Status = study.Pruned
	running := at(.2, 0)
	running.Status, running.Losses = study.Pending, nil
	base := []study.Trial{at(.15, 1), at(.2, 1.1), at(.5, 3), at(.6, 3), at(.9, 5)}
	for _, tc := range []struct {
		name      string
		more      []study.Trial
		low, high float64
		most      bool // most proposals are in [low, high]; else hardly any
	}{
		{"the good region", nil, 0, .4, true},
		{"losses of any size", []study.Trial{at(.55, 1e300), at(.1, -1e300), at(.65, 1e300)}, 0, .4, true},
		{"not where trials fail", []study.Trial{failed, failed, failed}, .8, .9, false},
		{"not for a cheap evaluation", []study.Trial{cheap}, .7, .9, false},
		{"not for one that was stopped", []study.Trial{pruned}, .7, .9, false},
		{"not where others run", []study.Trial{running, running, running, running, running, running}, .18, .22, false},
	} {
		_, x := line(t, s, append(slices.Clone(base), tc.more...)...)
		if got := share(x, tc.low, tc.high); tc.most != (got > 0.8) || !tc.most && got > 0.1 {
			t.Errorf("%s: a share of %.2f in [%v, %v]", tc.name, got, tc.low, tc.high)
		}
	}
}

// TestExploresEveryArm checks, on a space with an arm that is always worst or in which all fail, that it gets its share
// all the same and no more than another, and that no share means none.
func TestExploresEveryArm(t *testing.T) {
	p := find(t, "cash")
	for _, tc := range []struct {
		settings Settings
		penalty  float64
		min, max int
	}{
		{Settings{}, 9, 12, 30},
		{Settings{}, math.NaN(), 12, 30},
		{Settings{ArmShare: 0.2}, 9, 2, 14},
		{Settings{ArmShare: -1}, 9, 0, 6},
	} {
		bad, arms := 0, 0
		trials := play(t, open(t, p.Study(1), tc.settings), 100, func(c space.Config) float64 {
			if c["algo"].Text() == "mlp" {
				return tc.penalty + p.Loss(c)
			}
			return p.Loss(c)
		})
		for _, trial := range trials[10:] {
			if trial.Config["algo"].Text() == "mlp" {
				bad++
			}
			if trial.Origin == OriginArm {
				arms++
			}
		}
		if bad < tc.min || bad > tc.max || (arms > 0) != (tc.settings.ArmShare >= 0) {
			t.Errorf("%+v, %v: %d of 90 trials in the bad arm, %d within one arm", tc.settings, tc.penalty, bad, arms)
		}
	}
}

// TestArmShare checks how the share of trials within one arm falls.
func TestArmShare(t *testing.T) {
	p := find(t, "cash")
	for trials, want := range map[int]float64{1: 1.2926608140191, 10: 0.6, 80: 0.3, 270: 0.2} {
		a := asking{Optimizer: open(t, p.Study(1), Settings{})}
		a.taken = make([]space.Config, trials)
		if got := a.armShare(); math.Abs(got-want) > 1e-12 {
			t.Errorf("after %d trials %v, want %v", trials, got, want)
		}
	}
}

// TestLeastTried checks that of three arms the one with the fewest trials is chosen, pending ones counted.
func TestLeastTried(t *testing.T) {
	p := find(t, "cash")
	for _, least := range []string{"svm", "rf", "mlp"} {
		o := open(t, p.Study(1), Settings{})
		counts := map[string]int{"svm": 4, "rf": 4, "mlp": 4}
		counts[least] = 2
		for id := study.TrialID(1); id <= 60; id++ {
			c, err := p.Space.Sample(study.Problem{Seed: 7}.Stream(id))
			if err != nil {
				t.Fatal(err)
			}
			if name := c["algo"].Text(); counts[name] > 0 {
				counts[name]--
				tell(t, o, study.Trial{Suggestion: study.Suggestion{ID: id, Config: c}}) // runs for good
			}
		}
		a, hits := asking{Optimizer: o}, 0
		for id := study.TrialID(1); id <= 100; id++ {
			c, err := a.leastTried(p.Study(1).Stream(id))
			if err != nil {
				t.Fatal(err)
			}
			if c["algo"].Text() == least {
				hits++
			}
		}
		if hits < 80 || hits == 100 { // six draws miss an arm of three with (2/3)^6 = .09
			t.Errorf("%s, with half the trials of the others, is chosen %d of 100 times", least, hits)
		}
	}
}

// TestExhaustsFiniteSpaces asks for all configurations of a small space at once, and then for one more.
func TestExhaustsFiniteSpaces(t *testing.T) {
	sp, err := space.New([]space.Hyperparameter{
		{Name: "n", Type: space.TypeInt, Low: 1, High: 5}, {Name: "b", Type: space.TypeBool},
	}, *space.And(*space.Equals("n", space.Int(5)), *space.Equals("b", space.Bool(true))))
	if err != nil {
		t.Fatal(err)
	}
	o := open(t, study.Problem{Space: sp}, Settings{Startup: 2})
	all, err := o.Ask(context.Background(), 1, 20)
	if err != nil || len(all) != 9 {
		t.Fatalf("%d of 9 configurations, %v", len(all), err)
	}
	for _, s := range all {
		if err := sp.Validate(s.Config); err != nil {
			t.Error(err)
		}
		tell(t, o, complete(s, float64(s.Config["n"].Int())))
	}
	if answer, err := o.Ask(context.Background(), 10, 1); !errors.Is(err, optimizers.ErrExhausted) {
		t.Errorf("then %v, %v", answer, err)
	}
}

func TestNewRefuses(t *testing.T) {
	p := find(t, "branin").Study(1)
	for _, s := range []Settings{
		{Startup: -1}, {Good: -.1}, {Good: 1}, {Good: math.NaN()}, {MaxGood: -1}, {Candidates: -1}, {PriorWeight: -1},
		{PriorWeight: math.Inf(1)}, {PriorWeight: math.NaN()}, {ArmShare: 2}, {ArmShare: math.NaN()},
	} {
		if _, err := New(p, s); err == nil {
			t.Errorf("%+v is accepted", s)
		}
	}
	p.Objectives = make([]study.Objective, 2)
	if _, err := New(p, Settings{}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("two objectives: error %v", err)
	}
}

// observed returns TPE that was told n trials drawn at random.
func observed(tb testing.TB, p problem.Problem, n int) *Optimizer {
	tb.Helper()
	o := open(tb, p.Study(5), Settings{})
	for id := study.TrialID(1); id <= study.TrialID(n); id++ {
		c, err := p.Space.Sample(study.Problem{Seed: 6}.Stream(id))
		if err != nil {
			tb.Fatal(err)
		}
		tell(tb, o, complete(study.Suggestion{ID: id, Config: c}, p.Loss(c)))
	}
	return o
}

// TestAllocationsDoNotGrow checks that an Ask takes no more pieces of memory after 2,000 trials than after 100.
func TestAllocationsDoNotGrow(t *testing.T) {
	p := find(t, "hartmann6")
	count := func(n int) float64 {
		o := observed(t, p, n)
		ask(t, o, 5000, 1)
		return testing.AllocsPerRun(10, func() { ask(t, o, 5000, 1) })
	}
	if few, many := count(100), count(2000); many > few+40 {
		t.Errorf("%v allocations after 100 trials, %v after 2,000", few, many)
	}
}

// BenchmarkAskTell measures an Ask and the Tell of its result after some trials. The study grows meanwhile.
func BenchmarkAskTell(b *testing.B) {
	for _, name := range []string{"branin", "hartmann6", "cash"} {
		for _, n := range []int{100, 1000, 10000} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				p := find(b, name)
				o := observed(b, p, n)
				id := study.TrialID(n)
				b.ReportAllocs()
				for b.Loop() {
					id++
					s := ask(b, o, id, 1)[0]
					tell(b, o, study.Trial{Suggestion: s})
					tell(b, o, complete(s, p.Loss(s.Config)))
				}
			})
		}
	}
}
