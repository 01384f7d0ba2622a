package smac

import (
	"context"
	"fmt"
	"math"
	"reflect"
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
	open := func(tb testing.TB, p study.Problem, _ *study.Prior) optimizers.Optimizer {
		o, err := New(p, Settings{Initial: 4, Trees: 5, Candidates: 30})
		if err != nil {
			tb.Fatal(err)
		}
		return o
	}
	optimizertest.Conform(t, open, optimizertest.Options{})
}

func find(t testing.TB, name string) problem.Problem {
	t.Helper()
	p, err := problem.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func open(t testing.TB, p study.Problem, s Settings) *Optimizer {
	t.Helper()
	o, err := New(p, s)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func mustAsk(t testing.TB, o optimizers.Optimizer, first study.TrialID, n int) []study.Suggestion {
	t.Helper()
	s, err := o.Ask(context.Background(), first, n)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustTell(t testing.TB, o optimizers.Optimizer, trials ...study.Trial) {
	t.Helper()
	if err := o.Tell(context.Background(), trials...); err != nil {
		t.Fatal(err)
	}
}

func complete(s study.Suggestion, loss float64) study.Trial {
	return study.Trial{Suggestion: s, Status: study.Complete, Losses: []float64{loss}}
}

// minimize runs a study of single trials and returns them.
func minimize(t testing.TB, o optimizers.Optimizer, p problem.Problem, budget int) []study.Trial {
	t.Helper()
	var trials []study.Trial
	for id := study.TrialID(1); int(id) <= budget; id++ {
		s := mustAsk(t, o, id, 1)[0]
		mustTell(t, o, study.Trial{Suggestion: s})
		trials = append(trials, complete(s, p.Loss(s.Config)))
		mustTell(t, o, trials[len(trials)-1])
	}
	return trials
}

func regret(p problem.Problem, trials []study.Trial) float64 {
	best := math.Inf(1)
	for _, t := range trials {
		best = min(best, p.Regret(t.Config))
	}
	return best
}

// TestBeatsRandomSearch compares median regrets after 50 trials, over five seeds, with those of random search: a tenth
// in two dimensions, half in six.
func TestBeatsRandomSearch(t *testing.T) {
	for name, share := range map[string]float64{"branin": 0.1, "hartmann6": 0.5} {
		p := find(t, name)
		var smac, chance []float64
		for seed := range uint64(5) {
			r, err := random.New(p.Study(seed), random.Settings{})
			if err != nil {
				t.Fatal(err)
			}
			smac = append(smac, regret(p, minimize(t, open(t, p.Study(seed), Settings{Trees: 20, Candidates: 300}), p, 50)))
			chance = append(chance, regret(p, minimize(t, r, p, 50)))
		}
		slices.Sort(smac)
		slices.Sort(chance)
		if !(smac[2] <= share*chance[2]) {
			t.Errorf("%s: median regret %v, random search %v", name, smac[2], chance[2])
		}
	}
}

// TestOrigins checks the plan of a study: the design first, then every fifth trial at random.
func TestOrigins(t *testing.T) {
	p := find(t, "branin")
	trials := minimize(t, open(t, p.Study(1), Settings{Trees: 3, Candidates: 20}), p, 25)
	design, err := p.Space.Design(space.Sobol, 10, p.Study(1).Stream(0).Uint64())
	if err != nil {
		t.Fatal(err)
	}
	for i, trial := range trials {
		want := Origin
		switch {
		case i < 10:
			want = OriginDesign
			if !trial.Config.Equal(design[i]) {
				t.Errorf("trial %d is %v, point %d of the design is %v", trial.ID, trial.Config, i, design[i])
			}
		case trial.ID%5 == 0:
			want = OriginRandom
		}
		if trial.Origin != want {
			t.Errorf("trial %d comes from %s, want %s", trial.ID, trial.Origin, want)
		}
	}
}

// TestExploresEveryArm checks, on a space with an arm that is always worst, that picks within one arm give it its share
// and follow its losses, that an arm in which all fail gets none, and that no share means none.
func TestExploresEveryArm(t *testing.T) {
	p := find(t, "cash")
	for _, tc := range []struct {
		share, penalty float64
		min, max       int
	}{{0, 9, 10, 30}, {-1, 9, 0, 0}, {1, math.NaN(), 0, 0}} {
		o := open(t, p.Study(2), Settings{Trees: 8, Candidates: 60, ArmShare: tc.share})
		var arms, bad int
		var losses []float64
		for id := study.TrialID(1); id <= 100; id++ {
			s := mustAsk(t, o, id, 1)[0]
			trial := complete(s, p.Loss(s.Config))
			if s.Config["algo"].Text() == "mlp" {
				trial.Losses[0] += tc.penalty
				if math.IsNaN(tc.penalty) {
					trial = study.Trial{Suggestion: s, Status: study.Failed}
				}
			}
			mustTell(t, o, trial)
			if s.Origin != OriginArm {
				continue
			}
			arms++
			if s.Config["algo"].Text() == "mlp" {
				bad++
				losses = append(losses, p.Loss(s.Config))
			}
		}
		if bad < tc.min || bad > tc.max || (arms > 0) != (tc.share >= 0) {
			t.Errorf("%+v: %d trials within the bad arm, %d within any", tc, bad, arms)
		}
		if n := len(losses); n > 0 && !(slices.Min(losses) < 0.1) {
			t.Errorf("%+v: the least loss of %d in the bad arm is %v", tc, n, slices.Min(losses))
		}
	}
}

// TestPicksWithinAnArm checks that all rows of a search within an arm are in it, and the arm that is least tried.
func TestPicksWithinAnArm(t *testing.T) {
	p := find(t, "cash")
	o := open(t, p.Study(1), Settings{})
	var pending [][]float64
	counts := map[string]int{"svm": 5, "rf": 4, "mlp": 6}
	within := map[string]arm{}
	for id := study.TrialID(1); id <= 80; id++ {
		c, err := p.Space.Sample(study.Problem{Seed: 7}.Stream(id))
		if err != nil {
			t.Fatal(err)
		}
		name := c["algo"].Text()
		switch within[name] = o.codec.Encode(c); {
		case counts[name] > 0:
			counts[name]--
			mustTell(t, o, complete(study.Suggestion{ID: id, Config: c}, p.Loss(c)))
		case name == "rf" && len(pending) < 3:
			pending = append(pending, o.codec.Encode(c))
		}
	}
	for name, running := range map[string][][]float64{"rf": nil, "svm": pending} {
		least, hits := within[name], 0
		for id := study.TrialID(1); id <= 50; id++ {
			if least.holds(o.leastTried(running, p.Study(1).Stream(id))) {
				hits++
			}
		}
		if hits < 38 || hits == 50 { // six draws miss an arm of three with (2/3)^6 = .09
			t.Errorf("%s, which is least tried, is chosen %d of 50 times", name, hits)
		}
	}
	if err := o.model.fit(); err != nil {
		t.Fatal(err)
	}
	for name, a := range within {
		rows := 0
		for row := range o.search.best(o.model, a, pending, p.Study(1).Stream(1)) {
			if rows++; !a.holds(row) {
				t.Fatalf("%v is not in the arm of %s", row, name)
			}
		}
		if best := o.model.bestIn(a); rows < 200 || !(best >= o.model.best) || math.IsInf(best, 1) {
			t.Errorf("%s: %d rows, the best target is %v, of all %v", name, rows, best, o.model.best)
		}
	}
}

// TestWarmStartsReplaceTheDesign checks that told trials count towards it, and that the design goes on from its start.
func TestWarmStartsReplaceTheDesign(t *testing.T) {
	p := find(t, "branin")
	o := open(t, p.Study(3), Settings{})
	design := mustAsk(t, o, 1, 10)
	for id := study.TrialID(1); id <= 8; id++ {
		c, err := p.Space.Sample(study.Problem{Seed: 7}.Stream(id))
		if err != nil {
			t.Fatal(err)
		}
		mustTell(t, o, complete(study.Suggestion{ID: id, Config: c, Origin: optimizers.OriginWarmStart}, p.Loss(c)))
	}
	answer := mustAsk(t, o, 9, 3)
	for i, want := range []string{OriginDesign, OriginRandom, Origin} {
		if answer[i].Origin == OriginDesign && !answer[i].Config.Equal(design[i].Config) {
			t.Errorf("trial %d is not point %d of the design", answer[i].ID, i)
		}
		if want == OriginRandom {
			want = OriginDesign // trial 10 is the tenth
		}
		if answer[i].Origin != want {
			t.Errorf("trial %d comes from %s, want %s", answer[i].ID, answer[i].Origin, want)
		}
	}
}

// TestPendingIsThePast checks that within one answer later trials know of the earlier ones as if these were pending.
func TestPendingIsThePast(t *testing.T) {
	p := find(t, "branin")
	o := open(t, p.Study(2), Settings{Trees: 20, Candidates: 200, Interleave: 1000})
	minimize(t, o, p, 30)
	batch := mustAsk(t, o, 31, 4)
	for i, s := range batch {
		if again := mustAsk(t, o, s.ID, 1)[0]; !reflect.DeepEqual(again, s) {
			t.Errorf("trial %d is %v, with the %d before it pending; within one call it was %v", s.ID, again.Config, i, s.Config)
		}
		mustTell(t, o, study.Trial{Suggestion: s})
	}
	fresh := open(t, p.Study(2), Settings{Trees: 20, Candidates: 200, Interleave: 1000})
	minimize(t, fresh, p, 30)
	if ignorant := mustAsk(t, fresh, 34, 1)[0]; ignorant.Config.Equal(batch[3].Config) {
		t.Errorf("trial 34 is %v whether three others are pending or not", ignorant.Config)
	}
}

// TestFailuresRepel checks that a region whose trials fail is left, although they have no loss.
func TestFailuresRepel(t *testing.T) {
	p := find(t, "branin")
	o := open(t, p.Study(5), Settings{Trees: 20, Candidates: 300, Interleave: 1000})
	inside := 0
	for id := study.TrialID(1); id <= 60; id++ {
		s := mustAsk(t, o, id, 1)[0]
		trial := complete(s, p.Loss(s.Config))
		if s.Config["x0"].Float() > 5 { // with one of the three minima
			trial = study.Trial{Suggestion: s, Status: study.OutOfMemory, Reason: "too large"}
			if id > 30 {
				inside++
			}
		}
		mustTell(t, o, trial)
	}
	if inside > 6 {
		t.Errorf("%d of the last 30 trials fail", inside)
	}
}

// TestLowerFidelitiesAreNotCompared checks that losses at lower fidelities teach nothing.
func TestLowerFidelitiesAreNotCompared(t *testing.T) {
	p := find(t, "counting_ones")
	with, without := open(t, p.Study(1), Settings{}), open(t, p.Study(1), Settings{})
	for id := study.TrialID(1); id <= 30; id++ {
		c, err := p.Space.Sample(study.Problem{}.Stream(id))
		if err != nil {
			t.Fatal(err)
		}
		trial := complete(study.Suggestion{ID: id, Config: c}, p.Loss(c))
		if id%2 == 0 {
			trial.Fidelity = study.Fidelity{p.Fidelities[0].Name: p.Fidelities[0].Low}
		}
		mustTell(t, with, trial)
		if trial.Losses[0] = 0; id%2 == 1 {
			trial.Losses[0] = p.Loss(c)
		}
		mustTell(t, without, trial)
	}
	if a, b := mustAsk(t, with, 31, 1), mustAsk(t, without, 31, 1); !reflect.DeepEqual(a, b) {
		t.Errorf("losses at the lowest fidelity change the answer from %v to %v", a, b)
	}
}

// TestSmallSpaceIsExhausted checks that every configuration is proposed once, then none.
func TestSmallSpaceIsExhausted(t *testing.T) {
	s, err := space.New([]space.Hyperparameter{
		{Name: "a", Type: space.TypeInt, Low: 1, High: 5}, {Name: "b", Type: space.TypeBool},
		{Name: "c", Type: space.TypeInt, Low: 1, High: 2, When: space.Equals("b", space.Bool(true))},
	})
	if err != nil {
		t.Fatal(err)
	}
	o := open(t, study.Problem{Space: s}, Settings{Initial: 4})
	seen := map[string]bool{}
	for id := study.TrialID(1); id <= 15; id++ {
		c := mustAsk(t, o, id, 1)[0]
		seen[fmt.Sprint(c.Config)] = true
		mustTell(t, o, complete(c, c.Config["a"].Float()))
	}
	if len(seen) != 15 {
		t.Errorf("%d of 15 configurations", len(seen))
	}
	if answer, err := o.Ask(context.Background(), 16, 1); err == nil {
		t.Errorf("a 16th configuration: %v", answer)
	}
	empty := open(t, study.Problem{}, Settings{})
	mustTell(t, empty, complete(mustAsk(t, empty, 1, 1)[0], 1))
	if answer, err := empty.Ask(context.Background(), 2, 1); err == nil {
		t.Errorf("a second configuration of no hyperparameters: %v", answer)
	}
}

// TestRandomTrialsShareTheGrowth checks that a random trial grows its share of the forest only where that is not for
// nothing, and that the next pick does not hang on it.
func TestRandomTrialsShareTheGrowth(t *testing.T) {
	p := find(t, "branin")
	for known, grown := range map[study.TrialID]bool{99: false, 299: true} {
		asked, unasked := open(t, p.Study(1), Settings{Trees: 4}), open(t, p.Study(1), Settings{Trees: 4})
		for _, o := range []*Optimizer{asked, unasked} {
			for id := study.TrialID(1); id <= known; id++ {
				c, err := p.Space.Sample(p.Study(2).Stream(id))
				if err != nil {
					t.Fatal(err)
				}
				mustTell(t, o, complete(study.Suggestion{ID: id, Config: c}, p.Loss(c)))
				if id == known-1 {
					mustAsk(t, o, known, 1)
				}
			}
		}
		s := mustAsk(t, asked, known+1, 1)[0]
		if s.Origin != OriginRandom || (len(asked.model.target) == int(known)) != grown {
			t.Errorf("with %d trials, a trial by %s leaves a forest of %d", known, s.Origin, len(asked.model.target))
		}
		for _, o := range []*Optimizer{asked, unasked} {
			mustTell(t, o, complete(s, p.Loss(s.Config)))
		}
		if a, b := mustAsk(t, asked, known+2, 1), mustAsk(t, unasked, known+2, 1); !reflect.DeepEqual(a, b) {
			t.Errorf("with %d trials it proposes %v, and %v if it was not asked before", known, a, b)
		}
	}
}

func TestSettingsRefused(t *testing.T) {
	for _, s := range []Settings{{Initial: -1}, {Trees: -1}, {Candidates: -3}, {Interleave: -1}, {ArmShare: 2}, {ArmShare: math.NaN()}} {
		if _, err := New(find(t, "branin").Study(0), s); err == nil {
			t.Errorf("%+v is taken", s)
		}
	}
}

// TestAllocations checks that candidates cost no allocations: ten times as many may not cost more than a few.
func TestAllocations(t *testing.T) {
	p := find(t, "cash")
	count := func(candidates int) float64 {
		o := open(t, p.Study(1), Settings{Trees: 10, Candidates: candidates})
		minimize(t, o, p, 40)
		return testing.AllocsPerRun(5, func() { mustAsk(t, o, 41, 1) })
	}
	if few, many := count(200), count(2000); many > few+100 {
		t.Errorf("%v allocations for 200 candidates, %v for 2000", few, many)
	}
}

// BenchmarkAskTell is a pick and a result after many.
func BenchmarkAskTell(b *testing.B) {
	for _, name := range []string{"hartmann6", "cash", "weka768"} {
		for _, known := range []int{100, 1000} {
			b.Run(fmt.Sprintf("%s/%d", name, known), func(b *testing.B) {
				b.ReportAllocs()
				p := find(b, name)
				o := open(b, p.Study(1), Settings{})
				for id := study.TrialID(1); int(id) <= known; id++ {
					c, err := p.Space.Sample(p.Study(2).Stream(id))
					if err != nil {
						b.Fatal(err)
					}
					mustTell(b, o, complete(study.Suggestion{ID: id, Config: c}, p.Loss(c)))
				}
				mustAsk(b, o, study.TrialID(known+1), 1)
				for id := study.TrialID(known + 1); b.Loop(); id++ {
					s := mustAsk(b, o, id, 1)[0]
					mustTell(b, o, complete(s, p.Loss(s.Config)))
				}
			})
		}
	}
}
