package python_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins"
)

// install writes the README's program of that number, counted from 0, into a folder as a file that can be executed.
func install(t *testing.T, number int, folder, name string) {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)```python\n(.*?)```").FindAllSubmatch(readme, -1)
	if len(found) != 3 {
		t.Fatalf("the README has %d programs, want an optimizer, an evaluator and its worker", len(found))
	}
	if err := os.WriteFile(filepath.Join(folder, name), found[number][1], 0o755); err != nil {
		t.Fatal(err)
	}
}

// found is the command of a program in a folder, run by the interpreter of the built-in evaluators.
func found(t *testing.T, kind plugins.Kind, name, folder string) plugins.Command {
	t.Helper()
	program, err := plugins.Lookup(kind, name, []string{folder})
	if err != nil {
		t.Fatal(err)
	}
	interpreter, _, env := environment(t).Module("")
	command := program.Command()
	command.StartTimeout = time.Minute
	command.Env = append(env, "PATH="+filepath.Dir(interpreter)+string(os.PathListSeparator)+os.Getenv("PATH"))
	return command
}

// TestTheProgramInTheReadmeIsAnOptimizer installs it as the README says and lets it propose all of a small space.
func TestTheProgramInTheReadmeIsAnOptimizer(t *testing.T) {
	folder := t.TempDir()
	install(t, 0, folder, "metaml-optimizer-dice")
	command := found(t, plugins.KindOptimizer, "dice", folder)
	few, err := space.ParseYAML([]byte(`parameters: {a: {type: bool}, b: {type: int, low: 1, high: 3, when: {a: true}}}`))
	if err != nil {
		t.Fatal(err)
	}
	problem := study.Problem{Space: few.Space, Objectives: []study.Objective{{Metric: "loss"}}}
	o, err := plugins.StartOptimizer(t.Context(), "dice", command, problem, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = o.Close() }()
	all, err := o.Ask(t.Context(), 1, 9)
	if err != nil || len(all) != 4 {
		t.Fatalf("%v, %v; want the four configurations there are", all, err)
	}
	for _, s := range all {
		if err := o.Tell(t.Context(), study.Trial{Suggestion: s}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := o.Ask(t.Context(), 5, 1); err == nil || !strings.Contains(err.Error(), optimizers.ErrExhausted.Error()) {
		t.Errorf("after all: %v", err)
	}
}

// TestTheProgramInTheReadmeIsAnEvaluator installs it with its worker beside it, lets it load a table and evaluate, and
// compares what it measures where the penalty is small with where it is so large that nothing is learned.
func TestTheProgramInTheReadmeIsAnEvaluator(t *testing.T) {
	folder, table := t.TempDir(), stage(t, 400)
	install(t, 1, folder, "metaml-evaluator-ridge")
	install(t, 2, folder, "ridge_worker.py")
	header, err := os.ReadFile(filepath.Join(table, "table.json"))
	if err != nil {
		t.Fatal(err)
	}
	asRegression := strings.NewReplacer(`"classification"`, `"regression"`, `,"levels":["no","yes"]`, ``, `"levels":["no","yes"],`, ``).Replace(string(header))
	if err := os.WriteFile(filepath.Join(table, "table.json"), []byte(asRegression), 0o644); err != nil {
		t.Fatal(err)
	}
	e, err := plugins.StartEvaluator(t.Context(), "ridge", found(t, plugins.KindEvaluator, "ridge", folder))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	about, err := e.Describe(t.Context())
	if err != nil || about.Spaces["regression"].Len() != 1 {
		t.Fatalf("%+v, %v", about, err)
	}
	if err := e.Load(t.Context(), table, []byte(`{"metrics":[{"name":"rmse"}]}`), "f00d"); err != nil {
		t.Fatal(err)
	}
	measured := func(id study.TrialID, penalty float64) float64 {
		trial, err := e.Evaluate(t.Context(), study.Suggestion{ID: id, Config: space.Config{"penalty": space.Float(penalty)}}, func(study.Observation) error { return nil })
		if err != nil || trial.Status != study.Complete {
			t.Fatalf("%+v, %v", trial, err)
		}
		metrics := trial.Observations[len(trial.Observations)-1].Metrics
		for _, name := range []string{"rmse/fold/0", "rmse/fold/2", "rmse/test/0"} {
			if _, ok := metrics[name]; !ok {
				t.Errorf("%s is missing among %v", name, metrics)
			}
		}
		return metrics["rmse"]
	}
	if little, much := measured(1, .001), measured(2, 10000); little > .9*much {
		t.Errorf("rmse %v with little penalty, %v with much", little, much)
	}
}
