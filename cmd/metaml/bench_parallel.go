package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/simulation"
)

// benchParallelCommand measures how well optimizers use many workers.
func benchParallelCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:  "parallel",
		Usage: "measure how well optimizers use many workers, in simulated time",
		Description: `
Studies with one and with many workers are simulated on a virtual clock, with run times that have stragglers:
exponential, lognormal (sigma 1) and Pareto (index 1.5; its variance is infinite) ones of the same mean.

Efficiency is T(1) / (W T(W)): T(W) is the time that W workers need to the loss that one worker reaches in half its
budget, each in the median over seeds. 1 is perfect. The column median is that over the run times, with 95 % of what it
is with seeds drawn anew.

The bound is the efficiency of W workers that take the one worker's own trials, each as soon as one is free and the
trial that it continues has ended: what stragglers and evaluations that have to follow each other leave of 1. Other
trials may still do better. Where it is low, the problem is solved before W workers have enough to do, or the budget is
too small. The budget should leave each worker several full evaluations, and is the same for all numbers of workers.

example:
  $ metaml bench parallel --problem counting_ones --method asha --workers 8 --seeds 5 --budget 96
`,
		Flags: []cli.Flag{
			&cli.GenericFlag{Name: "problem", Value: &listValue{}, Usage: "problems or groups of problems `P,Q,…` (default fidelity)"},
			&cli.GenericFlag{Name: "method", Value: &listValue{}, Usage: "optimizers `A,B,…`, each with settings as A:key=value:… (default asha,bohb)"},
			&cli.GenericFlag{Name: "workers", Value: &listValue{}, Usage: "numbers `N,M,…` of workers (default 8,32)"},
			&cli.IntFlag{Name: "seeds", Value: 60, Usage: "`N` studies for each number"},
			&cli.Uint64Flag{Name: "seed-base", Usage: "seed `N` of the first study; the others follow"},
			&cli.Float64Flag{Name: "budget", Usage: "`N` full evaluations for the one worker (default 12 for each of the most workers)"},
			&cli.BoolFlag{Name: "credit", Usage: "a configuration that goes on costs the increment alone"},
			&cli.GenericFlag{Name: "tables", Value: &listValue{}, Usage: "folders `DIR,…` that hold tables of known suites"},
		},
		Action: e.benchParallel,
	}
}

// efficiency is how well a method uses workers on a problem: a line of the JSON output.
type efficiency struct {
	SchemaVersion int                `json:"schema_version"`
	Problem       string             `json:"problem"`
	Method        string             `json:"method"`
	Workers       int                `json:"workers"`
	Seeds         int                `json:"seeds"`
	SeedBase      uint64             `json:"seed_base"`
	Budget        float64            `json:"budget"`
	Credit        bool               `json:"credit,omitempty"`
	ByRunTime     map[string]speedup `json:"by_run_time"`
	Efficiency    float64            `json:"efficiency"`
	Interval      [2]float64         `json:"interval"`
	Bound         float64            `json:"bound"`
	Version       string             `json:"version"`
}

// speedup is the efficiency with one distribution of run times. The times are medians, in full evaluations; that of W
// workers is absent where they do not reach the target.
type speedup struct {
	TargetRegret float64  `json:"target_regret"`
	One          float64  `json:"one"`
	Many         *float64 `json:"many,omitempty"`
	Efficiency   float64  `json:"efficiency"`
	Bound        float64  `json:"bound"`
}

// runTimes are the distributions with stragglers.
func runTimes() ([]string, []simulation.Duration) {
	return []string{"exponential", "lognormal", "pareto"},
		[]simulation.Duration{simulation.Exponential(), simulation.LogNormal(1), simulation.Pareto(1.5)}
}

func (e *environment) benchParallel(c *cli.Context) error {
	if err := positionals(c); err != nil {
		return err
	}
	if c.Int("seeds") < 1 {
		return usagef("--seeds %d: at least one study is needed", c.Int("seeds"))
	}
	if c.IsSet("budget") && !(c.Float64("budget") >= 1) {
		return usagef("--budget %v: at least one evaluation is needed", c.Float64("budget"))
	}
	workers, err := ascendingCounts("--workers", listOf(c, "workers"))
	if err != nil {
		return err
	}
	if workers == nil {
		workers = []int{8, 32}
	}
	if workers[0] < 2 {
		return usagef("--workers %d: at least two are needed to compare with one", workers[0])
	}
	if !c.IsSet("problem") {
		if err := c.Set("problem", "fidelity"); err != nil {
			return err
		}
	}
	problems, err := benchProblems(c)
	if err != nil {
		return err
	}
	methods := listOf(c, "method")
	if len(methods) == 0 {
		methods = []string{"asha", "bohb"}
	}
	results, err := e.efficiencies(c, problems, methods, workers)
	if err != nil {
		return err
	}
	return e.writeEfficiencies(results)
}

// efficiencies measures every method on every problem with all numbers of workers.
func (e *environment) efficiencies(c *cli.Context, problems []problem.Problem, methods []string, workers []int) ([]efficiency, error) {
	bar := e.progress("simulating", 0, len(problems)*len(methods))
	defer bar.Close()
	_, durations := runTimes()
	opt := simulation.EfficiencyOptions{
		Workers: workers, Budget: c.Float64("budget"), Seeds: c.Int("seeds"), SeedBase: c.Uint64("seed-base"),
		Credit: c.Bool("credit"), Durations: durations,
	}
	if !c.IsSet("budget") {
		opt.Budget = 12 * float64(slices.Max(workers))
	}
	var results []efficiency
	for _, p := range problems {
		for _, m := range methods {
			open, err := e.simulated(m)
			if err != nil {
				return nil, err
			}
			measured, err := simulation.Efficiencies(c.Context, p, open, opt)
			if err != nil {
				return nil, fmt.Errorf("%s on %s: %w", m, p.Name, err)
			}
			for _, x := range measured {
				results = append(results, efficiencyLine(p, m, opt, x))
			}
			bar.Step(m + " on " + p.Name)
		}
	}
	return results, nil
}

// efficiencyLine makes a line of the output of what was measured.
func efficiencyLine(p problem.Problem, method string, opt simulation.EfficiencyOptions, x simulation.Efficiency) efficiency {
	version, _ := buildVersion()
	r := efficiency{
		SchemaVersion: 1, Problem: p.Name, Method: method, Workers: x.Workers, Seeds: opt.Seeds, SeedBase: opt.SeedBase,
		Budget: opt.Budget, Credit: opt.Credit, ByRunTime: map[string]speedup{},
		Efficiency: x.Value, Interval: x.Interval, Bound: x.Bound, Version: version,
	}
	names, _ := runTimes()
	for i, by := range x.By {
		s := speedup{TargetRegret: by.Target - p.Optimum, One: by.One, Efficiency: by.Value, Bound: by.Bound}
		if !math.IsInf(by.Many, 1) {
			s.Many = &by.Many
		}
		r.ByRunTime[names[i]] = s
	}
	return r
}

// simulated opens a built-in optimizer: a simulation of hours takes seconds in this process alone.
func (e *environment) simulated(text string) (simulation.Open, error) {
	name, settings, err := methodSettings(text)
	if err != nil {
		return nil, err
	}
	return openBundled(name, settings)
}

// writeEfficiencies prints the results in the format asked for.
func (e *environment) writeEfficiencies(results []efficiency) error {
	names, _ := runTimes()
	switch e.output {
	case outputJSON:
		for _, r := range results {
			if err := e.writeLine(r); err != nil {
				return err
			}
		}
		return nil
	case outputCSV:
		var rows [][]string
		for _, r := range results {
			row := []string{r.Problem, r.Method, strconv.Itoa(r.Workers), strconv.Itoa(r.Seeds)}
			for _, x := range append(r.runTimes(), r.Efficiency, r.Interval[0], r.Interval[1], r.Bound) {
				row = append(row, strconv.FormatFloat(x, 'g', 6, 64))
			}
			rows = append(rows, row)
		}
		header := append([]string{"problem", "method", "workers", "seeds"}, names...)
		return e.writeCSV(append(header, "median", "low", "high", "bound"), rows)
	}
	columns := []term.Column{{Title: "efficiency on"}, {Title: "method"}, {Title: "workers", Right: true}, {Title: "studies", Right: true}}
	for _, name := range append(names, "median", "95 %", "bound") {
		columns = append(columns, term.Column{Title: name, Right: true})
	}
	t := term.NewTable(columns...)
	for _, r := range results {
		row := []string{r.Problem, r.Method, strconv.Itoa(r.Workers), strconv.Itoa(r.Seeds)}
		for _, x := range append(r.runTimes(), r.Efficiency) {
			row = append(row, term.Fixed(x, 2))
		}
		t.Row(append(row, term.Fixed(r.Interval[0], 2)+" to "+term.Fixed(r.Interval[1], 2), term.Fixed(r.Bound, 2))...)
	}
	return t.Write(e.stdout, e.width(e.stdout))
}

// runTimes lists the efficiencies in the order of the distributions.
func (r efficiency) runTimes() []float64 {
	names, _ := runTimes()
	var list []float64
	for _, name := range names {
		list = append(list, r.ByRunTime[name].Efficiency)
	}
	return list
}
