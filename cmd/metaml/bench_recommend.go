package main

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/transfer"
	"github.com/metaml/metaml/warmstart"
	"github.com/metaml/metaml/warmstart/regret"
)

// benchRecommendCommand measures strategies by cross-validation inside a knowledge base.
func benchRecommendCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:  "recommend",
		Usage: "cross-validate the strategies of recommendation inside the knowledge base",
		Description: `
Hides tasks from each strategy, asks it for configurations, and looks up how good they are: normalised regret, 0 for
the best configuration of the task and 1 for its median one, at most 2. --cv is grouped (ten folds that keep siblings
together), loo (every task alone, which flatters), or a CSV file with columns name, group and fold: tasks of a fold
are tested together, fold -1 is always known and never tested, tasks not in the file are left out. active-testing and
posterior-seq are told what each configuration does before they choose the next.

Forecasts are judged by how many outcomes their 80 % intervals hold, how wide these are, their interval score, and the
continuous ranked probability score, beside a forecast that is the same for every task. The times of runs that are foretold for a
table of the task's size are compared with the real ones.

--limits says what holds strategies back, by rows that are no strategies since they see the answers of the task that is
tested: the noise floor, what is left to one who knows every configuration's true loss, because the table itself is noisy (from
repetitions or folds; not known without them); and the greedy portfolio of the ten prior tasks that correlate most with the
task, what perfect meta-features would bring.

--known N tests what is recommended for data that are in the knowledge base themselves: N results of each tested task, of
configurations drawn at random, are known. Beside the strategies stands known-first, the best of those first and then what
is best for all tasks and was not run. Each task is learned with alone, which takes a while; forecasts are not judged.

example:
  $ metaml bench recommend --strategy posterior,posterior-seq,greedy --k 1,3,5,10
  $ metaml bench recommend --known 5
  $ metaml bench recommend --kb oboe.sqlite --cv folds.csv --json
  $ metaml bench recommend --strategy posterior,greedy --against-shuffled --limits
`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "cv", Value: "grouped", Usage: "`SPLIT`: grouped, loo, or a CSV file of folds"},
			&cli.GenericFlag{Name: "strategy", Value: &listValue{}, Usage: "strategies `A,B,…` (default all: " + strings.Join(warmstart.Strategies(), ", ") + ")"},
			&cli.GenericFlag{Name: "k", Value: &listValue{}, Usage: "numbers of configurations `N,N,…` (default 1, 3, 5, 10, 25)"},
			&cli.GenericFlag{Name: "forecasts", Value: &listValue{}, Usage: "judge the forecasts of the strategies `A,B,…` too (default posterior, if it takes part)"},
			&cli.BoolFlag{Name: "shuffle-metafeatures", Usage: "deal the tasks' meta-features out anew first: what is gained then is not owed to them"},
			&cli.BoolFlag{Name: "against-shuffled", Usage: "test with shuffled meta-features besides: what is lost then is what they bring"},
			&cli.BoolFlag{Name: "limits", Usage: "say what holds strategies back: the noise floor, and neighbours by true correlation"},
			&cli.IntFlag{Name: "known", Usage: "let `N` results of each tested task be known too"},
			&cli.StringFlag{Name: "task", Usage: "only tasks of `TYPE`: classification or regression (default the one with more results)"},
			&cli.StringFlag{Name: "metric", Usage: "judge by `METRIC` (default the primary one)"},
		},
		Action: e.benchRecommend,
	}
}

func (e *environment) benchRecommend(c *cli.Context) error {
	if err := positionals(c); err != nil {
		return err
	}
	opt, err := e.benchOptions(c)
	if err != nil {
		return err
	}
	if opt.K, err = ascendingCounts("--k", listOf(c, "k")); err != nil {
		return err
	}
	m, err := e.benchMatrix(c)
	if err != nil {
		return err
	}
	split, err := benchSplit(c.String("cv"), m)
	if err != nil {
		return err
	}
	if c.Bool("shuffle-metafeatures") { // after the split, which looks at them
		m = regret.Shuffled(m, e.seed)
	}
	var bar *term.Progress
	opt.Progress = func(_, total int) {
		if bar == nil {
			bar = e.progress("testing", 0, total)
		}
		bar.Step("")
	}
	report, err := regret.Evaluate(c.Context, m, split, opt)
	if bar != nil {
		bar.Close()
	}
	if err != nil {
		return err
	}
	e.sayNotes(report.Notes)
	if report.Tasks == 0 {
		return failf(exitNotFound, "nothing can be told: on %s all configurations do the same", term.Plural(report.Dropped, "task"))
	}
	return e.writeRegret(report)
}

// benchOptions are the options but for K.
func (e *environment) benchOptions(c *cli.Context) (regret.Options, error) {
	opt := regret.Options{
		Strategies: listOf(c, "strategy"), Forecasts: listOf(c, "forecasts"), Seed: e.seed,
		Shuffled: c.Bool("against-shuffled"), Limits: c.Bool("limits"), Known: c.Int("known"),
	}
	for _, name := range slices.Concat(opt.Strategies, opt.Forecasts) {
		if _, err := warmstart.NewStrategy(name); err != nil && !(name == regret.KnownFirst && opt.Known > 0) {
			return opt, usagef("%w", err)
		}
	}
	switch {
	case c.IsSet("known") && opt.Known < 1:
		return opt, usagef("--known must be at least 1")
	case opt.Known > 0 && (opt.Shuffled || opt.Limits || opt.Forecasts != nil):
		return opt, usagef("--known goes without --against-shuffled, --limits and --forecasts")
	}
	if opt.Forecasts == nil {
		opt.Forecasts = []string{warmstart.Posterior}
	}
	return opt, nil
}

// benchMatrix is the knowledge base's results with the meta-features by which tasks are compared.
func (e *environment) benchMatrix(c *cli.Context) (*transfer.Matrix, error) {
	set, _, err := e.snapshot(c.Context)
	if err != nil {
		return nil, err
	}
	m, err := transfer.New(set, transfer.Options{Type: c.String("task"), Metric: c.String("metric")})
	if err != nil {
		return nil, err
	}
	return warmstart.Comparable(m), nil
}

// benchSplit makes the split that --cv names.
func benchSplit(name string, m *transfer.Matrix) (regret.Split, error) {
	switch name {
	case "grouped":
		return regret.Grouped(m), nil
	case "loo":
		return regret.LeaveOneOut(m), nil
	}
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return regret.Split{}, failf(exitNotFound, "--cv %s is neither grouped nor loo, nor a file that exists", name)
	}
	if err != nil {
		return regret.Split{}, err
	}
	defer file.Close()
	split, err := regret.ReadFolds(file, m)
	if errors.Is(err, regret.ErrFolds) {
		return split, failf(exitInvalid, "%s: %w", name, err)
	}
	return split, err
}

// ascendingCounts reads whole numbers from 1, sorted, each once; nil for none.
func ascendingCounts(flag string, texts []string) ([]int, error) {
	var counts []int
	for _, text := range texts {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 1 {
			return nil, usagef("%s: %q is no whole number from 1", flag, text)
		}
		counts = append(counts, n)
	}
	slices.Sort(counts)
	return slices.Compact(counts), nil
}
