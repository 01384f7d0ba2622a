package hyperband

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/bandit"
	"github.com/metaml/metaml/optimizers/optimizertest"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/random"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

func TestConforms(t *testing.T) {
	for name, settings := range map[string]Settings{"paper": {}, "floor": {Floor: true, Eta: 2, Fidelity: ""}} {
		t.Run(name, func(t *testing.T) {
			optimizertest.Conform(t, func(tb testing.TB, p study.Problem, _ *study.Prior) optimizers.Optimizer {
				o, err := New(p, settings)
				if err != nil {
					tb.Fatal(err)
				}
				return o
			}, optimizertest.Options{Fidelity: true})
		})
	}
}

// run runs trials one after another on a problem with noise of the given seed and returns them.
func run(t *testing.T, p problem.Problem, o optimizers.Optimizer, seed uint64, trials int) []study.Trial {
	t.Helper()
	r, err := optimizers.Run(context.Background(), p.Study(seed), o, []optimizers.Evaluator{p.Evaluator(seed)}, optimizers.Options{Trials: trials})
	if err != nil {
		t.Fatal(err)
	}
	return r.Trials
}

func find(t *testing.T, name string) problem.Problem {
	t.Helper()
	p, err := problem.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestOneRound checks the first round on five levels against the paper's table: how many trials at which fidelity,
// and that a trial that goes on has its parent's configuration and is among the best of its rung.
func TestOneRound(t *testing.T) {
	p := find(t, "counting_ones")
	o, err := New(p.Study(1), Settings{})
	if err != nil {
		t.Fatal(err)
	}
	trials := run(t, p, o, 1, 121+49+21+10+5)
	count := map[float64][2]int{} // by fidelity: new, continued
	for _, trial := range trials {
		b, ok := trial.Fidelity["b"]
		if !ok {
			b = 729
		}
		n := count[b]
		if trial.Parent == 0 {
			n[0]++
		} else {
			n[1]++
			parent := trials[trial.Parent-1]
			if !parent.Config.Equal(trial.Config) || parent.Fidelity["b"]*3 != b {
				t.Errorf("trial %d at %v continues %+v", trial.ID, trial.Fidelity, parent.Suggestion)
			}
		}
		count[b] = n
	}
	want := map[float64][2]int{9: {81, 0}, 27: {34, 27}, 81: {15, 9 + 11}, 243: {8, 3 + 3 + 5}, 729: {5, 1 + 1 + 1 + 2}}
	if !reflect.DeepEqual(count, want) {
		t.Errorf("trials by fidelity %v, want %v", count, want)
	}
	if trials[81].Parent != best(trials[:81]) {
		t.Errorf("trial 82 continues trial %d, the best of the first rung is %d", trials[81].Parent, best(trials[:81]))
	}
}

func best(trials []study.Trial) study.TrialID {
	b := trials[0]
	for _, t := range trials {
		if t.Losses[0] < b.Losses[0] {
			b = t
		}
	}
	return b.ID
}

// regretAt returns the regret of the incumbent after that many full evaluations, without credit for continuing.
func regretAt(t *testing.T, p problem.Problem, trials []study.Trial, budget float64) float64 {
	t.Helper()
	st, spent := p.Study(0), 0.0
	for i, trial := range trials {
		if spent += optimizers.Effort(st, trial.Fidelity); spent > budget+1e-9 {
			trials = trials[:i]
			break
		}
	}
	incumbent, ok := optimizers.Incumbent(st, trials)
	if !ok {
		t.Fatal("no incumbent")
	}
	return p.Regret(incumbent.Config)
}

// TestBeatsRandomEarly compares with random search at five full evaluations: the mean over 20 seeds is at least a
// tenth of the range better, which random search itself would not be.
func TestBeatsRandomEarly(t *testing.T) {
	p := find(t, "counting_ones")
	gain := 0.0
	for seed := range uint64(20) {
		o, err := New(p.Study(seed), Settings{})
		if err != nil {
			t.Fatal(err)
		}
		full, _ := random.New(p.Study(seed+100), random.Settings{})
		gain += regretAt(t, p, run(t, p, full, seed, 5), 5) - regretAt(t, p, run(t, p, o, seed, 121), 5)
	}
	if gain /= 20; gain < 0.05 {
		t.Errorf("the regret at five full evaluations is smaller by %v only", gain)
	}
}

// TestSmallSpace evaluates all of a small space in full before it is exhausted.
func TestSmallSpace(t *testing.T) {
	s, err := space.New([]space.Hyperparameter{{Name: "n", Type: space.TypeInt, Low: 1, High: 5}})
	if err != nil {
		t.Fatal(err)
	}
	p := study.Problem{Space: s, Objectives: []study.Objective{{Metric: "m"}}, Fidelities: []study.Range{{Name: "epochs", Low: 1, High: 9, Integer: true}}}
	o, err := New(p, Settings{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := optimizers.Run(context.Background(), p, o, []optimizers.Evaluator{constant{}, constant{}, constant{}}, optimizers.Options{Trials: 1000})
	if err != nil || r.End != optimizers.EndExhausted {
		t.Fatalf("%d trials, end %s, %v", len(r.Trials), r.End, err)
	}
	seen := map[int64]bool{}
	for _, trial := range r.Trials {
		if optimizers.Effort(p, trial.Fidelity) == 1 {
			seen[trial.Config["n"].Int()] = true
		}
	}
	if len(seen) != 5 {
		t.Errorf("evaluated in full: %v", seen)
	}
}

// constant measures 1 everywhere.
type constant struct{}

func (constant) Evaluate(_ context.Context, s study.Suggestion, _ func(study.Observation) error) (study.Trial, error) {
	return study.Trial{Suggestion: s, Status: study.Complete, Observations: []study.Observation{{Metrics: map[string]float64{"m": 1}}}}, nil
}

func TestRefuses(t *testing.T) {
	p := find(t, "counting_ones").Study(0)
	for _, s := range []Settings{{Eta: 1}, {Eta: -3}, {Fidelity: "epochs"}, {Skip: -1}, {Skip: 5}} {
		if _, err := New(p, s); !errors.Is(err, bandit.ErrSettings) {
			t.Errorf("%+v: error %v", s, err)
		}
	}
}

// BenchmarkAskTell is one trial's cost among 1,000.
func BenchmarkAskTell(b *testing.B) {
	p, err := problem.Find("counting_ones")
	if err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	var o *Optimizer
	for i := range b.N {
		id := study.TrialID(i%1000 + 1)
		if id == 1 {
			if o, err = New(p.Study(1), Settings{}); err != nil {
				b.Fatal(err)
			}
		}
		answer, err := o.Ask(ctx, id, 1)
		if err != nil {
			b.Fatal(err)
		}
		t := study.Trial{Suggestion: answer[0]}
		if err := o.Tell(ctx, t); err != nil {
			b.Fatal(err)
		}
		t.Status, t.Losses = study.Complete, []float64{float64(i * 7919 % 101)}
		if err := o.Tell(ctx, t); err != nil {
			b.Fatal(err)
		}
	}
}

// TestAskDoesNotGrow counts the allocations of an Ask after 100 and after 5,000 trials.
func TestAskDoesNotGrow(t *testing.T) {
	ctx, p := context.Background(), find(t, "counting_ones").Study(1)
	o, err := New(p, Settings{})
	if err != nil {
		t.Fatal(err)
	}
	var allocations []float64
	for id := study.TrialID(1); id <= 5000; id++ {
		if id == 100 || id == 5000 {
			allocations = append(allocations, testing.AllocsPerRun(20, func() {
				if _, err := o.Ask(ctx, id, 1); err != nil {
					t.Fatal(err)
				}
			}))
		}
		answer, err := o.Ask(ctx, id, 1)
		if err != nil {
			t.Fatal(err)
		}
		trial := study.Trial{Suggestion: answer[0], Status: study.Complete, Losses: []float64{float64(id * 7919 % 101)}}
		if err := o.Tell(ctx, study.Trial{Suggestion: answer[0]}, trial); err != nil {
			t.Fatal(err)
		}
	}
	if allocations[1] > allocations[0]+10 {
		t.Errorf("allocations of an Ask grow from %v to %v", allocations[0], allocations[1])
	}
}
