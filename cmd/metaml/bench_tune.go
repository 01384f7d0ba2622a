package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/optimizerbench"
	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/cmd/internal/tunebench"
	"github.com/metaml/metaml/kb"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/transfer"
	"github.com/metaml/metaml/warmstart"
)

// benchTuneCommand measures what warm starts are worth to a study.
func benchTuneCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:  "tune",
		Usage: "run studies with and without warm starts on tabulated objectives",
		Description: `
Every optimizer runs once per seed on every table of --tables, a knowledge base file of data sets that the advising
knowledge base does not know: what it knows of them or of their groups is hidden from it. Starts are cold; warm, which
begins with what the knowledge base recommends and hands over to the optimizer as metaml tune does; and unrelated,
which does the same with a knowledge base whose results belong to other configurations. --peers runs optimizers of
other libraries, cold, on the same objectives.

A method proposes any configuration; the nearest row of the table that its run has not evaluated is, and the method is
told that row's configuration and result. Runs are scored by the loss of the incumbent on test rows, as normalised
regret: 0 is the table's best configuration, 1 its median one, at most 2. Shown are the trials that warm runs need to
reach what cold runs have after the last one, the difference of regrets with a simultaneous 95 % band, the trials that
advice costs, and regrets at 10, 25 and 100 trials; intervals are by a bootstrap over groups of data sets.

With --catalog, a list of data files as of metaml kb grow, what a method proposes is trained for real, with the tables'
protocol, on those data sets of the tables that the list has. Tables then only give the scale of regrets and the noise.

With --runs finished runs are kept in a file, and an interrupted benchmark goes on.

example:
  $ metaml bench tune --tables held-out.kb --optimizer tpe,random --seeds 3
  $ metaml bench tune --tables held-out.kb --peers optuna-tpe,smac-hpo --runs runs.jsonl --workers 2 --json
  $ metaml bench tune --tables held-out.kb --catalog data.csv --optimizer tpe --start cold,warm --seeds 1 --workers 2
`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "tables", Usage: "knowledge base `FILE` whose tasks are the objectives"},
			&cli.StringFlag{Name: "task", Usage: "only tasks of `TYPE`: classification or regression"},
			&cli.GenericFlag{Name: "only", Value: &listValue{}, Usage: "only the tables of the data sets `A,B,…`"},
			&cli.GenericFlag{Name: "optimizer", Value: &listValue{}, Usage: "optimizers `A,B,…`, with a number of seeds as smac=2 (default random, tpe, smac)"},
			&cli.GenericFlag{Name: "start", Value: &listValue{}, Usage: "starts `S,S,…` (default cold, warm, unrelated)"},
			&cli.IntFlag{Name: "seeds", Value: 10, Usage: "`N` runs of each method on each table"},
			&cli.IntFlag{Name: "trials", Value: 100, Usage: "`N` trials per run"},
			&cli.IntFlag{Name: "warm-starts", Value: defaultWarmStarts, Usage: "recommend `N` configurations, of which a run takes as many as pay"},
			&cli.StringFlag{Name: "strategy", Value: warmstart.Default, Usage: "`NAME` of the strategy that recommends"},
			&cli.GenericFlag{Name: "peers", Value: &listValue{}, Usage: "methods `A,B,…` of other libraries, with a number of seeds as smac-hpo=2"},
			&cli.StringFlag{Name: "peers-dir", Value: ".peers/optimizers", Usage: "`DIR` whose program run starts the peers"},
			&cli.IntFlag{Name: "workers", Value: 1, Usage: "`N` runs at a time"},
			&cli.StringFlag{Name: "catalog", Usage: "train what is proposed on the data that CSV `FILE` lists, instead of looking rows up; for optimizers alone"},
			&cli.StringFlag{Name: "evaluator", Value: "sklearn", Usage: "evaluator `NAME` that trains on --catalog"},
			&cli.StringFlag{Name: "runs", Usage: "keep finished runs in `FILE`, and do not repeat those that are there"},
			&cli.BoolFlag{Name: "finished", Usage: "run nothing, only report what --runs holds"},
		},
		Action: e.benchTune,
	}
}

// tuneContest is a benchmark of warm starts as the command line asks for it.
type tuneContest struct {
	opt      tunebench.Options
	entrants []tunebench.Entrant
	journal  *tunebench.Journal // nil: runs are not kept
	training *tuneTraining      // nil: rows are looked up
	versions map[string]string
	tables   knowledge
	advising knowledge
	hidden   int // tasks that the advising knowledge base must not know
}

func (e *environment) benchTune(c *cli.Context) error {
	if err := positionals(c); err != nil {
		return err
	}
	if err := checkTuneFlags(c); err != nil {
		return err
	}
	contest, err := e.planTuneContest(c)
	if err != nil {
		return err
	}
	if contest.journal != nil {
		defer contest.journal.Close()
	}
	runs, stopped := contest.opt.Finished, error(nil)
	if !c.Bool("finished") {
		runs, stopped = e.raceTunes(c.Context, contest)
	}
	if cause := context.Cause(c.Context); cause != nil {
		stopped = errors.Join(cause, stopped)
	}
	if stopped != nil {
		return stopped
	}
	report := tunebench.Summarise(contest.opt.Tasks, contest.entrants, runs, contest.opt.Trials, e.seed)
	return e.writeTuneReport(tuneDocument{1, e.provenance(), tuneSetting{contest.tables, contest.advising, contest.hidden, contest.training != nil,
		contest.opt.Seeds, c.String("strategy"), contest.versions}, report})
}

// checkTuneFlags checks what is not checked where it is used.
func checkTuneFlags(c *cli.Context) error {
	if c.String("tables") == "" {
		return usagef("bench tune needs --tables FILE, a knowledge base whose tasks are the objectives")
	}
	if err := mustExist("file of tables", c.String("tables")); err != nil {
		return err
	}
	if err := oneOf("--strategy", c.String("strategy"), warmstart.Strategies()...); err != nil {
		return err
	}
	if c.Bool("finished") {
		if c.String("runs") == "" {
			return usagef("--finished needs --runs FILE, which holds the runs")
		}
		if err := mustExist("file of runs", c.String("runs")); err != nil {
			return err
		}
	}
	for _, flag := range []string{"seeds", "trials", "warm-starts", "workers"} {
		if c.Int(flag) < 1 {
			return usagef("--%s must be at least 1", flag)
		}
	}
	return nil
}

// planTuneContest reads the tables and the advising knowledge base.
func (e *environment) planTuneContest(c *cli.Context) (*tuneContest, error) {
	t := &tuneContest{versions: map[string]string{}}
	t.opt = tunebench.Options{Seeds: c.Int("seeds"), SeedBase: e.seed, Trials: c.Int("trials"), Workers: c.Int("workers")}
	var err error
	if t.opt.Tasks, t.tables, err = e.readTables(c); err != nil {
		return nil, err
	}
	if c.String("catalog") != "" {
		if err := t.readCatalog(e, c); err != nil {
			return nil, err
		}
	}
	if err := t.enter(e, c); err != nil {
		return nil, err
	}
	if err := t.consult(e, c); err != nil {
		return nil, err
	}
	if c.String("runs") == "" {
		return t, nil
	}
	facts := []any{t.advising.Version, e.seed, t.opt.Trials, c.Int("warm-starts"), c.String("strategy")}
	if t.training != nil {
		facts = append(facts, "trained")
	}
	identity, err := tunebench.Identity(t.opt.Tasks, facts...)
	if err != nil {
		return nil, err
	}
	t.journal, err = tunebench.OpenJournal(c.String("runs"), identity, t.opt.Tasks)
	if errors.Is(err, tunebench.ErrOtherRuns) {
		return nil, failf(exitConflict, "%w", err)
	}
	if err != nil {
		return nil, err
	}
	t.opt.Finished = t.journal.Finished
	for name, version := range t.journal.Versions {
		t.versions[name] = version
	}
	return t, nil
}

// readTables reads the objectives.
func (e *environment) readTables(c *cli.Context) ([]*tunebench.Task, knowledge, error) {
	set, about, err := e.readKnowledge(c.Context, c.String("tables"))
	if err != nil {
		return nil, about, err
	}
	types := []string{record.Classification, record.Regression}
	if kind := c.String("task"); kind != "" {
		if err := oneOf("--task", kind, types...); err != nil {
			return nil, about, err
		}
		types = []string{kind}
	}
	var tasks []*tunebench.Task
	var missing error
	for _, kind := range types {
		some, notes, err := tunebench.ReadTables(set, kind, "")
		if errors.Is(err, transfer.ErrEmpty) || errors.Is(err, transfer.ErrNotFound) {
			missing = err
			continue
		}
		if err != nil {
			return nil, about, failf(exitInvalid, "%s: %w", c.String("tables"), err)
		}
		e.sayNotes(notes)
		tasks = append(tasks, some...)
	}
	tasks, err = onlyTables(tasks, listOf(c, "only"))
	if err != nil {
		return nil, about, err
	}
	if len(tasks) == 0 {
		return nil, about, failf(exitInvalid, "%s has no table to run on: %w", c.String("tables"), errors.Join(tunebench.ErrTables, missing))
	}
	return tasks, about, nil
}

// onlyTables keeps the tables of the data sets named, all for no name.
func onlyTables(tasks []*tunebench.Task, names []string) ([]*tunebench.Task, error) {
	if names == nil {
		return tasks, nil
	}
	for _, name := range names {
		if !slices.ContainsFunc(tasks, func(t *tunebench.Task) bool { return t.Name == name }) {
			return nil, failf(exitNotFound, "--only: no table is of the data set %q", name)
		}
	}
	return slices.DeleteFunc(tasks, func(t *tunebench.Task) bool { return !slices.Contains(names, t.Name) }), nil
}

// readKnowledge reads a knowledge base file.
func (e *environment) readKnowledge(ctx context.Context, path string) (*record.Set, knowledge, error) {
	opt := kb.Options{Path: path, ReadOnly: true}
	opt.CacheDir, _ = e.cacheFolder() // without a home nothing is cached
	base, err := kb.Open(ctx, opt)
	if err != nil {
		return nil, knowledge{}, err
	}
	defer base.Close()
	set, err := base.Snapshot(ctx)
	if err != nil {
		return nil, knowledge{}, err
	}
	version, err := base.Version(ctx)
	return set, knowledge{len(set.Tasks), len(set.Runs), version}, err
}

// enter makes the entrants and says how to make their methods.
func (t *tuneContest) enter(e *environment, c *cli.Context) error {
	starts, names := listOf(c, "start"), listOf(c, "optimizer")
	if starts == nil {
		starts = []string{string(tunebench.Cold), string(tunebench.Warm), string(tunebench.Unrelated)}
	}
	if names == nil {
		names = []string{"random", "tpe", "smac"}
	}
	for _, start := range starts {
		if err := oneOf("--start", start, string(tunebench.Cold), string(tunebench.Warm), string(tunebench.Unrelated)); err != nil {
			return err
		}
	}
	seeds := map[string]int{}
	own, err := t.enterOwn(names, starts, seeds)
	if err != nil {
		return err
	}
	peers, err := t.enterPeers(listOf(c, "peers"), seeds)
	if err != nil {
		return err
	}
	if len(peers) > 0 && t.training != nil {
		return usagef("--catalog is for --optimizer: --peers run on the tables")
	}
	program := filepath.Join(c.String("peers-dir"), "run")
	if len(peers) > 0 {
		if err := mustExist("program that starts peers", program); err != nil {
			return err
		}
	}
	t.opt.SeedsOf = func(method string) int { return seeds[method] }
	t.opt.Methods = func() ([]tunebench.Method, error) {
		methods := slices.Clone(own)
		if t.training != nil {
			return t.training.methods(methods), nil
		}
		for _, name := range peers {
			methods = append(methods, tunebench.NewPeer(optimizerbench.NewPeer(name, peerCommand(program))))
		}
		return methods, nil
	}
	return nil
}

// enterOwn enters metaml's optimizers and notes the number of seeds of each.
func (t *tuneContest) enterOwn(names, starts []string, seeds map[string]int) (own []tunebench.Method, err error) {
	for _, text := range names {
		name, n, err := t.namedSeeds("--optimizer", text)
		if err != nil {
			return nil, err
		}
		open, err := openBundled(name, nil)
		if err != nil {
			return nil, err
		}
		p, _ := findBundled(name)
		for _, start := range starts {
			o := tunebench.Own{Optimizer: name, Open: open, Primed: p.Description.Capabilities.Prior, From: tunebench.Start(start)}
			own, seeds[o.Name()] = append(own, o), n
			t.entrants = append(t.entrants, tunebench.Entrant{Name: o.Name(), Optimizer: name, Start: o.From})
		}
	}
	return own, nil
}

// enterPeers enters methods of other libraries and notes the number of seeds of each.
func (t *tuneContest) enterPeers(texts []string, seeds map[string]int) (peers []string, err error) {
	for _, text := range texts {
		name, n, err := t.namedSeeds("--peers", text)
		if err != nil {
			return nil, err
		}
		peers, seeds[name] = append(peers, name), n
		t.entrants = append(t.entrants, tunebench.Entrant{Name: name, Start: tunebench.Cold})
	}
	return peers, nil
}

// namedSeeds splits NAME=N, where N is --seeds if it is not there.
func (t *tuneContest) namedSeeds(flag, text string) (name string, seeds int, err error) {
	name, number, given := strings.Cut(text, "=")
	if !given {
		return name, t.opt.Seeds, nil
	}
	if seeds, err = strconv.Atoi(number); err != nil || seeds < 1 {
		return "", 0, usagef("%s %s: %q is no number of seeds from 1", flag, text, number)
	}
	return name, seeds, nil
}

// consult makes the advisers of warm and unrelated starts.
func (t *tuneContest) consult(e *environment, c *cli.Context) error {
	set, version, err := e.snapshot(c.Context)
	if err != nil {
		return err
	}
	t.advising = knowledge{len(set.Tasks), len(set.Runs), version}
	set, t.hidden = tunebench.Without(set, t.opt.Tasks)
	if t.hidden > 0 {
		e.say("note: %s hidden from the advising knowledge base, which belong to the groups of the tables", term.Plural(t.hidden, "task"))
	}
	t.opt.Advise = tunebench.NewAdvisors(set, warmstart.Options{K: c.Int("warm-starts"), Strategy: c.String("strategy"), Seed: e.seed}).Advise
	return nil
}

// raceTunes runs what is not finished.
func (e *environment) raceTunes(ctx context.Context, t *tuneContest) (tunebench.Runs, error) {
	total := 0
	for _, entrant := range t.entrants {
		total += len(t.opt.Tasks) * t.opt.SeedsOf(entrant.Name)
	}
	names := map[string]string{}
	for _, task := range t.opt.Tasks {
		names[string(task.ID)] = task.Name
	}
	finished := 0
	for key := range t.opt.Finished {
		if slices.ContainsFunc(t.entrants, func(x tunebench.Entrant) bool {
			return x.Name == key.Method && key.Seed-t.opt.SeedBase < uint64(t.opt.SeedsOf(x.Name))
		}) {
			finished++
		}
	}
	if t.training != nil {
		if err := t.training.start(ctx, e, t.opt.Workers); err != nil {
			return nil, err
		}
		defer t.training.close()
	}
	bar := e.progress("running", finished, total)
	defer bar.Close()
	t.opt.Done = func(key tunebench.Key, rows []int, versions map[string]string) error {
		for name, version := range versions {
			t.versions[name] = version
		}
		bar.Step(fmt.Sprintf("%s on %s", key.Method, names[key.Task]))
		if t.journal == nil {
			return nil
		}
		return t.journal.Add(key, rows, versions)
	}
	return tunebench.Run(ctx, t.opt)
}
