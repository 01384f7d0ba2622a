package main

import (
	"strconv"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/term"
)

func kbStatsCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:  "stats",
		Usage: "count what the knowledge base holds",
		Description: `
Counts tasks, runs of any final status, cells (a task and a configuration evaluated completely and at full fidelity,
repetitions and folds not counted), different configurations and search spaces.

example:
  $ metaml kb stats
  $ metaml kb stats --kb mine.sqlite --output json
`,
		Action: e.kbStats,
	}
}

func (e *environment) kbStats(c *cli.Context) error {
	if err := positionals(c); err != nil {
		return err
	}
	k, err := e.openKB(c.Context)
	if err != nil {
		return err
	}
	defer k.Close()
	s, err := k.Stats(c.Context)
	if err != nil {
		return err
	}
	version, err := k.Version(c.Context)
	if err != nil {
		return err
	}
	counts := []struct {
		name string
		n    int
	}{{"tasks", s.Tasks}, {"runs", s.Runs}, {"cells", s.Cells}, {"configs", s.Configs}, {"spaces", s.Spaces}}
	switch e.output {
	case outputJSON:
		return e.writeJSON(struct {
			SchemaVersion int    `json:"schema_version"`
			Tasks         int    `json:"tasks"`
			Runs          int    `json:"runs"`
			Cells         int    `json:"cells"`
			Configs       int    `json:"configs"`
			Spaces        int    `json:"spaces"`
			Version       string `json:"version"`
		}{1, s.Tasks, s.Runs, s.Cells, s.Configs, s.Spaces, version})
	case outputCSV:
		var header, row []string
		for _, n := range counts {
			header, row = append(header, n.name), append(row, strconv.Itoa(n.n))
		}
		return e.writeCSV(header, [][]string{row})
	}
	t := term.NewTable(term.Column{}, term.Column{Right: true})
	for _, n := range counts {
		t.Row(n.name, term.Count(n.n))
	}
	return t.Write(e.stdout, e.width(e.stdout))
}
