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
		tables = append(tables, comparisonTable(cells, reference))
	}
	tables = slices.DeleteFunc(append(tables, rankTable(cells)), func(t *term.Table) bool { return t == nil })
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
	return distinct(cells, optimizerbench.Cell.On)
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

// regretTables are a table per problem.
func regretTables(cells []optimizerbench.Cell) []*term.Table {
	var tables []*term.Table
	for _, name := range problemsOf(cells) {
		var rows []optimizerbench.Cell
		for _, c := range cells {
			if c.On() == name {
				rows = append(rows, c)
			}
		}
		tables = append(tables, regretTable(name, rows))
	}
	return tables
}

// regretTable has a row per method and a column per checkpoint, where there is a fidelity another one for the regret
// at the last checkpoint if training goes on where it was.
func regretTable(problem string, rows []optimizerbench.Cell) *term.Table {
	var at []string
	credited := false
	for _, c := range rows {
		at = append(at, checkpoints(c)...)
		credited = credited || len(c.Credited) > 0
	}
	at = slices.Compact(ascendingNumbers(at))
	credited = credited && len(at) > 0
	columns := []term.Column{{Title: problem}}
	for _, a := range at {
		columns = append(columns, term.Column{Title: "regret @" + a})
	}
	if credited {
		columns = append(columns, term.Column{Title: "with credit @" + at[len(at)-1]})
	}
	t := term.NewTable(append(columns, term.Column{Title: "runs", Right: true}, term.Column{Title: "CPU ms/trial", Right: true})...)
	for _, c := range rows {
		row := []string{c.Method}
		for _, a := range at {
			row = append(row, quartilesText(c.Regret, a))
		}
		if credited {
			row = append(row, quartilesText(c.Credited, at[len(at)-1]))
		}
		t.Row(append(row, strconv.Itoa(c.Seeds), term.Short(c.CPUPerEvaluation))...)
	}
	return t
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

// comparisonTable compares methods with a reference, by problem and by rank over problems; nil if there is nothing to
// compare. With peers, metaml's methods are compared and not the peers with each other.
func comparisonTable(cells []optimizerbench.Cell, reference string) *term.Table {
	t := term.NewTable(term.Column{Title: "against " + reference}, term.Column{Title: "method"},
		term.Column{Title: "log10 regret", Right: true}, term.Column{Title: "95 % interval"}, term.Column{Title: "verdict"})
	peers := optimizerbench.Peers(cells)
	rows := 0
	for _, m := range methodsOf(cells) {
		if m == reference || slices.Contains(peers, reference) && slices.Contains(peers, m) {
			continue
		}
		for _, d := range optimizerbench.Differences(cells, m, reference) {
			t.Row(d.Problem, m, fmt.Sprintf("%+.3f", d.Mean), intervalText(d.Low, d.High, 3), string(d.Verdict))
			rows++
		}
		if r := optimizerbench.CompareRanks(cells, m, reference); r.Problems > 1 {
			t.Row("rank over "+term.Plural(r.Problems, "problem"), m, fmt.Sprintf("%+.2f", r.Mean), intervalText(r.Low, r.High, 2), string(r.Verdict))
		}
	}
	if rows == 0 {
		return nil
	}
	return t
}

// intervalText writes an interval, "-" for an unbounded one.
func intervalText(low, high float64, decimals int) string {
	if math.IsInf(high, 0) {
		return "-"
	}
	return fmt.Sprintf("%+.*f to %+.*f", decimals, low, decimals, high)
}

// rankTable is the table of average ranks; nil if there are no problems with all methods, or a single method.
func rankTable(cells []optimizerbench.Cell) *term.Table {
	ranks, problems := optimizerbench.Ranks(cells)
	if problems == 0 || len(ranks) < 2 {
		return nil
	}
	t := term.NewTable(term.Column{Title: "average rank over " + term.Plural(problems, "problem")}, term.Column{Title: "rank", Right: true})
	for _, r := range ranks {
		t.Row(r.Method, term.Fixed(r.Mean, 2))
	}
	return t
}
