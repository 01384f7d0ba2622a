package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// publishedContest is .results/suggest.json: what `metaml bench suggest --json` printed.
type publishedContest struct {
	About    provenance
	Datasets []contestDataset
	Paired   map[string]contestPaired
	Unusable int
	Failures map[string]int
}

// TestPublishedResults compares the tables that people read, in README.md and beside the results, with the files of
// results that they are made from. `go test ./cmd/metaml -run Published -update-readme` makes them.
func TestPublishedResults(t *testing.T) {
	const dir = "../../.results/"
	text, err := os.ReadFile(dir + "suggest.json")
	if err != nil {
		t.Fatal(err)
	}
	var c publishedContest
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	if c.About.Command == "" || c.About.Version == "" || c.About.Date == "" || len(c.Datasets) == 0 {
		t.Fatalf("suggest.json does not say where it comes from: %+v", c.About)
	}
	matchFile(t, dir+"suggest.md", contestPage(c))
	matchSection(t, "suggest", contestSummary(c))
}

// TestPublishedRegrets compares the page of cross-validations with the files that `metaml bench recommend --json` wrote.
func TestPublishedRegrets(t *testing.T) {
	const dir = "../../.results/"
	files, err := filepath.Glob(dir + "recommend-*.json")
	if err != nil || len(files) < 3 {
		t.Fatalf("%d files of cross-validations, %v", len(files), err)
	}
	var page bytes.Buffer
	page.WriteString("# How good the strategies of recommendation are\n\nMade from the files beside it by `go test ./cmd/metaml -run Published -update-readme`: normalised regret of the best of\nthe first k configurations, 0 the best of the task, 1 its median one; paired differences with 95 % intervals by a\nbootstrap over groups of tasks; forecasts. Limits are no strategies: they see the answers of the task that is tested.\n")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var r publishedRegret
		if err := json.Unmarshal(text, &r); err != nil || r.Report == nil || r.About.Command == "" {
			t.Fatalf("%s: %v", file, err)
		}
		title := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "recommend-"), ".json")
		fmt.Fprintf(&page, "\n## %s\n\n`%s`, %s, version %s\n\n```\n", strings.ReplaceAll(title, "-", ", "), r.About.Command, r.About.Date, r.About.Version)
		e := &environment{stdout: &page, width: func(any) int { return 0 }}
		if err := e.writeRegretTables(r.Report); err != nil {
			t.Fatal(err)
		}
		page.WriteString("```\n")
	}
	matchFile(t, dir+"recommend.md", page.String())
}

// matchFile compares a file with what it should hold, or writes that with -update-readme.
func matchFile(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if *updateReadme {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if err != nil || string(got) != want {
		t.Errorf("%s is not what the results say (%v); -update-readme mends it", path, err)
	}
}

// matchSection compares a section of README.md, between a comment with its name and one that says end, with what it is
// to be.
func matchSection(t *testing.T, name, want string) {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- "+name+" -->\n", "<!-- end -->"
	before, rest, found := strings.Cut(string(readme), begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("README.md has no section %q", begin)
	}
	matchFile(t, "../../README.md", before+begin+want+end+after)
}

// contestSummary is the table of comparisons.
func contestSummary(c publishedContest) string {
	var b strings.Builder
	b.WriteString("| | all | classification | regression |\n|---|---|---|---|\n")
	for _, row := range []struct{ title, key string }{
		{"best of 5 suggested - best single configuration of the knowledge base", "suggest@5-single_best"},
		{"best of 5 suggested - random forest", "suggest@5-forest"},
		{"best of 5 suggested - gradient boosting", "suggest@5-hgb"},
		{"first suggested - best single configuration of the knowledge base", "suggest@1-single_best"},
		{"first suggested - random forest", "suggest@1-forest"},
	} {
		fmt.Fprintf(&b, "| %s |", row.title)
		for _, kind := range []string{"", "/classification", "/regression"} {
			p := c.Paired[row.key+kind]
			fmt.Fprintf(&b, " %+.3f [%+.3f, %+.3f] |", p.Diff, p.Lo, p.Hi)
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "\nMean differences of test losses over %d data sets, in units of the loss of a constant prediction (below 0: better), with 95 %% intervals.\n"+
		"`%s`, %s, version %s; [every data set](.results/suggest.md).\n", len(c.Datasets), c.About.Command, c.About.Date, c.About.Version)
	return b.String()
}

// contestPage is the table of all data sets.
func contestPage(c publishedContest) string {
	var b bytes.Buffer
	b.WriteString("# What suggestions reach on data the knowledge base does not know\n\nMade from suggest.json by `go test ./cmd/metaml -run Published -update-readme`. Losses on test rows, mean over splits;\nlower is better.\n\n")
	b.WriteString(strings.Replace(contestSummary(c), "; [every data set](.results/suggest.md)", "", 1))
	b.WriteString("\n| data set | metric | suggested, first | best of 5 | best single | forest | hgb | constant |\n|---|---|---|---|---|---|---|---|\n")
	for _, d := range c.Datasets {
		fmt.Fprintf(&b, "| %s | %s | %.4g | %.4g | %.4g | %.4g | %.4g | %.4g |\n", d.Name, d.Metric,
			d.Suggest["1"], d.Suggest["5"], d.SingleBest, d.Forest, d.HGB, d.Constant)
	}
	fmt.Fprintf(&b, "\n%d files could not be used; evaluations that failed, by status: %v.\n", c.Unusable, c.Failures)
	return b.String()
}
