// Package function evaluates configurations by calling a Python function of the user's, in the user's own interpreter
// with whatever is installed there: nothing of metaml's has to be. A process imports the function's module once and
// forks for every trial, so that a trial can do no harm but to itself. It is an evaluator plugin; all processes belong
// to the evaluator's process group and end with it.
//
// The function takes the space's parameters by name, or all of them as a dict for its first argument; those that are
// not active are left out, or None where it has no default for them. If it asks for them by name it also gets
// fidelities, and
//
//	fidelity    all fidelities as a dict
//	report      report(step, loss, steps=10) reports a learning curve; True asks to end
//	checkpoint  a folder of the trial's own (pathlib.Path)
//	parent      that of the trial which it continues, None if there is none
//	seed        the trial's seed, with which random, numpy and torch have been seeded already
//	trial       the trial's number
//
// It returns the metric, or a dict of metrics. An exception makes the trial failed, or out_of_memory where it says so;
// the traceback is in the trial's folder.
package function

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins"
)

// ErrInvalid is what every error about a function that cannot be used is, by errors.Is.
var ErrInvalid = errors.New("the function cannot be called as asked")

// Metric is the metric's name where a Protocol names none.
const Metric = "loss"

// Protocol says which function is called. As canonical JSON it is the protocol of the evaluator's Load.
type Protocol struct {
	Space      space.Space   `json:"space"`
	Fidelities []study.Range `json:"fidelities,omitempty"`
	// Function is module:function or path/to/file.py:function.
	Function string `json:"function"`
	// Dir is the working directory, which modules are looked for in first.
	Dir string `json:"dir"`
	// Metric is the metric's name; empty means loss.
	Metric string `json:"metric,omitempty"`
	// Checkpoints is a folder in which every trial has one of its own.
	Checkpoints string `json:"checkpoints"`
}

// metric is the metric's name.
func (p *Protocol) metric() string {
	if p.Metric == "" {
		return Metric
	}
	return p.Metric
}

// target is the form of Protocol.Function: a module or a file, and a name in it.
var target = regexp.MustCompile(`^([^:]+\.py|[\pL_][\pL\pN_]*(\.[\pL_][\pL\pN_]*)*):[\pL_][\pL\pN_]*(\.[\pL_][\pL\pN_]*)*$`)

// Check reports what is wrong with a protocol, as far as that can be seen without Python; errors are ErrInvalid.
func (p *Protocol) Check() error {
	if !target.MatchString(p.Function) {
		return fmt.Errorf("%w: %q is neither module:function nor file.py:function", ErrInvalid, p.Function)
	}
	return nil
}

// File is the file that the function is in, empty if a module is named.
func (p *Protocol) File() string {
	file := p.Function[:strings.LastIndexByte(p.Function, ':')]
	switch {
	case !strings.HasSuffix(file, ".py"):
		return ""
	case filepath.IsAbs(file):
		return file
	}
	return filepath.Join(p.Dir, file)
}

// folder is the folder of a trial.
func (p *Protocol) folder(id study.TrialID) string {
	return filepath.Join(p.Checkpoints, strconv.FormatUint(uint64(id), 10))
}

// Options say how the function is called.
type Options struct {
	// Interpreter is the path of the Python to use.
	Interpreter string
	// Fresh has every trial start with an import of its own instead of a fork.
	Fresh bool
}

// Plugin returns the evaluator plugin; its Load takes a Protocol, no table, and imports the function.
func Plugin(version string, opt Options) plugins.EvaluatorPlugin {
	e := &evaluator{options: opt}
	return plugins.EvaluatorPlugin{
		Description: plugins.Description{Name: "python", Version: version},
		Load: func(ctx context.Context, _ string, protocol []byte, _ string) error {
			return e.load(ctx, protocol)
		},
		Evaluate: func(
			ctx context.Context, s study.Suggestion, limits plugins.Limits, report func(study.Observation) error,
		) (study.Trial, error) {
			if e.protocol == nil {
				return study.Trial{}, fmt.Errorf("%w: it was not said which", ErrInvalid)
			}
			return e.evaluate(ctx, s, limits, report)
		},
	}
}
