package asha

import (
	"context"
	"errors"
	"math"
	"reflect"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/bandit"
	"github.com/metaml/metaml/optimizers/optimizertest"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

func TestConforms(t *testing.T) {
	optimizertest.Conform(t, func(tb testing.TB, p study.Problem, _ *study.Prior) optimizers.Optimizer {
		o, err := New(p, Settings{Eta: 2})
		if err != nil {
			tb.Fatal(err)
		}
		return o
	}, optimizertest.Options{Fidelity: true})
}

// nine is a problem of one number at 1, 3 or 9 epochs.
func nine(t testing.TB) study.Problem {
	t.Helper()
	s, err := space.New([]space.Hyperparameter{{Name: "x", Low: 0, High: 1}})
	if err != nil {
		t.Fatal(err)
	}
	return study.Problem{Space: s, Objectives: []study.Objective{{Metric: "m"}}, Fidelities: []study.Range{{Name: "epochs", Low: 1, High: 9, Integer: true}}}
}

// host begins and ends trials.
type host struct {
	t  *testing.T
	o  *Optimizer
	id study.TrialID
}

func (h *host) begin() study.Trial {
	h.t.Helper()
	answer, err := h.o.Ask(context.Background(), h.id+1, 1)
	if err != nil || len(answer) != 1 {
		h.t.Fatalf("%d suggestions, %v", len(answer), err)
	}
	h.id++
	trial := study.Trial{Suggestion: answer[0]}
	h.tell(trial)
	return trial
}

func (h *host) end(t study.Trial, loss float64) {
	t.Status, t.Losses = study.Complete, []float64{loss}
	h.tell(t)
}

func (h *host) tell(t study.Trial) {
	h.t.Helper()
	if err := h.o.Tell(context.Background(), t); err != nil {
		h.t.Fatal(err)
	}
}

// TestPromotion is algorithm 2 of the paper by hand, with eta = 3 and one worker: of every rung the best floor(n/3) go
// on, the higher rungs first.
func TestPromotion(t *testing.T) {
	o, err := New(nine(t), Settings{})
	if err != nil {
		t.Fatal(err)
	}
	h := &host{t: t, o: o}
	var parents []study.TrialID
	var epochs []float64
	losses := []float64{5, 3, 4, 3, 1, 6, 2, 1, 0, 8, 9, 0, 0, 2, 1, 1}
	for _, loss := range losses {
		trial := h.begin()
		parents, epochs = append(parents, trial.Parent), append(epochs, trial.Fidelity["epochs"])
		h.end(trial, loss)
	}
	// Trials 1-3 begin; the best of three, 2, goes on as 4. 5 begins and is the best of four: it goes on as 6. 7 and 8
	// begin; the best two of six are 5 and 8, which ties with it: 8 goes on as 9, and that is the best of the three of
	// the second rung: 10, in full. 11 and 12 begin, and 12 is the best of eight: 13. 14 and 15 begin, but of nine and ten
	// the best three are 12, 5 and 8, as 15 comes after those it ties with. Then 16 begins.
	wantParents := []study.TrialID{0, 0, 0, 2, 0, 5, 0, 0, 8, 9, 0, 0, 12, 0, 0, 0}
	wantEpochs := []float64{1, 1, 1, 3, 1, 3, 1, 1, 3, 0, 1, 1, 3, 1, 1, 1}
	if !reflect.DeepEqual(parents, wantParents) || !reflect.DeepEqual(epochs, wantEpochs) {
		t.Errorf("parents %v, want\n%v\nepochs %v, want\n%v", parents, wantParents, epochs, wantEpochs)
	}
}

// TestManyWorkersNeverWait begins 50 trials without a result, then ends three of them: the best goes on, once.
func TestManyWorkersNeverWait(t *testing.T) {
	o, err := New(nine(t), Settings{})
	if err != nil {
		t.Fatal(err)
	}
	h := &host{t: t, o: o}
	trials := []study.Trial{}
	for range 50 {
		trials = append(trials, h.begin())
	}
	h.end(trials[7], 2)
	failed := trials[8]
	failed.Status = study.Failed
	h.tell(failed)
	if next := h.begin(); next.Parent != 0 {
		t.Errorf("of two, trial %d goes on", next.Parent)
	}
	h.end(trials[9], 1)
	answer, err := o.Ask(context.Background(), h.id+1, 3)
	if err != nil || len(answer) != 3 || answer[0].Parent != 10 || answer[1].Parent != 0 || answer[2].Parent != 0 {
		t.Errorf("answer %+v, %v", answer, err)
	}
}

// TestSkip leaves out the cheapest level.
func TestSkip(t *testing.T) {
	o, err := New(nine(t), Settings{Skip: 1})
	if err != nil {
		t.Fatal(err)
	}
	if first := (&host{t: t, o: o}).begin(); first.Fidelity["epochs"] != 3 {
		t.Errorf("the first trial has fidelity %v", first.Fidelity)
	}
}

// TestSmallSpace evaluates all of a small space in full before it is exhausted.
func TestSmallSpace(t *testing.T) {
	p := nine(t)
	var err error
	if p.Space, err = space.New([]space.Hyperparameter{{Name: "x", Type: space.TypeInt, Low: 0, High: 4}}); err != nil {
		t.Fatal(err)
	}
	o, err := New(p, Settings{})
	if err != nil {
		t.Fatal(err)
	}
	h := &host{t: t, o: o}
	for range 15 {
		h.end(h.begin(), 1)
	}
	if answer, err := o.Ask(context.Background(), 16, 1); !errors.Is(err, optimizers.ErrExhausted) {
		t.Errorf("answer %+v, %v", answer, err)
	}
}

// TestBetterThanRandom compares the regret at five full evaluations with the expected one of random search, .371.
func TestBetterThanRandom(t *testing.T) {
	p, err := problem.Find("counting_ones")
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for seed := range uint64(20) {
		o, err := New(p.Study(seed), Settings{})
		if err != nil {
			t.Fatal(err)
		}
		spent := 0.0
		h, best, regret := &host{t: t, o: o}, math.Inf(1), 1.0
		level := 0.0
		for spent < 5 {
			trial := h.begin()
			effort := optimizers.Effort(p.Study(seed), trial.Fidelity)
			spent += effort
			loss := p.Measure(trial.Config, trial.Fidelity, seed)
			if effort > level || effort == level && loss < best {
				level, best, regret = effort, loss, p.Regret(trial.Config)
			}
			h.end(trial, loss)
		}
		sum += regret
	}
	if sum/20 > 0.32 {
		t.Errorf("mean regret %v", sum/20)
	}
}

func TestRefuses(t *testing.T) {
	for _, s := range []Settings{{Eta: 1}, {Fidelity: "rows"}, {Skip: 3}, {Skip: -1}} {
		if _, err := New(nine(t), s); !errors.Is(err, bandit.ErrSettings) {
			t.Errorf("%+v: error %v", s, err)
		}
	}
	for _, r := range []Rule{{Eta: 1}, {Eta: math.NaN()}, {Grace: 2}, {Grace: -1}} {
		if _, err := NewStopping(nine(t), nil, r); !errors.Is(err, bandit.ErrSettings) {
			t.Errorf("%+v: error %v", r, err)
		}
	}
}

// BenchmarkAskTell is one trial's cost among 1,000.
func BenchmarkAskTell(b *testing.B) {
	ctx := context.Background()
	var o *Optimizer
	for i := range b.N {
		id := study.TrialID(i%1000 + 1)
		if id == 1 {
			var err error
			if o, err = New(nine(b), Settings{}); err != nil {
				b.Fatal(err)
			}
		}
		answer, err := o.Ask(ctx, id, 1)
		if err != nil {
			b.Fatal(err)
		}
		t := study.Trial{Suggestion: answer[0]}
		pending := t
		t.Status, t.Losses = study.Complete, []float64{float64(i * 7919 % 101)}
		if err := o.Tell(ctx, pending, t); err != nil {
			b.Fatal(err)
		}
	}
}

// TestAskDoesNotGrow counts the allocations of an Ask after 100 and after 5,000 trials.
func TestAskDoesNotGrow(t *testing.T) {
	o, err := New(nine(t), Settings{})
	if err != nil {
		t.Fatal(err)
	}
	h := &host{t: t, o: o}
	var allocations []float64
	for id := 1; id <= 5000; id++ {
		if id == 100 || id == 5000 {
			allocations = append(allocations, testing.AllocsPerRun(20, func() {
				if _, err := o.Ask(context.Background(), h.id+1, 1); err != nil {
					t.Fatal(err)
				}
			}))
		}
		h.end(h.begin(), float64(id*7919%101))
	}
	if allocations[1] > allocations[0]+10 {
		t.Errorf("allocations of an Ask grow from %v to %v", allocations[0], allocations[1])
	}
}
