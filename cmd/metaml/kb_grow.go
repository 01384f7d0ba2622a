package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/kb"
	"github.com/metaml/metaml/kb/grow"
	"github.com/metaml/metaml/kb/record"
)

// kbGrowCommand evaluates a design on a folder of datasets.
func kbGrowCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:      "grow",
		Usage:     "evaluate configurations on a folder of datasets and keep the results",
		ArgsUsage: "FOLDER",
		Description: `
Every data file of FOLDER, or every file of --catalog, becomes a task; on each, the same configurations are evaluated
by cross-validation on at most --rows rows, with a test split that no training touches: the default of every learner,
then points of a scrambled Sobol sequence. Each result is stored as soon as it is known. The same command again goes
on where the last one ended, however it ended.

example:
  $ metaml kb grow data/ --target y --configs 40 --kb mine.sqlite
`,
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "target", Usage: "target `COLUMN` of all files (default: the last one, or what the catalog says)"},
			&cli.StringFlag{Name: "catalog", Usage: "CSV `FILE` with columns file, name, target, task, group, source, licence"},
			&cli.Int64Flag{Name: "hold-out", Usage: "leave out groups whose SHA-256 is divisible by `N`, for ever test tasks"},
			&cli.StringFlag{Name: "task", Usage: "only `TYPE`: classification or regression"},
			&cli.IntFlag{Name: "tasks", Usage: "at most `N` datasets of each type, from as many groups as possible (0: all)"},
			&cli.IntFlag{Name: "configs", Value: 100, Usage: "`N` configurations: every learner's default, then Sobol points"},
			&cli.IntFlag{Name: "block", Value: 20, Usage: "give every task `N` configurations before any gets more"},
			&cli.IntFlag{Name: "rows", Value: 2000, Usage: "use at most `N` rows of a dataset"},
			&cli.IntFlag{Name: "folds", Value: 3, Usage: "`N`-fold cross-validation"},
			&cli.IntFlag{Name: "repeats", Value: 1, Usage: "repeat it `N` times on other folds"},
			&cli.Float64Flag{Name: "test", Value: .25, Usage: "`SHARE` of rows kept for testing"},
			&cli.StringSliceFlag{Name: "metrics", Usage: "store only `METRICS`; the first of a task's type leads"},
			&cli.StringFlag{Name: "contributor", Usage: "`WORD` written into every run"},
		}, evaluatorFlags(growWall, growFit)...),
		Action: func(c *cli.Context) error { return e.kbGrow(c) },
	}
}

func (e *environment) kbGrow(c *cli.Context) error {
	entries, err := growEntries(c)
	if err != nil {
		return err
	}
	opt, err := readEvaluatorFlags(c)
	if err != nil {
		return err
	}
	store, work, err := e.openForGrowing(c.Context)
	if err != nil {
		return err
	}
	defer store.Close()
	release, err := lockFolder(work)
	if err != nil {
		return err
	}
	defer release()
	opt.journal = func(slot int) string { return grow.JournalFile(work, os.Getpid(), slot) }
	running, err := e.startEvaluators(c.Context, opt)
	if err != nil {
		return err
	}
	defer running.close()
	plans, err := growPlans(c, e.seed, running)
	if err != nil {
		return err
	}
	tasks, failed, err := e.prepareTasks(c, entries, plans, work, store)
	if err != nil {
		return err
	}
	summary, err := e.runGrowth(c, store, tasks, running, plans, work)
	if err != nil {
		return fmt.Errorf("%w; nothing that had ended is lost: the same command goes on", err)
	}
	running.close()
	if err := os.RemoveAll(work); err != nil {
		return err
	}
	if err := e.writeGrowth(summary, len(tasks), failed); err != nil {
		return err
	}
	if failed > 0 {
		return failf(exitPartial, "%s could not be used", term.Plural(failed, "file"))
	}
	return nil
}

// listEntries lists the data files of the folder or catalog that the command line names.
func listEntries(c *cli.Context) (entries []grow.Entry, err error) {
	switch catalog := c.String("catalog"); {
	case catalog != "" && c.NArg() > 0:
		return nil, usagef("give a folder or --catalog, not both")
	case catalog != "":
		entries, err = grow.Catalog(catalog)
	default:
		if err := positionals(c, "FOLDER"); err != nil {
			return nil, err
		}
		entries, err = grow.Folder(c.Args().First())
	}
	if target := c.String("target"); target != "" {
		for i := range entries {
			entries[i].Options.Target = target
		}
	}
	return entries, err
}

// growEntries are the listed files that may be grown from.
func growEntries(c *cli.Context) ([]grow.Entry, error) {
	entries, err := listEntries(c)
	if err != nil {
		return nil, err
	}
	var kept []grow.Entry
	for _, entry := range entries {
		declared := string(entry.Options.Task)
		if wanted := c.String("task"); wanted != "" && declared != "" && declared != wanted {
			continue
		}
		if !grow.HeldOut(entry.Group, c.Int64("hold-out")) {
			kept = append(kept, entry)
		}
	}
	return grow.Select(kept, c.Int("tasks")), nil
}

// openForGrowing opens the knowledge base and names the folder beside it where interrupted work waits.
func (e *environment) openForGrowing(ctx context.Context) (*kb.KB, string, error) {
	path := e.kb
	if path == "" {
		data, err := e.dataFolder()
		if err != nil {
			return nil, "", err
		}
		path = filepath.Join(data, "kb", "kb.sqlite")
	}
	store, err := kb.Open(ctx, kb.Options{Path: path})
	if err != nil {
		return nil, "", err
	}
	work := path + ".growing"
	if err := os.MkdirAll(work, 0o700); err != nil {
		store.Close()
		return nil, "", err
	}
	return store, work, nil
}

// growPlans makes the design and protocol of each type of task.
func growPlans(c *cli.Context, seed uint64, running *slots) (map[string]grow.Plan, error) {
	plans := map[string]grow.Plan{}
	for _, taskType := range []string{record.Classification, record.Regression} {
		if only := c.String("task"); only != "" && only != taskType {
			continue
		}
		sp, err := running.space(taskType)
		if err != nil {
			return nil, err
		}
		design, err := grow.Design(sp, "learner", c.Int("configs"), seed)
		if err != nil {
			return nil, err
		}
		metrics, err := running.metrics(taskType, c.StringSlice("metrics")...)
		if err != nil {
			return nil, err
		}
		plans[taskType] = grow.Plan{Space: sp, Configs: design, Protocol: record.Protocol{
			Resampling: "cv", Folds: c.Int("folds"), Repeats: c.Int("repeats"), TestFraction: c.Float64("test"),
			SplitSeed: seed, RowCap: c.Int("rows"), Metrics: metrics}}
	}
	return plans, nil
}

// prepareTasks reads, describes and stages every file. Files that cannot be used are named and counted.
func (e *environment) prepareTasks(c *cli.Context, entries []grow.Entry, plans map[string]grow.Plan, work string, store grow.Store) ([]*grow.Task, int, error) {
	ctx := c.Context
	progress := e.progress("reading", 0, len(entries))
	defer progress.Close()
	anyPlan := plans[record.Classification]
	if anyPlan.Protocol.Folds == 0 {
		anyPlan = plans[record.Regression]
	}
	prepared := make([]*grow.Task, len(entries))
	errs := make([]error, len(entries))
	next := make(chan int)
	var readers sync.WaitGroup
	for range c.Int("workers") {
		readers.Go(func() {
			for i := range next {
				prepared[i], errs[i] = grow.Prepare(ctx, entries[i], grow.PrepareOptions{Protocol: anyPlan.Protocol, Dir: filepath.Join(work, "tables")})
				progress.Step("")
			}
		})
	}
	for i := range entries {
		next <- i
	}
	close(next)
	readers.Wait()
	if ctx.Err() != nil {
		return nil, 0, context.Cause(ctx)
	}
	var tasks []*grow.Task
	failed := 0
	for i, t := range prepared {
		if errs[i] != nil {
			failed++
			progress.Say("metaml: %v", errs[i])
			continue
		}
		if plans[t.Task.Type].Configs == nil || slices.ContainsFunc(tasks, func(o *grow.Task) bool { return o.ID == t.ID }) {
			continue
		}
		if err := t.Store(ctx, store); err != nil {
			return nil, failed, err
		}
		tasks = append(tasks, t)
	}
	return tasks, failed, nil
}

// runGrowth evaluates under a progress bar.
func (e *environment) runGrowth(c *cli.Context, store *kb.KB, tasks []*grow.Task, running *slots, plans map[string]grow.Plan, work string) (grow.Summary, error) {
	evaluators := make([]grow.Evaluator, len(running.evaluators))
	for i, ev := range running.evaluators {
		evaluators[i] = ev
	}
	watch := &growProgress{e: e}
	defer watch.close()
	return grow.Run(c.Context, store, tasks, evaluators, grow.Options{Plans: plans, Block: c.Int("block"),
		Evaluator: running.identity(), Contributor: c.String("contributor"), Journal: work, Progress: watch, Now: e.now})
}

// lockPatience is how long another process may hold a folder before this one gives up.
const lockPatience = 2 * time.Second

// lockFolder makes this process the only one to grow into a knowledge base, until release or its death.
func lockFolder(dir string) (release func(), err error) {
	type outcome struct {
		release func()
		err     error
	}
	locked := make(chan outcome, 1)
	go func() {
		release, err := lockedfile.MutexAt(filepath.Join(dir, "lock")).Lock()
		locked <- outcome{release, err}
	}()
	select {
	case o := <-locked:
		return o.release, o.err
	case <-time.After(lockPatience):
		return nil, failf(exitConflict, "another process is growing this knowledge base (%s); wait for it or end it", dir)
	}
}
