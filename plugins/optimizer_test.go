//go:build unix

package plugins

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// testProblem is a small problem with a mixed choice and a seed that needs all 64 bits.
func testProblem(t *testing.T) study.Problem {
	t.Helper()
	s, err := space.New([]space.Hyperparameter{
		{Name: "x", Type: space.TypeFloat, Low: 0, High: 1},
		{Name: "kind", Type: space.TypeCategorical, Choices: []space.Value{space.String("a"), space.Float(0.5), space.Null()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return study.Problem{
		Space: s, Objectives: []study.Objective{{Metric: "loss"}}, Seed: math.MaxUint64,
		Fidelities: []study.Range{{Name: "rows", Low: 10, High: 1000}},
	}
}

func startOptimizer(t *testing.T, a accident) *Optimizer {
	t.Helper()
	settings, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	command := playing(t, "optimizer")
	if a.How == "hang" && a.Mark != "" {
		command.CallTimeout = time.Second
	}
	o, err := StartOptimizer(t.Context(), "drift", command, testProblem(t), settings, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.Close() })
	return o
}

// script runs a study of six rounds against an optimizer and returns everything it said. Between any two calls it
// calls disturb.
func script(t *testing.T, o optimizers.Optimizer, disturb func(event int)) []study.Suggestion {
	t.Helper()
	var said []study.Suggestion
	event := 0
	next := func() { disturb(event); event++ }
	for round := range 6 {
		first := study.TrialID(2*round + 1)
		batch, err := o.Ask(t.Context(), first, 2)
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, batch...)
		next()
		for _, s := range batch {
			if err := o.Tell(t.Context(), study.Trial{Suggestion: s}); err != nil {
				t.Fatal(err)
			}
			next()
		}
		observation := study.Observation{Step: round % 5, Metrics: map[string]float64{"loss": float64(round) / 3}}
		stop, err := o.(optimizers.Stopper).Observe(t.Context(), first, observation)
		if err != nil || stop != (round%5 >= 3) {
			t.Fatalf("round %d: Observe = %v, %v", round, stop, err)
		}
		next()
		for i := range batch { // the second ends first
			s := batch[len(batch)-1-i]
			loss := s.Config["x"].Float() * float64(round+1)
			if err := o.Tell(t.Context(), study.Trial{Suggestion: s, Status: study.Complete, Losses: []float64{loss}}); err != nil {
				t.Fatal(err)
			}
			next()
		}
	}
	return said
}

// undisturbed is what the script's study says in process.
func undisturbed(t *testing.T) []study.Suggestion {
	return script(t, &drifter{problem: testProblem(t)}, func(int) {})
}

func TestOptimizerSaysTheSameInItsOwnProcess(t *testing.T) {
	o := startOptimizer(t, accident{})
	pid := o.PID()
	if pid == os.Getpid() || !alive(pid) {
		t.Fatalf("process %d is not a living process of its own", pid)
	}
	if got, want := script(t, o, func(int) {}), undisturbed(t); !reflect.DeepEqual(got, want) {
		t.Errorf("suggestions\n%v\nwant\n%v", got, want)
	}
	if o.PID() != pid {
		t.Errorf("the process changed from %d to %d", pid, o.PID())
	}
	if _, err := o.Ask(t.Context(), 101, 1); !errors.Is(err, optimizers.ErrExhausted) {
		t.Errorf("Ask beyond the end: %v", err)
	}
	if err := o.Close(); err != nil || alive(pid) {
		t.Errorf("Close: %v; process alive: %v", err, alive(pid))
	}
}

func TestOptimizerKilledAfterEveryEventSaysTheSame(t *testing.T) {
	o := startOptimizer(t, accident{})
	pids := map[int]bool{}
	got := script(t, o, func(int) {
		pids[o.PID()] = true
		if err := syscall.Kill(o.PID(), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	})
	if want := undisturbed(t); !reflect.DeepEqual(got, want) {
		t.Errorf("suggestions\n%v\nwant\n%v", got, want)
	}
	if len(pids) != 36 {
		t.Errorf("%d processes for 36 kills", len(pids))
	}
}

func TestOptimizerLostDuringACallSaysTheSame(t *testing.T) {
	for _, on := range []string{"ask", "tell", "observe"} {
		for _, how := range []string{"kill", "panic", "hang"} {
			t.Run(on+" "+how, func(t *testing.T) {
				t.Parallel()
				mark := filepath.Join(t.TempDir(), "mark")
				o := startOptimizer(t, accident{On: on, How: how, Mark: mark})
				pid := o.PID()
				if got, want := script(t, o, func(int) {}), undisturbed(t); !reflect.DeepEqual(got, want) {
					t.Errorf("suggestions\n%v\nwant\n%v", got, want)
				}
				if o.PID() == pid || alive(pid) {
					t.Errorf("the process that suffered the accident was not replaced")
				}
			})
		}
	}
}

func TestOptimizerThatAlwaysDiesIsQuarantined(t *testing.T) {
	o := startOptimizer(t, accident{On: "ask", How: "panic"})
	_, err := o.Ask(t.Context(), 1, 1)
	if !errors.Is(err, ErrQuarantined) || !strings.Contains(err.Error(), "panic: an accident in ask") {
		t.Fatalf("error %v, want ErrQuarantined with the panic", err)
	}
	if o.failures != mostRestarts+1 {
		t.Errorf("%d processes failed, want the first and %d restarts", o.failures, mostRestarts)
	}
	pid := o.PID()
	if err := o.Tell(t.Context()); err != nil {
		t.Errorf("Tell of nothing: %v", err)
	}
	if _, err := o.Ask(t.Context(), 1, 1); !errors.Is(err, ErrQuarantined) || o.PID() != pid {
		t.Errorf("in quarantine: %v, process %d after %d", err, o.PID(), pid)
	}
}

func TestOptimizerErrorIsNoCrash(t *testing.T) {
	o := startOptimizer(t, accident{})
	pid := o.PID()
	refused := study.Trial{Suggestion: study.Suggestion{ID: 1}, Status: study.Failed, Reason: "refuse me"}
	err := o.Tell(t.Context(), refused)
	if err == nil || errors.Is(err, ErrLost) || !strings.Contains(err.Error(), "this trial is not wanted") {
		t.Errorf("Tell: %v", err)
	}
	if o.PID() != pid || !alive(pid) {
		t.Error("the process was replaced because of an error of the optimizer's own")
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Ask(t.Context(), 1, 1); err != nil {
		t.Errorf("after a restart, with the refused trial not replayed: %v", err)
	}
}

func TestOptimizerRefusesWhatThePluginCannotDo(t *testing.T) {
	problem := testProblem(t)
	conditional, err := space.New([]space.Hyperparameter{
		{Name: "x", Type: space.TypeBool},
		{Name: "y", Type: space.TypeFloat, High: 1, When: space.Equals("x", space.Bool(true))},
	})
	if err != nil {
		t.Fatal(err)
	}
	all := Capabilities{Conditions: true, Categorical: true, Prior: true, Objectives: 2}
	cases := map[string]struct {
		can     Capabilities
		problem study.Problem
		prior   *study.Prior
		want    string // empty: allowed
	}{
		"all":         {all, problem, &study.Prior{}, ""},
		"categorical": {Capabilities{}, problem, nil, "categorical"},
		"conditions":  {Capabilities{Categorical: true}, study.Problem{Space: conditional}, nil, "conditions"},
		"objectives":  {all, study.Problem{Objectives: make([]study.Objective, 3)}, nil, "3 objectives, at most 2"},
		"one":         {Capabilities{}, study.Problem{Objectives: make([]study.Objective, 2)}, nil, "2 objectives, at most 1"},
		"prior":       {Capabilities{}, study.Problem{}, &study.Prior{}, "a prior"},
	}
	for name, c := range cases {
		err := c.can.suffice(c.problem, c.prior)
		if c.want == "" && err != nil || c.want != "" && (!errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	problem.Space = conditional
	if _, err := StartOptimizer(t.Context(), "drift", playing(t, "optimizer"), problem, nil, nil); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("StartOptimizer: %v", err)
	}
}

func TestOptimizerIsPrimed(t *testing.T) {
	prior := study.Prior{Tasks: []study.WeightedTask{{Name: "iris", Weight: 0.3}}}
	primed := &drifter{problem: testProblem(t)}
	if err := primed.Prime(t.Context(), prior); err != nil {
		t.Fatal(err)
	}
	want, err := primed.Ask(t.Context(), 1, 3)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := StartOptimizer(t.Context(), "drift", playing(t, "optimizer"), testProblem(t), nil, &prior)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = opened.Close() }()
	later := startOptimizer(t, accident{})
	if err := later.Prime(t.Context(), prior); err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]*Optimizer{"opened with a prior": opened, "primed later": later} {
		if got, err := o.Ask(t.Context(), 1, 3); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v; want %v", name, got, err, want)
		}
		if err := syscall.Kill(o.PID(), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		if got, err := o.Ask(t.Context(), 1, 3); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s, killed: %v, %v; want %v", name, got, err, want)
		}
		if err := o.Prime(t.Context(), prior); err == nil {
			t.Errorf("%s: a prior after the first Ask was taken", name)
		}
	}
}

func TestOptimizerAnswersAreChecked(t *testing.T) {
	wants := map[string]string{
		"too many":      "3 suggestions where at most 2 were asked for",
		"wrong number":  "suggestion 2 of 2 has number 5 instead of 6",
		"out of range":  `hyperparameter "x": 1.5 is outside [0, 1]`,
		"missing value": "config.x: is missing",
		"incomplete":    `hyperparameter "kind" is missing`,
	}
	for name := range wrongSuggestions() {
		o, err := StartOptimizer(t.Context(), "broken", playing(t, "broken optimizer", "METAML_TEST_BREAK="+name), testProblem(t), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Ask(t.Context(), 5, 2); !errors.Is(err, ErrProtocol) || !strings.Contains(err.Error(), wants[name]) {
			t.Errorf("%s: %v, want ErrProtocol with %q", name, err, wants[name])
		}
		if stop, err := o.Observe(t.Context(), 1, study.Observation{}); stop || err != nil {
			t.Errorf("Observe of a plugin that stops nothing: %v, %v", stop, err)
		}
		if err := o.Prime(t.Context(), study.Prior{}); err == nil {
			t.Error("a plugin that takes no prior was primed")
		}
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestOptimizerRefusesWhatCannotBeSent(t *testing.T) {
	o := startOptimizer(t, accident{})
	nan := study.Trial{Suggestion: study.Suggestion{ID: 3}, Status: study.Complete, Losses: []float64{math.NaN()}}
	if err := o.Tell(t.Context(), nan); err == nil || !strings.Contains(err.Error(), "losses[0]") {
		t.Errorf("Tell of a NaN loss: %v", err)
	}
	if _, err := o.Ask(t.Context(), 1, 0); err == nil {
		t.Error("Ask for nothing was passed on")
	}
	if _, err := StartOptimizer(t.Context(), "drift", playing(t, "optimizer"), testProblem(t), json.RawMessage(`{"a":`), nil); err == nil {
		t.Error("settings that are no JSON were passed on")
	}
	if _, err := StartOptimizer(t.Context(), "drift", playing(t, "optimizer"), testProblem(t), json.RawMessage(`[1]`), nil); err == nil || !strings.Contains(err.Error(), "settings") {
		t.Errorf("settings that the plugin refuses: %v", err)
	}
}

func TestOptimizerCallEndsWithItsContext(t *testing.T) {
	o := startOptimizer(t, accident{On: "ask", How: "hang"})
	cause := errors.New("the user went home")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(50*time.Millisecond, func() { cancel(cause) })
	if _, err := o.Ask(ctx, 1, 1); !errors.Is(err, cause) || errors.Is(err, ErrLost) {
		t.Errorf("Ask: %v, want the context's cause alone", err)
	}
	if _, err := o.Ask(ctx, 1, 1); !errors.Is(err, cause) {
		t.Errorf("Ask with an ended context: %v", err)
	}
}

func TestReplayIsSplitIntoMessagesThatFit(t *testing.T) {
	o := startOptimizer(t, accident{})
	reference := &drifter{problem: testProblem(t)}
	long := strings.Repeat("why it failed; ", 2000)
	var trials []study.Trial
	for id := study.TrialID(1); id <= 300; id++ {
		trial := study.Trial{Suggestion: study.Suggestion{ID: id, Config: space.Config{}}, Status: study.Failed, Reason: long}
		if id%3 == 0 {
			trial = study.Trial{Suggestion: study.Suggestion{ID: id}, Status: study.Complete, Losses: []float64{1 / float64(id)}}
		}
		trials = append(trials, trial)
	}
	if err := errors.Join(o.Tell(t.Context(), trials...), reference.Tell(t.Context(), trials...)); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(o.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	want, _ := reference.Ask(t.Context(), 1, 5)
	if got, err := o.Ask(t.Context(), 1, 5); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("after a replay of %d MB: %v, %v; want %v", 200*len(long)>>20, got, err, want)
	}
}
