package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/cmd/internal/tunebench"
)

// TestPublishedTuneSummary compares README.md's table of studies with and without warm starts with their results.
func TestPublishedTuneSummary(t *testing.T) {
	d := readTuneDocument(t, "tune")
	matchSection(t, "tune", tuneSummary(d))
}

// tuneSummary is what people read first: validation regrets, on which configurations are chosen, and the trials saved.
func tuneSummary(d tuneDocument) string {
	var b strings.Builder
	b.WriteString("| | 10 trials | 25 trials | 100 trials |\n|---|---|---|---|\n")
	for _, m := range d.Methods {
		if m.Tables < len(d.Tasks) {
			continue // a mean over other tables is not comparable
		}
		optimizer, start, own := strings.Cut(m.Method, "/")
		if !own {
			start = "cold"
		}
		fmt.Fprintf(&b, "| %s, %s", optimizer, map[string]string{"cold": "cold", "warm": "**warm**", "unrelated": "advised by unrelated tasks"}[start])
		if m.Runs < m.Tables*d.Setting.Seeds {
			fmt.Fprintf(&b, " (%s of each)", term.Plural(m.Runs/m.Tables, "run"))
		}
		b.WriteString(" |")
		for _, trials := range []string{"10", "25", "100"} {
			fmt.Fprintf(&b, " %.3f |", m.Validation[trials].Mean)
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "\nMean normalised regret of the best trial on validation rows, over %d data sets of families that the knowledge base does\n"+
		"not know and %d seeds: 0 is the best configuration of a data set's table of real trainings, 1 its median one.\n", len(d.Tasks), d.Setting.Seeds)
	for _, g := range d.Goals {
		optimizer, warm := strings.CutSuffix(g.Method, "/warm")
		twin := g.Against == optimizer+"/cold"
		if g.Score == tunebench.OnTest && g.Tolerance == 1 && warm && twin && g.Median != nil {
			fmt.Fprintf(&b, "%s reaches what %s has after %d trials, on test rows and within noise, after %.0f (median; mean %.1f).\n",
				g.Method, g.Against, d.Trials, *g.Median, g.Mean)
		}
	}
	fmt.Fprintf(&b, "`%s`, %s;\n[all of it](.results/tune.md), and [with every trial trained](.results/tune-trained.md).\n", d.About.Command, d.About.Date)
	return b.String()
}
