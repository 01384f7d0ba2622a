package main

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/urfave/cli/v2"
)

func TestPlaceholder(t *testing.T) {
	for usage, want := range map[string][2]string{
		"use only the features `A,B,…` of it":    {"A,B,…", "use only the features A,B,… of it"},
		"write as table or json (`FORMAT`)":      {"FORMAT", "write as table or json"},
		"one of two (`WHICH`) (default neither)": {"WHICH", "one of two (default neither)"},
		"no placeholder":                         {"VALUE", "no placeholder"},
	} {
		if word, text := placeholder(usage); word != want[0] || text != want[1] {
			t.Errorf("%q: %q, %q, want %q", usage, word, text, want)
		}
	}
}

// TestHelpFitsTheTerminal: every help text keeps to the terminal's width, to 80 columns where it is unknown, and to
// lines that are pleasant to read where there is more room. Examples stay lines that can be copied.
func TestHelpFitsTheTerminal(t *testing.T) {
	for terminal, want := range map[int]int{0: 80, 60: 60, 80: 80, 100: 100, 300: 100} {
		help := func(args ...string) {
			e, stdout, _ := testEnvironment()
			e.width = func(any) int { return terminal }
			if code := run(t.Context(), e, append(args, "--help")); code != exitOK {
				t.Fatalf("%v: exit status %d", args, code)
			}
			for _, line := range strings.Split(stdout.String(), "\n") {
				example := strings.HasPrefix(strings.TrimSpace(line), "$ ") || strings.HasPrefix(line, "usage: ") || strings.HasPrefix(line, "       metaml ")
				if n := utf8.RuneCountInString(line); n > want && !example {
					t.Errorf("%v in %d columns: a line of %d: %q", args, terminal, n, line)
				}
				if line != strings.TrimRight(line, " ") {
					t.Errorf("%v: spaces at the end of %q", args, line)
				}
			}
		}
		help()
		e, _, _ := testEnvironment()
		walk(e.commands(), nil, func(above []*cli.Command, c *cli.Command) {
			if !c.Hidden {
				help(strings.Fields(fullName(above, c))...)
			}
		})
	}
}

func TestHelpText(t *testing.T) {
	h := &helpText{width: 40}
	h.text(`
One paragraph that is
written in short lines, and is joined.

  one   a list whose text goes on below itself
  four  another

example:
  $ metaml example --that-is-longer-than-the-width
`)
	want := `One paragraph that is written in short
lines, and is joined.

  one   a list whose text goes on below
        itself
  four  another

example:
  $ metaml example --that-is-longer-than-the-width
`
	if got := h.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestHelpShowsEveryWayToCall(t *testing.T) {
	for want, c := range map[string]*cli.Command{
		"usage: metaml x FILE [FLAGS]\n       metaml x --space FILE [FLAGS] -- PROGRAM ARGUMENTS\n": {ArgsUsage: "FILE | --space FILE -- PROGRAM ARGUMENTS"},
		"usage: metaml x TASK|ID [FLAGS]\n": {ArgsUsage: "TASK|ID"},
		"usage: metaml x COMMAND [FLAGS]\n": {Subcommands: []*cli.Command{{Name: "y"}}},
		"usage: metaml x [FLAGS]\n":         {},
	} {
		h := &helpText{width: 80}
		h.usage("x", c)
		if got := h.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestHelpNamesFlagsAsExamplesDo(t *testing.T) {
	e, stdout, _ := testEnvironment()
	if code := run(t.Context(), e, []string{"suggest", "--help"}); code != exitOK {
		t.Fatalf("exit status %d", code)
	}
	for _, want := range []string{"  --k N ", "  --target, -t COLUMN "} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("%q is missing in\n%s", want, stdout)
		}
	}
}
