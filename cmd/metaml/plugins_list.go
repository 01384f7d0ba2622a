package main

import (
	"strconv"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/term"
)

func pluginsListCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:  "list",
		Usage: "list optimizers and evaluators",
		Description: `
Lists what comes with metaml and the programs of third parties, which are found by their names and not executed.

example:
  $ metaml plugins list --kind optimizer
`,
		Flags:  []cli.Flag{kindFlag()},
		Action: e.pluginsList,
	}
}

func (e *environment) pluginsList(c *cli.Context) error {
	if err := positionals(c); err != nil {
		return err
	}
	wanted, err := pluginKinds(c)
	if err != nil {
		return err
	}
	all, err := e.installedPlugins(wanted)
	if err != nil {
		return err
	}
	return e.writePlugins(all)
}

// pluginJSON is a plugin in a list.
type pluginJSON struct {
	Kind     string `json:"kind"`
	Name     string `json:"name"`
	BuiltIn  bool   `json:"built_in"`
	Path     string `json:"path,omitempty"`
	Pinned   string `json:"pinned_sha256,omitempty"`
	Shadowed bool   `json:"shadowed,omitempty"`
	About    string `json:"about,omitempty"` // what it is, of what comes with metaml
}

func (p installed) describe() pluginJSON {
	d := pluginJSON{Kind: string(p.kind), Name: p.name, BuiltIn: p.path == "", Path: p.path, Pinned: p.pin, Shadowed: p.shadowed}
	if d.BuiltIn {
		d.About = aboutBuiltIn(p.name)
	}
	return d
}

// origin is where a plugin comes from and, of a built-in one, what it is.
func (p installed) origin() string {
	if p.path != "" {
		return p.path
	}
	return "built in: " + aboutBuiltIn(p.name)
}

func (e *environment) writePlugins(all []installed) error {
	switch e.output {
	case outputJSON:
		list := make([]pluginJSON, len(all))
		for i, p := range all {
			list[i] = p.describe()
		}
		return e.writeJSON(struct {
			SchemaVersion int          `json:"schema_version"`
			Plugins       []pluginJSON `json:"plugins"`
		}{1, list})
	case outputCSV:
		var rows [][]string
		for _, p := range all {
			rows = append(rows, []string{string(p.kind), p.name, strconv.FormatBool(p.path == ""), p.path, p.pin, strconv.FormatBool(p.shadowed), p.describe().About})
		}
		return e.writeCSV([]string{"kind", "name", "built_in", "path", "pinned_sha256", "shadowed", "about"}, rows)
	}
	t := term.NewTable(term.Column{Title: "kind"}, term.Column{Title: "name"}, term.Column{Title: "pinned"}, term.Column{Title: "from", Wrap: true})
	for _, p := range all {
		from, pinned := p.origin(), "no"
		switch {
		case p.path == "":
			pinned = "-"
		case p.pin != "":
			pinned = "yes"
		}
		if p.shadowed {
			from += " (not used: the built-in one has its name)"
		}
		t.Row(string(p.kind), p.name, pinned, from)
	}
	return t.Write(e.stdout, e.width(e.stdout))
}
