package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
)

// writeJSON writes one JSON document to stdout. Every object given to it carries schema_version.
func (e *environment) writeJSON(v any) error {
	enc := json.NewEncoder(e.stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// provenance says where results come from, so that a file of them can be made again.
type provenance struct {
	Command string `json:"command"`
	Version string `json:"version"`
	Date    string `json:"date"`
}

// provenance is that of what is running.
func (e *environment) provenance() provenance {
	command := "metaml"
	for _, arg := range os.Args[1:] {
		command += " " + shellQuote(arg)
	}
	return provenance{command, versionText(), e.now().UTC().Format(time.DateOnly)}
}

// writeCSV writes a header and rows to stdout.
func (e *environment) writeCSV(header []string, rows [][]string) error {
	w := csv.NewWriter(e.stdout)
	return errors.Join(w.Write(header), w.WriteAll(rows)) // WriteAll flushes
}

// positionals checks that the command has exactly the positional arguments named.
func positionals(c *cli.Context, names ...string) error {
	for i, name := range names {
		if i < c.NArg() && c.Args().Get(i) == "" { // such as a variable of the shell that is not set
			return usagef("%s needs %s, not an empty word; see metaml %s --help", commandName(c), name, commandName(c))
		}
	}
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
