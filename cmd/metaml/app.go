package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/argv"
)

// commands lists every command. Each has a file of its own; groups list theirs in kb.go and bench.go.
func (e *environment) commands() []*cli.Command {
	return []*cli.Command{
		suggestCommand(e),
		tuneCommand(e),
		studiesCommand(e),
		askCommand(e),
		tellCommand(e),
		bestCommand(e),
		reportCommand(e),
		metafeaturesCommand(e),
		kbCommand(e),
		pluginsCommand(e),
		benchCommand(e),
		configCommand(e),
		doctorCommand(e),
		completionCommand(e),
		candidatesCommand(e),
		optimizerProcessCommand(),
		evaluatorProcessCommand(),
		functionProcessCommand(),
		versionCommand(e),
	}
}

// run executes one command line (without the program's name) and returns the process's exit code. Whatever goes
// wrong, it writes at most four lines to stderr.
func run(ctx context.Context, e *environment, args []string) (code exitCode) {
	defer func() {
		if p := recover(); p != nil {
			code = e.reportPanic(p)
		}
	}()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	err := e.execute(ctx, args)
	return e.report(ctx, err)
}

// execute understands the line, fills in settings from the environment and files, and hands it to urfave/cli.
func (e *environment) execute(ctx context.Context, args []string) error {
	global, commands := globalFlags(), e.commands()
	line, err := argv.Parse(global, commands, args)
	if err != nil {
		return err
	}
	if line.Help {
		return e.writeHelp(line)
	}
	if err := e.applySettings(line, global, commands); err != nil {
		return err
	}
	if err := line.Check(); err != nil {
		return err
	}
	e.line = line
	app := e.app(global, commands)
	return app.RunContext(ctx, line.Args(app.Name))
}

// app is the urfave/cli application. Help, errors and exits are handled outside it.
func (e *environment) app(global []cli.Flag, commands []*cli.Command) *cli.App {
	walk(commands, nil, func(_ []*cli.Command, c *cli.Command) {
		c.HideHelp, c.OnUsageError = true, onUsageError
	})
	var cancel context.CancelFunc
	return &cli.App{
		Name:           "metaml",
		Flags:          global,
		Commands:       commands,
		Reader:         e.stdin,
		Writer:         e.stdout,
		ErrWriter:      e.stderr,
		HideHelp:       true,
		HideVersion:    true,
		ExitErrHandler: func(*cli.Context, error) {},
		OnUsageError:   onUsageError,
		Before: func(c *cli.Context) error {
			if err := e.readGlobals(c); err != nil {
				return err
			}
			if e.timeout > 0 {
				c.Context, cancel = context.WithTimeoutCause(c.Context, e.timeout, errTimeout)
			}
			return nil
		},
		After: func(*cli.Context) error {
			if cancel != nil {
				cancel()
			}
			return nil
		},
		Action: func(c *cli.Context) error {
			if c.Bool("version") {
				return e.writeVersion()
			}
			return e.writeFrontPage()
		},
	}
}

// onUsageError gets what argv cannot know: values that a flag with a parser of its own refuses.
func onUsageError(_ *cli.Context, err error, _ bool) error {
	if _, refusal, ok := strings.Cut(err.Error(), " for flag -"); ok {
		return fmt.Errorf("--%s: %w", refusal, argv.ErrUsage)
	}
	return fmt.Errorf("%w: %w", err, argv.ErrUsage)
}

// walk visits every command below, parents first, with the commands above it.
func walk(commands, above []*cli.Command, visit func(above []*cli.Command, c *cli.Command)) {
	for _, c := range commands {
		visit(above, c)
		walk(c.Subcommands, append(slices.Clone(above), c), visit)
	}
}

// group is a command that only holds others; alone it shows its help.
func (e *environment) group(name, usage, description string, subcommands []*cli.Command) *cli.Command {
	g := &cli.Command{Name: name, Usage: usage, Description: description, Subcommands: subcommands}
	g.Action = func(*cli.Context) error { return e.writeHelp(&argv.Line{Path: []*cli.Command{g}}) }
	return g
}
