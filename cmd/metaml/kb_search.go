package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/kb"
)

func kbSearchCommand(e *environment) *cli.Command {
	words, numbers := kb.SearchFields()
	return &cli.Command{
		Name:      "search",
		Usage:     "find tasks by words and numbers",
		ArgsUsage: "QUERY",
		Description: `
QUERY is words, "a phrase", field:word or field:>=number; + before what must match, - before what must not. Fields of
words are ` + strings.Join(words, ", ") + `; fields of numbers are ` + strings.Join(numbers, ", ") + `.
A word with - in front goes after others, in quotes; a query that begins with - goes after --.

example:
  $ metaml kb search wine
  $ metaml kb search '+type:classification +rows:>1000'
`,
		Flags:  []cli.Flag{&cli.IntFlag{Name: "limit", Value: 20, Usage: "at most `N` tasks"}},
		Action: e.kbSearch,
	}
}

func (e *environment) kbSearch(c *cli.Context) error {
	if c.NArg() == 0 {
		return positionals(c, "QUERY")
	}
	limit := c.Int("limit")
	if limit < 1 {
		return usagef("--limit %d: at least one", limit)
	}
	k, err := e.openKB(c.Context)
	if err != nil {
		return err
	}
	defer k.Close()
	hits, total, err := k.Search(c.Context, strings.Join(c.Args().Slice(), " "), limit)
	if err != nil {
		return err
	}
	rows := make([]taskRow, len(hits))
	for i, h := range hits {
		rows[i] = taskRow{h.TaskSummary, h.Score}
	}
	return e.writeTasks(rows, total, &numberColumn{"score", func(t *taskJSON) **float64 { return &t.Score }})
}
