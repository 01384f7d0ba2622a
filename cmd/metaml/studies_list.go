package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/studies"
	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/cmd/internal/trials"
	"github.com/metaml/metaml/optimizers/study"
)

func studiesListCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:  "list",
		Usage: "list the studies on this machine",
		Description: `
Lists studies by name with their optimizer, how many trials ended and failed, the best value so far, and when they
changed last. A study that cannot be read is named on standard error, with exit status 8.

example:
  $ metaml studies list
  $ metaml studies list --json
`,
		Action: e.studiesList,
	}
}

// studyRow is a study in the list.
type studyRow struct {
	Name      string    `json:"name"`
	Mode      string    `json:"mode"` // data, program or ask
	Optimizer string    `json:"optimizer"`
	Trials    int       `json:"trials"` // begun
	Finished  int       `json:"finished"`
	Failed    int       `json:"failed"`
	Metric    string    `json:"metric"`
	Maximize  bool      `json:"maximize"`
	Best      *float64  `json:"best"`  // null before the first complete trial
	State     string    `json:"state"` // running or idle
	Created   time.Time `json:"created"`
	Changed   time.Time `json:"changed"`
}

func describeStudy(s *studies.Study) studyRow {
	var o study.Objective
	if len(s.Problem.Objectives) > 0 {
		o = s.Problem.Objectives[0]
	}
	row := studyRow{Name: s.Name, Mode: s.Details.Mode, Optimizer: s.Optimizer, Trials: len(s.Trials), Finished: s.Finished(),
		Failed: s.Failed(), Metric: o.Metric, Maximize: o.Maximize, State: stateOf(s),
		Created: s.Created.UTC().Truncate(time.Millisecond), Changed: s.Changed.UTC().Truncate(time.Millisecond)}
	if best, ok := s.Best(); ok {
		value, _ := trials.Value(s.Problem, best.Trial)
		row.Best = &value
	}
	return row
}

func (e *environment) studiesList(c *cli.Context) error {
	if err := positionals(c); err != nil {
		return err
	}
	data, err := e.dataFolder()
	if err != nil {
		return err
	}
	names, err := studies.Names(data)
	if err != nil {
		return err
	}
	rows := []studyRow{}
	var broken []string
	for _, name := range names {
		s, err := studies.Read(c.Context, data, name)
		if c.Context.Err() != nil {
			return c.Context.Err()
		}
		if err != nil {
			broken = append(broken, message(err))
			continue
		}
		rows = append(rows, describeStudy(s))
	}
	if err := e.writeStudies(rows); err != nil {
		return err
	}
	if len(broken) > 0 {
		return failf(exitPartial, "%s could not be read:\n%s", term.Plural(len(broken), "study"), strings.Join(broken, "\n"))
	}
	return nil
}

func (e *environment) writeStudies(rows []studyRow) error {
	switch e.output {
	case outputJSON:
		return e.writeJSON(struct {
			SchemaVersion int        `json:"schema_version"`
			Studies       []studyRow `json:"studies"`
		}{1, rows})
	case outputCSV:
		var cells [][]string
		for _, r := range rows {
			best := ""
			if r.Best != nil {
				best = formatNumber(*r.Best)
			}
			cells = append(cells, []string{r.Name, r.Mode, r.Optimizer, strconv.Itoa(r.Trials), strconv.Itoa(r.Finished), strconv.Itoa(r.Failed),
				inertCell(r.Metric), best, r.State, r.Changed.Format(timeFormat)})
		}
		return e.writeCSV([]string{"name", "mode", "optimizer", "trials", "finished", "failed", "metric", "best", "state", "changed"}, cells)
	}
	if len(rows) == 0 {
		e.say("no studies yet; metaml tune FILE --target COLUMN begins one")
		return nil
	}
	t := term.NewTable(term.Column{Title: "study", Cut: true}, term.Column{Title: "optimizer"}, term.Column{Title: "trials", Right: true},
		term.Column{Title: "failed", Right: true}, term.Column{Title: "best", Right: true}, term.Column{Title: "metric"},
		term.Column{Title: "state"}, term.Column{Title: "last change"})
	for _, r := range rows {
		best := "-"
		if r.Best != nil {
			best = sixDigits(*r.Best)
		}
		t.Row(r.Name, r.Optimizer, term.Count(r.Finished), countOrDash(r.Failed), best, r.Metric, r.State, e.ago(r.Changed))
	}
	return t.Write(e.stdout, e.width(e.stdout))
}

// ago says how long ago something was.
func (e *environment) ago(t time.Time) string {
	d := e.now().Sub(t)
	if d < time.Second {
		return "now"
	}
	return term.Duration(d.Round(time.Second)) + " ago"
}
