package optimizerbench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/random"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

func named(t testing.TB, name string) problem.Problem {
	t.Helper()
	p, err := problem.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// scripted is a method that proposes what a list says, and then nothing.
type scripted struct {
	name  string
	list  []study.Suggestion
	fails error
}

func (s scripted) Name() string                { return s.name }
func (s scripted) Versions() map[string]string { return map[string]string{"script": "1"} }
func (s scripted) Close() error                { return nil }

func (s scripted) Open(context.Context, problem.Problem, uint64, float64) (Session, error) {
	if s.fails != nil {
		return nil, s.fails
	}
	return &scriptedSession{list: s.list}, nil
}

type scriptedSession struct {
	list []study.Suggestion
	told []float64
}

func (s *scriptedSession) Next(context.Context) (study.Suggestion, error) {
	if len(s.told) == len(s.list) {
		return study.Suggestion{}, optimizers.ErrExhausted
	}
	return s.list[len(s.told)], nil
}

func (s *scriptedSession) Tell(_ context.Context, loss float64) error {
	s.told = append(s.told, loss)
	return nil
}

func (s *scriptedSession) Close() (time.Duration, error) {
	return time.Duration(len(s.told)) * time.Millisecond, nil
}

// at is a suggestion on Branin's function.
func at(x, y float64) study.Suggestion {
	return study.Suggestion{Config: space.Config{"x0": space.Float(x), "x1": space.Float(y)}}
}

// TestRegretAtCheckpoints follows the incumbent of a scripted run: 30 trials, the 10th better than the first, the 26th
// the optimum.
func TestRegretAtCheckpoints(t *testing.T) {
	p := named(t, "branin")
	list := slices.Repeat([]study.Suggestion{at(2.5, 7.5)}, 30)
	list[9], list[25] = at(3, 3), at(math.Pi, 2.275)
	good := p.Regret(list[9].Config)
	for _, tc := range []struct {
		budget float64
		want   []float64
	}{{25, []float64{good}}, {26, []float64{good, 0}}, {60, []float64{good, 0, 0}}, {9, []float64{p.Regret(list[0].Config)}}} {
		o, err := play(context.Background(), p, scripted{list: list}, 1, tc.budget)
		if err != nil {
			t.Fatal(err)
		}
		if len(o.Regret) != len(tc.want) || o.Evaluations != min(30, int(tc.budget)) || o.CPU != time.Duration(o.Evaluations)*time.Millisecond {
			t.Errorf("budget %v: %+v", tc.budget, o)
			continue
		}
		for i, want := range tc.want {
			if math.Abs(o.Regret[i]-want) > 1e-9 {
				t.Errorf("budget %v: regrets %v, want %v", tc.budget, o.Regret, tc.want)
			}
		}
	}
}

// ones is a configuration of counting_ones of which the first n bits and numbers are 1, measured with b coins.
func ones(n int, b float64) study.Suggestion {
	c := space.Config{}
	for i := range 8 {
		v := int64(0)
		if i < n {
			v = 1
		}
		c["c"+string(rune('0'+i))], c["x"+string(rune('0'+i))] = space.Int(v), space.Float(float64(v))
	}
	return study.Suggestion{Config: c, Fidelity: study.Fidelity{"b": b}}
}

// TestMultiFidelityCost checks the account of a run with a fidelity: a third of the coins costs a third; the incumbent
// is the best at the highest fidelity so far, even where a cheaper one was better; going on costs the difference, if
// there is credit.
func TestMultiFidelityCost(t *testing.T) {
	p := named(t, "counting_ones")
	list := []study.Suggestion{
		ones(6, 243), ones(4, 243), ones(2, 243), // 1/3 each: incumbent 6
		ones(4, 729), // in all 2; with credit 1 + 2/3
		ones(6, 729), // in all 3; with credit 2 + 1/3
		ones(8, 243), // 3 1/3; cheaper than the best so far, so no incumbent
		ones(8, 729), // 4 1/3; with credit 3 1/3
	}
	full := func(n int) float64 { return 1 - float64(n)/8 }
	for _, tc := range []struct{ budget, paid, credited float64 }{
		{1, full(6), full(6)}, {2, full(4), full(4)}, {2.5, full(4), full(6)}, {3.4, full(6), full(8)}, {4.4, full(8), full(8)},
	} {
		o, err := play(context.Background(), p, scripted{list: list}, 1, tc.budget)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(o.Regret[0]-tc.paid) > 1e-9 || math.Abs(o.Credited[0]-tc.credited) > 1e-9 {
			t.Errorf("budget %v: regret %v, with credit %v; want %v, %v", tc.budget, o.Regret, o.Credited, tc.paid, tc.credited)
		}
	}
	o, err := play(context.Background(), p, scripted{}, 1, 10)
	if err != nil || len(o.Regret) != 2 || !math.IsNaN(o.Regret[0]) {
		t.Errorf("without a trial: %+v, %v", o, err)
	}
}

func TestCheckpoints(t *testing.T) {
	for _, tc := range []struct {
		problem string
		budget  float64
		want    []float64
	}{
		{"branin", 100, []float64{25, 50, 100}}, {"branin", 60, []float64{25, 50, 60}}, {"branin", 10, []float64{10}},
		{"branin", 2000, []float64{25, 50, 100, 500, 1000, 2000}}, {"counting_ones", 25, []float64{5, 10, 25}},
		{"counting_ones", 100, []float64{5, 10, 25, 100}},
	} {
		if got := Checkpoints(named(t, tc.problem), tc.budget); !slices.Equal(got, tc.want) {
			t.Errorf("%s, %v: %v, want %v", tc.problem, tc.budget, got, tc.want)
		}
	}
}

// randomMethod is random search in process.
func randomMethod() Method {
	return NewLocal("random", "0", func(_ context.Context, p study.Problem, _ float64) (optimizers.Optimizer, error) {
		return random.New(p, random.Settings{})
	})
}

func TestRun(t *testing.T) {
	var cells, done, skipped int
	refuses := scripted{name: "refuses", fails: ErrUnsupported}
	opt := Options{
		Problems: []problem.Problem{named(t, "branin"), named(t, "counting_ones")}, Methods: []Method{refuses, randomMethod()},
		Seeds: 3, SeedBase: 5, Date: "2020-01-02",
		Done:    func(string, string) { done++ },
		Skipped: func(string, string, error) { skipped++ },
		Cell:    func(Cell) error { cells++; return nil },
	}
	got, err := Run(context.Background(), opt)
	if err != nil || len(got) != 2 || cells != 2 || done != 6 || skipped != 2 {
		t.Fatalf("%d cells, %d, %d done, %d skipped, %v", len(got), cells, done, skipped, err)
	}
	c := got[0]
	if c.Problem != "branin" || c.Method != "random" || c.Seeds != 3 || c.SeedBase != 5 || c.Budget != 100 || c.Evaluations != 100 ||
		len(c.Regret) != 3 || len(c.Runs) != 3 || c.LogRegret == nil || c.Credited != nil || c.Success != nil || c.CPU <= 0 {
		t.Errorf("%+v", c)
	}
	slices.Sort(c.Runs)
	if q := c.Regret["100"]; q.Median != c.Runs[1] || q.Q25 != (c.Runs[0]+c.Runs[1])/2 || q.Q75 != (c.Runs[1]+c.Runs[2])/2 {
		t.Errorf("quartiles %+v of %v", q, c.Runs)
	}
	if math.Abs(c.CPUPerEvaluation-1000*c.CPU/300) > 1e-12 {
		t.Errorf("%v ms per trial, %v s in 300", c.CPUPerEvaluation, c.CPU)
	}
	if c := got[1]; c.Budget != 25 || c.Regret["5"].Median < c.Regret["25"].Median || len(c.Credited) != 3 {
		t.Errorf("%+v", c)
	}
	again, err := Run(context.Background(), opt)
	if err != nil || !slices.Equal(again[1].Runs, got[1].Runs) {
		t.Errorf("a second run differs: %v, %v, %v", again[1].Runs, got[1].Runs, err)
	}
}

// TestRunStops checks that an interrupted benchmark, and one whose method fails, keeps what is complete.
func TestRunStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	opt := Options{Problems: []problem.Problem{named(t, "branin"), named(t, "cash")}, Methods: []Method{randomMethod()}, Seeds: 2}
	opt.Cell = func(Cell) error { cancel(); return nil }
	if cells, err := Run(ctx, opt); len(cells) != 1 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d cells, %v", len(cells), err)
	}
	broken := errors.New("broken")
	opt.Cell, opt.Methods = nil, append(opt.Methods, scripted{name: "breaks", fails: broken})
	if cells, err := Run(context.Background(), opt); len(cells) != 1 || !errors.Is(err, broken) || !strings.Contains(err.Error(), "breaks on branin: seed 0") {
		t.Errorf("%d cells, %v", len(cells), err)
	}
	opt.Cell, opt.Methods = func(Cell) error { return broken }, opt.Methods[:1]
	if _, err := Run(context.Background(), opt); !errors.Is(err, broken) {
		t.Errorf("results that cannot be written: %v", err)
	}
}

// liar proposes what is in no space, or nothing.
type liar struct{ answer []study.Suggestion }

func (l liar) Ask(context.Context, study.TrialID, int) ([]study.Suggestion, error) {
	return l.answer, nil
}
func (l liar) Tell(context.Context, ...study.Trial) error { return nil }

func TestBrokenContracts(t *testing.T) {
	outside := at(99, 0)
	outside.ID = 1
	for _, answer := range [][]study.Suggestion{nil, {outside}} {
		m := NewLocal("liar", "0", func(context.Context, study.Problem, float64) (optimizers.Optimizer, error) { return liar{answer}, nil })
		if _, err := play(context.Background(), named(t, "branin"), m, 0, 5); !errors.Is(err, optimizers.ErrContract) {
			t.Errorf("answer %v: error %v", answer, err)
		}
	}
}

// listener notes what it is told.
type listener struct {
	optimizers.Optimizer
	told   []study.Trial
	closed bool
}

func (l *listener) Tell(ctx context.Context, trials ...study.Trial) error {
	l.told = append(l.told, trials...)
	return l.Optimizer.Tell(ctx, trials...)
}

func (l *listener) Close() error { l.closed = true; return nil }

// TestLocalTellsAsTheLoopDoes checks that an optimizer hears of a trial when it begins and when it has ended.
func TestLocalTellsAsTheLoopDoes(t *testing.T) {
	p := named(t, "branin")
	var l *listener
	m := NewLocal("listener", "0", func(_ context.Context, s study.Problem, _ float64) (optimizers.Optimizer, error) {
		inner, err := random.New(s, random.Settings{})
		l = &listener{Optimizer: inner}
		return l, err
	})
	if _, err := play(context.Background(), p, m, 3, 2); err != nil {
		t.Fatal(err)
	}
	if len(l.told) != 4 || !l.closed {
		t.Fatalf("told %d times, closed %v", len(l.told), l.closed)
	}
	for i, trial := range l.told {
		want := study.Pending
		if i%2 == 1 {
			want = study.Complete
		}
		if trial.Status != want || trial.ID != study.TrialID(i/2+1) {
			t.Errorf("%d: trial %d is %v", i, trial.ID, trial.Status)
		}
		if want == study.Complete && (trial.Losses[0] != p.Loss(trial.Config) || trial.Observations[0].Metrics[problem.Metric] != trial.Losses[0]) {
			t.Errorf("trial %d: %+v", trial.ID, trial)
		}
	}
}

func TestReadCells(t *testing.T) {
	cells, err := Run(context.Background(), Options{Problems: []problem.Problem{named(t, "hartmann6")}, Methods: []Method{randomMethod()}, Seeds: 4})
	if err != nil {
		t.Fatal(err)
	}
	if s := cells[0].Success; s == nil || *s < 0 || *s > 1 {
		t.Errorf("success on hartmann6: %v", s)
	}
	var b bytes.Buffer
	for range 2 {
		if err := json.NewEncoder(&b).Encode(cells[0]); err != nil {
			t.Fatal(err)
		}
	}
	again, err := ReadCells(&b)
	if err != nil || len(again) != 2 || !slices.Equal(again[1].Runs, cells[0].Runs) || again[0].Regret["50"] != cells[0].Regret["50"] {
		t.Errorf("%+v, %v", again, err)
	}
	for _, text := range []string{"{", `{"schema_version":2,"problem":"p","method":"m"}`, `{"schema_version":1}`, `[]`} {
		if _, err := ReadCells(strings.NewReader(text)); !errors.Is(err, ErrResults) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// FuzzReadCells checks that no file makes the comparison of its results panic.
func FuzzReadCells(f *testing.F) {
	f.Add(`{"schema_version":1,"problem":"p","method":"m","runs":[1,2],"spread":1}{"schema_version":1,"problem":"p","method":"n","runs":[2,3],"spread":1}`)
	f.Add(`{"schema_version":1,"problem":"p","method":"m","runs":[],"regret":{"x":{}}}`)
	f.Fuzz(func(_ *testing.T, text string) {
		cells, err := ReadCells(strings.NewReader(text))
		if err != nil || len(cells) < 2 || len(cells) > 8 {
			return
		}
		Ranks(cells)
		Differences(cells, cells[0].Method, cells[1].Method)
	})
}
