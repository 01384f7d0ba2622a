package handover_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/random"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/warmstart/handover"
)

// line is a problem over one number, minimising "loss".
func line(t testing.TB, seed uint64) study.Problem {
	t.Helper()
	s, err := space.New([]space.Hyperparameter{{Name: "x", Low: 0, High: 100}})
	if err != nil {
		t.Fatal(err)
	}
	return study.Problem{Space: s, Objectives: []study.Objective{{Metric: "loss"}}, Seed: seed}
}

func at(x float64) space.Config { return space.Config{"x": space.Float(x)} }

// picks are the configurations 0, 1, …, n-1; what an optimizer proposes in these tests lies above.
func picks(n int) []space.Config {
	var list []space.Config
	for i := range n {
		list = append(list, at(float64(i)))
	}
	return list
}

// play has a study of n trials follow the advice, one at a time, with the losses that are given for the picks in turn,
// and failures once there are none left. It returns a P for every pick and an o for every proposal.
func play(h *handover.Handover, n int, pick []float64, proposal float64, effort study.Fidelity) string {
	var word strings.Builder
	var trials []study.Trial
	taken := 0
	for i := range n {
		t := study.Trial{Suggestion: study.Suggestion{ID: study.TrialID(i + 1)}, Status: study.Complete}
		if c, ok := h.Next(trials); ok {
			t.Config, t.Origin = c, optimizers.OriginWarmStart
			if taken < len(pick) {
				t.Losses = []float64{pick[taken]}
			} else {
				t.Status = study.Failed
			}
			taken++
			word.WriteByte('P')
		} else {
			t.Config, t.Origin, t.Losses, t.Fidelity = at(50+float64(i)/10), "o", []float64{proposal}, effort
			word.WriteByte('o')
		}
		trials = append(trials, t)
	}
	return word.String()
}

func TestCourse(t *testing.T) {
	falling := []float64{30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19}
	third := study.Fidelity{"rows": 3}
	for _, tc := range []struct {
		name     string
		opt      handover.Options
		pick     []float64
		proposal float64
		effort   study.Fidelity
		want     string
	}{
		{"picks that improve alternate to the end", handover.Options{Picks: picks(8), Opening: 5, Patience: 5}, falling, 40, nil, "PPPPPoPoPoPooooo"},
		{"proposals are better: five more", handover.Options{Picks: picks(20), Opening: 5, Patience: 5}, falling, 1, nil, "PPPPPoPoPoPoPoPooooo"},
		{"the first pick was the best: the opening is all", handover.Options{Picks: picks(20), Opening: 5, Patience: 5}, []float64{1, 2, 3, 4, 5, 6}, 9, nil, "PPPPPooooo"},
		{"all fail", handover.Options{Picks: picks(20), Opening: 5, Patience: 5}, nil, 9, nil, "PPPPPooooo"},
		{"by default ten may fail", handover.Options{Picks: picks(20)}, nil, 9, nil, "PPPPPPPPPPooooo"},
		{"by default the eleventh has to wait", handover.Options{Picks: picks(20)}, falling[:2], 40, nil, "PPPPPPPPPPoPoPooo"},
		{"a long opening ends when it fails", handover.Options{Picks: picks(20), Opening: 12, Patience: 5}, nil, 9, nil, "PPPPPooooo"},
		{"a long opening goes on while it pays", handover.Options{Picks: picks(20), Opening: 8, Patience: 5}, falling[:8], 9, nil, "PPPPPPPPoPoPoPoPoPooo"},
		{"no opening", handover.Options{Picks: picks(2), Opening: -1}, falling, 40, nil, "PoPooo"},
		{"impatient", handover.Options{Picks: picks(9), Opening: 1, Patience: 2}, falling, 1, nil, "PoPooooo"},
		{"ever patient", handover.Options{Picks: picks(7), Opening: 5, Patience: -1}, nil, 1, nil, "PPPPPoPoPooo"},
		{"level is no improvement", handover.Options{Picks: picks(9), Opening: 1, Patience: 3}, []float64{2, 2, 2, 2}, 2, nil, "PoPoPoooo"},
		{"nothing to hand over", handover.Options{}, nil, 1, nil, "ooo"},
		{"repetitions count once", handover.Options{Picks: append(picks(2), picks(3)...)}, falling, 40, nil, "PPPooo"},
		{"cheap proposals have as much effort", handover.Options{Picks: picks(4), Opening: 1,
			Fidelities: []study.Range{{Name: "rows", Low: 1, High: 9}}}, falling, 40, third, "PoooPoooPoooPooo"},
	} {
		if got := play(handover.New(tc.opt), len(tc.want), tc.pick, tc.proposal, tc.effort); got != tc.want {
			t.Errorf("%s:\n%s, want\n%s", tc.name, got, tc.want)
		}
	}
}

// TestPicksComeInOrder checks which configurations are advised, and that those which the optimizer, the user or the
// study's warm starts came upon before are left out; at a lower fidelity is not before.
func TestPicksComeInOrder(t *testing.T) {
	h := handover.New(handover.Options{Picks: picks(5), Fidelities: []study.Range{{Name: "rows", Low: 1, High: 9}}})
	done := func(id int, x float64, origin string, f study.Fidelity) study.Trial {
		return study.Trial{Suggestion: study.Suggestion{ID: study.TrialID(id), Config: at(x), Origin: origin, Fidelity: f},
			Status: study.Complete, Losses: []float64{float64(-id)}}
	}
	trials := []study.Trial{
		done(1, 0, optimizers.OriginWarmStart, nil), done(2, 90, optimizers.OriginWarmStart, nil), done(3, 1, "tpe", nil),
		done(4, 2, "tpe", study.Fidelity{"rows": 1}), done(5, 2, "tpe", study.Fidelity{"rows": 9}),
	}
	for n, want := range map[int]float64{0: 0, 1: 1, 2: 1, 3: 2, 4: 2, 5: 3} {
		if got, ok := h.Next(trials[:n]); !ok || !got.Equal(at(want)) {
			t.Errorf("after %d trials %v, %v; want %v", n, got, ok, want)
		}
	}
}

// TestCutPicks: a pick that was stopped because the run ended is taken again, and is no failure.
func TestCutPicks(t *testing.T) {
	p := line(t, 1)
	synctest.Test(t, func(t *testing.T) {
		o, err := random.New(p, random.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		h := handover.New(handover.Options{Picks: picks(3), Opening: 1, Patience: 1})
		result, err := optimizers.Run(t.Context(), p, o, []optimizers.Evaluator{endless{}}, optimizers.Options{Advice: h, Time: 5 * time.Second})
		if err != nil || len(result.Trials) != 1 || !optimizers.CutOff(result.Trials[0]) {
			t.Fatalf("%+v, %v", result.Trials, err)
		}
		if c, ok := h.Next(result.Trials); !ok || !c.Equal(at(0)) {
			t.Errorf("next is %v, %v; want the first pick again", c, ok)
		}
	})
}

// endless reports each second until it is stopped.
type endless struct{}

func (endless) Evaluate(_ context.Context, _ study.Suggestion, report func(study.Observation) error) (study.Trial, error) {
	for step := 1; report(study.Observation{Step: step, Metrics: map[string]float64{"loss": 1}}) == nil; step++ {
		time.Sleep(time.Second)
	}
	return study.Trial{Status: study.Complete}, nil
}

// TestPendingPicks checks that running picks are no failures, but that no more of them run than the patience allows.
func TestPendingPicks(t *testing.T) {
	h := handover.New(handover.Options{Picks: picks(20), Opening: 20, Patience: 3})
	var trials []study.Trial
	begin := func() (ok bool) {
		c, ok := h.Next(trials)
		if ok {
			trials = append(trials, study.Trial{Suggestion: study.Suggestion{ID: study.TrialID(len(trials) + 1), Config: c, Origin: optimizers.OriginWarmStart}})
		}
		return ok
	}
	end := func(id int, loss float64) { trials[id-1].Status, trials[id-1].Losses = study.Complete, []float64{loss} }
	for range 3 {
		if !begin() {
			t.Fatal("the opening is shorter than the patience")
		}
	}
	if begin() {
		t.Error("a fourth pick begins while three are not known")
	}
	end(2, 5) // the first that ends improves on nothing
	if begin() {
		t.Error("a fourth pick begins though the three may all fail")
	}
	end(3, 4)
	more := 0
	for begin() {
		more++
	}
	if more != 2 {
		t.Errorf("after an improvement, three picks may run: one that did before, and two more, not %d", more)
	}
	end(4, 6)
	end(5, 6)
	end(1, 9) // ended last, but comes first: it does not end the row
	if !begin() || begin() {
		t.Error("two in a row have failed: one more")
	}
	end(6, 6)
	if begin() {
		t.Error("three in a row have failed, and a pick begins")
	}
}

var errKilled = errors.New("killed")

// mortal is a log that dies, without writing, at its n-th event from now.
type mortal struct {
	optimizers.Memory
	n int
}

func (m *mortal) Append(ctx context.Context, events ...optimizers.Event) error {
	if m.n--; m.n < 0 {
		return errKilled
	}
	return m.Memory.Append(ctx, events...)
}

// measure evaluates (x - 20)^2 with the trial's own noise.
type measure struct{}

func (measure) Evaluate(_ context.Context, s study.Suggestion, _ func(study.Observation) error) (study.Trial, error) {
	x := s.Config["x"].Float() - 20
	loss := x*x + rand.New(rand.NewPCG(s.Seed, 0)).NormFloat64()
	return study.Trial{Status: study.Complete, Observations: []study.Observation{{Metrics: map[string]float64{"loss": loss}}}}, nil
}

// run runs 40 trials on a log, with the first picks among the warm starts, as a study does that evaluates something
// else after them.
func run(t *testing.T, l optimizers.Ledger, slots int) ([]study.Trial, error) {
	t.Helper()
	p := line(t, 3)
	o, err := random.New(p, random.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	list := picks(30)
	result, err := optimizers.Run(context.Background(), p, o, slices.Repeat([]optimizers.Evaluator{measure{}}, slots), optimizers.Options{
		WarmStarts: append(slices.Clone(list[:5]), at(99)), Advice: handover.New(handover.Options{Picks: list}), Trials: 40, Ledger: l,
	})
	return result.Trials, err
}

// TestKilledAnywhere kills a study at each of its events in turn: the one that goes on has the same trials.
func TestKilledAnywhere(t *testing.T) {
	want, err := run(t, &optimizers.Memory{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	warm := 0
	for _, trial := range want {
		if trial.Origin == optimizers.OriginWarmStart {
			warm++
		}
	}
	if warm < 12 || warm > 25 {
		t.Errorf("%d of 40 trials are warm starts: the test tests little", warm)
	}
	for kill := range 80 {
		l := &mortal{n: kill}
		if _, err := run(t, l, 1); !errors.Is(err, errKilled) {
			t.Fatalf("killed at event %d: %v", kill, err)
		}
		l.n = 1000
		if got, err := run(t, l, 1); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("killed at event %d, the study is another (%v)", kill, err)
		}
	}
}

// TestManySlots checks that no pick is taken twice by eight evaluators.
func TestManySlots(t *testing.T) {
	trials, err := run(t, &optimizers.Memory{}, 8)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[float64]bool{}
	for _, trial := range trials {
		x := trial.Config["x"].Float()
		if trial.Origin == optimizers.OriginWarmStart && seen[x] {
			t.Errorf("%v is a warm start twice", x)
		}
		seen[x] = true
	}
}

func BenchmarkNext(b *testing.B) {
	h := handover.New(handover.Options{Picks: picks(25), Patience: -1})
	var trials []study.Trial
	for i := range 1000 {
		trials = append(trials, study.Trial{Suggestion: study.Suggestion{ID: study.TrialID(i + 1), Config: at(50 + float64(i)/100), Origin: "o"},
			Status: study.Complete, Losses: []float64{1}})
	}
	for b.Loop() {
		h.Next(trials)
	}
}
