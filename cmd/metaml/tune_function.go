package main

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/tuning"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins"
	"github.com/metaml/metaml/plugins/function"
)

const (
	// functionEvaluator is the evaluator that calls a Python function of the user's.
	functionEvaluator = "python"
	// functionProcess is the hidden command as which metaml starts itself to be its process.
	functionProcess = "__function"
)

func functionFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "function", Usage: "call the Python function `MODULE:NAME`, or FILE.py:NAME, instead of running PROGRAM"},
		&cli.StringFlag{Name: "interpreter", Usage: "call it in the Python at `PATH` (default: that of the active environment)"},
		&cli.BoolFlag{Name: "fresh", Usage: "import it for every trial, instead of once with a fork for every trial"},
	}
}

// functionProcessCommand serves the evaluator of functions. A person who calls it is told that it is a plugin.
func functionProcessCommand() *cli.Command {
	return &cli.Command{
		Name:   functionProcess,
		Hidden: true,
		Flags:  functionFlags()[1:],
		Action: func(c *cli.Context) error {
			if err := positionals(c); err != nil {
				return err
			}
			version, _ := buildVersion()
			plugins.ServeEvaluator(function.Plugin(version,
				function.Options{Interpreter: c.String("interpreter"), Fresh: c.Bool("fresh")}))
			return nil
		},
	}
}

// functionCommand says how to start the process that calls a function: with all of the caller's environment.
func functionCommand(opt function.Options) (plugins.Command, error) {
	args := []string{functionProcess, "--interpreter", opt.Interpreter}
	if opt.Fresh {
		args = append(args, "--fresh")
	}
	command, err := plugins.SelfCommand(args...)
	command.Env = os.Environ()
	return command, err
}

// wantsFunction reports whether the line asks for a function: by --function, or as what the evaluator python gets.
func wantsFunction(c *cli.Context) bool {
	return c.IsSet("function") || c.String("space") != "" && c.String("evaluator") == functionEvaluator
}

// planFunction plans a study of a function.
func (e *environment) planFunction(c *cli.Context) (*studyPlan, error) {
	protocol, err := readFunction(c)
	if err != nil {
		return nil, err
	}
	p := &studyPlan{}
	if p.evaluator, err = readProgramFlags(c, functionEvaluator); err != nil {
		return nil, err
	}
	p.evaluator.call.Fresh = c.Bool("fresh")
	if p.evaluator.call.Interpreter, err = function.Interpreter(c.String("interpreter")); err != nil {
		return nil, failf(exitNotFound, "%w\n--interpreter PATH names the Python that has what the function needs", err)
	}
	module, name, _ := strings.Cut(protocol.Function, ":")
	word := strings.TrimSuffix(filepath.Base(module), ".py") + "-" + name
	err = p.identify(e, c, word, []any{protocol, c.Bool("maximize")}, facts{
		"--space": []any{protocol.Space, protocol.Fidelities}, "--function": protocol.Function, "working directory": protocol.Dir,
		"--metric": protocol.Metric, "--maximize": c.Bool("maximize")})
	if err != nil {
		return nil, err
	}
	protocol.Checkpoints = tuning.TrialsFolder(p.folder)
	p.begin = func(ctx context.Context, running *slots) (study.Problem, tuning.Details, error) {
		d := tuning.Details{Mode: tuning.ModeProgram, Metric: protocol.Metric, Maximize: c.Bool("maximize"), Default: protocol.Space.Default()}
		problem := study.Problem{Space: protocol.Space, Fidelities: protocol.Fidelities, Seed: e.seed,
			Objectives: []study.Objective{{Metric: d.Metric, Maximize: d.Maximize}}}
		var err error
		if d.Protocol, err = canonicalJSON(protocol); err != nil {
			return problem, d, err
		}
		return problem, d, importFunction(ctx, running, d.Protocol)
	}
	return p, nil
}

// readFunction reads the line's function and space.
func readFunction(c *cli.Context) (function.Protocol, error) {
	named := append(c.Args().Slice(), c.String("function"))
	if c.String("function") == "" {
		named = c.Args().Slice()
	}
	p := function.Protocol{Metric: cmp.Or(c.String("metric"), function.Metric)}
	switch {
	case c.String("space") == "":
		return p, usagef("--function needs --space FILE, the space of its parameters")
	case len(named) == 0:
		return p, usagef("the evaluator python needs --function MODULE:NAME")
	case len(named) > 1:
		return p, usagef("one function is called, without arguments of its own: %q is too much", named[0])
	case c.IsSet("pattern") || c.IsSet("result-file"):
		return p, usagef("a function returns its metric: --pattern and --result-file are for programs")
	}
	var err error
	if p.Space, p.Fidelities, err = readSpace(c.String("space")); err != nil {
		return p, err
	}
	p.Function = named[0]
	if p.Dir, err = os.Getwd(); err != nil {
		return p, err
	}
	if err := p.Check(); err != nil {
		return p, usagef("--function %s is neither MODULE:NAME nor FILE.py:NAME", p.Function)
	}
	if file := p.File(); file != "" {
		return p, mustExist("file", file)
	}
	return p, nil
}

// importFunction has an evaluator import the function, so that no study is made for one that cannot be used.
func importFunction(ctx context.Context, running *slots, protocol []byte) error {
	err := running.evaluators[0].Load(ctx, "", protocol, "")
	if err == nil || ctx.Err() != nil || errors.Is(err, plugins.ErrLost) || errors.Is(err, plugins.ErrStart) {
		return err
	}
	_, why, found := strings.Cut(err.Error(), function.ErrInvalid.Error()+": ")
	if !found {
		return err
	}
	return failf(exitUsage, "%s", why)
}
