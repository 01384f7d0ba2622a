package main

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/plugins"
	"github.com/metaml/metaml/plugins/pyenv"
	"github.com/metaml/metaml/plugins/resource"
)

// The outcomes of a check.
const (
	checkFine    = "fine"
	checkMissing = "missing" // not there, and not needed for the main job
	checkBroken  = "broken"
)

// check is one thing that metaml relies on, as doctor found it.
type check struct {
	Name   string `json:"name"`
	Status string `json:"status"`
	Found  string `json:"found"`
	Advice string `json:"advice,omitempty"`
}

func doctorCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:  "doctor",
		Usage: "check what metaml relies on and say how to mend what is missing",
		Description: `
Looks at the program, the knowledge base, Python, the evaluators and the GPUs. It changes nothing, except with --make,
which makes the environments of the built-in evaluators now instead of at their first use. Exit status 1 says that
something is broken.

example:
  $ metaml doctor
`,
		Flags: []cli.Flag{&cli.BoolFlag{Name: "make", Usage: "make the Python environments of the built-in evaluators"}},
		Action: func(c *cli.Context) error {
			if err := positionals(c); err != nil {
				return err
			}
			checks := e.examine(c.Context, c.Bool("make"))
			if err := e.writeChecks(checks); err != nil {
				return err
			}
			if slices.ContainsFunc(checks, func(c check) bool { return c.Status == checkBroken }) {
				return failf(exitFailure, "something is broken; the lines above say how to mend it")
			}
			return nil
		},
	}
}

// examine runs all checks.
func (e *environment) examine(ctx context.Context, makeEnvironments bool) []check {
	machine, gpuErr := resource.Detect(ctx)
	checks := []check{checkProgram(machine), e.checkKnowledge(ctx), e.checkPython(ctx)}
	checks = append(checks, e.checkEvaluators(ctx, makeEnvironments)...)
	return append(checks, checkGPUs(machine, gpuErr))
}

func checkProgram(m resource.Machine) check {
	version, _ := buildVersion()
	found := fmt.Sprintf("metaml %s, %s/%s, %s", version, runtime.GOOS, runtime.GOARCH, term.Plural(m.Cores, "core"))
	if m.Memory > 0 {
		found += ", " + term.Bytes(m.Memory) + " of memory"
	}
	return check{Name: "program", Status: checkFine, Found: found}
}

func (e *environment) checkKnowledge(ctx context.Context) check {
	c := check{Name: "knowledge base", Status: checkBroken, Advice: "metaml kb verify lists what is wrong; a copy of the file, or moving it away, mends it"}
	store, err := e.openKB(ctx)
	if err != nil {
		c.Found = message(err)
		return c
	}
	defer store.Close()
	stats, err := store.Stats(ctx)
	if err != nil {
		c.Found = message(err)
		return c
	}
	found := fmt.Sprintf("%s with %s", term.Plural(stats.Tasks, "task"), term.Plural(stats.Runs, "run"))
	if path := store.Path(); path != "" {
		found += "; new results go to " + path
	}
	if stats.Runs == 0 {
		return check{c.Name, checkMissing, found, "fill it: metaml kb grow FOLDER, or metaml kb import"}
	}
	return check{Name: c.Name, Status: checkFine, Found: found}
}

// checkPython looks for the interpreter that evaluators in Python would use.
func (e *environment) checkPython(ctx context.Context) check {
	c := check{Name: "python", Status: checkMissing,
		Advice: "install Python 3.11 or newer, or uv, or set " + pyenv.PythonVariable + "; only evaluations need it"}
	p, err := pyenv.Look(ctx, pyenv.Options{})
	switch {
	case err == nil:
		return check{Name: c.Name, Status: checkFine, Found: fmt.Sprintf("%s (%s)", p.Python, p.Version)}
	case e.getenv(pyenv.PythonVariable) != "":
		c.Status, c.Found = checkBroken, message(err)
	default:
		c.Found = message(err)
	}
	return c
}

// checkEvaluators lists the built-in evaluators and the programs found beside them.
func (e *environment) checkEvaluators(ctx context.Context, makeEnvironments bool) []check {
	var checks []check
	for _, name := range slices.Sorted(maps.Keys(pythonEvaluators())) {
		checks = append(checks, e.checkBuiltIn(ctx, name, makeEnvironments))
	}
	data, err := e.dataFolder()
	if err != nil {
		return append(checks, check{Name: "plugins", Status: checkBroken, Found: message(err)})
	}
	folders := plugins.Folders(filepath.Join(data, "plugins"))
	for _, kind := range []plugins.Kind{plugins.KindEvaluator, plugins.KindOptimizer} {
		for _, p := range plugins.Find(kind, folders) {
			checks = append(checks, check{Name: string(kind) + " " + p.Name, Status: checkFine, Found: p.Path})
		}
	}
	return checks
}

// checkBuiltIn looks whether the environment of a built-in evaluator is there, or makes it.
func (e *environment) checkBuiltIn(ctx context.Context, name string, makeIt bool) check {
	c := check{Name: "evaluator " + name, Status: checkFine}
	ready := ""
	if makeIt {
		command, err := e.evaluatorCommand(ctx, name)
		if err != nil {
			c.Status, c.Found = checkBroken, message(err)
			return c
		}
		ready = command.Path
	} else if options, err := e.pythonOptions(name); err == nil {
		p, _ := pyenv.Look(ctx, options) // without a Python there is no environment either
		ready = p.Path
	}
	if ready == "" {
		c.Found, c.Advice = "built in; its Python environment is made on first use", "metaml doctor --make makes it now"
		return c
	}
	c.Found = "built in; its environment is ready: " + ready
	return c
}

func checkGPUs(m resource.Machine, err error) check {
	c := check{Name: "gpus", Status: checkFine, Found: "none"}
	if err != nil {
		c.Status, c.Found, c.Advice = checkMissing, message(err), "check the driver with nvidia-smi; evaluations run on the CPU without it"
		return c
	}
	var names []string
	for _, g := range m.GPUs {
		names = append(names, fmt.Sprintf("%s (%s)", g.Name, term.Bytes(g.Memory)))
	}
	if len(names) > 0 {
		c.Found = strings.Join(names, ", ")
	}
	return c
}

func (e *environment) writeChecks(checks []check) error {
	switch e.output {
	case outputJSON:
		return e.writeJSON(struct {
			SchemaVersion int     `json:"schema_version"`
			Checks        []check `json:"checks"`
		}{1, checks})
	case outputCSV:
		var rows [][]string
		for _, c := range checks {
			rows = append(rows, []string{c.Name, c.Status, c.Found, c.Advice})
		}
		return e.writeCSV([]string{"name", "status", "found", "advice"}, rows)
	}
	t := term.NewTable(term.Column{Title: "check"}, term.Column{Title: "status"}, term.Column{Title: "found", Wrap: true})
	for _, c := range checks {
		t.Row(c.Name, c.Status, c.Found)
		if c.Advice != "" {
			t.Row("", "", "-> "+c.Advice)
		}
	}
	return t.Write(e.stdout, e.width(e.stdout))
}
