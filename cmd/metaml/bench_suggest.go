package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/suggestbench"
	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/kb/grow"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/metafeatures"
	"github.com/metaml/metaml/metafeatures/dataset"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/transfer"
	"github.com/metaml/metaml/warmstart"
)

// benchSuggestCommand measures recommendations by training them.
func benchSuggestCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:      "suggest",
		Usage:     "train what is suggested on real data, beside the obvious choices",
		ArgsUsage: "FOLDER",
		Description: `
For every data file of FOLDER (or of --catalog) and several outer splits, metaml suggests configurations from the
training rows only. They are trained on those rows, at most --rows of them, beside the knowledge base's best single
configuration and scikit-learn's default random forest and gradient boosting; the best of k is chosen by
cross-validation. Losses are on test rows that nothing saw; lower is better. Differences are in units of the loss of
a constant prediction, over data sets, with 95 % intervals by a bootstrap over groups.

example:
  $ metaml bench suggest data/ --target y --k 5 --splits 3 --json
`,
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "target", Usage: "target `COLUMN` of all files (default: the last one, or what the catalog says)"},
			&cli.StringFlag{Name: "catalog", Usage: "CSV `FILE` with columns file, name, target, task, group"},
			&cli.Int64Flag{Name: "held-out", Usage: "only groups whose SHA-256 is divisible by `N`"},
			&cli.IntFlag{Name: "k", Value: 5, Usage: "compare the best of `N` suggestions, beside the first"},
			&cli.IntFlag{Name: "splits", Value: 3, Usage: "`N` outer splits"},
			&cli.IntFlag{Name: "rows", Value: 2000, Usage: "use at most `N` rows of a dataset"},
			&cli.IntFlag{Name: "folds", Value: 3, Usage: "`N`-fold cross-validation inside the training rows"},
			&cli.StringFlag{Name: "strategy", Value: warmstart.Default, Usage: "`NAME` of the strategy that suggests"},
		}, evaluatorFlags(time.Minute, 0)...),
		Action: func(c *cli.Context) error { return e.benchSuggest(c) },
	}
}

func (e *environment) benchSuggest(c *cli.Context) error {
	entries, err := benchEntries(c)
	if err != nil {
		return err
	}
	if err := oneOf("--strategy", c.String("strategy"), warmstart.Strategies()...); err != nil {
		return err
	}
	if c.Int("k") < 1 || c.Int("splits") < 1 {
		return usagef("--k and --splits must be at least 1")
	}
	opt, err := readEvaluatorFlags(c)
	if err != nil {
		return err
	}
	advisor, err := e.newAdvisor(c)
	if err != nil {
		return err
	}
	running, err := e.startEvaluators(c.Context, opt)
	if err != nil {
		return err
	}
	defer running.close()
	report, err := e.runContest(c, entries, advisor, running)
	if err != nil {
		return err
	}
	if err := e.writeContest(report, c.Int("k")); err != nil {
		return err
	}
	if report.Unusable > 0 {
		return failf(exitPartial, "%s could not be used", term.Plural(report.Unusable, "file"))
	}
	return nil
}

// runContest trains what the advisor suggests for the entries, in a folder for the time being.
func (e *environment) runContest(c *cli.Context, entries []grow.Entry, advisor *advisor, running *slots) (*suggestbench.Report, error) {
	dir, err := os.MkdirTemp("", "metaml-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	evaluators := make([]grow.Evaluator, len(running.evaluators))
	for i, ev := range running.evaluators {
		evaluators[i] = ev
	}
	watch := &contestProgress{e: e, failed: map[study.Status]int{}}
	defer watch.close()
	return suggestbench.Run(c.Context, entries, advisor, evaluators, suggestbench.Options{
		K: c.Int("k"), Splits: c.Int("splits"), Seed: e.seed, Rows: c.Int("rows"), Folds: c.Int("folds"), TestFraction: .25,
		Metric:     advisor.metrics(),
		References: map[string]space.Config{"forest": reference("reference_forest"), "hgb": reference("reference_boosting")},
		Dir:        dir, Progress: watch})
}

// benchEntries lists the data files that the command line asks for.
func benchEntries(c *cli.Context) ([]grow.Entry, error) {
	entries, err := listEntries(c)
	if err != nil {
		return nil, err
	}
	modulus := c.Int64("held-out")
	var kept []grow.Entry
	for _, entry := range entries {
		if modulus == 0 || grow.HeldOut(entry.Group, modulus) {
			kept = append(kept, entry)
		}
	}
	return kept, nil
}

// reference is a point of reference outside the search space, after the fixed imputation and one-hot encoding.
func reference(learner string) space.Config {
	return space.Config{"learner": space.String(learner), "categories": space.String("one_hot"), "features": space.String("none")}
}

// advisor answers from a knowledge base exactly as metaml suggest does.
type advisor struct {
	set    *record.Set
	opt    warmstart.Options
	single map[string]single
}

// single is the configuration that is best for all tasks of a type, by the metric that regrets are about.
type single struct {
	config space.Config
	metric record.Metric
}

func (e *environment) newAdvisor(c *cli.Context) (*advisor, error) {
	set, _, err := e.snapshot(c.Context)
	if err != nil {
		return nil, err
	}
	a := &advisor{set: set, opt: warmstart.Options{Strategy: c.String("strategy"), Seed: e.seed}, single: map[string]single{}}
	for _, task := range []string{record.Classification, record.Regression} {
		m, err := transfer.New(set, transfer.Options{Type: task})
		if err != nil {
			return nil, fmt.Errorf("knowledge base, %s: %w", task, err)
		}
		if a.single[task], err = singleBest(m, e.seed); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// singleBest is the configuration with the least mean regret over tasks; cells that were never run count as predicted.
func singleBest(m *transfer.Matrix, seed uint64) (single, error) {
	belief, err := m.Believe(seed)
	if err != nil {
		return single{}, err
	}
	expected := belief.Expected(transfer.Uniform(len(m.Tasks)))
	best := slices.MinFunc(m.Candidates(), func(a, b int) int { return cmp.Compare(expected[a], expected[b]) })
	return single{m.Configs[best].Values, m.Metric}, nil
}

// Recommend implements suggestbench.Recommender.
func (a *advisor) Recommend(ctx context.Context, training *dataset.Dataset, k int) (suggestbench.Picks, error) {
	v, err := metafeatures.Extract(ctx, training, metafeatures.Options{})
	if err != nil {
		return suggestbench.Picks{}, err
	}
	opt := a.opt
	opt.K = k
	s, err := consult(ctx, a.set, training, v, opt)
	if err != nil {
		return suggestbench.Picks{}, err
	}
	picks := suggestbench.Picks{SingleBest: a.single[string(training.Task)].config}
	for _, r := range s.advice.Recommendations {
		picks.Suggestions = append(picks.Suggestions, r.Config)
	}
	return picks, nil
}

// metrics are the metrics that the knowledge base's regrets are about.
func (a *advisor) metrics() map[string]record.Metric {
	m := map[string]record.Metric{}
	for task, s := range a.single {
		m[task] = s.metric
	}
	return m
}
