package main

import (
	"context"
	"encoding/json"
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/optimizertest"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins"
)

// process is the command that starts a built-in optimizer as a process, from the copy of the test binary that plays
// metaml.
func process(t testing.TB, name string) plugins.Command {
	t.Helper()
	path, err := exec.LookPath("metaml")
	if err != nil {
		t.Fatal(err)
	}
	return plugins.Command{Path: path, Args: []string{optimizerProcess, name}, StartTimeout: pythonStart}
}

// conformance is what an optimizer claims in the suite, from its capabilities. Random search repeats itself, also
// where it is stopped, and CMA-ES takes choices of two only, where the suite has more.
func conformance(p plugins.OptimizerPlugin) optimizertest.Options {
	name, can := p.Description.Name, p.Description.Capabilities
	return optimizertest.Options{
		NumericOnly: !can.Categorical || name == "cmaes", Unconditional: !can.Conditions, Fidelity: can.Fidelity,
		Stopping: can.Stopping, Prior: can.Prior, Repeats: name == "random" || name == "stopping", Trials: 4, Horizon: 2,
	}
}

// TestBundledOptimizersConformThroughAProcess runs the contract's suite on each built-in optimizer as users get it: in
// a process of its own. In process the suite is run, at length, by each optimizer's package.
func TestBundledOptimizersConformThroughAProcess(t *testing.T) {
	for i, p := range bundled() {
		name := p.Description.Name
		t.Run(name, func(t *testing.T) {
			if testing.Short() && i > 0 {
				t.Skip("one is enough for a short test")
			}
			t.Parallel()
			open := func(tb testing.TB, problem study.Problem, prior *study.Prior) optimizers.Optimizer {
				o, err := plugins.StartOptimizer(tb.Context(), name, process(tb, name), problem, nil, prior)
				if err != nil {
					tb.Fatal(err)
				}
				tb.Cleanup(func() { _ = o.Close() })
				return o
			}
			optimizertest.Conform(t, open, conformance(p))
		})
	}
}

// TestBundledDescriptions checks what each says about itself, and that it claims the powers it has.
func TestBundledDescriptions(t *testing.T) {
	simple, err := problem.Find("branin")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range bundled() {
		about := p.Description
		var schema struct {
			Type       string                     `json:"type"`
			Properties map[string]json.RawMessage `json:"properties"`
		}
		if err := json.Unmarshal(about.Settings, &schema); err != nil || schema.Type != "object" {
			t.Errorf("%s: settings schema %s, %v", about.Name, about.Settings, err)
		}
		for name := range schema.Properties {
			if name != strings.ToLower(name) {
				t.Errorf("%s: setting %q has no name in lower case", about.Name, name)
			}
		}
		given := simple.Study(1)
		if about.Capabilities.Fidelity {
			given.Fidelities = []study.Range{{Name: "epochs", Low: 1, High: 81, Log: true, Integer: true}}
		}
		o, err := p.Open(given, nil)
		if err != nil {
			t.Errorf("%s: %v", about.Name, err)
			continue
		}
		if _, ok := o.(optimizers.Stopper); ok != about.Capabilities.Stopping {
			t.Errorf("%s: Stopper %v, claims %v", about.Name, ok, about.Capabilities.Stopping)
		}
		if _, ok := o.(optimizers.Primer); about.Capabilities.Prior && !ok {
			t.Errorf("%s claims to take a prior and is no Primer", about.Name)
		}
	}
}

// tuned are settings to decode.
type tuned struct {
	Starts int     `json:"starts,omitempty"`
	Rate   float64 `json:"rate,omitempty"`
	Model  struct {
		Trees int `json:"trees"`
	} `json:"model"`
}

func TestDecodeSettings(t *testing.T) {
	s, err := decodeSettings[tuned](json.RawMessage(`{"starts":3,"model":{"trees":7}}`))
	if err != nil || s.Starts != 3 || s.Model.Trees != 7 {
		t.Errorf("%+v, %v", s, err)
	}
	if s, err := decodeSettings[tuned](nil); err != nil || s != (tuned{}) {
		t.Errorf("no settings: %+v, %v", s, err)
	}
	for text, say := range map[string]string{
		`{"start":3}`:             `no setting "start"; did you mean starts?`,
		`{"Starts":3}`:            `no setting "Starts"`,
		`{"model":{"leaves":7}}`:  "leaves",
		`{"starts":"many"}`:       "starts",
		`{"starts":1000001}`:      "starts is 1000001; no number may be larger than 1000000",
		`{"model":{"trees":1e9}}`: `model is {"trees":1e9}; no number may be larger`,
		`{"starts":-1e999}`:       "starts is -1e999; no number",
		`[1]`:                     "no JSON object",
		`null`:                    "no JSON object",
		`{`:                       "no JSON object",
	} {
		if _, err := decodeSettings[tuned](json.RawMessage(text)); !errors.Is(err, errSettings) || !strings.Contains(err.Error(), say) {
			t.Errorf("%s: error %v, should say %q", text, err, say)
		}
	}
}

// TestBundledFailuresAreNil checks that an optimizer that cannot be opened is no optimizer, rather than a nil one in
// an interface.
func TestBundledFailuresAreNil(t *testing.T) {
	refuse := func(study.Problem, struct{}) (*testOptimizer, error) { return nil, errors.ErrUnsupported }
	o, err := bundle("refusing", plugins.Capabilities{}, refuse).Open(study.Problem{}, nil)
	if o != nil || !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("optimizer %v, error %v", o, err)
	}
}

// testOptimizer does nothing.
type testOptimizer struct{}

func (*testOptimizer) Ask(context.Context, study.TrialID, int) ([]study.Suggestion, error) {
	return nil, optimizers.ErrExhausted
}

func (*testOptimizer) Tell(context.Context, ...study.Trial) error { return nil }

func TestOptimizerCommand(t *testing.T) {
	e, _, _ := testEnvironment()
	e.getenv = func(name string) string { return map[string]string{"HOME": t.TempDir()}[name] }
	command, err := e.optimizerCommand("random")
	if err != nil || !slices.Equal(command.Args, []string{optimizerProcess, "random"}) {
		t.Errorf("%+v, %v", command, err)
	}
	if _, err := e.optimizerCommand("randon"); codeOf(context.Background(), err) != exitNotFound || !strings.Contains(err.Error(), "random") {
		t.Errorf("randon: %v", err)
	}
}
