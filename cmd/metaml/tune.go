package main

import (
	"math"
	"os"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/tuning"
	"github.com/metaml/metaml/plugins/program"
)

// tuneCommand optimizes, on a data file or on a program of the user's.
func tuneCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:      "tune",
		Usage:     "find the best configuration for a data file, or for a program of yours",
		ArgsUsage: "FILE | --space FILE -- PROGRAM ARGUMENTS | --space FILE --function MODULE:NAME",
		Description: `
With a data file: trains what the knowledge base suggests, lets an optimizer go on from there, refits the best, and
keeps what was learned for the next time. With --space: runs PROGRAM, in whose arguments {NAME} stands for a parameter
of the space and {fidelity.NAME} for a fidelity, and reads the metric, minimised unless --maximize, from the last line
of its output: a number, or JSON with --metric. Every result is on disk before it counts. The same command again goes
on where it ended, however that was.

Arguments may also have {trial}, {seed}, {checkpoint}, a folder of the trial's own, and with --result-file {result};
{{ is a brace. The program finds them in METAML_TRIAL, METAML_SEED and METAML_CHECKPOINT, too, the configuration and
fidelities as JSON in METAML_CONFIG and METAML_FIDELITY, and, where it goes on from a cheaper trial, the folder of that
one in METAML_PARENT_CHECKPOINT. A line such as {"step": 3, "steps": 10, "loss": 0.4} on the way is a point of its
learning curve; where the trial is hopeless, SIGTERM ends it.

With --function: calls a Python function in your own environment, which needs nothing of metaml's. It takes parameters,
and if it likes fidelities, by name, or the configuration as a dict for its first argument, and returns the metric or a
dict of metrics. It may also take report, of which report(step, loss, steps=10) streams a learning curve and returns
True when it is to end; checkpoint, a folder, and parent, that of the trial to continue; fidelity, seed and trial.

example:
  $ metaml tune churn.csv --target churned --time 10m
  $ metaml tune --space space.yaml --trials 50 -- python train.py --lr '{lr}' --epochs '{fidelity.epochs}'
  $ metaml tune --space space.yaml --trials 50 --function train.py:objective --trials-per-gpu 2
`,
		Flags:  slices.Concat(tuneFlags(), functionFlags(), dataFlags(), evaluatorFlags(time.Minute, 30*time.Second), gpuFlags()),
		Action: e.tune,
	}
}

func tuneFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "study", Usage: "`NAME` of the study (default: made from the data or program)"},
		&cli.IntFlag{Name: "trials", Usage: "`N` trials in the whole study (default 100 without --time)"},
		&cli.DurationFlag{Name: "time", Usage: "evaluate for `TIME` in the whole study, such as 10m"},
		&cli.Float64Flag{Name: "target-value", Usage: "end once the metric is as good as `VALUE`"},
		&cli.StringFlag{Name: "optimizer", Value: autoOptimizer, Usage: "`NAME` of the optimizer; metaml plugins list names them"},
		&cli.StringFlag{Name: "settings", Usage: "settings of the optimizer as `JSON`"},
		&cli.StringFlag{Name: "metric", Usage: "optimize `METRIC` (default: balanced_accuracy, rmse; of a program: " + program.Metric + ")"},
		&cli.IntFlag{Name: "warm-starts", Value: defaultWarmStarts, Usage: "evaluate up to `N` recommended configurations: ten, then the default, then others in turn with the optimizer's, until ten in a row improve nothing"},
		&cli.StringFlag{Name: "warm-start", Usage: "before these, evaluate the configurations in `FILE`, a JSON list, in order"},
		&cli.IntFlag{Name: "rows", Usage: "evaluate on at most `N` rows (default: as in the knowledge base)"},
		&cli.IntFlag{Name: "folds", Usage: "`N`-fold cross-validation (default: as in the knowledge base)"},
		&cli.BoolFlag{Name: "no-learn", Usage: "keep nothing of it in the knowledge base"},
		&cli.BoolFlag{Name: "private", Usage: "keep it in the knowledge base, but out of everything that is exported"},
		&cli.BoolFlag{Name: "no-model", Usage: "do not refit the best configuration"},
		&cli.BoolFlag{Name: "deterministic", Usage: "with several workers, depend on the seed only; leaves workers idle"},
		&cli.StringFlag{Name: "space", Usage: "search space in `FILE` (YAML or JSON) for PROGRAM"},
		&cli.BoolFlag{Name: "maximize", Usage: "the program's metric is better when larger"},
		&cli.StringFlag{Name: "pattern", Usage: "the program's metric is the first group of `REGEXP` in the last line that matches"},
		&cli.BoolFlag{Name: "result-file", Usage: "the program writes its metric to {result}, as JSON"},
	}
}

// tune begins a study, or goes on with it.
func (e *environment) tune(c *cli.Context) error {
	if e.output == outputCSV {
		return usagef("tune prints a table or, with --output json, a line per trial; metaml studies export gives the trials as CSV")
	}
	budget, err := readBudget(c)
	if err != nil {
		return err
	}
	plan, err := e.planStudy(c)
	if err != nil {
		return err
	}
	s, err := e.openStudy(c.Context, plan)
	if err != nil {
		return err
	}
	defer s.close()
	if err := e.runStudy(c, s, budget); err != nil {
		return err
	}
	if err := e.concludeStudy(c, s); err != nil {
		return err
	}
	if err := e.writeDone(s); err != nil {
		return err
	}
	return s.failure()
}

// tuneBudget is what a study may spend.
type tuneBudget struct {
	trials int
	time   time.Duration
	target *float64
}

// defaultTrials is the budget where none is given.
const defaultTrials = 100

func readBudget(c *cli.Context) (tuneBudget, error) {
	b := tuneBudget{trials: c.Int("trials"), time: c.Duration("time")}
	if c.IsSet("trials") && b.trials < 1 {
		return b, usagef("--trials %d: at least one is needed", b.trials)
	}
	if c.IsSet("time") && b.time <= 0 {
		return b, usagef("--time %s: a time to evaluate is needed, such as 10m", b.time)
	}
	if b.trials == 0 && b.time == 0 {
		b.trials = defaultTrials
	}
	if c.IsSet("target-value") {
		v := c.Float64("target-value")
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return b, usagef("--target-value %v: a finite number is needed", v)
		}
		b.target = &v
	}
	return b, nil
}

// planStudy reads the command line's data or program.
func (e *environment) planStudy(c *cli.Context) (*studyPlan, error) {
	if name := c.String("study"); name != "" {
		if err := tuning.CheckName(name); err != nil {
			return nil, err
		}
	}
	for _, flag := range []string{"maximize", "pattern", "result-file"} {
		if c.String("space") == "" && c.String("function") == "" && c.IsSet(flag) {
			return nil, usagef("--%s is about a program's metric: it needs --space FILE -- PROGRAM", flag)
		}
	}
	if err := checkCounts(c); err != nil {
		return nil, err
	}
	if c.String("space") == "" && !wantsFunction(c) && c.NArg() != 1 {
		return nil, usagef("tune needs one FILE of data, or --space FILE -- PROGRAM ARGUMENTS; see metaml tune --help")
	}
	plan := e.planData
	switch {
	case wantsFunction(c):
		plan = e.planFunction
	case c.String("space") != "":
		plan = e.planProgram
	}
	p, err := plan(c)
	if err == nil {
		err = e.checkOptimizer(p)
	}
	if file := c.String("warm-start"); err == nil && file != "" {
		p.beginWith(file)
	}
	return p, err
}

// checkCounts refuses numbers that no study can have.
func checkCounts(c *cli.Context) error {
	for _, flag := range []struct {
		name  string
		least int
	}{{"warm-starts", 0}, {"rows", 1}, {"folds", 2}} {
		if n := c.Int(flag.name); c.IsSet(flag.name) && n < flag.least {
			return usagef("--%s %d: the least is %d", flag.name, n, flag.least)
		}
	}
	return nil
}

// checkOptimizer refuses an optimizer that does not exist before a study is made of it.
func (e *environment) checkOptimizer(p *studyPlan) error {
	if _, err := os.Stat(tuning.LedgerPath(p.folder)); err == nil || p.optimizer == autoOptimizer {
		return nil // the study that is there has its optimizer
	}
	_, err := e.optimizerCommand(p.optimizer)
	return err
}
