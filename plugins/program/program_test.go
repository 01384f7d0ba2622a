package program

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins"
)

// asPlugin, in the environment, makes the test binary the evaluator's process.
const asPlugin = "METAML_PROGRAM_TEST_PLUGIN"

// TestMain plays the program that is evaluated when its first argument says so.
func TestMain(m *testing.M) {
	switch {
	case len(os.Args) > 2 && os.Args[1] == "play": // first, for the program inherits the plugin's environment
		os.Exit(play(os.Args[2], os.Args[3:]))
	case os.Getenv(asPlugin) != "":
		plugins.ServeEvaluator(Plugin("test"))
	default:
		os.Exit(m.Run())
	}
}

// problem has a number, a choice, a number under a condition, and a fidelity.
func problem(t testing.TB) (space.Space, []study.Range) {
	t.Helper()
	s, err := space.New([]space.Hyperparameter{
		{Name: "x", Low: -1, High: 1},
		{Name: "kernel", Type: space.TypeCategorical, Choices: []space.Value{space.String("rbf"), space.String("poly")}},
		{Name: "degree", Type: space.TypeInt, Low: 2, High: 5, When: space.Equals("kernel", space.String("poly"))},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, []study.Range{{Name: "epochs", Low: 1, High: 9, Integer: true}}
}

// protocol runs the test binary as a program.
func protocol(t testing.TB, args ...string) *Protocol {
	t.Helper()
	s, fidelities := problem(t)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	return &Protocol{Space: s, Fidelities: fidelities, Args: append([]string{exe, "play"}, args...),
		Dir: dir, Checkpoints: filepath.Join(dir, "trials")}
}

// started starts the plugin's process with a protocol loaded.
func started(t testing.TB, p *Protocol, limits plugins.Limits) *plugins.Evaluator {
	t.Helper()
	command, err := plugins.SelfCommand()
	if err != nil {
		t.Fatal(err)
	}
	command.Env = append(os.Environ(), asPlugin+"=1")
	e, err := plugins.StartEvaluator(context.Background(), "command", command)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	if err := e.SetLimits(limits); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Load(context.Background(), "", text, ""); err != nil {
		t.Fatal(err)
	}
	return e
}

func suggestion(config space.Config, f study.Fidelity) study.Suggestion {
	return study.Suggestion{ID: 3, Config: config, Fidelity: f, Seed: 11}
}

func rbf(x float64) space.Config {
	return space.Config{"x": space.Float(x), "kernel": space.String("rbf")}
}

func poly(x float64, degree int64) space.Config {
	return space.Config{"x": space.Float(x), "kernel": space.String("poly"), "degree": space.Int(degree)}
}

// TestOutcomes runs the program in every way it can end, in a real evaluator's process.
func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		name   string
		args   []string
		change func(*Protocol)
		status study.Status
		loss   float64
		reason string // a part of it
	}{
		{"a number", []string{"print", "loading", "{x}"}, nil, study.Complete, 0.5, ""},
		{"a JSON object", []string{"print", `{{"loss": {x}, "name": "a", "auc": 0.75}}`}, nil, study.Complete, 0.5, ""},
		{"another metric", []string{"print", `{{"auc": {x}}}`}, func(p *Protocol) { p.Metric = "auc" }, study.Complete, 0.5, ""},
		{"blank lines at the end", []string{"print", "{x}", "", "  "}, nil, study.Complete, 0.5, ""},
		{"a pattern", []string{"print", "val loss: {x} (best)", "saved"},
			func(p *Protocol) { p.Pattern = `val loss: (\S+)` }, study.Complete, 0.5, ""},
		{"a result file", []string{"write", "{result}", `{{"loss": {x}}}`}, func(p *Protocol) { p.Result = true }, study.Complete, 0.5, ""},
		{"a line of 3 MB", []string{"flood", "3000000", "{x}"}, nil, study.Complete, 0.5, ""},
		{"a child that stays", []string{"leave", "{x}"}, nil, study.Complete, 0.5, ""},

		{"no output", []string{"print"}, nil, study.Failed, 0, "printed nothing"},
		{"words", []string{"print", "done"}, nil, study.Failed, 0, `neither a number nor a JSON object: "done"`},
		{"NaN in JSON", []string{"print", `{{"loss":1,"norm":NaN}}`}, nil, study.Failed, 0, `is no JSON, which has neither NaN nor Infinity: "{`},
		{"nan", []string{"print", "nan"}, nil, study.Failed, 0, "loss is nan"},
		{"an object without the metric", []string{"print", `{{"auc": 1}}`}, nil, study.Failed, 0, `no number "loss"`},
		{"no match", []string{"print", "1"}, func(p *Protocol) { p.Pattern = `loss=(\d+)` }, study.Failed, 0, "matches"},
		{"no result file", []string{"print", "1"}, func(p *Protocol) { p.Result = true }, study.Failed, 0, "no result file"},
		{"an error", []string{"fail", "3", "no such layer"}, nil, study.Failed, 0, "exit status 3: no such layer"},
		{"no GPU memory", []string{"fail", "1", "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 99 GiB"}, nil, study.OutOfMemory, 0,
			"exit status 1: torch.OutOfMemoryError"},
		{"no such program", nil, func(p *Protocol) { p.Args = []string{"/no/such/program"} }, study.Failed, 0, "no such file"},
		{"killed", []string{"kill"}, nil, study.Failed, 0, "signal: killed"},
		{"too slow", []string{"sleep"}, nil, study.TimedOut, 0, "limit"},
		{"too slow and deaf", []string{"deaf"}, nil, study.TimedOut, 0, "limit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := protocol(t, c.args...)
			if c.change != nil {
				c.change(p)
			}
			var limits plugins.Limits
			if c.status == study.TimedOut {
				limits.Wall, limits.Grace = 300*time.Millisecond, 10*time.Second
			}
			trial, err := started(t, p, limits).Evaluate(context.Background(), suggestion(rbf(0.5), nil), nil)
			if err != nil {
				t.Fatal(err)
			}
			if trial.Status != c.status || !strings.Contains(trial.Reason, c.reason) {
				t.Fatalf("%v: %q", trial.Status, trial.Reason)
			}
			if c.status == study.Complete {
				last := trial.Observations[len(trial.Observations)-1]
				if last.Metrics[p.metric()] != c.loss || last.Cost.Wall <= 0 {
					t.Errorf("observed %+v", last)
				}
			}
		})
	}
}

// TestWhatTheProgramGets checks arguments, working directory and environment.
func TestWhatTheProgramGets(t *testing.T) {
	p := protocol(t, "echo", "--x={x}", "--kernel", "{kernel}", "--degree", "{degree}", "--epochs", "{fidelity.epochs}", "n{trial}s{seed}", "{{}}")
	for _, c := range []struct {
		s    study.Suggestion
		want []string
	}{
		{suggestion(poly(0.25, 4), study.Fidelity{"epochs": 3}),
			[]string{"--x=0.25", "--kernel", "poly", "--degree", "4", "--epochs", "3", "n3s11", "{}"}},
		{suggestion(rbf(-1e-7), nil), []string{"--x=-1e-7", "--kernel", "rbf", "--epochs", "9", "n3s11", "{}"}},
		{study.Suggestion{ID: 4, Parent: 3, Seed: 5, Config: rbf(0)}, []string{"--x=0", "--kernel", "rbf", "--epochs", "9", "n4s5", "{}"}},
	} {
		trial, err := started(t, p, plugins.Limits{}).Evaluate(context.Background(), c.s, nil)
		if err != nil || trial.Status != study.Complete {
			t.Fatalf("%v %v %s", err, trial.Status, trial.Reason)
		}
		var got struct {
			Args []string
			Dir  string
			Env  map[string]string
		}
		text, err := os.ReadFile(filepath.Join(p.Checkpoints, fmt.Sprint(c.s.ID), "echo.json"))
		if err == nil {
			err = json.Unmarshal(text, &got)
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.Join(got.Args, " ") != strings.Join(c.want, " ") || len(got.Args) != len(c.want) {
			t.Errorf("arguments %q, want %q", got.Args, c.want)
		}
		config, _ := c.s.Config.Canonical()
		parent := ""
		if c.s.Parent != 0 {
			parent = filepath.Join(p.Checkpoints, "3")
		}
		for name, want := range map[string]string{
			VariableTrial: fmt.Sprint(c.s.ID), VariableSeed: fmt.Sprint(c.s.Seed), VariableConfig: string(config), VariableParent: parent,
			VariableCheckpoint: filepath.Join(p.Checkpoints, fmt.Sprint(c.s.ID)), "HOME": os.Getenv("HOME"),
		} {
			if got.Env[name] != want {
				t.Errorf("trial %d: %s is %q, want %q", c.s.ID, name, got.Env[name], want)
			}
		}
		if real, _ := filepath.EvalSymlinks(p.Dir); got.Dir != p.Dir && got.Dir != real {
			t.Errorf("working directory %s, want %s", got.Dir, p.Dir)
		}
	}
}

// TestCurveAndStop streams a learning curve, and stops the program at its third point: what it said until then stays,
// and the program, asked to end, could write its checkpoint.
func TestCurveAndStop(t *testing.T) {
	p := protocol(t, "curve", "9", "{checkpoint}")
	seen := 0
	trial, err := started(t, p, plugins.Limits{}).Evaluate(context.Background(), suggestion(rbf(0), nil), func(o study.Observation) error {
		if seen++; seen == 3 {
			return optimizers.ErrStop
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	n := len(trial.Observations)
	if trial.Status != study.Complete || n < 3 || n > 8 || trial.Observations[2].Step != 3 || trial.Observations[2].Metrics["loss"] != 1./3 {
		t.Errorf("%v (%s) after %d points: %+v", trial.Status, trial.Reason, n, trial.Observations)
	}
	if _, err := os.Stat(filepath.Join(trial.Checkpoint, "saved")); err != nil {
		t.Errorf("the program was not given time to save: %v", err)
	}
	whole, err := started(t, protocol(t, "curve", "4", "{checkpoint}"), plugins.Limits{}).Evaluate(context.Background(), suggestion(rbf(0), nil), nil)
	if err != nil || whole.Status != study.Complete || len(whole.Observations) != 4 || whole.Observations[3].Step != 4 || whole.Observations[3].Steps != 4 {
		t.Errorf("a whole curve: %v, %+v", err, whole)
	}
}

// TestCancelled ends the program with its evaluation.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	p := protocol(t, "sleep", "{checkpoint}")
	e := started(t, p, plugins.Limits{})
	go func() {
		for {
			if _, err := os.Stat(filepath.Join(p.Checkpoints, "3", "pid")); err == nil {
				cancel()
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	if _, err := e.Evaluate(ctx, suggestion(rbf(0), nil), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	text, err := os.ReadFile(filepath.Join(p.Checkpoints, "3", "pid"))
	if err != nil {
		t.Fatal(err)
	}
	expectDead(t, string(text))
}

func TestProtocolIsChecked(t *testing.T) {
	for _, c := range []struct {
		change func(*Protocol)
		want   string
	}{
		{func(p *Protocol) { p.Args = nil }, "there is no program"},
		{func(p *Protocol) { p.Args = []string{"a", "--x={y}"} }, "there is no {y}"},
		{func(p *Protocol) { p.Args = []string{"a", "{learning}"} }, "there is no {learning}; there are {"},
		{func(p *Protocol) { p.Args = []string{"a", `{"x": 1}`} }, `there is no {"x": 1}; write {{ for a brace`},
		{func(p *Protocol) { p.Args = []string{"a", "{kernal}"} }, "did you mean kernel?"},
		{func(p *Protocol) { p.Args = []string{"a", "{result}"} }, "there is no {result}"},
		{func(p *Protocol) { p.Args = []string{"a", "{x"} }, "{ without }"},
		{func(p *Protocol) { p.Args = []string{"a", "{fidelity.epoch}"} }, "did you mean fidelity.epochs?"},
		{func(p *Protocol) { p.Pattern = "(" }, "missing closing )"},
		{func(p *Protocol) { p.Pattern = "loss" }, "no group"},
		{func(p *Protocol) { p.Pattern, p.Result = "(a)", true }, "not from both"},
	} {
		p := protocol(t, "print")
		c.change(p)
		if err := p.Check(); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

// FuzzArguments parses any argument: it is refused, or filled in without references left.
func FuzzArguments(f *testing.F) {
	for _, arg := range []string{"--x={x}", "{{x}}", "{", "}}", "{degree}{x}", "{fidelity.epochs}"} {
		f.Add(arg)
	}
	p := protocol(f)
	f.Fuzz(func(t *testing.T, arg string) {
		q := *p
		q.Args = []string{"program", arg}
		e, err := q.compile()
		if err != nil {
			if !errors.Is(err, ErrInvalid) {
				t.Errorf("%q: %v", arg, err)
			}
			return
		}
		if got := e.fill(suggestion(poly(0, 2), nil), "dir"); len(got) != 2 {
			t.Errorf("%q became %q", arg, got)
		}
	})
}
