package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/optimizerbench"
	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/optimizers/problem"
)

// costTarget is how much CPU time an optimizer may take per trial on a problem.
type costTarget struct {
	method, problem string
	observations    int     // from how many on there is a target
	target          float64 // in milliseconds
	of              string  // what is judged: the mean or the longest
}

// What a target is for: the mean over trials, or each of them.
const (
	ofMean    = "mean"
	ofLongest = "longest"
)

// costTargets lists the optimizers whose cost matters, each where it is at home, and all that can be on 768
// hyperparameters, where none may keep its user waiting even once.
func costTargets() []costTarget {
	return []costTarget{
		{"gp", "hartmann6", 1000, 300, ofMean},
		{"tpe", "hartmann6", 1000, 1, ofMean},
		{"tpe", "cash", 1000, 1, ofMean},
		{"smac", "hartmann6", 1000, 30, ofMean},
		{"smac", "cash", 1000, 30, ofMean},
		{"cmaes", "rosenbrock10", 0, 0.03, ofMean},
		{"bohb", "counting_ones", 1000, 1, ofMean},
		{"random", "weka768", 0, 100, ofLongest},
		{"tpe", "weka768", 0, 100, ofLongest},
		{"smac", "weka768", 0, 100, ofLongest},
		{"gp", "weka768", 0, 100, ofLongest},
	}
}

// benchCostCommand measures what proposing costs.
func benchCostCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:  "cost",
		Usage: "measure the CPU time that optimizers take per trial",
		Description: `
Each optimizer is told a study by tpe of so many trials, then proposes and takes in more, one by one. Shown is the CPU
time of all threads per trial: the mean, with what is done only now and then, the longest, and the target for one of them.
weka768 is a space of the shape of Auto-WEKA's, with 768 hyperparameters and conditions of four levels.

The exit status is 1 if a target is missed; how long things take depends on the machine.

example:
  $ metaml bench cost --method tpe --observations 100 --asks 20
`,
		Flags: []cli.Flag{
			&cli.GenericFlag{Name: "method", Value: &listValue{}, Usage: "optimizers `A,B,…` (default all in the list)"},
			&cli.GenericFlag{Name: "problem", Value: &listValue{}, Usage: "problems `P,Q,…` (default all in the list)"},
			&cli.GenericFlag{Name: "observations", Value: &listValue{}, Usage: "numbers `N,M,…` of trials told before (default 100,1000)"},
			&cli.IntFlag{Name: "asks", Value: 100, Usage: "`N` trials that are measured"},
		},
		Action: e.benchCost,
	}
}

// askCost is the cost of one optimizer on one problem: a line of the JSON output. Times are in milliseconds.
type askCost struct {
	SchemaVersion int     `json:"schema_version"`
	Problem       string  `json:"problem"`
	Method        string  `json:"method"`
	Observations  int     `json:"observations"`
	Asks          int     `json:"asks"`
	CPU           float64 `json:"cpu_ms_per_eval"`
	Longest       float64 `json:"cpu_ms_longest"`
	Target        float64 `json:"target_ms,omitempty"`
	TargetOf      string  `json:"target_of,omitempty"` // mean or longest
	Holds         bool    `json:"holds"`
	Version       string  `json:"version"`
}

func (e *environment) benchCost(c *cli.Context) error {
	if err := positionals(c); err != nil {
		return err
	}
	if c.Int("asks") < 1 {
		return usagef("--asks %d: at least one trial has to be measured", c.Int("asks"))
	}
	observations, err := ascendingCounts("--observations", listOf(c, "observations"))
	if err != nil {
		return err
	}
	if observations == nil {
		observations = []int{100, 1000}
	}
	chosen, err := chooseCosts(listOf(c, "method"), listOf(c, "problem"))
	if err != nil {
		return err
	}
	bar := e.progress("measuring", 0, len(chosen)*len(observations))
	defer bar.Close()
	var results []askCost
	for _, one := range chosen {
		for _, n := range observations {
			r, err := one.measure(c.Context, n, c.Int("asks"))
			if err != nil {
				return fmt.Errorf("%s on %s after %d trials: %w", one.method, one.problem, n, err)
			}
			results = append(results, r)
			bar.Step(one.method + " on " + one.problem)
		}
	}
	if err := e.writeAskCosts(results); err != nil {
		return err
	}
	if i := slices.IndexFunc(results, func(r askCost) bool { return !r.Holds }); i >= 0 {
		r := results[i]
		return fmt.Errorf("%s on %s after %d trials takes %s ms per trial, and %s for the longest, more than a %s of %s",
			r.Method, r.Problem, r.Observations, term.Short(r.CPU), term.Short(r.Longest), r.TargetOf, term.Short(r.Target))
	}
	return nil
}

// chooseCosts returns the rows with one of the methods and one of the problems; no names stand for all.
func chooseCosts(methods, problems []string) ([]costTarget, error) {
	named := func(list []string, name string) bool { return len(list) == 0 || slices.Contains(list, name) }
	chosen := slices.DeleteFunc(costTargets(), func(t costTarget) bool {
		return !named(methods, t.method) || !named(problems, t.problem)
	})
	if len(chosen) == 0 {
		return nil, failf(exitNotFound, "there is no target for %v on %v; metaml bench cost lists all there are", methods, problems)
	}
	return chosen, nil
}

// measure measures the row with that many trials told before.
func (t costTarget) measure(ctx context.Context, observations, asks int) (askCost, error) {
	p, err := problem.Find(t.problem)
	if err != nil {
		return askCost{}, err
	}
	version, _ := buildVersion()
	r := askCost{SchemaVersion: 1, Problem: t.problem, Method: t.method, Observations: observations, Asks: asks, Version: version}
	past, err := openBundled("tpe", nil)
	if err != nil {
		return askCost{}, err
	}
	open, err := openBundled(t.method, nil)
	if err != nil {
		return askCost{}, err
	}
	cost, err := optimizerbench.MeasureCost(ctx, p, past, open, observations, asks)
	if err != nil {
		return askCost{}, err
	}
	r.CPU, r.Longest = milliseconds(cost.Mean), milliseconds(cost.Longest)
	if observations >= t.observations {
		r.Target, r.TargetOf = t.target, t.of
	}
	r.Holds = r.holds()
	return r, nil
}

// holds reports whether what the target is for is within it.
func (r askCost) holds() bool {
	switch r.TargetOf {
	case ofMean:
		return r.CPU <= r.Target
	case ofLongest:
		return r.Longest <= r.Target
	}
	return true
}

// writeAskCosts prints the results in the format asked for.
func (e *environment) writeAskCosts(results []askCost) error {
	switch e.output {
	case outputJSON:
		for _, r := range results {
			if err := e.writeLine(r); err != nil {
				return err
			}
		}
		return nil
	case outputCSV:
		number := func(x float64) string { return strconv.FormatFloat(x, 'g', 4, 64) }
		var rows [][]string
		for _, r := range results {
			rows = append(rows, []string{r.Problem, r.Method, strconv.Itoa(r.Observations), number(r.CPU), number(r.Longest), number(r.Target), r.TargetOf})
		}
		return e.writeCSV([]string{"problem", "method", "observations", "cpu_ms_per_eval", "cpu_ms_longest", "target_ms", "target_of"}, rows)
	}
	t := term.NewTable(term.Column{Title: "CPU ms per trial on"}, term.Column{Title: "method"}, term.Column{Title: "known", Right: true},
		term.Column{Title: "mean", Right: true}, term.Column{Title: "longest", Right: true}, term.Column{Title: "target", Right: true}, term.Column{Title: "of"}, term.Column{Title: "holds"})
	for _, r := range results {
		target, of, holds := "-", "-", "-"
		if r.Target > 0 {
			target, of, holds = term.Short(r.Target), r.TargetOf, "yes"
		}
		if !r.Holds {
			holds = "no"
		}
		t.Row(r.Problem, r.Method, strconv.Itoa(r.Observations), term.Short(r.CPU), term.Short(r.Longest), target, of, holds)
	}
	return t.Write(e.stdout, e.width(e.stdout))
}
