package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/metaml/metaml/cmd/internal/optimizerbench"
)

// TestBenchClaims measures the cheapest claim for real.
func TestBenchClaims(t *testing.T) {
	e, stdout, stderr := testEnvironment()
	if code := run(context.Background(), e, []string{"bench", "claims", "random-beats-grid", "--seeds", "10", "--json"}); code != exitOK {
		t.Fatalf("exit status %d: %s", code, stderr)
	}
	var r claimResult
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if r.Problem != "branin25" || r.Seeds != 10 || !r.Holds || r.Verdict != optimizerbench.Better || r.Interval[1] >= 0 || r.Regret >= r.ReferenceRegret {
		t.Errorf("%+v", r)
	}
}

// TestBenchClaimsThatDoNotHold: two runs say nothing for sure, which is an error once the table is there.
func TestBenchClaimsThatDoNotHold(t *testing.T) {
	same := optimizerbench.Cell{
		Problem: "p", Method: "a", Budget: 10, Spread: 1, Runs: []float64{0.2, 0.1, 0.2}, Regret: map[string]optimizerbench.Quartiles{"5": {}, "10": {Median: 0.2}},
	}
	worse := same
	worse.Runs = []float64{0.9, 0.45, 0.9}
	for _, tc := range []struct {
		least       optimizerbench.Verdict
		cell, other optimizerbench.Cell
		want        bool
	}{
		{optimizerbench.Better, same, worse, true},
		{optimizerbench.NotWorse, same, worse, true},
		{optimizerbench.NotWorse, same, same, true},
		{optimizerbench.Better, same, same, false},
		{optimizerbench.NotWorse, worse, same, false},
	} {
		r := claim{name: "c", least: tc.least}.judge(tc.cell, tc.other)
		if r.Holds != tc.want || r.Regret != 0.2 || r.Budget != 10 {
			t.Errorf("%+v, want %v", r, tc.want)
		}
	}
}

func TestBenchClaimsRefuses(t *testing.T) {
	for args, want := range map[string]struct {
		code exitCode
		says string
	}{
		"nothing":                     {exitNotFound, `no claim "nothing"`},
		"tenth-of-cost":               {exitNotFound, "--tables DIR with svm_subsets"},
		"random-beats-grid --seeds 1": {exitUsage, "two runs"},
	} {
		e, _, stderr := testEnvironment()
		code := run(context.Background(), e, append([]string{"bench", "claims"}, strings.Fields(args)...))
		if code != want.code || !strings.Contains(stderr.String(), want.says) {
			t.Errorf("%s: exit status %d, %s", args, code, stderr)
		}
	}
}

// TestClaimsAreMeasurable: every claim's names stand for methods, and a better verdict is what satisfies all.
func TestClaimsAreMeasurable(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range claims() {
		if seen[c.name] || c.says == "" || len(c.problems) == 0 || c.budget < 1 || c.atReference < 1 || c.seeds != 0 && c.seeds < 30 {
			t.Errorf("%+v", c)
		}
		seen[c.name] = true
		for _, m := range append(c.methods, c.reference) {
			name, _, err := methodSettings(m)
			if _, ok := findBundled(name); err != nil || !ok {
				t.Errorf("%s: method %q, %v", c.name, m, err)
			}
		}
	}
}
