package main

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/kb"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/metafeatures"
	"github.com/metaml/metaml/transfer"
)

func kbNearestCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:      "nearest",
		Usage:     "list the tasks most like a data file, or like another task",
		ArgsUsage: "[FILE]",
		Description: `
Compares the meta-features of FILE, or of a task of the knowledge base with --of, with those of all tasks that have
the same kind. The distance is the mean difference over meta-features, in interquartile ranges: 0 is alike in all.
Tasks that were imported with meta-features of a known set, such as auto-sklearn's, are compared by these.

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
		queries, err = e.fileQueries(c, set)
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

// fileQueries asks by the meta-features of the data file, first in our own terms, then in those of each set that imported
// tasks are described by, the one with the most tasks first.
func (e *environment) fileQueries(c *cli.Context, set *record.Set) ([]kb.Query, error) {
	d, err := e.readDataset(c)
	if err != nil {
		return nil, err
	}
	e.sayNotes(d.Notes)
	own, err := metafeatures.Extract(c.Context, d, metafeatures.Options{Seed: e.seed})
	if err != nil {
		return nil, err
	}
	queries := []kb.Query{{Extractor: own.Extractor, Values: own.Map(), Type: string(d.Task)}}
	for _, terms := range foreignTerms(set) {
		v, err := translate(c.Context, terms, d, own, e.seed)
		if err != nil {
			return nil, err
		}
		if v.Extractor == terms.Extractor {
			queries = append(queries, kb.Query{Extractor: v.Extractor, Values: v.Map(), Type: string(d.Task)})
		}
	}
	return queries, nil
}

// foreignTerms returns the extractors of imported meta-features with their names, the one of most tasks first, in the form
// that translate asks for.
func foreignTerms(set *record.Set) []*transfer.Matrix {
	tasks, names := make(map[string]int), make(map[string]map[string]bool)
	for _, f := range set.Features {
		if !strings.HasPrefix(f.Extractor, foreignExtractor) {
			continue
		}
		tasks[f.Extractor]++
		if names[f.Extractor] == nil {
			names[f.Extractor] = make(map[string]bool)
		}
		for name := range f.Values {
			names[f.Extractor][name] = true
		}
	}
	var out []*transfer.Matrix
	for _, extractor := range slices.Sorted(maps.Keys(tasks)) {
		out = append(out, &transfer.Matrix{Extractor: extractor, FeatureNames: slices.Sorted(maps.Keys(names[extractor]))})
	}
	slices.SortStableFunc(out, func(a, b *transfer.Matrix) int { return cmp.Compare(tasks[b.Extractor], tasks[a.Extractor]) })
	return out
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
