package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/tuning"
	"github.com/metaml/metaml/kb/grow"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/metafeatures/dataset"
	"github.com/metaml/metaml/optimizers/auto"
	"github.com/metaml/metaml/optimizers/ledger/sqlite"
	"github.com/metaml/metaml/optimizers/space/canonical"
	"github.com/metaml/metaml/optimizers/space/spelling"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins"
	"github.com/metaml/metaml/plugins/program"
)

// studyPlan is a study as the command line asks for it.
type studyPlan struct {
	name, folder string
	identity     string            // hash of everything that makes the study this one
	facts        map[string]string // hashes of what the study was asked for with, by name
	optimizer    string            // as asked for
	settings     json.RawMessage
	trials       int // asked for now; 0: not known
	evaluator    evaluatorOptions
	data         *dataset.Dataset // nil for a program
	// begin makes a new study's header. The evaluators run.
	begin func(ctx context.Context, running *slots) (study.Problem, tuning.Details, error)
	// prior is what is known of earlier tasks, once begin has asked the knowledge base; nil if nothing is.
	prior func() (study.Prior, error)
}

// header makes a new study's header.
func (p *studyPlan) header(e *environment, ctx context.Context, running *slots) (sqlite.Header, error) {
	problem, details, err := p.begin(ctx, running)
	if err != nil {
		return sqlite.Header{}, err
	}
	details.Identity, details.Facts, details.Evaluator = p.identity, p.facts, p.evaluator.name
	details.Command, details.Version = os.Args[1:], versionText()
	details.Machine = machineText(ctx)
	h := sqlite.Header{Name: p.name, Problem: problem, Optimizer: p.optimizer, Settings: p.settings, Created: e.now()}
	if h.Optimizer == autoOptimizer {
		var why string
		h.Optimizer, why = auto.Choose(problem, p.trials)
		e.say("optimizer %s: %s", h.Optimizer, why)
		if len(h.Settings) == 0 {
			if h.Settings, err = chosenSettings(problem, h.Optimizer, p.trials); err != nil {
				return sqlite.Header{}, err
			}
		}
		if skip := auto.Skip(problem, p.trials); h.Optimizer == auto.BOHB && skip > 0 && len(p.settings) == 0 {
			e.say("of its levels of effort it leaves out the cheapest (%d): %d trials would else bring little that is measured in full", skip, p.trials)
		}
	}
	if o, ok := findBundled(h.Optimizer); ok && o.Description.Capabilities.Fidelity && len(problem.Fidelities) == 0 {
		e.say("the study has no fidelities: %s has nothing to make evaluations cheaper by, every trial is one in full", h.Optimizer)
	}
	if details.Prior, err = e.keepPrior(ctx, p, h.Optimizer); err != nil {
		return h, err
	}
	h.Details, err = json.Marshal(details)
	return h, err
}

// planProgram plans a study of a program.
func (e *environment) planProgram(c *cli.Context) (*studyPlan, error) {
	if c.NArg() == 0 {
		return nil, usagef("tune --space FILE needs -- PROGRAM ARGUMENTS; see metaml tune --help")
	}
	searched, fidelities, err := readSpace(c.String("space"))
	if err != nil {
		return nil, err
	}
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	p := &studyPlan{}
	if p.evaluator, err = readProgramFlags(c, programEvaluator); err != nil {
		return nil, err
	}
	protocol := program.Protocol{Space: searched, Fidelities: fidelities, Args: c.Args().Slice(), Dir: dir,
		Metric: c.String("metric"), Pattern: c.String("pattern"), Result: c.Bool("result-file")}
	if err := protocol.Check(); err != nil {
		return nil, err
	}
	if err := findProgram(protocol.Args[0]); err != nil {
		return nil, err
	}
	err = p.identify(e, c, filepath.Base(protocol.Args[0]), []any{protocol, c.Bool("maximize")}, facts{
		"--space": []any{searched, fidelities}, "program": protocol.Args, "working directory": dir, "--metric": protocol.Metric,
		"--pattern": protocol.Pattern, "--result-file": protocol.Result, "--maximize": c.Bool("maximize")})
	if err != nil {
		return nil, err
	}
	protocol.Checkpoints = tuning.TrialsFolder(p.folder)
	p.begin = func(context.Context, *slots) (study.Problem, tuning.Details, error) {
		metric := cmp.Or(protocol.Metric, program.Metric)
		d := tuning.Details{Mode: tuning.ModeProgram, Metric: metric, Maximize: c.Bool("maximize"), Default: searched.Default()}
		var err error
		d.Protocol, err = canonicalJSON(protocol)
		return study.Problem{Space: searched, Fidelities: protocol.Fidelities, Seed: e.seed,
			Objectives: []study.Objective{{Metric: metric, Maximize: d.Maximize}}}, d, err
	}
	return p, nil
}

// readProgramFlags are the evaluator's flags for a program or function: one at a time and without limits unless asked.
func readProgramFlags(c *cli.Context, name string) (evaluatorOptions, error) {
	opt, err := readEvaluatorFlags(c)
	opt.name = name
	if !c.IsSet("workers") {
		opt.workers = 1
	}
	if !c.IsSet("limit") {
		opt.limits.Wall = 0
	}
	if !c.IsSet("memory-limit") {
		opt.limits.Memory = 0
	}
	if err == nil {
		err = opt.divide(c.Context, c)
	}
	return opt, err
}

// planData plans a study of a data file.
func (e *environment) planData(c *cli.Context) (*studyPlan, error) {
	d, err := e.readDataset(c)
	if err != nil {
		return nil, err
	}
	e.sayNotes(d.Notes)
	p := &studyPlan{data: d}
	if p.evaluator, err = readEvaluatorFlags(c); err != nil {
		return nil, err
	}
	if gpusAsked(c) {
		if _, builtin := pythonEvaluators()[p.evaluator.name]; builtin {
			return nil, usagef("evaluator %s uses no GPU; --gpus, --trials-per-gpu and --gpu-memory are for other evaluators", p.evaluator.name)
		}
		if err := p.evaluator.divide(c.Context, c); err != nil {
			return nil, err
		}
	}
	err = p.identify(e, c, d.Name, []any{d.Fingerprint, d.Target.Name, d.Task, c.String("metric"), c.Int("rows"), c.Int("folds")}, facts{
		"data set": d.Fingerprint, "--target": d.Target.Name, "--task": d.Task,
		"--metric": c.String("metric"), "--rows": c.Int("rows"), "--folds": c.Int("folds")})
	if err != nil {
		return nil, err
	}
	file, err := filepath.Abs(c.Args().First())
	p.begin = func(ctx context.Context, running *slots) (study.Problem, tuning.Details, error) {
		return e.beginData(ctx, c, p, running, file)
	}
	return p, err
}

// beginData makes the problem of a study of a data file, with what the knowledge base recommends.
func (e *environment) beginData(ctx context.Context, c *cli.Context, plan *studyPlan, running *slots, file string) (study.Problem, tuning.Details, error) {
	d := plan.data
	fail := func(err error) (study.Problem, tuning.Details, error) { return study.Problem{}, tuning.Details{}, err }
	set, _, err := e.snapshot(ctx)
	if err != nil {
		return fail(err)
	}
	sp, err := running.space(string(d.Task))
	if err != nil {
		return fail(err)
	}
	protocol, err := dataProtocol(c, set, running.about, string(d.Task))
	if err != nil {
		return fail(err)
	}
	if _, _, err := grow.Split(d, protocol); err != nil {
		return fail(err) // before a study is made of it
	}
	leading := protocol.Metrics[0]
	e.say("%s: %s", dataLabel(c.Args().First()), describeData(d))
	if names := leftOut(d); names != "" {
		e.say("left out: %s", names)
	}
	e.say("%s", describeTask(d, leading.Name))
	details := tuning.Details{Mode: tuning.ModeData, Data: file, Target: d.Target.Name, Task: string(d.Task), Rows: d.TotalRows,
		Columns: len(d.Features) + len(d.Dropped), Fingerprint: d.Fingerprint, Metric: leading.Name, Maximize: leading.Maximize, Default: sp.Default()}
	if details.Protocol, err = record.Encode(&protocol); err != nil {
		return fail(err)
	}
	if err := e.recommend(ctx, plan, &details, set, sp, c.Int("warm-starts")); err != nil {
		return fail(err)
	}
	return study.Problem{Space: sp, Fidelities: rowFidelity(running.about.Fidelities), Seed: e.seed,
		Objectives: []study.Objective{{Metric: leading.Name, Maximize: leading.Maximize}}}, details, nil
}

// dataLabel names a data file in a message.
func dataLabel(arg string) string {
	if arg == "-" {
		return "standard input"
	}
	return short(filepath.Base(arg))
}

// rowFidelity is the fidelity that every learner has: the share of the rows.
func rowFidelity(all []study.Range) []study.Range {
	i := slices.IndexFunc(all, func(r study.Range) bool { return r.Name == "rows" })
	if i < 0 {
		return nil
	}
	return all[i : i+1]
}

// dataProtocol is the protocol by which the knowledge base has most runs for such tasks, so that what is learned can
// be compared, unless the command line asks for another.
func dataProtocol(c *cli.Context, set *record.Set, about plugins.Description, task string) (record.Protocol, error) {
	p := record.Protocol{Resampling: "cv", Folds: 3, Repeats: 1, TestFraction: .25, RowCap: 2000}
	reported := func(m record.Metric) bool {
		return slices.Contains(about.Metrics[task], study.Objective{Metric: m.Name, Maximize: m.Maximize})
	}
	known := commonProtocol(set, task)
	if known != nil && !slices.ContainsFunc(known.Metrics, func(m record.Metric) bool { return !reported(m) }) {
		p = *known
	} else {
		for _, o := range about.Metrics[task] {
			p.Metrics = append(p.Metrics, record.Metric{Name: o.Metric, Maximize: o.Maximize})
		}
	}
	if len(p.Metrics) == 0 {
		return p, failf(exitNotFound, "evaluator %s reports no metric for %s", about.Name, task)
	}
	if metric := c.String("metric"); metric != "" {
		i := slices.IndexFunc(about.Metrics[task], func(o study.Objective) bool { return o.Metric == metric })
		if i < 0 {
			names := metricNames(about.Metrics[task])
			return p, failf(exitNotFound, "evaluator %s has no metric %q for %s%s\nits metrics are %s",
				about.Name, metric, task, spelling.Hint(metric, names), strings.Join(names, ", "))
		}
		o := about.Metrics[task][i]
		rest := slices.DeleteFunc(slices.Clone(p.Metrics), func(m record.Metric) bool { return m.Name == metric })
		p.Metrics = append([]record.Metric{{Name: o.Metric, Maximize: o.Maximize}}, rest...)
	}
	p.RowCap, p.Folds = cmp.Or(c.Int("rows"), p.RowCap), cmp.Or(c.Int("folds"), p.Folds)
	return p, nil
}

// metricNames are the names of metrics.
func metricNames(metrics []study.Objective) []string {
	var names []string
	for _, o := range metrics {
		names = append(names, o.Metric)
	}
	return names
}

// commonProtocol is the cross-validation by which most runs on tasks of a type were made; nil if there is none.
func commonProtocol(set *record.Set, task string) *record.Protocol {
	counts := map[record.ID]int{}
	for _, r := range set.Runs {
		t := set.Tasks[r.Task]
		if p := set.Protocols[r.Protocol]; t != nil && t.Type == task && p != nil && p.Resampling == "cv" && p.Folds > 1 {
			counts[r.Protocol]++
		}
	}
	var best record.ID
	for id, n := range counts {
		if n > counts[best] || n == counts[best] && id < best {
			best = id
		}
	}
	return set.Protocols[best]
}

// canonicalJSON is v as canonical JSON.
func canonicalJSON(v any) (json.RawMessage, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return canonical.Transform(bytes.TrimSpace(text))
}
