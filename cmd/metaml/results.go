package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"strings"

	"github.com/urfave/cli/v2"
)

// writeJSON writes one JSON document to stdout. Every object given to it carries schema_version.
func (e *environment) writeJSON(v any) error {
	enc := json.NewEncoder(e.stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// writeCSV writes a header and rows to stdout.
func (e *environment) writeCSV(header []string, rows [][]string) error {
	w := csv.NewWriter(e.stdout)
	return errors.Join(w.Write(header), w.WriteAll(rows)) // WriteAll flushes
}

// positionals checks that the command has exactly the positional arguments named.
func positionals(c *cli.Context, names ...string) error {
	switch {
	case c.NArg() < len(names):
		return usagef("%s needs %s; see metaml %s --help", commandName(c), names[c.NArg()], commandName(c))
	case c.NArg() > len(names):
		return usagef("%s does not take %q; see metaml %s --help", commandName(c), c.Args().Get(len(names)), commandName(c))
	}
	return nil
}

// commandName is the full name of the running command, such as "kb import".
func commandName(c *cli.Context) string {
	return strings.TrimPrefix(c.Command.HelpName, "metaml ")
}
