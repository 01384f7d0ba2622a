package main

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins"
	"github.com/metaml/metaml/plugins/function"
	"github.com/metaml/metaml/plugins/pyenv"
	"github.com/metaml/metaml/plugins/python"
	"github.com/metaml/metaml/plugins/resource"
)

// pythonEvaluator is an evaluator that comes with metaml: a module of the embedded Python package and the locks of
// its environment.
type pythonEvaluator struct {
	module string
	locks  [][]byte
}

func pythonEvaluators() map[string]pythonEvaluator {
	return map[string]pythonEvaluator{"sklearn": {"metaml.evaluators.sklearn", [][]byte{python.SklearnLock}}}
}

// pythonStart is how long a Python evaluator may take to import its libraries on a busy machine.
const pythonStart = 2 * time.Minute

// evaluatorOptions say which evaluator to start, how often, and how.
type evaluatorOptions struct {
	name    string
	workers int
	limits  plugins.Limits
	journal func(slot int) string // nil for none
	places  []resource.Slot       // the machine's share of each worker; nil: the machine is not divided
	call    function.Options      // of the evaluator python
}

// The limits under which knowledge bases are grown, and the memory that every evaluation may take unless told otherwise.
const (
	growWall      = time.Minute
	growFit       = 10 * time.Second
	defaultMemory = 4096 // MiB
)

// evaluatorFlags are the flags of every command that evaluates.
func evaluatorFlags(wall, fit time.Duration) []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "evaluator", Value: "sklearn", Usage: "evaluator `NAME`"},
		&cli.IntFlag{Name: "workers", Value: runtime.NumCPU(), Usage: "evaluate `N` configurations at once"},
		&cli.DurationFlag{Name: "limit", Value: wall, Usage: "end an evaluation after `TIME`"},
		&cli.DurationFlag{Name: "fit-limit", Value: fit, Usage: "end the training of one model after `TIME`"},
		&cli.IntFlag{Name: "memory-limit", Value: defaultMemory, Usage: "end an evaluation that takes more than `MIB` of memory"},
	}
}

// mostMemory is the largest limit of memory, in MiB: more than any machine has, and no overflow in bytes.
const mostMemory = 1 << 32

// readEvaluatorFlags checks and collects them.
func readEvaluatorFlags(c *cli.Context) (evaluatorOptions, error) {
	opt := evaluatorOptions{name: c.String("evaluator"), workers: c.Int("workers"), limits: plugins.Limits{
		Wall: c.Duration("limit"), Fit: c.Duration("fit-limit"), Memory: int64(c.Int("memory-limit")) << 20, Threads: 1}}
	if opt.workers < 1 {
		return opt, usagef("--workers %d: at least one is needed", opt.workers)
	}
	for _, flag := range []string{"limit", "fit-limit"} {
		if d := c.Duration(flag); d < 0 {
			return opt, usagef("--%s %s: a limit cannot be negative; 0 means none", flag, d)
		}
	}
	if n := int64(c.Int("memory-limit")); n < 0 || n > mostMemory {
		return opt, usagef("--memory-limit %d: a limit is a number of MiB from 0, which means none, to %d", n, mostMemory)
	}
	return opt, nil
}

// slots are running evaluators of one kind.
type slots struct {
	evaluators []*plugins.Evaluator
	about      plugins.Description
}

// startEvaluators starts the processes of an evaluator: one that comes with metaml, whose Python environment is made
// on first use, or a program metaml-evaluator-NAME.
func (e *environment) startEvaluators(ctx context.Context, opt evaluatorOptions) (*slots, error) {
	command, err := e.evaluatorCommand(ctx, opt.name)
	if opt.name == functionEvaluator {
		command, err = functionCommand(opt.call)
	}
	if err != nil {
		return nil, err
	}
	s := &slots{evaluators: make([]*plugins.Evaluator, opt.workers)}
	errs := make([]error, opt.workers)
	var starting sync.WaitGroup
	for i := range opt.workers {
		starting.Go(func() { s.evaluators[i], errs[i] = startEvaluator(ctx, opt, command, i) })
	}
	starting.Wait()
	if err = cmp.Or(errs...); err == nil { // one is enough: they are all the same program
		s.about, err = s.evaluators[0].Describe(ctx)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func startEvaluator(ctx context.Context, opt evaluatorOptions, command plugins.Command, slot int) (*plugins.Evaluator, error) {
	command.Env = slices.Clone(command.Env)
	if opt.journal != nil {
		command.Env = append(command.Env, study.JournalVariable+"="+opt.journal(slot))
	}
	if opt.places != nil {
		command.Env = append(command.Env, opt.places[slot].Env()...)
	}
	ev, err := plugins.StartEvaluator(ctx, opt.name, command)
	if err != nil {
		return nil, err
	}
	return ev, ev.SetLimits(opt.limits)
}

// evaluatorCommand says how to start the evaluator of that name.
func (e *environment) evaluatorCommand(ctx context.Context, name string) (plugins.Command, error) {
	if name == programEvaluator {
		return programCommand()
	}
	if name == functionEvaluator {
		interpreter, err := function.Interpreter("")
		if err != nil {
			return plugins.Command{}, err
		}
		return functionCommand(function.Options{Interpreter: interpreter})
	}
	builtin, ok := pythonEvaluators()[name]
	if !ok {
		return e.thirdPartyCommand(plugins.KindEvaluator, name)
	}
	interpreter, err := e.pythonEnvironment(ctx, name)
	if err != nil {
		return plugins.Command{}, err
	}
	path, args, env := interpreter.Module(builtin.module)
	return plugins.Command{Path: path, Args: args, Env: env, StartTimeout: pythonStart}, nil
}

// pythonEnvironment returns the environment of an evaluator in Python that comes with metaml, made on first use.
func (e *environment) pythonEnvironment(ctx context.Context, name string) (pyenv.Environment, error) {
	options, err := e.pythonOptions(name)
	if err != nil {
		return pyenv.Environment{}, err
	}
	return pyenv.Ensure(ctx, options)
}

// pythonOptions say where the environment of an evaluator that comes with metaml is, and what is in it.
func (e *environment) pythonOptions(name string) (pyenv.Options, error) {
	data, err := e.dataFolder()
	return pyenv.Options{Dir: filepath.Join(data, "pyenv"), Locks: pythonEvaluators()[name].locks,
		Progress: func(line string) { e.say("%s", line) }}, err
}

func (s *slots) close() {
	for _, ev := range s.evaluators {
		if ev != nil {
			_ = ev.Close()
		}
	}
}

// identity is what runs of these evaluators carry.
func (s *slots) identity() record.Evaluator {
	return record.Evaluator{Name: s.about.Name, Version: s.about.Version, Lock: s.about.Lock}
}

// space returns the evaluator's space for a type of task.
func (s *slots) space(taskType string) (space.Space, error) {
	sp, ok := s.about.Spaces[taskType]
	if !ok {
		return space.Space{}, fmt.Errorf("evaluator %s has no search space for %s", s.about.Name, taskType)
	}
	return sp, nil
}

// metrics returns the evaluator's metrics for a type of task in its order, the named ones first if any are given.
func (s *slots) metrics(taskType string, names ...string) ([]record.Metric, error) {
	known := map[string]record.Metric{}
	var all []record.Metric
	for _, o := range s.about.Metrics[taskType] {
		m := record.Metric{Name: o.Metric, Maximize: o.Maximize}
		known[m.Name] = m
		all = append(all, m)
	}
	if len(names) == 0 {
		return all, nil
	}
	var picked []record.Metric
	for _, name := range names {
		m, ok := known[name]
		if !ok {
			continue // a metric of the other type of task
		}
		picked = append(picked, m)
	}
	if len(picked) == 0 {
		return nil, usagef("evaluator %s has none of the metrics %v for %s", s.about.Name, names, taskType)
	}
	return picked, nil
}
