package main

import (
	"bytes"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

var updateReadme = flag.Bool("update-readme", false, "write the real outputs into README.md")

// readmeBlock is a fenced block of README.md that shows a command of metaml and what it prints.
type readmeBlock struct {
	command string // without the program
	shown   string
}

var (
	consoleBlock = regexp.MustCompile("(?s)```console\n\\$ (?:metaml|go run ./cmd/metaml) ([^\n]*)\n(.*?)```\n")
	// times differ from run to run.
	elapsedTime = regexp.MustCompile(`\(\d+(\.\d+)? s\)`)
)

// TestReadmeShowsRealOutput runs every command of metaml whose output README.md shows, on the knowledge base that
// comes with the program, and compares. `go test ./cmd/metaml -run Readme -update-readme` brings README.md up to date.
func TestReadmeShowsRealOutput(t *testing.T) {
	if !seedHasRuns(t) {
		t.Skip("the seed holds no runs")
	}
	t.Chdir("../..")
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	blocks := 0
	updated := consoleBlock.ReplaceAllFunc(readme, func(block []byte) []byte {
		blocks++
		parts := consoleBlock.FindSubmatch(block)
		b := readmeBlock{string(parts[1]), string(parts[2])}
		real := readmeOutput(t, home, b.command)
		if got, want := elapsedTime.ReplaceAllString(real, "(TIME)"), elapsedTime.ReplaceAllString(b.shown, "(TIME)"); got != want && !*updateReadme {
			t.Errorf("README.md does not show what `metaml %s` prints; -update-readme mends it. It prints\n%s", b.command, real)
		}
		return bytes.Replace(block, append([]byte(b.command+"\n"), parts[2]...), []byte(b.command+"\n"+real), 1)
	})
	if blocks < 4 {
		t.Fatalf("only %d blocks of README.md were run", blocks)
	}
	if *updateReadme {
		if err := os.WriteFile("README.md", updated, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// readmeOutput runs a command line without quotes in an empty home.
func readmeOutput(t *testing.T, home, line string) string {
	t.Helper()
	e, stdout, stderr := testEnvironment()
	e.now = time.Now
	e.getenv = func(name string) string {
		if name == "HOME" {
			return home
		}
		return ""
	}
	if code := run(t.Context(), e, strings.Fields(line)); code != exitOK {
		t.Fatalf("metaml %s: exit status %d: %s", line, code, stderr)
	}
	return stdout.String()
}

// TestReadmeCommands: commands that README.md shows without output exist, and so do their flags.
func TestReadmeCommands(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	fenced := strings.Join(regexp.MustCompile("(?s)```(?:sh|console)\n(.*?)```").FindAllString(string(readme), -1), "")
	shown := regexp.MustCompile(`(?m)^(?:\$ )?metaml (.*)$`).FindAllStringSubmatch(fenced, -1)
	if len(shown) < 4 {
		t.Fatalf("only %d commands found", len(shown))
	}
	for _, m := range shown {
		checkExample(t, m[1])
	}
}

// TestFrontPageCommands: so do those of the front page.
func TestFrontPageCommands(t *testing.T) {
	shown := regexp.MustCompile(`(?m)^ {6}metaml (.*)$`).FindAllStringSubmatch(frontPage, -1)
	if len(shown) != 3 {
		t.Fatalf("%d commands found, want 3", len(shown))
	}
	for _, m := range shown {
		checkExample(t, m[1])
	}
}
