package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/metaml/metaml/cmd/internal/optimizerbench"
	"github.com/metaml/metaml/cmd/internal/term"
)

// writeLine writes one JSON object as a line to stdout.
func (e *environment) writeLine(v any) error {
	enc := json.NewEncoder(e.stdout)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// writeOptimizers prints results in the format asked for; lines of JSON were printed as they came.
func (e *environment) writeOptimizers(cells []optimizerbench.Cell, against []string) error {
	switch e.output {
	case outputJSON:
		return nil
	case outputCSV:
		return e.writeOptimizersCSV(cells)
	}
	tables := regretTables(cells)
	if len(against) == 0 {
		against = optimizerbench.Peers(cells)
	}
	if len(against) == 0 && len(cells) > 0 {
		against = []string{cells[0].Method}
	}
	for _, reference := range against {
		tables = append(tables, comparisonTables(cells, reference)...)
	}
	for i, t := range tables {
		if i > 0 {
			fmt.Fprintln(e.stdout)
		}
		if err := t.Write(e.stdout, e.width(e.stdout)); err != nil {
			return err
		}
	}
	return nil
}

func (e *environment) writeOptimizersCSV(cells []optimizerbench.Cell) error {
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }
	var rows [][]string
	for _, c := range cells {
		for _, at := range checkpoints(c) {
			q := c.Regret[at]
			rows = append(rows, []string{c.Problem, c.Method, strconv.Itoa(c.Seeds), number(c.Budget), at,
				number(q.Median), number(q.Q25), number(q.Q75), number(c.CPUPerEvaluation)})
		}
	}
	return e.writeCSV([]string{"problem", "method", "seeds", "budget", "at", "median", "q25", "q75", "cpu_ms_per_eval"}, rows)
}

// checkpoints lists a cell's checkpoints in ascending order.
func checkpoints(c optimizerbench.Cell) []string {
	return ascendingNumbers(slices.Collect(maps.Keys(c.Regret)))
}

// ascendingNumbers sorts texts by the numbers they are.
func ascendingNumbers(texts []string) []string {
	slices.SortFunc(texts, func(a, b string) int {
		x, _ := strconv.ParseFloat(a, 64) // what is no number comes first
		y, _ := strconv.ParseFloat(b, 64)
		return cmp.Compare(x, y)
	})
	return texts
}

// methodsOf lists the methods in the order of the cells, and problemsOf the problems.
func methodsOf(cells []optimizerbench.Cell) []string {
	return distinct(cells, func(c optimizerbench.Cell) string { return c.Method })
}

func problemsOf(cells []optimizerbench.Cell) []string {
	return distinct(cells, func(c optimizerbench.Cell) string { return c.Problem })
}

func distinct(cells []optimizerbench.Cell, of func(optimizerbench.Cell) string) []string {
	var list []string
	for _, c := range cells {
		if !slices.Contains(list, of(c)) {
			list = append(list, of(c))
		}
	}
	return list
}

// regretTables are a table per problem: a row per method, a column per checkpoint.
func regretTables(cells []optimizerbench.Cell) []*term.Table {
	var tables []*term.Table
	for _, name := range problemsOf(cells) {
		var rows []optimizerbench.Cell
		var at []string
		for _, c := range cells {
			if c.Problem == name {
				rows = append(rows, c)
				at = append(at, checkpoints(c)...)
			}
		}
		at = slices.Compact(ascendingNumbers(at))
		columns := []term.Column{{Title: name}}
		for _, a := range at {
			columns = append(columns, term.Column{Title: "regret @" + a})
		}
		columns = append(columns, term.Column{Title: "runs", Right: true}, term.Column{Title: "CPU ms/trial", Right: true})
		t := term.NewTable(columns...)
		for _, c := range rows {
			row := []string{c.Method}
			for _, a := range at {
				row = append(row, quartilesText(c.Regret, a))
			}
			t.Row(append(row, strconv.Itoa(c.Seeds), term.Short(c.CPUPerEvaluation))...)
		}
		tables = append(tables, t)
	}
	return tables
}

func quartilesText(m map[string]optimizerbench.Quartiles, at string) string {
	q, ok := m[at]
	if !ok {
		return "-"
	}
	return fmt.Sprintf("%s [%s, %s]", significant(q.Median), significant(q.Q25), significant(q.Q75))
}

// significant writes a regret with three digits, small ones with an exponent.
func significant(x float64) string { return strconv.FormatFloat(x, 'g', 3, 64) }

// comparisonTables compare all methods with a reference: by problem, and by rank over problems.
func comparisonTables(cells []optimizerbench.Cell, reference string) []*term.Table {
	columns := []term.Column{{Title: "log10 regret less that of " + reference}}
	var names []string
	for _, m := range methodsOf(cells) {
		if m != reference {
			names = append(names, m)
			columns = append(columns, term.Column{Title: m})
		}
	}
	if len(names) == 0 {
		return nil
	}
	byMethod := map[string]map[string]optimizerbench.Difference{}
	for _, m := range names {
		byMethod[m] = map[string]optimizerbench.Difference{}
		for _, d := range optimizerbench.Differences(cells, m, reference) {
			byMethod[m][d.Problem] = d
		}
	}
	t := term.NewTable(columns...)
	for _, p := range problemsOf(cells) {
		row := []string{p}
		for _, m := range names {
			row = append(row, differenceText(byMethod[m], p))
		}
		t.Row(row...)
	}
	return append([]*term.Table{t}, rankTables(cells, reference)...)
}

func differenceText(byProblem map[string]optimizerbench.Difference, problem string) string {
	d, ok := byProblem[problem]
	if !ok {
		return "-"
	}
	if math.IsInf(d.High, 0) {
		return fmt.Sprintf("%+.3f", d.Mean)
	}
	return fmt.Sprintf("%+.3f [%+.3f, %+.3f] %s", d.Mean, d.Low, d.High, d.Verdict)
}

// rankTables is the table of average ranks, if there are problems with all methods.
func rankTables(cells []optimizerbench.Cell, reference string) []*term.Table {
	ranks, problems := optimizerbench.Ranks(cells, reference)
	if problems == 0 {
		return nil
	}
	t := term.NewTable(term.Column{Title: "average rank over " + term.Plural(problems, "problem")}, term.Column{Title: "rank", Right: true},
		term.Column{Title: "difference from " + reference})
	for _, r := range ranks {
		difference := "-"
		if r.Method != reference {
			difference = fmt.Sprintf("%+.2f [%+.2f, %+.2f] %s", r.Difference, r.Low, r.High, r.Verdict)
		}
		t.Row(r.Method, term.Fixed(r.Mean, 2), difference)
	}
	return []*term.Table{t}
}
