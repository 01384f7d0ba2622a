package main

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/history"
	"github.com/metaml/metaml/optimizers/optimizertest"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/random"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins"
)

// install builds the program as a user would, into a folder of its own.
func install(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	name := "metaml-optimizer-hillclimb"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(folder, name), ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return folder
}

func TestItConformsThroughItsProcess(t *testing.T) {
	program, err := plugins.Lookup(plugins.KindOptimizer, "hillclimb", []string{install(t)})
	if err != nil {
		t.Fatal(err)
	}
	open := func(tb testing.TB, problem study.Problem, prior *study.Prior) optimizers.Optimizer {
		o, err := plugins.StartOptimizer(tb.Context(), program.Name, program.Command(), problem, nil, prior)
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { _ = o.Close() })
		return o
	}
	optimizertest.Conform(t, open, optimizertest.Options{Trials: 4, Horizon: 2})
}

// TestItClimbs compares the best of 60 trials with that of random search on the same problems and seeds.
func TestItClimbs(t *testing.T) {
	branin, err := problem.Find("branin")
	if err != nil {
		t.Fatal(err)
	}
	won := 0
	for seed := range uint64(15) {
		p := branin.Study(seed)
		chance, err := random.New(p, random.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		if regret(t, branin, p, climber{p, history.New(p)}) < regret(t, branin, p, chance) {
			won++
		}
	}
	if won < 12 { // without any skill it would be so once in 57 times
		t.Errorf("better than random search in %d of 15 studies", won)
	}
}

// regret is that of the best of 60 trials.
func regret(t *testing.T, of problem.Problem, p study.Problem, o optimizers.Optimizer) float64 {
	t.Helper()
	slots := []optimizers.Evaluator{of.Evaluator(p.Seed)}
	result, err := optimizers.Run(t.Context(), p, o, slots, optimizers.Options{Trials: 60})
	if err != nil || result.Incumbent == nil {
		t.Fatalf("%+v, %v", result, err)
	}
	return of.Regret(result.Incumbent.Config)
}
