package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/studies"
	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/cmd/internal/tuning"
)

func studiesDeleteCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:      "delete",
		Usage:     "delete a study with its model and report",
		ArgsUsage: "STUDY",
		Description: `
Removes the study's folder: trials, model, report. What the knowledge base learned from it stays. A study that is being
run is refused. In a terminal it asks first; elsewhere it needs --yes.

example:
  $ metaml studies delete churn-7f3a09 --yes
`,
		Flags:  []cli.Flag{&cli.BoolFlag{Name: "yes", Usage: "do not ask"}},
		Action: e.studiesDelete,
	}
}

func (e *environment) studiesDelete(c *cli.Context) error {
	if err := positionals(c, "STUDY"); err != nil {
		return err
	}
	name := c.Args().First()
	if err := tuning.CheckName(name); err != nil {
		return err
	}
	data, err := e.dataFolder()
	if err != nil {
		return err
	}
	if !c.Bool("yes") {
		if err := e.confirmDeletion(c, name); err != nil {
			return err
		}
	}
	if err := studies.Remove(c.Context, data, name); err != nil {
		return err
	}
	e.say("deleted study %s", name)
	return nil
}

// confirmDeletion asks, and is an error unless the answer is yes.
func (e *environment) confirmDeletion(c *cli.Context, name string) error {
	s, err := e.viewStudy(c.Context, name)
	if errors.Is(err, studies.ErrNotFound) || c.Context.Err() != nil {
		return err
	}
	if c.Bool("no-input") || !e.isTerminal(e.stdin) {
		return usagef("studies delete needs --yes where it cannot ask")
	}
	what := "a study that cannot be read"
	if err == nil {
		what = trialsText(s)
	}
	yes, err := e.askYes(c.Context, fmt.Sprintf("delete study %s, %s?", name, what))
	if err == nil && !yes {
		err = failf(exitFailure, "study %s was not deleted", name)
	}
	return err
}

// askYes asks a question on stderr, where no is the default.
func (e *environment) askYes(ctx context.Context, question string) (bool, error) {
	fmt.Fprintf(e.stderr, "%s [y/N] ", term.Clean(question))
	line, err := bufio.NewReader(e.input(ctx)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	answer := strings.ToLower(strings.TrimSpace(line))
	return answer == "y" || answer == "yes", nil
}
