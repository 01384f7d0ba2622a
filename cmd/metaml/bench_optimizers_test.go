package main

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers/problem"
)

func TestMethodSettings(t *testing.T) {
	for text, want := range map[string]struct{ name, settings string }{
		"tpe":                          {"tpe", ""},
		"tpe:":                         {"tpe", ""},
		"tpe:candidates=32":            {"tpe", `{"candidates":32}`},
		"tpe:b=true:a=0.5:rule=median": {"tpe", `{"a":0.5,"b":true,"rule":"median"}`},
		"x:equation=a=b":               {"x", `{"equation":"a=b"}`},
	} {
		name, settings, err := methodSettings(text)
		if err != nil || name != want.name || string(settings) != want.settings {
			t.Errorf("%s: %s %s, %v", text, name, settings, err)
		}
	}
	for _, text := range []string{"tpe:starts", "tpe:=3", "tpe:a=1:a=2"} {
		if _, _, err := methodSettings(text); codeOf(context.Background(), err) != exitUsage {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestExpandProblems(t *testing.T) {
	known := append(problem.Names(), "hpolib_a", "hpobench_b", "mlp_digits", "mlp_letter")
	for _, tc := range []struct {
		asked string
		want  []string
	}{
		{"branin", []string{"branin"}},
		{"unknown", []string{"unknown"}}, // said by whoever looks for it
		{"tables", []string{"hpolib_a", "hpobench_b"}},
		{"fidelity", []string{"counting_ones", "counting_shifted", "mlp_digits", "mlp_letter"}},
		{"hpo*,hpolib_a,mlp_digits", []string{"hpolib_a", "hpobench_b", "mlp_digits"}},
		{"functions", []string{"branin", "hartmann6", "rosenbrock10", "ackley10", "styblinski5", "branin25"}},
		{"all", known},
	} {
		got, err := expandProblems(strings.Split(tc.asked, ","), known)
		if err != nil || !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, %v, want %v", tc.asked, got, err, tc.want)
		}
	}
	if got, err := expandProblems([]string{"cash-instances"}, known); err != nil || len(got) != 20 || got[0] != "cash0" {
		t.Errorf("cash-instances: %v, %v", got, err)
	}
	if _, err := expandProblems([]string{"[a"}, known); codeOf(context.Background(), err) != exitUsage {
		t.Errorf("a broken pattern: %v", err)
	}
	if _, err := expandProblems([]string{"nb201_*"}, known); codeOf(context.Background(), err) != exitNotFound {
		t.Errorf("a pattern without matches: %v", err)
	}
}

// TestBenchOptimizersJSON checks the names and values that other programs rely on.
func TestBenchOptimizersJSON(t *testing.T) {
	e, stdout, stderr := testEnvironment()
	args := []string{"bench", "optimizers", "--problem", "hartmann6", "--method", "random", "--seeds", "5", "--seed-base", "3", "--budget", "120", "--json"}
	if code := run(context.Background(), e, args); code != exitOK {
		t.Fatalf("exit status %d: %s", code, stderr)
	}
	var line struct {
		SchemaVersion int                                           `json:"schema_version"`
		Problem       string                                        `json:"problem"`
		Method        string                                        `json:"method"`
		Seeds         int                                           `json:"seeds"`
		Budget        float64                                       `json:"budget"`
		Regret        map[string]struct{ Median, Q25, Q75 float64 } `json:"regret"`
		CPUPerEval    *float64                                      `json:"cpu_ms_per_eval"`
		CPU           *float64                                      `json:"cpu_s"`
		Runs          []float64                                     `json:"runs"`
		Date          string                                        `json:"date"`
	}
	if err := json.Unmarshal(stdout.Bytes(), &line); err != nil {
		t.Fatalf("%v in %s", err, stdout)
	}
	if line.SchemaVersion != 1 || line.Problem != "hartmann6" || line.Method != "random" || line.Seeds != 5 || line.Budget != 120 ||
		line.CPUPerEval == nil || line.CPU == nil || len(line.Runs) != 5 || line.Date != "2023-11-14" {
		t.Errorf("%+v", line)
	}
	for _, at := range []string{"25", "50", "100", "120"} {
		if q, ok := line.Regret[at]; !ok || q.Q25 > q.Median || q.Median > q.Q75 || q.Q25 <= 0 {
			t.Errorf("at %s: %+v", at, q)
		}
	}
	if line.Regret["25"].Median < line.Regret["120"].Median || len(line.Regret) != 4 {
		t.Errorf("%+v", line.Regret)
	}
}

// TestBenchOptimizersThroughAProcess checks that the same seeds give the same regrets in process and in a process of
// its own, which third parties' optimizers have, too.
func TestBenchOptimizersThroughAProcess(t *testing.T) {
	var runs [2][]float64
	for i, more := range [][]string{nil, {"--process"}} {
		e, stdout, stderr := testEnvironment()
		args := append([]string{"bench", "optimizers", "--problem", "cash", "--method", "tpe:candidates=8", "--seeds", "2", "--budget", "30", "--json"}, more...)
		if code := run(context.Background(), e, args); code != exitOK {
			t.Fatalf("exit status %d: %s", code, stderr)
		}
		var line struct{ Runs []float64 }
		if err := json.Unmarshal(stdout.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		runs[i] = line.Runs
	}
	if len(runs[0]) != 2 || !slices.Equal(runs[0], runs[1]) {
		t.Errorf("regrets %v in process, %v in another one", runs[0], runs[1])
	}
}
