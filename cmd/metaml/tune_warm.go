package main

import (
	"context"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/tuning"
	"github.com/metaml/metaml/optimizers/space/canonical"
	"github.com/metaml/metaml/optimizers/study"
)

// warmStartFacts are the configurations of --warm-start as facts that make a study the one it is: none without them.
func warmStartFacts(c *cli.Context) ([]any, error) {
	file := c.String("warm-start")
	if file == "" {
		return nil, nil
	}
	if err := mustExist("file of warm starts", file); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	text, err = canonical.Transform(text)
	if err != nil {
		return nil, failf(exitInvalid, "%s is no JSON list of configurations such as [{\"x\": 0.5}]: %w", file, err)
	}
	return []any{string(text)}, nil
}

// beginWith has a new study evaluate the configurations of a file before what is recommended.
func (p *studyPlan) beginWith(file string) {
	begin := p.begin
	p.begin = func(ctx context.Context, running *slots) (study.Problem, tuning.Details, error) {
		problem, details, err := begin(ctx, running)
		if err != nil {
			return problem, details, err
		}
		given, err := readWarmStarts(file, problem.Space)
		details.WarmStarts = append(given, details.WarmStarts...)
		return problem, details, err
	}
}
