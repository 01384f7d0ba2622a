package main

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/kb"
	"github.com/metaml/metaml/kb/record"
)

func kbListCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:  "list",
		Usage: "list the tasks of the knowledge base",
		Description: `
Lists tasks by name with what is known about them; size and type are unknown where a task was imported without its
data.

example:
  $ metaml kb list
  $ metaml kb list --type regression --output csv
`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "type", Usage: "only tasks of `TYPE` classification or regression"},
			&cli.IntFlag{Name: "limit", Usage: "at most `N` tasks (0: all)"},
		},
		Action: e.kbList,
	}
}

func (e *environment) kbList(c *cli.Context) error {
	if err := positionals(c); err != nil {
		return err
	}
	wanted := c.String("type")
	if wanted != "" {
		if err := oneOf("--type", wanted, record.Classification, record.Regression); err != nil {
			return err
		}
	}
	limit := c.Int("limit")
	if limit < 0 {
		return usagef("--limit %d is negative", limit)
	}
	k, err := e.openKB(c.Context)
	if err != nil {
		return err
	}
	defer k.Close()
	tasks, err := k.Tasks(c.Context)
	if err != nil {
		return err
	}
	tasks = slices.DeleteFunc(tasks, func(t kb.TaskSummary) bool { return wanted != "" && t.Type != wanted })
	total := len(tasks)
	if limit > 0 && limit < total {
		tasks = tasks[:limit]
	}
	rows := make([]taskRow, len(tasks))
	for i, t := range tasks {
		rows[i] = taskRow{TaskSummary: t}
	}
	return e.writeTasks(rows, total, nil)
}

// taskRow is a task in a list, with a number that says why it is there where the command has one.
type taskRow struct {
	kb.TaskSummary
	number float64
}

// taskJSON is a task in a list.
type taskJSON struct {
	Task     record.ID `json:"task"`
	Name     string    `json:"name"`
	Group    string    `json:"group"`
	Source   string    `json:"source"`
	Type     string    `json:"type"`
	Rows     int       `json:"rows"`
	Columns  int       `json:"columns"`
	Runs     int       `json:"runs"`
	Complete int       `json:"complete"`
	Configs  int       `json:"configs"`
	Score    *float64  `json:"score,omitempty"`
	Distance *float64  `json:"distance,omitempty"`
}

// numberColumn describes the number of a taskRow.
type numberColumn struct {
	title string
	field func(*taskJSON) **float64
}

// writeTasks writes a list of tasks, total of which there are; number is nil where rows have none.
func (e *environment) writeTasks(rows []taskRow, total int, number *numberColumn) error {
	switch e.output {
	case outputJSON:
		out := struct {
			SchemaVersion int        `json:"schema_version"`
			Total         int        `json:"total"`
			Tasks         []taskJSON `json:"tasks"`
		}{1, total, make([]taskJSON, len(rows))}
		for i, r := range rows {
			out.Tasks[i] = taskJSON{r.ID, r.Name, r.Group, r.Source, r.Type, r.Rows, r.Columns, r.Runs, r.Complete, r.Configs, nil, nil}
			if number != nil {
				*number.field(&out.Tasks[i]) = &r.number
			}
		}
		return e.writeJSON(out)
	case outputCSV:
		return e.writeTasksCSV(rows, number)
	}
	return e.writeTasksTable(rows, total, number)
}

func (e *environment) writeTasksCSV(rows []taskRow, number *numberColumn) error {
	header := []string{"task", "name", "group", "source", "type", "rows", "columns", "runs", "complete", "configs"}
	if number != nil {
		header = append(header, number.title)
	}
	cells := make([][]string, len(rows))
	for i, r := range rows {
		cells[i] = []string{string(r.ID), r.Name, r.Group, r.Source, r.Type, strconv.Itoa(r.Rows), strconv.Itoa(r.Columns),
			strconv.Itoa(r.Runs), strconv.Itoa(r.Complete), strconv.Itoa(r.Configs)}
		if number != nil {
			cells[i] = append(cells[i], strconv.FormatFloat(r.number, 'g', -1, 64))
		}
	}
	return e.writeCSV(header, cells)
}

func (e *environment) writeTasksTable(rows []taskRow, total int, number *numberColumn) error {
	if total == 0 {
		_, err := fmt.Fprintln(e.stdout, "no tasks")
		return err
	}
	columns := []term.Column{{Title: "task", Cut: true}, {Title: "type"}, {Title: "rows", Right: true}, {Title: "columns", Right: true},
		{Title: "runs", Right: true}, {Title: "configs", Right: true}, {Title: "id"}}
	if number != nil {
		columns = append(columns, term.Column{Title: number.title, Right: true})
	}
	t := term.NewTable(columns...)
	for _, r := range rows {
		cells := []string{orDash(r.Name), orDash(r.Type), countOrDash(r.Rows), countOrDash(r.Columns), term.Count(r.Runs), term.Count(r.Configs), string(r.ID[:12])}
		if number != nil {
			cells = append(cells, term.Fixed(r.number, 3))
		}
		t.Row(cells...)
	}
	if err := t.Write(e.stdout, e.width(e.stdout)); err != nil {
		return err
	}
	if more := total - len(rows); more > 0 {
		_, err := fmt.Fprintf(e.stdout, "%s more\n", term.Count(more))
		return err
	}
	return nil
}

// orDash shows that a text is unknown.
func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func countOrDash(n int) string {
	if n == 0 {
		return "-"
	}
	return term.Count(n)
}
