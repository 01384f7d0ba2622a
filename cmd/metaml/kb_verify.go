package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/kb"
)

func kbVerifyCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:  "verify",
		Usage: "check every record of the knowledge base",
		Description: `
Recomputes every id and checksum and names what does not agree, one line each; the exit status is then 4. A damaged
file is saved by importing it into a new one, which takes over the good records:

example:
  $ metaml kb verify --kb mine.sqlite
  $ metaml kb import kb mine.sqlite --kb saved.sqlite
`,
		Action: e.kbVerify,
	}
}

func (e *environment) kbVerify(c *cli.Context) error {
	if err := positionals(c); err != nil {
		return err
	}
	k, err := e.openKB(c.Context)
	if err != nil {
		return err
	}
	defer k.Close()
	problems, records, err := k.Verify(c.Context)
	if err != nil {
		return err
	}
	if err := e.writeProblems(problems, records); err != nil {
		return err
	}
	if len(problems) > 0 {
		return failf(exitInvalid, "the knowledge base has %s", term.Plural(len(problems), "problem"))
	}
	return nil
}

func (e *environment) writeProblems(problems []kb.Problem, records int) error {
	type problem struct {
		Source string `json:"source"`
		ID     string `json:"id"`
		What   string `json:"problem"`
	}
	list := make([]problem, len(problems))
	for i, p := range problems {
		list[i] = problem{p.Source, string(p.ID), p.What}
	}
	switch e.output {
	case outputJSON:
		return e.writeJSON(struct {
			SchemaVersion int       `json:"schema_version"`
			Records       int       `json:"records"`
			Problems      []problem `json:"problems"`
		}{1, records, list})
	case outputCSV:
		var rows [][]string
		for _, p := range list {
			rows = append(rows, []string{p.Source, p.ID, p.What})
		}
		return e.writeCSV([]string{"source", "id", "problem"}, rows)
	}
	for _, p := range list {
		fmt.Fprintln(e.stdout, term.Clean(p.What))
	}
	if len(list) == 0 {
		_, err := fmt.Fprintf(e.stdout, "%s, all sound\n", term.Plural(records, "record"))
		return err
	}
	return nil
}
