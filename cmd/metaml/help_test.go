package main

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/argv"
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
	for line, want := range map[string]string{
		"tune":         "usage: metaml tune FILE [FLAGS]\n       metaml tune --space FILE [FLAGS] -- PROGRAM ARGUMENTS\n       metaml tune --space FILE --function MODULE:NAME [FLAGS]\n",
		"kb":           "usage: metaml kb COMMAND [FLAGS]\n",
		"kb show":      "usage: metaml kb show TASK|ID [FLAGS]\n",
		"studies list": "usage: metaml studies list [FLAGS]\n",
	} {
		e, _, _ := testEnvironment()
		parsed, err := argv.Parse(globalFlags(), e.commands(), strings.Fields(line))
		if err != nil {
			t.Fatal(err)
		}
		h := &helpText{width: 80}
		h.usage(parsed.Name(), parsed.Command())
		if got := h.String(); got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
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
