package python_test

import (
	"testing"
	"time"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/optimizertest"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins"
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
