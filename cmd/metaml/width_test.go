package main

import (
	"strings"
	"testing"

	"github.com/mattn/go-runewidth"
)

// TestOutputFitsATerminalOf80Columns runs what people look at on a terminal of that width. Commands to copy and
// paths stay whole.
func TestOutputFitsATerminalOf80Columns(t *testing.T) {
	if !seedHasRuns(t) {
		t.Skip("the seed holds no runs")
	}
	home := t.TempDir()
	for _, line := range []string{
		"suggest testdata/diabetes.csv --explain",
		"metafeatures testdata/diabetes.csv --groups general",
		"kb list --limit 20",
		"kb show Hitters",
		"kb search wine",
		"kb nearest --of Hitters",
		"plugins list",
		"plugins info bohb",
		"config show --origin",
	} {
		e, stdout, stderr := testEnvironment()
		e.width = func(any) int { return 80 }
		e.getenv = func(name string) string {
			if name == "HOME" {
				return home
			}
			return ""
		}
		if code := run(t.Context(), e, strings.Fields(line)); code != exitOK {
			t.Fatalf("metaml %s: exit status %d: %s", line, code, stderr)
		}
		for _, l := range strings.Split(stdout.String(), "\n") {
			if w := runewidth.StringWidth(l); w > 80 && !strings.Contains(l, "metaml suggest ") && !strings.Contains(l, "/metaml-") {
				t.Errorf("metaml %s: a line of %d columns: %q", line, w, l)
			}
		}
	}
}

func TestProse(t *testing.T) {
	text := "One sentence that is rather long for a screen.\nAnother that\ngoes on."
	for width, want := range map[int]string{
		0:   text,
		100: "One sentence that is rather long for a screen.\nAnother that goes on.",
		30:  "One sentence that is rather\nlong for a screen.\nAnother that goes on.",
	} {
		if got := prose(text, width); got != want {
			t.Errorf("%d columns: got %q, want %q", width, got, want)
		}
	}
	if got, want := prose("no end", 80), "no end"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
