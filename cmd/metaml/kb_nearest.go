package main

import (
	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/kb"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/metafeatures"
)

func kbNearestCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:      "nearest",
		Usage:     "list the tasks most like a data file, or like another task",
		ArgsUsage: "[FILE]",
		Description: `
Compares the meta-features of FILE, or of a task of the knowledge base with --of, with those of all tasks that have
the same kind. The distance is the mean difference over meta-features, in interquartile ranges: 0 is alike in all.

example:
  $ metaml kb nearest churn.csv --target churned
  $ metaml kb nearest --of iris --k 3
`,
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "of", Usage: "compare with `TASK` of the knowledge base, by name or id, instead of a file"},
			&cli.IntFlag{Name: "k", Value: 10, Usage: "list `N` tasks"},
		}, dataFlags()...),
		Action: e.kbNearest,
	}
}

func (e *environment) kbNearest(c *cli.Context) error {
	if c.Int("k") < 1 {
		return usagef("--k %d: at least one", c.Int("k"))
	}
	if c.String("of") != "" && c.NArg() > 0 {
		return usagef("give FILE or --of TASK, not both")
	}
	k, err := e.openKB(c.Context)
	if err != nil {
		return err
	}
	defer k.Close()
	set, err := k.Snapshot(c.Context)
	if err != nil {
		return err
	}
	var queries []kb.Query
	if c.String("of") != "" {
		queries, err = taskQueries(set, c.String("of"))
	} else {
		queries, err = e.fileQuery(c)
	}
	if err != nil {
		return err
	}
	for _, q := range queries {
		q.K = c.Int("k")
		if near := kb.NearestIn(set, q); len(near) > 0 {
			return e.writeNearest(set, near)
		}
	}
	return failf(exitNotFound, "no other task of the knowledge base has meta-features of the kind %s", queries[0].Extractor)
}

// fileQuery asks by the meta-features of the data file.
func (e *environment) fileQuery(c *cli.Context) ([]kb.Query, error) {
	d, err := e.readDataset(c)
	if err != nil {
		return nil, err
	}
	e.sayNotes(d.Notes)
	v, err := metafeatures.Extract(c.Context, d, metafeatures.Options{Seed: e.seed})
	if err != nil {
		return nil, err
	}
	return []kb.Query{{Extractor: v.Extractor, Values: v.Map(), Type: string(d.Task)}}, nil
}

// taskQueries asks by the meta-features of a task, of each kind that it has.
func taskQueries(set *record.Set, name string) ([]kb.Query, error) {
	id, err := findTask(set, name)
	if err != nil {
		return nil, err
	}
	var queries []kb.Query
	for _, f := range set.Features {
		if f.Task == id {
			queries = append(queries, kb.Query{Extractor: f.Extractor, Values: f.Values, Type: set.Tasks[id].Type, Without: id})
		}
	}
	if len(queries) == 0 {
		return nil, failf(exitNotFound, "the knowledge base has no meta-features of task %s", term.Clean(name))
	}
	return queries, nil
}

func (e *environment) writeNearest(set *record.Set, near []kb.Neighbour) error {
	tasks, err := kb.TasksOf(set)
	if err != nil {
		return err
	}
	byID := map[record.ID]kb.TaskSummary{}
	for _, t := range tasks {
		byID[t.ID] = t
	}
	rows := make([]taskRow, len(near))
	for i, n := range near {
		s, known := byID[n.Task]
		if !known {
			s = kb.TaskSummary{ID: n.Task, Name: n.Name} // features of a task that is not here
		}
		rows[i] = taskRow{s, n.Distance}
	}
	return e.writeTasks(rows, len(rows), &numberColumn{"distance", func(t *taskJSON) **float64 { return &t.Distance }})
}
