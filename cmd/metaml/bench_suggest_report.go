package main

import (
	"encoding/csv"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/metaml/metaml/cmd/internal/suggestbench"
	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/optimizers/study"
)

// contestProgress shows a contest as a bar, and files that cannot be used on stderr at once.
type contestProgress struct {
	e      *environment
	bar    *term.Progress
	failed map[study.Status]int
}

func (p *contestProgress) Planned(n int) { p.bar = p.e.progress("evaluating", 0, n) }

func (p *contestProgress) Evaluated(_ string, status study.Status) {
	if status != study.Complete {
		p.failed[status]++
	}
	p.bar.Step(failures(p.failed))
}

func (p *contestProgress) Unusable(_ string, err error) {
	fmt.Fprintf(p.e.stderr, "metaml: left out: %v\n", err)
}

func (p *contestProgress) close() {
	if p.bar != nil {
		p.bar.Close()
		p.bar = nil
	}
}

// contestDataset is a data set's line of the JSON document.
type contestDataset struct {
	Name       string             `json:"name"`
	Group      string             `json:"group"`
	Task       string             `json:"task"`
	Metric     string             `json:"metric"`
	Suggest    map[string]float64 `json:"suggest"`
	SingleBest float64            `json:"single_best"`
	Forest     float64            `json:"forest"`
	HGB        float64            `json:"hgb"`
	Constant   float64            `json:"constant"`
}

// contestPaired is a comparison in the JSON document.
type contestPaired struct {
	Diff     float64 `json:"diff"`
	Lo       float64 `json:"lo"`
	Hi       float64 `json:"hi"`
	Datasets int     `json:"datasets"`
}

// writeContest prints the report in the format asked for.
func (e *environment) writeContest(r *suggestbench.Report, k int) error {
	var lines []contestDataset
	for _, d := range r.Datasets {
		line := contestDataset{d.Name, d.Group, d.Task, d.Metric, map[string]float64{},
			d.Named[suggestbench.SingleBest], d.Named["forest"], d.Named["hgb"], d.Dummy}
		for n, loss := range d.Suggest {
			line.Suggest[strconv.Itoa(n)] = loss
		}
		lines = append(lines, line)
	}
	paired := map[string]contestPaired{}
	for name, p := range r.Paired {
		paired[name] = contestPaired{p.Diff, p.Lo, p.Hi, p.Datasets}
	}
	switch e.output {
	case outputJSON:
		return e.writeJSON(struct {
			SchemaVersion int                      `json:"schema_version"`
			About         provenance               `json:"about"`
			Datasets      []contestDataset         `json:"datasets"`
			Paired        map[string]contestPaired `json:"paired"`
			Unusable      int                      `json:"unusable"`
			Failures      map[study.Status]int     `json:"failures"`
		}{1, e.provenance(), lines, paired, r.Unusable, r.Failures})
	case outputCSV:
		return e.writeContestCSV(lines, k)
	}
	return e.writeContestTable(lines, paired, k)
}

func (e *environment) writeContestCSV(lines []contestDataset, k int) error {
	w := csv.NewWriter(e.stdout)
	_ = w.Write([]string{"name", "group", "task", "metric", "suggest@1", fmt.Sprintf("suggest@%d", k), "single_best", "forest", "hgb", "constant"})
	for _, d := range lines {
		row := []string{d.Name, d.Group, d.Task, d.Metric}
		for _, v := range []float64{d.Suggest["1"], d.Suggest[strconv.Itoa(k)], d.SingleBest, d.Forest, d.HGB, d.Constant} {
			row = append(row, strconv.FormatFloat(v, 'g', 6, 64))
		}
		_ = w.Write(row)
	}
	w.Flush()
	return w.Error()
}

func (e *environment) writeContestTable(lines []contestDataset, paired map[string]contestPaired, k int) error {
	t := term.NewTable(term.Column{Title: "data set"}, term.Column{Title: "metric"},
		term.Column{Title: "suggest@1", Right: true}, term.Column{Title: fmt.Sprintf("suggest@%d", k), Right: true},
		term.Column{Title: "single best", Right: true}, term.Column{Title: "forest", Right: true},
		term.Column{Title: "hgb", Right: true}, term.Column{Title: "constant", Right: true})
	for _, d := range lines {
		t.Row(d.Name, d.Metric, term.Short(d.Suggest["1"]), term.Short(d.Suggest[strconv.Itoa(k)]), term.Short(d.SingleBest),
			term.Short(d.Forest), term.Short(d.HGB), term.Short(d.Constant))
	}
	width := e.width(e.stdout)
	if err := t.Write(e.stdout, width); err != nil {
		return err
	}
	fmt.Fprintln(e.stdout)
	p := term.NewTable(term.Column{Title: "difference in units of the constant's loss"}, term.Column{Title: "mean", Right: true},
		term.Column{Title: "95 % interval"}, term.Column{Title: "data sets", Right: true})
	for _, name := range slices.Sorted(maps.Keys(paired)) {
		d := paired[name]
		p.Row(strings.ReplaceAll(name, "/", ", "), term.Fixed(d.Diff, 3), term.Fixed(d.Lo, 3)+" to "+term.Fixed(d.Hi, 3), strconv.Itoa(d.Datasets))
	}
	return p.Write(e.stdout, width)
}
