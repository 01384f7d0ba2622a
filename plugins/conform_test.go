//go:build unix

package plugins

import (
	"context"
	"encoding/json"
	"syscall"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/optimizertest"
	"github.com/metaml/metaml/optimizers/random"
	"github.com/metaml/metaml/optimizers/study"
)

// playRandom serves random search.
func playRandom() {
	ServeOptimizer(OptimizerPlugin{
		Description: Description{Name: "random", Capabilities: Capabilities{Conditions: true, Categorical: true, Pending: true}},
		Open: func(problem study.Problem, _ json.RawMessage) (optimizers.Optimizer, error) {
			return random.New(problem, random.Settings{})
		},
	})
}

// mortal is a handle whose process is killed before every third call.
type mortal struct {
	*Optimizer
	calls int
}

func (m *mortal) live() {
	if m.calls++; m.calls%3 == 0 {
		_ = syscall.Kill(m.PID(), syscall.SIGKILL)
	}
}

func (m *mortal) Ask(ctx context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
	m.live()
	return m.Optimizer.Ask(ctx, first, n)
}

func (m *mortal) Tell(ctx context.Context, trials ...study.Trial) error {
	m.live()
	return m.Optimizer.Tell(ctx, trials...)
}

func TestTheContractHoldsThroughAProcess(t *testing.T) {
	open := func(tb testing.TB, problem study.Problem, prior *study.Prior) optimizers.Optimizer {
		o, err := StartOptimizer(tb.Context(), "random", playing(tb, "random"), problem, nil, prior)
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { _ = o.Close() })
		return o
	}
	short := optimizertest.Options{Repeats: true, Trials: 4, Horizon: 2}
	t.Run("living", func(t *testing.T) { optimizertest.Conform(t, open, short) })
	short.Unconditional = true
	t.Run("dying", func(t *testing.T) {
		optimizertest.Conform(t, func(tb testing.TB, problem study.Problem, prior *study.Prior) optimizers.Optimizer {
			return &mortal{Optimizer: open(tb, problem, prior).(*Optimizer)}
		}, short)
	})
}

func TestAStudyRunsThroughProcesses(t *testing.T) {
	problem := testProblem(t)
	problem.Objectives = []study.Objective{{Metric: "rmse"}}
	optimizer, err := StartOptimizer(t.Context(), "random", playing(t, "random"), problem, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = optimizer.Close() }()
	slots := []optimizers.Evaluator{startEvaluator(t, "evaluator"), startEvaluator(t, "evaluator")}
	killed := false
	result, err := optimizers.Run(t.Context(), problem, optimizer, slots, optimizers.Options{
		Trials: 12,
		OnTrial: func(trial study.Trial) {
			if trial.ID == 5 && !killed {
				killed = true
				for _, pid := range []int{optimizer.PID(), slots[0].(*Evaluator).PID(), slots[1].(*Evaluator).PID()} {
					_ = syscall.Kill(pid, syscall.SIGKILL)
				}
			}
		},
	})
	if err != nil || result.Finished != 12 || result.Incumbent == nil {
		t.Fatalf("%+v, %v; want 12 trials", result, err)
	}
	for _, trial := range result.Trials {
		want := trial.Config["x"].Float() * trial.Config["x"].Float()
		if trial.Status != study.Complete || trial.Losses[0] != want {
			t.Errorf("trial %d: %s, %v (%s); want complete with loss %v", trial.ID, trial.Status, trial.Losses, trial.Reason, want)
		}
	}
}
