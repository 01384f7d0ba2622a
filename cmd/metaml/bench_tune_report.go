package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/cmd/internal/tunebench"
)

// tuneDocument is the JSON document: the report, and where it comes from.
type tuneDocument struct {
	SchemaVersion int         `json:"schema_version"`
	About         provenance  `json:"about"`
	Setting       tuneSetting `json:"setting"`
	*tunebench.Report
}

// tuneSetting says what ran on what.
type tuneSetting struct {
	Tables   knowledge         `json:"tables"`
	KB       knowledge         `json:"kb"` // that advises
	Hidden   int               `json:"hidden"`
	Trained  bool              `json:"trained,omitempty"` // for real, instead of looked up
	Seeds    int               `json:"seeds"`
	Strategy string            `json:"strategy"`
	Versions map[string]string `json:"versions"` // of other libraries
}

// writeTuneReport prints a benchmark in the format asked for.
func (e *environment) writeTuneReport(d tuneDocument) error {
	switch e.output {
	case outputJSON:
		return e.writeJSON(d)
	case outputCSV:
		return e.writeTuneCSV(d.Report)
	}
	return e.writeTuneTables(d)
}

// writeTuneCSV writes the mean regrets at every trial.
func (e *environment) writeTuneCSV(r *tunebench.Report) error {
	var rows [][]string
	for _, m := range r.Methods {
		for n := range r.Trials {
			rows = append(rows, []string{m.Method, strconv.Itoa(n + 1), number(m.Curves[tunebench.OnTest][n]), number(m.Curves[tunebench.OnValidation][n])})
		}
	}
	return e.writeCSV([]string{"method", "trial", "test", "validation"}, rows)
}

func number(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }

// writeTuneTables writes the report for people.
func (e *environment) writeTuneTables(d tuneDocument) error {
	r := d.Report
	fmt.Fprintf(e.stdout, "%s in %s, %s, runs of %s; advice from %s, %d hidden\n", term.Plural(len(r.Tasks), "table"), term.Plural(r.Groups, "group"),
		term.Plural(d.Setting.Seeds, "seed"), term.Plural(r.Trials, "trial"), term.Plural(d.Setting.KB.Tasks, "task"), d.Setting.Hidden)
	chosen := 0.0
	for _, t := range r.Tasks {
		chosen += t.Chosen / float64(len(r.Tasks))
	}
	fmt.Fprintf(e.stdout, "choosing by validation rows among all rows of a table leaves a regret of %s on test rows\n", term.Fixed(chosen, 3))
	if a := r.Agreement; a != nil {
		fmt.Fprintf(e.stdout, "among rows of a regret of at most %s on validation rows, %s per table, regrets on validation and test rows correlate by %s\n",
			term.Fixed(a.Within, 2), term.Fixed(a.Rows, 0), term.Fixed(a.Correlation, 2))
	}
	for _, t := range []*term.Table{curveTable(r, tunebench.OnTest), curveTable(r, tunebench.OnValidation), goalTable(r), lossTable(r), bandTable(r)} {
		fmt.Fprintln(e.stdout)
		if err := t.Write(e.stdout, e.width(e.stdout)); err != nil {
			return err
		}
	}
	return nil
}

// curveTable has the mean regrets at checkpoints.
func curveTable(r *tunebench.Report, score string) *term.Table {
	columns := []term.Column{{Title: "regret on " + score + " rows after"}, {Title: "tables", Right: true}, {Title: "runs", Right: true}}
	for _, n := range tunebench.Checkpoints(r.Trials) {
		columns = append(columns, term.Column{Title: term.Plural(n, "trial"), Right: true})
	}
	t := term.NewTable(columns...)
	for _, m := range r.Methods {
		at := m.Test
		if score == tunebench.OnValidation {
			at = m.Validation
		}
		row := []string{m.Method, term.Count(m.Tables), term.Count(m.Runs)}
		for _, n := range tunebench.Checkpoints(r.Trials) {
			x := at[strconv.Itoa(n)]
			row = append(row, term.Fixed(x.Mean, 3)+" ± "+term.Fixed(x.SE, 3))
		}
		t.Row(row...)
	}
	return t
}

// goalTable has the trials to what others end with.
func goalTable(r *tunebench.Report) *term.Table {
	t := term.NewTable(term.Column{Title: fmt.Sprintf("trials to what the other has after %d", r.Trials)}, term.Column{Title: "runs", Right: true}, term.Column{Title: "as"},
		term.Column{Title: "median", Right: true}, term.Column{Title: "95 % interval"}, term.Column{Title: "mean", Right: true}, term.Column{Title: "reached", Right: true})
	for _, g := range r.Goals {
		t.Row(g.Method+" to "+g.Against, term.Count(g.Runs), goalName(g.Score, g.Tolerance), trialText(g.Median, r.Trials), trialText(g.Lo, r.Trials)+" to "+trialText(g.Hi, r.Trials),
			term.Fixed(g.Mean, 1), term.Fixed(100*g.Reached, 0)+" %")
	}
	return t
}

// goalName says by what a goal is reached.
func goalName(score string, tolerance float64) string {
	if tolerance == 0 {
		return score
	}
	return score + " within noise"
}

// trialText is a number of trials, more than all for one that is not reached.
func trialText(n *float64, trials int) string {
	if n == nil {
		return "> " + strconv.Itoa(trials)
	}
	return term.Fixed(*n, 0)
}

// lossTable has the trials that advice costs.
func lossTable(r *tunebench.Report) *term.Table {
	t := term.NewTable(term.Column{Title: "trials to what cold runs of other seeds have"}, term.Column{Title: "as"}, term.Column{Title: "median", Right: true},
		term.Column{Title: "cold", Right: true}, term.Column{Title: "mean", Right: true}, term.Column{Title: "cold", Right: true},
		term.Column{Title: "lost", Right: true}, term.Column{Title: "95 % interval"})
	for _, l := range r.Losses {
		t.Row(l.Method, goalName(l.Score, l.Tolerance), trialText(l.With.Median, r.Trials), trialText(l.Cold.Median, r.Trials),
			term.Fixed(l.With.Mean, 1), term.Fixed(l.Cold.Mean, 1), fmt.Sprintf("%+.1f", l.Mean), fmt.Sprintf("%+.1f to %+.1f", l.Lo, l.Hi))
	}
	return t
}

// bandTable has the differences of regrets at checkpoints, and where their bands leave 0.
func bandTable(r *tunebench.Report) *term.Table {
	at := []int{1, 5}
	at = append(at, tunebench.Checkpoints(r.Trials)...)
	columns := []term.Column{{Title: "difference of regrets, simultaneous 95 % band"}, {Title: "tables", Right: true}, {Title: "on"}}
	var shown []int
	for _, n := range at {
		if n <= r.Trials && (len(shown) == 0 || n > shown[len(shown)-1]) {
			shown = append(shown, n)
			columns = append(columns, term.Column{Title: "at " + strconv.Itoa(n), Right: true})
		}
	}
	t := term.NewTable(append(columns, term.Column{Title: "below 0"}, term.Column{Title: "above 0"})...)
	for _, d := range r.Differences {
		row := []string{d.Method + " - " + d.Against, term.Count(d.Tables), d.Score}
		for _, n := range shown {
			row = append(row, fmt.Sprintf("%+.3f [%+.3f, %+.3f]", d.Mean[n-1], d.Lo[n-1], d.Hi[n-1]))
		}
		t.Row(append(row, ranges(d.Below), ranges(d.Above))...)
	}
	return t
}

// ranges writes ascending numbers as 1-8, 12; nowhere for none.
func ranges(list []int) string {
	if len(list) == 0 {
		return "nowhere"
	}
	var parts []string
	for i := 0; i < len(list); {
		j := i
		for j+1 < len(list) && list[j+1] == list[j]+1 {
			j++
		}
		part := strconv.Itoa(list[i])
		if j > i {
			part += "-" + strconv.Itoa(list[j])
		}
		parts = append(parts, part)
		i = j + 1
	}
	return strings.Join(parts, ", ")
}
