package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOptimizersDocument reads the verdicts of results written by hand: our TPE is ten times better on three problems
// and takes a tenth of the time.
func TestOptimizersDocument(t *testing.T) {
	var lines []string
	line := func(problem, method, runs, versions, cpu string) {
		lines = append(lines, `{"schema_version":1,"problem":"`+problem+`","method":"`+method+`","seeds":3,"budget":100,"regret":{"100":{"median":1}},"spread":10,"runs":`+
			runs+`,"cpu_ms_per_eval":`+cpu+`,"versions":`+versions+`,"date":"2023-11-14"}`)
	}
	for _, p := range []string{"branin", "cash", "hartmann6"} {
		line(p, "tpe", "[0.1,0.11,0.12]", `{"metaml":"1.0"}`, "0.5")
		line(p, "random", "[5,6,7]", `{"metaml":"1.0"}`, "0.1")
		line(p, "optuna-tpe", "[1,1.1,1.2]", `{"optuna":"5.0.0"}`, "5")
	}
	file := filepath.Join(t.TempDir(), "results.jsonl")
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	e, stdout, stderr := testEnvironment()
	if code := run(context.Background(), e, []string{"bench", "optimizers", "--document", "--from", file}); code != exitOK {
		t.Fatalf("exit status %d: %s", code, stderr)
	}
	for _, want := range []string{
		"| tpe | optuna-tpe | 3 | 3 | 0 | 0 | 0 | -1.00 (-1.00 to -1.00) | better | 10 x |",
		"Not measured yet: gp and optuna-gp,",
		"### tpe against optuna-tpe\n\n| problem | runs |",
		"| branin | 3 | -0.966 |",
		"Average rank over 3 problems: branin, cash, hartmann6.\n\n| method | rank |\n|---|---|\n| tpe | 1.00 |\n| random | 2.00 |",
		"| optuna-tpe | optuna 5.0.0 | 2023-11-14 |",
	} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("%q is not in\n%s", want, stdout)
		}
	}
}

// TestEarlierCellsKeepMoreRuns: of two results of the same the one with more runs counts.
func TestEarlierCellsKeepMoreRuns(t *testing.T) {
	text := func(seeds, runs string) string {
		return `{"schema_version":1,"problem":"branin","method":"tpe","seeds":` + seeds + `,"budget":100,"spread":10,"runs":` + runs + "}\n"
	}
	file := filepath.Join(t.TempDir(), "results.jsonl")
	if err := os.WriteFile(file, []byte(text("1", "[1]")+text("3", "[1,2,3]")+text("2", "[1,2]")), 0o600); err != nil {
		t.Fatal(err)
	}
	cells, err := earlierCells([]string{file})
	if err != nil || len(cells) != 1 || len(cells[0].Runs) != 3 {
		t.Errorf("%+v, %v", cells, err)
	}
}
