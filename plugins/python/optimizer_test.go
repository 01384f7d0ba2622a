package python_test

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/optimizertest"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins"
	"github.com/metaml/metaml/plugins/python"
)

// evolution is the command that starts the example of an optimizer in Python.
func evolution(t testing.TB) plugins.Command {
	t.Helper()
	path, args, env := environment(t).Module("examples.evolution")
	return plugins.Command{Path: path, Args: args, Env: append(env, "PYTHONPATH=."), StartTimeout: time.Minute, Stderr: t.Output()}
}

// TestOptimizersInPythonConform holds an optimizer that is written with the SDK to the contract that those in Go keep,
// through its process.
func TestOptimizersInPythonConform(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts a hundred processes")
	}
	t.Parallel()
	command := evolution(t)
	open := func(tb testing.TB, problem study.Problem, prior *study.Prior) optimizers.Optimizer {
		o, err := plugins.StartOptimizer(tb.Context(), "evolution", command, problem, nil, prior)
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { _ = o.Close() })
		return o
	}
	optimizertest.Conform(t, open, optimizertest.Options{Trials: 4, Horizon: 2})
}

// drawn has the SDK draw n configurations of a space.
func drawn(t *testing.T, s space.Space, n int) []space.Config {
	t.Helper()
	const script = "import json, random, sys; from metaml.sdk.space import Space\n" +
		"task = json.load(sys.stdin); space = Space.from_json(json.dumps(task['space']))\n" +
		"json.dump([space.sample(random.Random(i)) for i in range(task['n'])], sys.stdout)"
	task, err := json.Marshal(map[string]any{"space": s, "n": n})
	if err != nil {
		t.Fatal(err)
	}
	cmd := python3(t, "-c", script)
	cmd.Stdin = bytes.NewReader(task)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var configs []space.Config
	if err := json.Unmarshal(out, &configs); err != nil {
		t.Fatal(err)
	}
	return configs
}

// TestSpacesMeanTheSameInPython has the SDK draw from a space with every type and its conditions: the draws are valid,
// and their distribution is that of package space.
func TestSpacesMeanTheSameInPython(t *testing.T) {
	data, err := python.SklearnSpace("classification")
	if err != nil {
		t.Fatal(err)
	}
	wide, err := space.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	narrow, err := space.ParseYAML([]byte(`
parameters:
  leaves: {type: int, low: 1, high: 9, log: true}
  share: {type: float, low: 0.1, high: 0.65, step: 0.1}
  odd: {type: int, low: 1, high: 10, step: 3}
  kind: {type: categorical, choices: [a, 2, null], weights: [5, 2, 1]}
  rate: {type: float, low: 0.001, high: 10, log: true, when: {kind: [a, 2]}}
  flag: {type: bool, when: {or: [{kind: a}, {odd: [4, 7]}]}}
forbidden:
  - {flag: true, odd: 7}
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []space.Space{wide, narrow.Space} {
		const n = 4000
		theirs := drawn(t, s, n)
		var ours []space.Config
		for i := range study.TrialID(n) {
			c, err := s.Sample(study.Problem{Space: s, Seed: 3}.Stream(i))
			if err != nil {
				t.Fatal(err)
			}
			ours = append(ours, c)
		}
		for _, c := range theirs {
			if err := s.Validate(c); err != nil {
				t.Fatalf("%v: %v", c, err)
			}
		}
		for i, name := range s.Names() {
			if d, limit := distance(coordinates(s, i, ours), coordinates(s, i, theirs)), 2.2/math.Sqrt(n/2); d > limit {
				t.Errorf("%s: the distributions are %.3f apart, more than %.3f", name, d, limit)
			}
		}
	}
}

// coordinates returns one coordinate of each configuration in the unit cube, -1 where it is inactive.
func coordinates(s space.Space, i int, configs []space.Config) []float64 {
	var out []float64
	for _, c := range configs {
		u := s.Encode(c)[i]
		if math.IsNaN(u) {
			u = -1
		}
		out = append(out, u)
	}
	slices.Sort(out)
	return out
}

// distance is the Kolmogorov-Smirnov distance of two sorted samples of the same size. It passes 2.2/sqrt(n/2) once in
// ten thousand times if they are of one distribution.
func distance(a, b []float64) float64 {
	worst := 0.0
	for _, x := range a {
		below, _ := slices.BinarySearch(b, math.Nextafter(x, 2))
		own, _ := slices.BinarySearch(a, math.Nextafter(x, 2))
		worst = max(worst, math.Abs(float64(own-below))/float64(len(a)))
	}
	return worst
}
