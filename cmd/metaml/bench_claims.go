package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/optimizerbench"
	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/optimizers/problem"
)

// claim says that methods do better than another one, each with its budget in full evaluations.
type claim struct {
	name, says  string
	problems    []string // that there must be tables for is left out where there are none
	methods     []string
	budget      float64
	reference   string
	atReference float64
	least       optimizerbench.Verdict // Better, or NotWorse
	seeds       int                    // that it takes to tell; 0: as many as other claims
}

// claims lists what metaml says about its optimizers.
func claims() []claim {
	better, notWorse := optimizerbench.Better, optimizerbench.NotWorse
	tuning := []string{"hpolib_parkinsons_telemonitoring", "hpobench_segment", "nb201_cifar10"}
	cheaper := []string{"counting_ones", "counting_shifted", "mlp_digits", "mlp_adult", "mlp_letter", "svm_subsets"}
	return []claim{
		{"random-beats-grid", "random search beats a grid where few of the dimensions matter",
			[]string{"branin25"}, []string{"random"}, 100, "grid:budget=100", 100, better, 0},
		{"models-beat-random", "with a model search ends better than at random",
			append([]string{"hartmann6", "branin25"}, tuning...), []string{"tpe", "smac", "gp"}, 100, "random", 100, better, 0},
		{"hyperband-early", "Hyperband beats random search early", cheaper, []string{"hyperband"}, 5, "random", 5, better, 0},
		{"bohb-early", "BOHB beats random search as early as Hyperband does", cheaper, []string{"bohb"}, 5, "random", 5, better, 0},
		{"bohb-late", "BOHB ends better than Hyperband", cheaper, []string{"bohb"}, 25, "hyperband", 25, better, 0},
		// Beside a model with full evaluations it does not hold: TPE ends two of 1,544 digits better.
		{"tenth-of-cost", "cheaper evaluations reach at a tenth of the cost what full ones at random reach",
			[]string{"svm_subsets"}, []string{"bohb", "hyperband:optimizer=smac"}, 10, "random", 100, notWorse, 100},
	}
}

// benchClaimsCommand measures what metaml claims.
func benchClaimsCommand(e *environment) *cli.Command {
	var list strings.Builder
	for _, c := range claims() {
		fmt.Fprintf(&list, "  %s: %s\n", c.name, c.says)
	}
	return &cli.Command{
		Name:      "claims",
		Usage:     "measure what is claimed about metaml's optimizers",
		ArgsUsage: "[CLAIM…]",
		Description: `
Each claim is measured by runs of both methods on its problems, compared as bench optimizers does: 30 of each unless it
takes more to tell. The exit status is 1 if one does not hold on a problem. Claims about tables need their folder, --tables. There are:

` + list.String() + `
example:
  $ metaml bench claims random-beats-grid
`,
		Flags: []cli.Flag{
			&cli.IntFlag{Name: "seeds", Usage: "`N` runs of each method on each problem (default 30, or as many as the claim needs)"},
			&cli.Uint64Flag{Name: "seed-base", Usage: "seed `N` of the first run; the others follow"},
			&cli.GenericFlag{Name: "tables", Value: &listValue{}, Usage: "folders `DIR,…` that hold tables of known suites"},
		},
		Action: e.benchClaims,
	}
}

// claimResult is a claim about one method on one problem: a line of the JSON output.
type claimResult struct {
	SchemaVersion   int                    `json:"schema_version"`
	Claim           string                 `json:"claim"`
	Problem         string                 `json:"problem"`
	Method          string                 `json:"method"`
	Budget          float64                `json:"budget"`
	Reference       string                 `json:"reference"`
	ReferenceBudget float64                `json:"reference_budget"`
	Seeds           int                    `json:"seeds"`
	Regret          float64                `json:"regret"` // medians
	ReferenceRegret float64                `json:"reference_regret"`
	Difference      float64                `json:"difference"` // of log10 regret
	Interval        [2]float64             `json:"interval"`
	Verdict         optimizerbench.Verdict `json:"verdict"`
	Holds           bool                   `json:"holds"`
}

func (e *environment) benchClaims(c *cli.Context) error {
	chosen, err := chooseClaims(c.Args().Slice())
	if err != nil {
		return err
	}
	if c.IsSet("seeds") && c.Int("seeds") < 2 {
		return usagef("--seeds %d: an interval needs two runs", c.Int("seeds"))
	}
	var results []claimResult
	for _, one := range chosen {
		more, err := e.measureClaim(c, one)
		if err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
		results = append(results, more...)
	}
	if err := e.writeClaims(results); err != nil {
		return err
	}
	fails := func(r claimResult) bool { return !r.Holds }
	if i := slices.IndexFunc(results, fails); i >= 0 {
		r := results[i]
		if r.Verdict == optimizerbench.Open {
			return fmt.Errorf("%s is open for %s on %s after %s: more --seeds are needed", r.Claim, r.Method, r.Problem, term.Plural(r.Seeds, "run"))
		}
		return fmt.Errorf("%s does not hold for %s on %s", r.Claim, r.Method, r.Problem)
	}
	return nil
}

// chooseClaims returns the claims of these names, all without any.
func chooseClaims(names []string) ([]claim, error) {
	if len(names) == 0 {
		return claims(), nil
	}
	var chosen []claim
	for _, name := range names {
		i := slices.IndexFunc(claims(), func(c claim) bool { return c.name == name })
		if i < 0 {
			return nil, failf(exitNotFound, "there is no claim %q; metaml bench claims --help lists them", name)
		}
		chosen = append(chosen, claims()[i])
	}
	return chosen, nil
}

// measureClaim runs the methods of a claim and the reference.
func (e *environment) measureClaim(c *cli.Context, one claim) ([]claimResult, error) {
	problems, err := e.claimProblems(c, one)
	if err != nil {
		return nil, err
	}
	seeds := cmp.Or(c.Int("seeds"), one.seeds, 30)
	run := func(method string, p problem.Problem, budget float64) (optimizerbench.Cell, error) {
		m, err := e.localMethod(method, false)
		if err != nil {
			return optimizerbench.Cell{}, err
		}
		cells, err := optimizerbench.Run(c.Context, optimizerbench.Options{
			Problems: []problem.Problem{p}, Methods: []optimizerbench.Method{m}, Seeds: seeds, SeedBase: c.Uint64("seed-base"), Budget: budget,
		})
		if err != nil || len(cells) == 0 {
			return optimizerbench.Cell{}, fmt.Errorf("%s on %s: no result: %w", method, p.Name, err)
		}
		return cells[0], nil
	}
	bar := e.progress(one.name, 0, len(problems)*(len(one.methods)+1))
	defer bar.Close()
	var results []claimResult
	for _, p := range problems {
		reference, err := run(one.reference, p, one.atReference)
		if err != nil {
			return nil, err
		}
		bar.Step(one.reference + " on " + p.Name)
		for _, method := range one.methods {
			cell, err := run(method, p, one.budget)
			if err != nil {
				return nil, err
			}
			bar.Step(method + " on " + p.Name)
			results = append(results, one.judge(cell, reference))
		}
	}
	return results, nil
}

// claimProblems opens a claim's problems. Where it has some without tables, those that need tables may be missing.
func (e *environment) claimProblems(c *cli.Context, one claim) ([]problem.Problem, error) {
	tables := problem.Tables(listOf(c, "tables"))
	known, err := tables.Names()
	if err != nil {
		return nil, err
	}
	var problems []problem.Problem
	for _, name := range one.problems {
		find := problem.Find
		if !slices.Contains(problem.Names(), name) {
			if find = tables.Find; !slices.Contains(known, name) {
				e.say("%s: %s is left out, its table is in no folder of --tables", one.name, name)
				continue
			}
		}
		p, err := find(name)
		if err != nil {
			return nil, err
		}
		problems = append(problems, p)
	}
	if len(problems) == 0 {
		return nil, failf(exitNotFound, "its tables are needed: --tables DIR with %s", strings.Join(one.problems, ", "))
	}
	return problems, nil
}

// judge compares a method's runs with the reference's.
func (one claim) judge(cell, reference optimizerbench.Cell) claimResult {
	d := optimizerbench.Compare(cell, reference)
	return claimResult{
		SchemaVersion: 1, Claim: one.name, Problem: cell.Problem, Method: cell.Method, Budget: cell.Budget,
		Reference: reference.Method, ReferenceBudget: reference.Budget, Seeds: d.Seeds,
		Regret: lastMedian(cell), ReferenceRegret: lastMedian(reference), Difference: d.Mean, Interval: [2]float64{d.Low, d.High},
		Verdict: d.Verdict, Holds: d.Verdict == optimizerbench.Better || d.Verdict == one.least,
	}
}

// lastMedian is the median regret at the budget.
func lastMedian(c optimizerbench.Cell) float64 {
	at := checkpoints(c)
	return c.Regret[at[len(at)-1]].Median
}

// writeClaims prints the results in the format asked for.
func (e *environment) writeClaims(results []claimResult) error {
	if e.output == outputJSON {
		for _, r := range results {
			if err := e.writeLine(r); err != nil {
				return err
			}
		}
		return nil
	}
	t := term.NewTable(term.Column{Title: "claim"}, term.Column{Title: "problem"}, term.Column{Title: "method: median regret"},
		term.Column{Title: "reference: median regret"}, term.Column{Title: "log10 regret"}, term.Column{Title: "holds"})
	for _, r := range results {
		holds := "yes"
		if !r.Holds {
			holds = "no: " + string(r.Verdict)
		}
		t.Row(r.Claim, r.Problem, regretOf(r.Method, r.Budget, r.Regret), regretOf(r.Reference, r.ReferenceBudget, r.ReferenceRegret),
			fmt.Sprintf("%+.3f (%s)", r.Difference, intervalText(r.Interval[0], r.Interval[1], 3)), holds)
	}
	return t.Write(e.stdout, e.width(e.stdout))
}

// regretOf writes what a method reached with its budget.
func regretOf(method string, budget, regret float64) string {
	return fmt.Sprintf("%s@%s: %s", method, significant(budget), significant(regret))
}
