package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/asktell"
	"github.com/metaml/metaml/cmd/internal/studies"
	"github.com/metaml/metaml/cmd/internal/tuning"
	"github.com/metaml/metaml/optimizers/ledger/sqlite"
	"github.com/metaml/metaml/optimizers/space"
)

// askCommand begins trials that the caller evaluates.
func askCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:      "ask",
		ArgsUsage: "[STUDY]",
		Usage:     "ask a study for configurations that you evaluate yourself",
		Description: `
For loops in any language: ask, evaluate, tell. The first call makes the study, named as STUDY or by --study, so that
all calls can be the same.
Prints JSON with id, config, seed and, where the space file has fidelities, fidelity of each trial; with --output csv a
line for each. Fewer trials than asked for come when the optimizer waits to be told of pending ones, none with
"exhausted": true when it has nothing left. A trial stays pending until it is told, also when the caller dies:
--pending prints such trials again. Any number of callers may ask and tell at once.

example:
  $ metaml ask --study paint --space space.yaml --metric gloss --maximize
  $ metaml tell --study paint --trial 1 --value 0.83
  $ metaml best --study paint
`,
		Flags: []cli.Flag{
			studyFlag(),
			&cli.StringFlag{Name: "space", Usage: "search space in `FILE` (YAML or JSON), for a new study"},
			&cli.StringFlag{Name: "optimizer", Value: automatic, Usage: "`NAME` of the optimizer, for a new study"},
			&cli.StringFlag{Name: "settings", Usage: "settings of the optimizer as `JSON`, for a new study"},
			&cli.StringFlag{Name: "metric", Value: "loss", Usage: "call the value that is told `NAME`, in a new study"},
			&cli.BoolFlag{Name: "maximize", Usage: "the value is better when larger, in a new study"},
			&cli.StringFlag{Name: "warm-start", Usage: "give out the configurations in `FILE` first: a JSON list, for a new study"},
			&cli.IntFlag{Name: "n", Value: 1, Usage: "ask for `N` trials"},
			&cli.BoolFlag{Name: "pending", Usage: "print the trials that are pending instead of new ones"},
		},
		Action: e.ask,
	}
}

// mostAsked bounds the trials of one call: all are kept before the first is printed.
const mostAsked = 10_000

// studyFlag names the study of ask, tell and best.
func studyFlag() cli.Flag { return &cli.StringFlag{Name: "study", Usage: "`NAME` of the study"} }

// studyName is the study's name, from --study or as the argument that it is for other commands.
func studyName(c *cli.Context) (string, error) {
	name := c.String("study")
	if c.NArg() > 0 {
		if err := positionals(c, "STUDY"); err != nil {
			return "", err
		}
		if word := c.Args().First(); name != "" && name != word {
			return "", usagef("%s and --study %s contradict each other", word, name)
		}
		name = c.Args().First()
	}
	if name == "" {
		return "", usagef("%s needs --study NAME", commandName(c))
	}
	return name, tuning.CheckName(name)
}

func (e *environment) ask(c *cli.Context) error {
	name, err := studyName(c)
	if err != nil {
		return err
	}
	if n := c.Int("n"); n < 1 || n > mostAsked {
		return usagef("--n %d: ask for at least one trial, and for %d at most", n, mostAsked)
	}
	if c.Bool("pending") {
		return e.writePending(c.Context, name)
	}
	l, err := e.studyToAsk(c, name)
	if err != nil {
		return err
	}
	defer l.Close()
	return e.askOwned(c.Context, l, c.Int("n"))
}

// askOwned asks a study that this process owns.
func (e *environment) askOwned(ctx context.Context, l *sqlite.Ledger, n int) error {
	h := l.Header()
	details, err := studies.DetailsOf(h)
	if err != nil {
		return err
	}
	s, err := asktell.Open(ctx, h.Problem, l)
	if err != nil {
		return err
	}
	o, closeOptimizer, err := e.openOptimizer(ctx, h)
	if err != nil {
		return err
	}
	defer closeOptimizer()
	asked, err := s.Ask(ctx, o, warmConfigs(details), n)
	if err != nil {
		return err
	}
	if len(asked.Trials) == 0 {
		if asked.Exhausted {
			e.say("the optimizer has nothing left to propose")
		} else {
			e.say("the optimizer waits to be told of pending trials")
		}
	}
	return e.writeAsked(h, asked, s.Log())
}

func warmConfigs(d tuning.Details) []space.Config {
	var configs []space.Config
	for _, w := range d.WarmStarts {
		configs = append(configs, w.Config)
	}
	return configs
}

// studyToAsk takes the ownership of the study that the line names; one that is not there is made as the line says.
func (e *environment) studyToAsk(c *cli.Context, name string) (*sqlite.Ledger, error) {
	data, err := e.dataFolder()
	if err != nil {
		return nil, err
	}
	folder := tuning.Folder(data, name)
	path := tuning.LedgerPath(folder)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		h, err := e.newStudy(c, data, name)
		if err != nil {
			return nil, err
		}
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, err
		}
		l, err := e.await(c.Context, func() (*sqlite.Ledger, error) { return sqlite.Create(c.Context, path, h) })
		if !errors.Is(err, sqlite.ErrExists) {
			return l, err
		}
		// Another caller made it meanwhile.
	}
	if err := e.checkAskable(c, path); err != nil {
		return nil, err
	}
	return e.await(c.Context, func() (*sqlite.Ledger, error) { return sqlite.Open(c.Context, path) })
}

// checkAskable refuses a study that is not for asking, or not what the line says. Headers never change, so it need not
// be owned for that.
func (e *environment) checkAskable(c *cli.Context, path string) error {
	view, err := sqlite.View(c.Context, path)
	if err != nil {
		return err
	}
	defer view.Close()
	if err := checkAskMode(view.Header()); err != nil {
		return err
	}
	return e.checkLine(c, view.Header())
}

// checkAskMode refuses a study whose trials are evaluated by metaml itself.
func checkAskMode(h sqlite.Header) error {
	d, err := studies.DetailsOf(h)
	if err == nil && d.Mode != tuning.ModeAsk {
		err = failf(exitConflict, "metaml tune evaluates the trials of study %s; ask and tell another", h.Name)
	}
	return err
}

const (
	askWait      = 10 * time.Second // how long a study is waited for without --timeout
	longestPause = 50 * time.Millisecond
)

// await opens a study as soon as no other process has it: other callers have it for an instant only. Without --timeout
// it gives up after a while.
func (e *environment) await(ctx context.Context, open func() (*sqlite.Ledger, error)) (*sqlite.Ledger, error) {
	until := time.Now().Add(askWait)
	for pause := time.Millisecond; ; pause = min(2*pause, longestPause) {
		l, err := open()
		if !errors.Is(err, sqlite.ErrLocked) || e.timeout == 0 && time.Now().After(until) {
			return l, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}
