package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/argv"
	"github.com/metaml/metaml/kb/grow"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/metafeatures"
	"github.com/metaml/metaml/metafeatures/dataset"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/transfer"
	"github.com/metaml/metaml/warmstart"
)

func suggestCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:      "suggest",
		Usage:     "recommend configurations for a data file from what is known of other data",
		ArgsUsage: "FILE",
		Description: `
Compares the data with the tasks in the knowledge base and lists the configurations to try, in order, with the
performance to expect and the reason. Nothing is trained, and nothing written but a cache of what was learned from a
large knowledge base. Data that are in the knowledge base themselves are known by their content, whatever the file is
called: what was best on them comes first. FILE is CSV, TSV, ARFF or Parquet, text also compressed by gzip or zstd; - is
stdin.

example:
  $ metaml suggest churn.csv --target churned
  $ metaml suggest churn.csv --target churned --k 3 --learners lightgbm,linear --explain
  $ metaml suggest churn.csv --target churned --output json
`,
		Flags: append([]cli.Flag{
			&cli.IntFlag{Name: "k", Value: 5, Usage: "recommend `N` configurations"},
			&cli.StringFlag{Name: "metric", Usage: "judge by `METRIC` (default that of the knowledge base: balanced_accuracy, rmse)"},
			&cli.GenericFlag{Name: "learners", Value: &listValue{}, Usage: "only configurations of the learners `A,B,…`"},
			&cli.StringFlag{Name: "strategy", Value: warmstart.Default, Usage: "choose by `STRATEGY`: " + strings.Join(warmstart.Strategies(), ", ")},
			&cli.DurationFlag{Name: "budget-time", Usage: "recommend what gains most per second, within `TIME` for all runs together, e.g. 90s or 2h, by the times of prior tasks"},
			&cli.BoolFlag{Name: "explain", Usage: "show the nearest tasks, what brings them near, and what they say for each configuration"},
		}, dataFlags()...),
		Action: e.suggest,
	}
}

// ofOutput are the flags that say how a suggestion is written, not what is suggested.
var ofOutput = [...]string{"explain", "output", "json", "quiet", "verbose", "no-color", "no-input", "timeout"}

// maxSuggestions bounds --k: nobody tries more than that by hand.
const maxSuggestions = 1000

func (e *environment) suggest(c *cli.Context) error {
	if k := c.Int("k"); k < 1 || k > maxSuggestions {
		return usagef("--k %d: between 1 and %d configurations can be recommended", k, maxSuggestions)
	}
	if err := oneOf("--strategy", c.String("strategy"), warmstart.Strategies()...); err != nil {
		return err
	}
	budget, err := budgetTime(c)
	if err != nil {
		return err
	}
	start := e.now()
	d, err := e.readDataset(c)
	if err != nil {
		return err
	}
	v, err := metafeatures.Extract(c.Context, d, metafeatures.Options{Seed: e.seed})
	if err != nil {
		return err
	}
	s, err := e.advise(c.Context, d, v, warmstart.Options{
		K: c.Int("k"), Strategy: c.String("strategy"), Metric: c.String("metric"), Learners: listOf(c, "learners"), Seed: e.seed, Seconds: budget, Memory: e.lessons()})
	if errors.Is(err, warmstart.ErrBudget) {
		return usagef("--budget-time: %w", err)
	}
	if err != nil {
		return err
	}
	s.file, s.elapsed = c.Args().First(), e.now().Sub(start)
	s.again = e.line.Written(func(flag string) bool { return !slices.Contains(ofOutput[:], flag) })
	tune := flagNames(tuneCommand(e).Flags)
	s.tune = e.line.Written(func(flag string) bool {
		return !slices.Contains(ofOutput[:], flag) && (slices.Contains(tune, flag) || argv.Find(globalFlags(), flag) != nil)
	})
	e.sayNotes(append(d.Notes, s.advice.Notes...))
	return e.writeSuggestion(s, c.Bool("explain"))
}

// budgetTime returns --budget-time in seconds, 0 if it is not given.
func budgetTime(c *cli.Context) (float64, error) {
	if !c.IsSet("budget-time") {
		return 0, nil
	}
	budget, strategy := c.Duration("budget-time"), c.String("strategy")
	if budget <= 0 {
		return 0, usagef("--budget-time %s: there must be some time", budget)
	}
	if !slices.Contains(warmstart.TimeAware(), strategy) {
		return 0, usagef("--budget-time: strategy %s does not heed time; %s do", strategy, strings.Join(warmstart.TimeAware(), ", "))
	}
	return budget.Seconds(), nil
}

// suggestion is a piece of advice with what it is about and what it rests on.
type suggestion struct {
	file        string   // as the user wrote it
	again, tune []string // the flags with which the commands that lead on are about the same
	elapsed     time.Duration
	data        *dataset.Dataset
	advice      *warmstart.Advice
	matrix      *transfer.Matrix   // the results that the advice rests on
	features    map[string]float64 // of the data
	space       space.Space
	knowledge   knowledge
}

// knowledge says which knowledge base was asked.
type knowledge struct {
	Tasks   int    `json:"tasks"`
	Runs    int    `json:"runs"`
	Version string `json:"version"`
}

// advise asks the knowledge base about a dataset.
func (e *environment) advise(ctx context.Context, d *dataset.Dataset, v metafeatures.Vector, opt warmstart.Options) (*suggestion, error) {
	set, version, err := e.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	s, err := consult(ctx, set, d, v, opt)
	if err != nil {
		return nil, err
	}
	s.knowledge.Version = version
	return s, nil
}

// consult asks the records of a knowledge base about a dataset, whose meta-features v are if the knowledge base uses no
// others.
func consult(ctx context.Context, set *record.Set, d *dataset.Dataset, v metafeatures.Vector, opt warmstart.Options) (*suggestion, error) {
	s := &suggestion{data: d, knowledge: knowledge{Tasks: len(set.Tasks), Runs: len(set.Runs)}}
	var err error
	s.matrix, err = transfer.New(set, transfer.Options{Type: string(d.Task), Metric: opt.Metric, Learners: opt.Learners, Protocol: opt.Protocol, Space: opt.Space})
	if opt.Learners != nil && errors.Is(err, transfer.ErrEmpty) {
		return nil, failf(exitNotFound, "%v", err) // not for want of results: their advice would mislead
	}
	if err != nil {
		return nil, err
	}
	if v, err = translate(ctx, s.matrix, d, v, opt.Seed); err != nil {
		return nil, err
	}
	s.features = v.Map()
	for name, value := range s.features {
		s.features[name] = record.Round6(value) // as in records
	}
	var searched *space.Space
	if r := set.Spaces[s.matrix.Space]; r != nil {
		s.space, searched = r.Space, &r.Space
	}
	own := grow.TaskOf(d)
	id, err := record.Identify(&own)
	if err != nil {
		return nil, err
	}
	s.advice, err = warmstart.Advise(s.matrix, searched, warmstart.Task{
		Name: d.Name, ID: id, Type: string(d.Task), Extractor: v.Extractor, Features: s.features, Size: transfer.Size{Rows: d.TotalRows, Columns: len(d.Features)}}, opt)
	return s, err
}

// foreignExtractor begins the extractor of meta-features that came with imported results.
const foreignExtractor = "foreign:"

// translate returns a dataset's meta-features in a knowledge base's terms: v, unless its meta-features were imported and
// most of them are of a named set, which is then extracted.
func translate(ctx context.Context, m *transfer.Matrix, d *dataset.Dataset, v metafeatures.Vector, seed uint64) (metafeatures.Vector, error) {
	if !strings.HasPrefix(m.Extractor, foreignExtractor) {
		return v, nil
	}
	set, known := metafeatures.Recognise(m.FeatureNames)
	if 2*known < len(m.FeatureNames) {
		return v, nil
	}
	v, err := metafeatures.Extract(ctx, d, metafeatures.Options{Set: set, Seed: seed})
	v.Extractor = m.Extractor
	return v, err
}

// writeSuggestion writes a suggestion in the form that --output asks for.
func (e *environment) writeSuggestion(s *suggestion, explain bool) error {
	switch e.output {
	case outputJSON:
		return e.writeSuggestionJSON(s, explain)
	case outputCSV:
		return e.writeSuggestionCSV(s)
	}
	if err := e.writeSuggestionTable(s, !explain); err != nil || !explain {
		return err
	}
	return e.writeExplanation(s)
}
