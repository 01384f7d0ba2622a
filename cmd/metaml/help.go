package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/argv"
)

// frontPage is what `metaml` alone shows: what people come for, each with one example.
const frontPage = `metaml recommends machine-learning configurations for your data, from what earlier runs on other data taught.

  what should I try first on this file?
      metaml suggest churn.csv --target churned
  what is known, and which known data is like mine?
      metaml kb nearest churn.csv --target churned
  let it learn from my own datasets
      metaml kb grow FOLDER

metaml --help lists all commands, metaml COMMAND --help explains one.
`

func (e *environment) writeFrontPage() error {
	_, err := io.WriteString(e.stdout, frontPage)
	return err
}

// writeHelp explains the line's command to stdout, or, without one, lists the commands.
func (e *environment) writeHelp(line *argv.Line) error {
	var b strings.Builder
	if c := line.Command(); c != nil {
		writeCommandHelp(&b, line.Name(), c)
	} else {
		writeAppHelp(&b, e.commands())
	}
	_, err := io.WriteString(e.stdout, b.String())
	return err
}

func writeAppHelp(b *strings.Builder, commands []*cli.Command) {
	b.WriteString("usage: metaml COMMAND [ARGUMENTS] [FLAGS]\n\ncommands:\n")
	writeCommands(b, "", commands)
	b.WriteString("\nflags of every command:\n")
	writeFlags(b, globalFlags())
	b.WriteString(`
A flag's value comes from the command line, else from its variable (METAML_OUTPUT, METAML_SUGGEST_K), else from
metaml.yaml in the working folder, else from $XDG_CONFIG_HOME/metaml/config.yaml; metaml config show --origin tells.
exit status: 0 done, 1 failed, 2 usage, 3 not found, 4 invalid data, 5 conflict, 7 plugin, 8 partly done,
124 timeout, 130 and 143 stopped by a signal.
`)
}

func writeCommandHelp(b *strings.Builder, name string, c *cli.Command) {
	fmt.Fprintf(b, "metaml %s: %s\n\nusage: metaml %s", name, c.Usage, name)
	if len(c.Subcommands) > 0 {
		b.WriteString(" COMMAND")
	}
	if c.ArgsUsage != "" {
		b.WriteString(" " + c.ArgsUsage)
	}
	b.WriteString(" [FLAGS]\n")
	if c.Description != "" {
		b.WriteString("\n" + strings.Trim(c.Description, "\n") + "\n")
	}
	if len(c.Subcommands) > 0 {
		b.WriteString("\ncommands:\n")
		writeCommands(b, name+" ", c.Subcommands)
	}
	if len(c.Flags) > 0 {
		b.WriteString("\nflags:\n")
		writeFlags(b, c.Flags)
	}
	b.WriteString("\nflags of every command: metaml --help\n")
}

func writeCommands(b *strings.Builder, prefix string, commands []*cli.Command) {
	w := tabwriter.NewWriter(b, 0, 8, 2, ' ', 0)
	for _, c := range commands {
		if !c.Hidden {
			fmt.Fprintf(w, "  %s%s\t%s\n", prefix, c.Name, c.Usage)
		}
	}
	_ = w.Flush()
}

// writeFlags prints a flag per line: its names, the `PLACEHOLDER` of its usage text, the text, the default.
func writeFlags(b *strings.Builder, flags []cli.Flag) {
	w := tabwriter.NewWriter(b, 0, 8, 2, ' ', 0)
	for _, f := range flags {
		d, ok := f.(cli.DocGenerationFlag)
		if v, hides := f.(cli.VisibleFlag); !ok || (hides && !v.IsVisible()) {
			continue
		}
		var names []string
		for _, n := range f.Names() {
			names = append(names, argv.Dashed(n))
		}
		placeholder, usage := placeholder(d.GetUsage())
		if d.TakesValue() {
			names[len(names)-1] += " " + placeholder
		}
		if text := defaultText(f); text != "" {
			usage += " (default " + text + ")"
		}
		fmt.Fprintf(w, "  %s\t%s\n", strings.Join(names, ", "), usage)
	}
	_ = w.Flush()
}

// placeholder splits a usage text at its back-quoted word, which the text keeps unless it stands in parentheses.
func placeholder(usage string) (word, text string) {
	before, rest, found := strings.Cut(usage, "`")
	if !found {
		return "VALUE", usage
	}
	word, after, _ := strings.Cut(rest, "`")
	if opened, ok := strings.CutSuffix(before, " ("); ok && strings.HasPrefix(after, ")") {
		return word, opened + after[1:]
	}
	return word, before + word + after
}
