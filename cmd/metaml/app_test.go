package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/argv"
)

// testEnvironment is an environment without a home, variables or terminal; what commands write stays in memory.
func testEnvironment() (e *environment, stdout, stderr *bytes.Buffer) {
	stdout, stderr = new(bytes.Buffer), new(bytes.Buffer)
	return &environment{
		stdin:      strings.NewReader(""),
		stdout:     stdout,
		stderr:     stderr,
		getenv:     func(string) string { return "" },
		now:        func() time.Time { return time.Unix(1_700_000_000, 0) },
		isTerminal: func(any) bool { return false },
		width:      func(any) int { return 0 },
	}, stdout, stderr
}

// examples returns the command lines that a help text shows, without the program's name.
func examples(help string) []string {
	var lines []string
	for _, l := range strings.Split(help, "\n") {
		if line, ok := strings.CutPrefix(strings.TrimSpace(l), "$ metaml "); ok {
			lines = append(lines, line)
		}
	}
	return lines
}

// TestEveryCommandHasHelpWithAnExample walks all commands: each says what it does, documents every flag, and shows
// an example of itself whose flags exist.
func TestEveryCommandHasHelpWithAnExample(t *testing.T) {
	e, _, _ := testEnvironment()
	seen := 0
	walk(e.commands(), nil, func(above []*cli.Command, c *cli.Command) {
		if c.Hidden {
			return
		}
		seen++
		name := fullName(above, c)
		e, stdout, _ := testEnvironment()
		if code := run(context.Background(), e, append(strings.Fields(name), "--help")); code != exitOK {
			t.Errorf("metaml %s --help: exit status %d", name, code)
		}
		if c.Usage == "" || strings.HasSuffix(c.Usage, ".") {
			t.Errorf("%s: Usage must be one phrase without a full stop, not %q", name, c.Usage)
		}
		own := 0
		for _, example := range examples(stdout.String()) {
			if strings.HasPrefix(example, name+" ") || example == name {
				own++
			}
			checkExample(t, example)
		}
		if own == 0 {
			t.Errorf("metaml %s --help shows no example of itself", name)
		}
		for _, f := range c.Flags {
			if d, ok := f.(cli.DocGenerationFlag); !ok || d.GetUsage() == "" {
				t.Errorf("metaml %s: flag %s has no usage text", name, f.Names()[0])
			}
		}
	})
	if seen < 4 {
		t.Fatalf("only %d commands were walked", seen)
	}
}

// checkExample parses an example as the shell and the program would, up to a pipe or redirection.
func checkExample(t *testing.T, example string) {
	t.Helper()
	for _, end := range []string{" | ", " > ", "  #"} {
		example, _, _ = strings.Cut(example, end)
	}
	e, _, _ := testEnvironment()
	line, err := argv.Parse(globalFlags(), e.commands(), strings.Fields(example))
	if err == nil {
		err = line.Check()
	}
	if err != nil {
		t.Errorf("example %q: %v", example, err)
	}
}

// TestFlagNamesAreConsistent keeps flags of commands apart from global ones, whose meaning must not change.
func TestFlagNamesAreConsistent(t *testing.T) {
	e, _, _ := testEnvironment()
	walk(e.commands(), nil, func(above []*cli.Command, c *cli.Command) {
		for _, f := range c.Flags {
			for _, n := range f.Names() {
				if argv.Find(globalFlags(), n) != nil || n == "help" || n == "h" {
					t.Errorf("%s: flag %s has the name of a global flag", fullName(above, c), n)
				}
			}
		}
	})
}

// TestPanicsNeverReachUsers runs a command whose clock is missing.
func TestPanicsNeverReachUsers(t *testing.T) {
	for _, verbose := range []bool{false, true} {
		e, stdout, stderr := testEnvironment()
		e.now = nil
		args := []string{"suggest", "testdata/diabetes.csv"}
		if verbose {
			args = append(args, "--verbose")
		}
		if code := run(t.Context(), e, args); code != exitFailure || stdout.Len() > 0 {
			t.Errorf("exit status %d, stdout %q", code, stdout)
		}
		message, stack, _ := strings.Cut(stderr.String(), "goroutine ")
		if problem := checkErrorText(message); problem != "" || !strings.Contains(message, "a defect of metaml") {
			t.Errorf("%s %q", problem, message)
		}
		if verbose != strings.Contains(stack, "suggest.go") {
			t.Errorf("--verbose %v, stack %q", verbose, stack)
		}
	}
}
