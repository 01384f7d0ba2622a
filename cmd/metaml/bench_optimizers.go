package main

import (
	"context"
	"errors"
	"os"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/optimizerbench"
	"github.com/metaml/metaml/cmd/internal/term"
)

// benchOptimizersCommand measures optimizers on problems with known optima.
func benchOptimizersCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:  "optimizers",
		Usage: "run optimizers on problems with known optima, beside those of other libraries",
		Description: `
Every method runs on every problem once per seed, one trial after another. Shown are the median and quartiles over
runs of the regret of the best trial so far, and the CPU time per trial that proposing it took. Where a problem has a
fidelity, cost is counted in full evaluations and the best trial is that at the highest fidelity.

Problems are named, or by group: all, functions, cash-instances, fidelity, tables, or a pattern such as hpobench_*.
Tables are read from the folders that --tables names, or alone by --table. A method is an optimizer with or without
settings, as tpe or tpe:candidates=32, or one of --peers, which another library in a Python environment of its own plays.

At the end methods are compared run by run: the mean difference of log10(regret + 0.001 of the problem's spread) with
its 95 % interval; not worse is below a factor of 1.25; and by their average rank over problems.

example:
  $ metaml bench optimizers --problem branin,cash --method random --seeds 10 --budget 50
  $ metaml bench optimizers --problem tables --tables data/tables --method random --peers optuna-tpe --json > results.jsonl
  $ metaml bench optimizers --from results.jsonl
`,
		Flags:  optimizersFlags(),
		Action: e.benchOptimizers,
	}
}

// optimizersFlags are the flags of bench optimizers.
func optimizersFlags() []cli.Flag {
	return []cli.Flag{
		&cli.GenericFlag{Name: "problem", Value: &listValue{}, Usage: "problems or groups of problems `P,Q,…` (default all)"},
		&cli.GenericFlag{Name: "method", Value: &listValue{}, Usage: "optimizers `A,B,…`, each with settings as A:key=value:… (default all)"},
		&cli.IntFlag{Name: "seeds", Value: 30, Usage: "`N` runs of each method on each problem"},
		&cli.Uint64Flag{Name: "seed-base", Usage: "seed `N` of the first run; the others follow"},
		&cli.Float64Flag{Name: "budget", Usage: "`N` evaluations per run, full ones where there is a fidelity (default 100, and 25 there)"},
		&cli.GenericFlag{Name: "tables", Value: &listValue{}, Usage: "folders `DIR,…` that hold tables of known suites"},
		&cli.StringFlag{Name: "table", Usage: "a table in `FILE` as a problem: JSON of one digit per parameter, or CSV"},
		&cli.StringFlag{Name: "space", Usage: "space `FILE` of --table (default one integer per digit, or the known suite's)"},
		&cli.BoolFlag{Name: "maximize", Usage: "higher values of --table are better"},
		&cli.GenericFlag{Name: "peers", Value: &listValue{}, Usage: "methods `A,B,…` of other libraries"},
		&cli.StringFlag{Name: "peers-dir", Value: ".peers/optimizers", Usage: "`DIR` whose program run starts the peers"},
		&cli.BoolFlag{Name: "process", Usage: "run optimizers as processes, as in a study; their CPU time then includes the start"},
		&cli.GenericFlag{Name: "against", Value: &listValue{}, Usage: "methods `A,B,…` to compare with (default the peers, else the first method)"},
		&cli.GenericFlag{Name: "from", Value: &listValue{}, Usage: "add results from `FILE,…` of earlier runs with --json; alone, only show them"},
		&cli.BoolFlag{Name: "document", Usage: "show them as a document in Markdown: verdicts beside other libraries, ranks, regrets"},
	}
}

func (e *environment) benchOptimizers(c *cli.Context) error {
	if err := positionals(c); err != nil {
		return err
	}
	cells, err := earlierCells(listOf(c, "from"))
	if err != nil {
		return err
	}
	var stopped error
	if len(cells) == 0 || c.IsSet("method") || c.IsSet("peers") || c.IsSet("problem") || c.IsSet("table") {
		var fresh []optimizerbench.Cell
		if fresh, stopped, err = e.raceOptimizers(c); err != nil {
			return err
		}
		cells = append(cells, fresh...)
	}
	if c.Bool("document") {
		err = e.writeOptimizersDocument(cells)
	} else {
		err = e.writeOptimizers(cells, listOf(c, "against"))
	}
	if err != nil {
		return err
	}
	return stopped
}

// earlierCells reads the results of earlier runs.
func earlierCells(files []string) ([]optimizerbench.Cell, error) {
	var cells []optimizerbench.Cell
	for _, name := range files {
		if err := mustExist("results file", name); err != nil {
			return nil, err
		}
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		more, err := optimizerbench.ReadCells(file)
		_ = file.Close() // it was only read
		if err != nil {
			return nil, failf(exitInvalid, "%s: %w", name, err)
		}
		for _, cell := range more {
			cells = addCell(cells, cell)
		}
	}
	return cells, nil
}

// addCell adds a result. Of two of one method on one problem that with more runs stays.
func addCell(cells []optimizerbench.Cell, cell optimizerbench.Cell) []optimizerbench.Cell {
	same := func(c optimizerbench.Cell) bool { return c.Method == cell.Method && c.On() == cell.On() }
	i := slices.IndexFunc(cells, same)
	if i < 0 {
		return append(cells, cell)
	}
	if cell.Seeds > cells[i].Seeds {
		cells[i] = cell
	}
	return cells
}

// raceOptimizers runs what the command line asks for. stopped is the error that ended it early, with the results so
// far; err one before the first run.
func (e *environment) raceOptimizers(c *cli.Context) (cells []optimizerbench.Cell, stopped, err error) {
	opt := optimizerbench.Options{
		Seeds: c.Int("seeds"), SeedBase: c.Uint64("seed-base"), Budget: c.Float64("budget"), Date: e.now().UTC().Format(time.DateOnly),
	}
	if opt.Seeds < 1 {
		return nil, nil, usagef("--seeds %d: at least one run is needed", opt.Seeds)
	}
	if c.IsSet("budget") && !(opt.Budget >= 1) {
		return nil, nil, usagef("--budget %v: at least one evaluation is needed", opt.Budget)
	}
	if opt.Methods, err = e.benchMethods(c); err != nil {
		return nil, nil, err
	}
	if opt.Problems, err = benchProblems(c); err != nil {
		return nil, nil, err
	}
	defer func() {
		for _, m := range opt.Methods {
			_ = m.Close() // the results are there; a peer that ends badly says so on stderr
		}
	}()
	bar := e.progress("running", 0, len(opt.Problems)*len(opt.Methods)*opt.Seeds)
	defer bar.Close()
	var skipped error
	opt.Done = func(problem, method string) { bar.Step(method + " on " + problem) }
	opt.Skipped = func(problem, method string, err error) {
		skipped = err
		bar.Say("%s cannot do %s: %v", method, problem, err)
	}
	if e.output == outputJSON {
		opt.Cell = func(cell optimizerbench.Cell) error { return e.writeLine(cell) }
	}
	cells, stopped = optimizerbench.Run(c.Context, opt)
	if cause := context.Cause(c.Context); cause != nil {
		stopped = errors.Join(cause, stopped)
	}
	if stopped == nil && len(cells) == 0 && skipped != nil {
		stopped = failf(exitUsage, "no method can do any of the problems: %w", skipped)
	}
	if opt.Seeds*len(cells) > 0 {
		e.say("%s done", term.Plural(opt.Seeds*len(cells), "run"))
	}
	return cells, stopped, nil
}
