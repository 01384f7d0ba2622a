package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/metaml/metaml/cmd/internal/optimizerbench"
	"github.com/metaml/metaml/cmd/internal/term"
)

// rivalry is an optimizer beside another library's implementation of the same method.
type rivalry struct{ ours, peer string }

// rivalries lists them in the order in which they are shown. The second CMA-ES begins as pycma and cmaes do: at a
// uniform point, with step size 1/4.
func rivalries() []rivalry {
	const uniform = "cmaes:x0=uniform:sigma0=0.25"
	return []rivalry{
		{"tpe", "optuna-tpe"},
		{"gp", "optuna-gp"},
		{"smac", "smac-hpo"},
		{"cmaes", "optuna-cmaes"}, {"cmaes", "pycma"}, {"cmaes", "cmaes-cma"}, {uniform, "pycma"}, {uniform, "cmaes-cma"},
		{"bohb", "hpbandster-bohb"}, {"bohb", "dehb"}, {"bohb", "smac-mf"}, {"bohb", "optuna-tpe-hyperband"},
	}
}

// writeOptimizersDocument writes the results as a document in Markdown: verdicts, ranks, regrets, versions.
func (e *environment) writeOptimizersDocument(cells []optimizerbench.Cell) error {
	var b strings.Builder
	b.WriteString(`# Optimizers beside those of other libraries

This file is written by ` + "`.peers/optimizers/compare`" + `; the results are in the folders beside it, a line per problem.

Regret is the noise-free loss of the best trial less the optimum. On each problem runs are compared seed by seed: the
mean difference of log10(regret + 0.001 of the problem's spread) and its 95 % interval, negative where ours is better.
*better*: the interval is below 0; *not worse*: below a factor of 1.25; *worse*: above 0; *open*: none of these, more runs
are needed. Ranks are among the two, from -1, always better, to 1, with a 95 % interval over problems. CPU is the time
per trial that proposing takes, peer's by ours.

## Verdicts

`)
	var missing []string
	var pairs [][]string
	for _, r := range rivalries() {
		if row := rivalryRow(cells, r); row != nil {
			pairs = append(pairs, row)
		} else {
			missing = append(missing, r.ours+" and "+r.peer)
		}
	}
	markdownTable(&b, []string{"ours", "peer", "problems", "better", "not worse", "open", "worse", "rank", "on the whole", "CPU"}, pairs)
	if len(missing) > 0 {
		fmt.Fprintf(&b, "Not measured yet: %s.\n\n", strings.Join(missing, ", "))
	}
	writeRivalries(&b, cells)
	writeOwnRanks(&b, cells)
	writeRegrets(&b, cells)
	writeVersions(&b, cells)
	_, err := fmt.Fprint(e.stdout, b.String())
	return err
}

// markdownTable writes a table and an empty line; nothing without rows.
func markdownTable(b *strings.Builder, head []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(b, "| %s |\n|%s\n", strings.Join(head, " | "), strings.Repeat("---|", len(head)))
	for _, row := range rows {
		fmt.Fprintf(b, "| %s |\n", strings.Join(row, " | "))
	}
	b.WriteString("\n")
}

// rivalryRow counts the verdicts of a pair; nil if no problem has both.
func rivalryRow(cells []optimizerbench.Cell, r rivalry) []string {
	differences := optimizerbench.Differences(cells, r.ours, r.peer)
	if len(differences) == 0 {
		return nil
	}
	count := map[optimizerbench.Verdict]int{}
	for _, d := range differences {
		count[d.Verdict]++
	}
	row := []string{r.ours, r.peer, strconv.Itoa(len(differences))}
	for _, v := range []optimizerbench.Verdict{optimizerbench.Better, optimizerbench.NotWorse, optimizerbench.Open, optimizerbench.Worse} {
		row = append(row, strconv.Itoa(count[v]))
	}
	rank := optimizerbench.CompareRanks(cells, r.ours, r.peer)
	text := fmt.Sprintf("%+.2f (%s)", rank.Mean, intervalText(rank.Low, rank.High, 2))
	return append(row, text, string(rank.Verdict), cpuRatio(cells, r))
}

// cpuRatio is how many times as much CPU time per trial the peer takes, over the problems that both have.
func cpuRatio(cells []optimizerbench.Cell, r rivalry) string {
	spent := map[string]map[string]float64{r.ours: {}, r.peer: {}}
	for _, c := range cells {
		if by, ok := spent[c.Method]; ok {
			by[c.On()] = c.CPUPerEvaluation
		}
	}
	ours, peers := 0.0, 0.0
	for on, x := range spent[r.ours] {
		if y, ok := spent[r.peer][on]; ok {
			ours, peers = ours+x, peers+y
		}
	}
	if ours == 0 {
		return "-"
	}
	return term.Short(peers/ours) + " x"
}

// writeRivalries writes each pair's differences by problem.
func writeRivalries(b *strings.Builder, cells []optimizerbench.Cell) {
	for _, r := range rivalries() {
		var rows [][]string
		for _, d := range optimizerbench.Differences(cells, r.ours, r.peer) {
			rows = append(rows, []string{d.Problem, strconv.Itoa(d.Seeds), fmt.Sprintf("%+.3f", d.Mean), intervalText(d.Low, d.High, 3), string(d.Verdict)})
		}
		if len(rows) > 0 {
			fmt.Fprintf(b, "### %s against %s\n\n", r.ours, r.peer)
			markdownTable(b, []string{"problem", "runs", "log10 regret", "95 % interval", "verdict"}, rows)
		}
	}
}

// writeOwnRanks ranks metaml's methods, auto among them, at the usual budgets: of full evaluations, and of cheaper ones.
func writeOwnRanks(b *strings.Builder, cells []optimizerbench.Cell) {
	peers := optimizerbench.Peers(cells)
	for _, cheaper := range []bool{false, true} {
		own := slices.DeleteFunc(slices.Clone(cells), func(c optimizerbench.Cell) bool {
			return slices.Contains(peers, c.Method) || strings.Contains(c.Method, ":") || (len(c.Credited) > 0) != cheaper || c.On() != c.Problem
		})
		own = complete(own)
		ranks, problems := optimizerbench.Ranks(own)
		if problems == 0 || len(ranks) < 2 {
			continue
		}
		title := "full evaluations"
		if cheaper {
			title = "cheaper evaluations, too"
		}
		fmt.Fprintf(b, "## Our methods with %s\n\nAverage rank over %s: %s.\n\n", title, term.Plural(problems, "problem"), strings.Join(problemsOf(own), ", "))
		slices.SortStableFunc(ranks, func(x, y optimizerbench.Rank) int { return sign(x.Mean - y.Mean) })
		var rows [][]string
		for _, r := range ranks {
			rows = append(rows, []string{r.Method, term.Fixed(r.Mean, 2)})
		}
		markdownTable(b, []string{"method", "rank"}, rows)
	}
}

func sign(x float64) int {
	switch {
	case x < 0:
		return -1
	case x > 0:
		return 1
	}
	return 0
}

// complete leaves the problems that every method was run on, after the methods that were run on less than half of the
// problems are left out.
func complete(cells []optimizerbench.Cell) []optimizerbench.Cell {
	by := map[string]int{}
	for _, c := range cells {
		by[c.Method]++
	}
	problems := len(problemsOf(cells))
	cells = slices.DeleteFunc(cells, func(c optimizerbench.Cell) bool { return 2*by[c.Method] < problems })
	methods, on := len(methodsOf(cells)), map[string]int{}
	for _, c := range cells {
		on[c.On()]++
	}
	return slices.DeleteFunc(cells, func(c optimizerbench.Cell) bool { return on[c.On()] < methods })
}

// writeRegrets writes the medians of all methods at all checkpoints.
func writeRegrets(b *strings.Builder, cells []optimizerbench.Cell) {
	b.WriteString("## Median regrets\n\nWith quartiles; CPU in milliseconds per trial.\n\n")
	for _, on := range problemsOf(cells) {
		var rows [][]string
		var head []string
		for _, c := range cells {
			if c.On() != on {
				continue
			}
			at := checkpoints(c)
			if head == nil {
				head = []string{on}
				for _, a := range at {
					head = append(head, "@"+a)
				}
			}
			row := []string{c.Method}
			for _, a := range at {
				row = append(row, quartilesText(c.Regret, a))
			}
			rows = append(rows, append(row, strconv.Itoa(c.Seeds), term.Short(c.CPUPerEvaluation)))
		}
		markdownTable(b, append(head, "runs", "CPU"), rows)
	}
}

// writeVersions lists what was run and when.
func writeVersions(b *strings.Builder, cells []optimizerbench.Cell) {
	b.WriteString("## What ran\n\n")
	var rows [][]string
	for _, m := range methodsOf(cells) {
		versions, dates := map[string]string{}, map[string]bool{}
		for _, c := range cells {
			if c.Method == m {
				maps.Copy(versions, c.Versions)
				dates[c.Date] = true
			}
		}
		var texts []string
		for _, name := range slices.Sorted(maps.Keys(versions)) {
			texts = append(texts, name+" "+versions[name])
		}
		rows = append(rows, []string{m, strings.Join(texts, ", "), strings.Join(slices.Sorted(maps.Keys(dates)), ", ")})
	}
	markdownTable(b, []string{"method", "versions", "date"}, rows)
}
