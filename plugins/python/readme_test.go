package python_test

import (
	"os"
	"os/exec"
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

// program is the first program in the README.
func program(t *testing.T) string {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)```python\n(.*?)```").FindSubmatch(readme)
	if found == nil {
		t.Fatal("the README has no program")
	}
	return string(found[1])
}

// TestTheProgramInTheReadmeIsAnOptimizer installs it as the README says and lets it propose all of a small space.
func TestTheProgramInTheReadmeIsAnOptimizer(t *testing.T) {
	interpreter, _, env := environment(t).Module("")
	folder := t.TempDir()
	path := filepath.Join(folder, "metaml-optimizer-dice")
	if err := os.WriteFile(path, []byte(program(t)), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath(path); err != nil {
		t.Fatal(err)
	}
	found, err := plugins.Lookup(plugins.KindOptimizer, "dice", []string{folder})
	if err != nil {
		t.Fatal(err)
	}
	command := found.Command()
	command.StartTimeout = time.Minute
	command.Env = append(env, "PATH="+filepath.Dir(interpreter)+string(os.PathListSeparator)+os.Getenv("PATH"))
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
