// Package program evaluates configurations by running a program of the user's, whatever it is written in: values take
// the place of {NAME} in its arguments, and what it measured is read from its output. It is an evaluator plugin; the
// program and whatever it starts belong to the process group of the evaluator's process and end with it.
package program

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins"
)

// ErrInvalid is what every error about a protocol that cannot be used is, by errors.Is.
var ErrInvalid = errors.New("the program cannot be run as asked")

// Metric is the metric's name where a Protocol names none.
const Metric = "loss"

// Protocol says how a program is run and where its result is. As canonical JSON it is the protocol of the evaluator's
// Load.
type Protocol struct {
	// Space gives the names that arguments may refer to as {NAME}, Fidelities those they may refer to as
	// {fidelity.NAME}.
	Space      space.Space   `json:"space"`
	Fidelities []study.Range `json:"fidelities,omitempty"`
	// Args are the program and its arguments. {trial}, {seed}, {checkpoint} and {result} stand for the trial's number
	// and seed, its folder for checkpoints and, where Result is not empty, its result file; {{ and }} for braces. An
	// argument that refers to a parameter that is not active is left out, with the option before it if it is nothing
	// but that reference: of --degree {degree}, nothing remains.
	Args []string `json:"args"`
	// Dir is the working directory.
	Dir string `json:"dir"`
	// Metric is the metric's name; empty means loss.
	Metric string `json:"metric,omitempty"`
	// Result, if not empty, is the name of a JSON file, in the folder {result} refers to a file of, that the program
	// writes; Pattern, if not empty, is a regular expression whose first group is the metric's value in the last line
	// that it matches. With neither, the value is the last line of the standard output that is not blank: a number, or
	// a JSON object with the metric.
	Result  bool   `json:"result,omitempty"`
	Pattern string `json:"pattern,omitempty"`
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

// Check reports what is wrong with a protocol; errors are ErrInvalid.
func (p *Protocol) Check() error {
	_, err := p.compile()
	return err
}

// compile checks a protocol and prepares what every run needs.
func (p *Protocol) compile() (*evaluator, error) {
	e := &evaluator{protocol: p}
	if len(p.Args) == 0 || p.Args[0] == "" {
		return nil, fmt.Errorf("%w: there is no program", ErrInvalid)
	}
	for _, arg := range p.Args {
		parts, err := p.parse(arg)
		if err != nil {
			return nil, err
		}
		e.args = append(e.args, parts)
	}
	if p.Pattern != "" {
		var err error
		if e.pattern, err = regexp.Compile(p.Pattern); err != nil {
			return nil, fmt.Errorf("%w: the pattern for the metric: %w", ErrInvalid, err)
		}
		if e.pattern.NumSubexp() < 1 {
			return nil, fmt.Errorf("%w: the pattern %q has no group (…) for the value", ErrInvalid, p.Pattern)
		}
	}
	if p.Pattern != "" && p.Result {
		return nil, fmt.Errorf("%w: the metric comes from a pattern or from a result file, not from both", ErrInvalid)
	}
	return e, nil
}

// Plugin returns the evaluator plugin; its Load takes a Protocol, no table.
func Plugin(version string) plugins.EvaluatorPlugin {
	var current *evaluator
	return plugins.EvaluatorPlugin{
		Description: plugins.Description{Name: "command", Version: version},
		Load: func(_ context.Context, _ string, protocol []byte, _ string) error {
			p := &Protocol{}
			if err := json.Unmarshal(protocol, p); err != nil {
				return fmt.Errorf("%w: protocol: %w", ErrInvalid, err)
			}
			var err error
			current, err = p.compile()
			return err
		},
		Evaluate: func(
			ctx context.Context, s study.Suggestion, limits plugins.Limits, report func(study.Observation) error,
		) (study.Trial, error) {
			if current == nil {
				return study.Trial{}, fmt.Errorf("%w: it was not said which", ErrInvalid)
			}
			return current.evaluate(ctx, s, limits.Wall, report)
		},
	}
}
