package main

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// exitStatus returns the exit status in an error of os/exec, -1 when there is none.
func exitStatus(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return -1
}

// checkErrorText says what is wrong with what a failing metaml wrote to stderr, or nothing. Other lines, such as
// progress, may stand before the message.
func checkErrorText(stderr string) string {
	lines := strings.Split(strings.TrimRight(stderr, "\n"), "\n")
	first := -1
	for i, l := range lines {
		if strings.HasPrefix(l, "metaml: ") {
			first = i
		}
		if strings.HasPrefix(strings.ToLower(l), "usage:") || strings.Contains(l, "GLOBAL OPTIONS") || strings.HasPrefix(l, "goroutine ") {
			return fmt.Sprintf("stderr holds usage text or a stack: %q", l)
		}
	}
	switch {
	case first < 0:
		return fmt.Sprintf("stderr has no line that begins with %q: %q", "metaml: ", stderr)
	case len(lines)-first > maxErrorLines:
		return fmt.Sprintf("the error takes %d lines: %q", len(lines)-first, stderr)
	case len(lines[first]) < len("metaml: ")+8:
		return fmt.Sprintf("the error says nothing: %q", lines[first])
	}
	return ""
}

func TestCheckErrorText(t *testing.T) {
	for text, fine := range map[string]bool{
		"metaml: churn.csv has no column \"x\"\n":          true,
		"reading …\nmetaml: churn.csv is empty\n   do x\n": true,
		"something failed\n":                               false,
		"metaml: a\nb\nc\nd\ne\n":                          false,
		"metaml: it failed\nUSAGE:\n":                      false,
		"metaml: \n":                                       false,
	} {
		if problem := checkErrorText(text); (problem == "") != fine {
			t.Errorf("%q: %q", text, problem)
		}
	}
}
