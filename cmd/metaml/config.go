package main

import (
	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/term"
)

// configCommand groups the commands on settings.
func configCommand(e *environment) *cli.Command {
	return e.group("config", "show the settings in force", `
Settings are values for flags kept in METAML_* variables, ./metaml.yaml and $XDG_CONFIG_HOME/metaml/config.yaml.
A file has global flags as keys, and the flags of a command under the command's name:

  output: json
  suggest:
    k: 3

example:
  $ metaml config show --origin
`, []*cli.Command{configShowCommand(e)})
}

func configShowCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:  "show",
		Usage: "show every setting in force, with --origin where it comes from",
		Description: `
example:
  $ metaml config show --origin
`,
		Flags: []cli.Flag{&cli.BoolFlag{Name: "origin", Usage: "say where each value comes from"}},
		Action: func(c *cli.Context) error {
			if err := positionals(c); err != nil {
				return err
			}
			return e.writeSettings(c.Bool("origin"))
		},
	}
}

func (e *environment) writeSettings(origin bool) error {
	switch e.output {
	case outputJSON:
		return e.writeJSON(struct {
			SchemaVersion int       `json:"schema_version"`
			Settings      []setting `json:"settings"`
		}{1, e.settings})
	case outputCSV:
		var rows [][]string
		for _, s := range e.settings {
			rows = append(rows, []string{s.Key, s.Value, s.Origin})
		}
		return e.writeCSV([]string{"key", "value", "origin"}, rows)
	}
	columns := []term.Column{{}, {}}
	if origin {
		columns = append(columns, term.Column{})
	}
	t := term.NewTable(columns...)
	for _, s := range e.settings {
		value := s.Value
		if value == "" {
			value = "-"
		}
		t.Row(s.Key, value, s.Origin)
	}
	return t.Write(e.stdout, e.width(e.stdout))
}
