package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/argv"
	"github.com/metaml/metaml/cmd/internal/term"
)

// frontPage is what `metaml` alone shows: what people come for, each with one example.
const frontPage = `metaml recommends machine-learning configurations for your data, from what
earlier runs on other data taught, and goes on from there.

  what should I try first on this file?
      metaml suggest churn.csv --target churned
  find the best for it in ten minutes, and make me a model
      metaml tune churn.csv --target churned --time 10m
  tune my own training program
      metaml tune --space space.yaml -- python train.py --lr '{lr}'

metaml --help lists all commands, metaml COMMAND --help explains one;
metaml kb --help is about what it knows, and how it learns more.
`

func (e *environment) writeFrontPage() error {
	_, err := io.WriteString(e.stdout, frontPage)
	return err
}

// The widths of help texts: as wide as the terminal, within what is pleasant to read.
const (
	helpWidth     = 80 // where the terminal's is unknown
	narrowestHelp = 60
	widestHelp    = 100
)

// helpText collects a help text.
type helpText struct {
	strings.Builder
	width int
}

// writeHelp explains the line's command to stdout, or, without one, lists the commands.
func (e *environment) writeHelp(line *argv.Line) error {
	h := &helpText{width: cmp.Or(e.width(e.stdout), helpWidth)}
	h.width = min(max(h.width, narrowestHelp), widestHelp)
	if c := line.Command(); c != nil {
		h.command(line.Name(), c)
	} else {
		h.app(e.commands())
	}
	_, err := io.WriteString(e.stdout, h.String())
	return err
}

func (h *helpText) app(commands []*cli.Command) {
	h.WriteString("usage: metaml COMMAND [ARGUMENTS] [FLAGS]\n\ncommands:\n")
	h.commands("", commands)
	h.WriteString("\nflags of every command:\n")
	h.flags(globalFlags())
	h.WriteString("\n")
	h.text(`
A flag's value comes from the command line, else from its variable (METAML_OUTPUT, METAML_SUGGEST_K), else from
metaml.yaml in the working folder, else from $XDG_CONFIG_HOME/metaml/config.yaml; metaml config show --origin tells.

exit status: 0 done, 1 failed, 2 usage, 3 not found, 4 invalid data, 5 conflict, 7 plugin, 8 partly done,
124 timeout, 130 and 143 stopped by a signal.
`)
}

func (h *helpText) command(name string, c *cli.Command) {
	h.text(fmt.Sprintf("metaml %s: %s", name, c.Usage))
	h.WriteString("\n")
	h.usage(name, c)
	if c.Description != "" {
		h.WriteString("\n")
		h.text(c.Description)
	}
	if len(c.Subcommands) > 0 {
		h.WriteString("\ncommands:\n")
		h.commands(name+" ", c.Subcommands)
	}
	if len(c.Flags) > 0 {
		h.WriteString("\nflags:\n")
		h.flags(c.Flags)
	}
	h.WriteString("\nflags of every command: metaml --help\n")
}

// usage shows how a command is called, a line for each way; flags stand before a --, behind which nothing is a flag.
func (h *helpText) usage(name string, c *cli.Command) {
	if len(c.Subcommands) > 0 {
		name += " COMMAND"
	}
	lead := "usage: "
	for _, arguments := range strings.Split(c.ArgsUsage, " | ") {
		flags, behind, found := strings.Cut(arguments, " -- ")
		call := strings.Join(strings.Fields("metaml "+name+" "+flags+" [FLAGS]"), " ")
		if found {
			call += " -- " + behind
		}
		h.WriteString(lead + call + "\n")
		lead = strings.Repeat(" ", len(lead))
	}
}

// text writes a text in paragraphs. Lines that are indented stay lines; of these, examples stay as long as they are.
func (h *helpText) text(text string) {
	var paragraph []string
	end := func() {
		if len(paragraph) > 0 {
			h.WriteString(strings.Join(term.Wrap(strings.Join(paragraph, " "), h.width), "\n") + "\n")
		}
		paragraph = nil
	}
	for _, line := range strings.Split(strings.Trim(text, "\n"), "\n") {
		words := strings.TrimLeft(line, " ")
		switch indented := len(words) < len(line); {
		case !indented && line != "" && line != "example:":
			paragraph = append(paragraph, line)
		case indented && !strings.HasPrefix(words, "$ "):
			end()
			word, rest, _ := strings.Cut(words, "  ")
			lead := line[:len(line)-len(strings.TrimLeft(rest, " "))]
			if rest == "" {
				lead, rest = line[:len(line)-len(words)], word
			}
			h.hanging(lead, len(lead), strings.TrimLeft(rest, " "))
		default:
			end()
			h.WriteString(line + "\n")
		}
	}
	end()
}

// hanging writes a text behind its lead; its further lines begin below its first one, at the column.
func (h *helpText) hanging(lead string, column int, text string) {
	for i, line := range term.Wrap(text, h.width-column) {
		if i > 0 {
			lead = ""
		}
		h.WriteString(strings.TrimRight(fmt.Sprintf("%-*s%s", column, lead, line), " ") + "\n")
	}
}

func (h *helpText) commands(prefix string, commands []*cli.Command) {
	var pairs [][2]string
	for _, c := range commands {
		if !c.Hidden {
			pairs = append(pairs, [2]string{prefix + c.Name, c.Usage})
		}
	}
	h.pairs(pairs)
}

// pairs writes names and texts in two columns.
func (h *helpText) pairs(pairs [][2]string) {
	widest := 0
	for _, p := range pairs {
		widest = max(widest, utf8.RuneCountInString(p[0]))
	}
	for _, p := range pairs {
		h.hanging("  "+p[0], widest+4, p[1])
	}
}

// flags writes for each flag its names, the `PLACEHOLDER` of its usage text, the text, the default.
func (h *helpText) flags(flags []cli.Flag) {
	var pairs [][2]string
	for _, f := range flags {
		d, ok := f.(cli.DocGenerationFlag)
		if v, hides := f.(cli.VisibleFlag); !ok || (hides && !v.IsVisible()) {
			continue
		}
		var names []string
		for i, n := range f.Names() {
			if names = append(names, argv.Dashed(n)); i == 0 {
				names[0] = "--" + n // the form of all examples, of a letter too
			}
		}
		placeholder, usage := placeholder(d.GetUsage())
		if d.TakesValue() {
			names[len(names)-1] += " " + placeholder
		}
		if text := defaultText(f); text != "" {
			usage += " (default " + text + ")"
		}
		pairs = append(pairs, [2]string{strings.Join(names, ", "), usage})
	}
	h.pairs(pairs)
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
