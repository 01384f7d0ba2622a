package main

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers/problem"
)

// TestBenchCostJSON measures on a small scale; that it took some time at all is what can be said of every machine.
func TestBenchCostJSON(t *testing.T) {
	e, stdout, stderr := testEnvironment()
	args := []string{"bench", "cost", "--method", "tpe,cmaes", "--problem", "hartmann6,rosenbrock10", "--observations", "15,30", "--asks", "40", "--json"}
	if code := run(context.Background(), e, args); code != exitOK && code != exitFailure {
		t.Fatalf("exit status %d: %s", code, stderr)
	}
	dec := json.NewDecoder(stdout)
	for _, want := range []askCost{
		{Problem: "hartmann6", Method: "tpe", Observations: 15}, {Problem: "hartmann6", Method: "tpe", Observations: 30},
		{Problem: "rosenbrock10", Method: "cmaes", Observations: 15, Target: 0.03}, {Problem: "rosenbrock10", Method: "cmaes", Observations: 30, Target: 0.03},
	} {
		var got askCost
		if err := dec.Decode(&got); err != nil {
			t.Fatal(err)
		}
		if got.SchemaVersion != 1 || got.Problem != want.Problem || got.Method != want.Method || got.Observations != want.Observations || got.Asks != 40 || got.Target != want.Target {
			t.Errorf("%+v, want %+v", got, want)
		}
		if got.Longest < got.CPU || got.Longest == 0 || got.Holds != got.holds() || (got.TargetOf == "") != (got.Target == 0) {
			t.Errorf("%+v does not agree with itself", got)
		}
	}
}

func TestBenchCostOutputs(t *testing.T) {
	for output, wants := range map[string][]string{
		"table": {"CPU ms per trial on", "target", "hartmann6", "-"},
		"csv":   {"problem,method,observations,cpu_ms_per_eval,cpu_ms_longest,target_ms,target_of\nhartmann6,tpe,12,"},
	} {
		e, stdout, stderr := testEnvironment()
		args := []string{"bench", "cost", "--method", "tpe", "--problem", "hartmann6", "--observations", "12", "--asks", "2", "--output", output}
		if code := run(context.Background(), e, args); code != exitOK {
			t.Fatalf("exit status %d: %s", code, stderr)
		}
		for _, want := range wants {
			if !strings.Contains(stdout.String(), want) {
				t.Errorf("%q is not in\n%s", want, stdout)
			}
		}
	}
}

// TestCostTargets: every row can be measured, by a built-in optimizer on a problem that needs no table.
func TestCostTargets(t *testing.T) {
	for _, row := range costTargets() {
		if _, ok := findBundled(row.method); !ok {
			t.Errorf("there is no optimizer %q", row.method)
		}
		if !slices.Contains(problem.Names(), row.problem) {
			t.Errorf("there is no problem %q", row.problem)
		}
		if !(row.target > 0) || (row.of != ofMean && row.of != ofLongest) {
			t.Errorf("%+v has no target", row)
		}
		if row.problem == "weka768" && row.of != ofLongest {
			t.Errorf("%+v judges no single trial", row)
		}
	}
}

// TestAskCostHolds: each target judges what it is for.
func TestAskCostHolds(t *testing.T) {
	for _, tc := range []struct {
		mean, longest, target float64
		of                    string
		want                  bool
	}{
		{1, 3, 2, ofMean, true}, {1, 3, 2, ofLongest, false}, {1, 2, 2, ofLongest, true}, {3, 3, 2, ofMean, false}, {9, 9, 0, "", true},
	} {
		if r := (askCost{CPU: tc.mean, Longest: tc.longest, Target: tc.target, TargetOf: tc.of}); r.holds() != tc.want {
			t.Errorf("%+v: holds is %v, want %v", tc, r.holds(), tc.want)
		}
	}
}

func TestBenchCostRefuses(t *testing.T) {
	for _, tc := range []struct {
		args string
		want exitCode
		says string
	}{
		{"--observations 0", exitUsage, `--observations: "0" is no whole number from 1`},
		{"--observations many", exitUsage, `--observations: "many"`},
		{"--asks 0", exitUsage, "--asks 0"},
		{"--method tpe --problem branin", exitNotFound, "no target for [tpe] on [branin]"},
		{"more", exitUsage, "more"},
	} {
		e, _, stderr := testEnvironment()
		code := run(context.Background(), e, append([]string{"bench", "cost"}, strings.Fields(tc.args)...))
		if code != tc.want || !strings.Contains(stderr.String(), tc.says) {
			t.Errorf("%s: exit status %d, %s", tc.args, code, stderr)
		}
	}
}
