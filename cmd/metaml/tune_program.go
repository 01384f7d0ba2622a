package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/plugins"
	"github.com/metaml/metaml/plugins/program"
	"github.com/metaml/metaml/plugins/resource"
)

const (
	// programEvaluator is the evaluator that runs a program of the user's.
	programEvaluator = "command"
	// evaluatorProcess is the hidden command as which metaml starts itself to be its process.
	evaluatorProcess = "__evaluator"
)

// evaluatorProcessCommand serves the evaluator of programs. A person who calls it is told that it is a plugin.
func evaluatorProcessCommand() *cli.Command {
	return &cli.Command{
		Name:   evaluatorProcess,
		Hidden: true,
		Action: func(c *cli.Context) error {
			if err := positionals(c); err != nil {
				return err
			}
			version, _ := buildVersion()
			plugins.ServeEvaluator(program.Plugin(version))
			return nil
		},
	}
}

// programCommand says how to start the process that runs a program: with all of the caller's environment.
func programCommand() (plugins.Command, error) {
	command, err := plugins.SelfCommand(evaluatorProcess)
	command.Env = os.Environ()
	return command, err
}

// autoOptimizer lets metaml choose the optimizer.
const autoOptimizer = "auto"

// versionText is the program's version with its commit.
func versionText() string {
	version, revision := buildVersion()
	if revision != "" {
		return version + " " + revision[:min(len(revision), 12)]
	}
	return version
}

// machineText says in words what the machine has.
func machineText(ctx context.Context) string {
	m, _ := resource.Detect(ctx) // what could not be found out is left out
	text := fmt.Sprintf("%s, %s", term.Plural(m.Cores, "core"), term.Bytes(m.Memory))
	for _, g := range m.GPUs {
		text += ", " + g.Name
	}
	return text
}

// findProgram refuses a program that is not there before any trial is spent on it; one whose name a trial makes up
// cannot be looked for.
func findProgram(name string) error {
	if strings.ContainsAny(name, "{}") {
		return nil
	}
	if _, err := exec.LookPath(name); err != nil {
		return failf(exitNotFound, "program %s: %w", name, errors.Unwrap(err))
	}
	return nil
}
