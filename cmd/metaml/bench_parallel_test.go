package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
)

// TestBenchParallelJSON measures random search on a small scale: with stragglers all workers stay busy, so that eight
// come close to a perfect efficiency where luck is averaged out, and never below a third.
func TestBenchParallelJSON(t *testing.T) {
	e, stdout, stderr := testEnvironment()
	args := []string{"bench", "parallel", "--problem", "branin", "--method", "random", "--workers", "2,8", "--seeds", "15", "--budget", "160", "--json"}
	if code := run(context.Background(), e, args); code != exitOK {
		t.Fatalf("exit status %d: %s", code, stderr)
	}
	dec := json.NewDecoder(stdout)
	for _, workers := range []int{2, 8} {
		var line efficiency
		if err := dec.Decode(&line); err != nil {
			t.Fatal(err)
		}
		if line.SchemaVersion != 1 || line.Problem != "branin" || line.Method != "random" || line.Workers != workers || line.Seeds != 15 || line.Budget != 160 {
			t.Errorf("%+v", line)
		}
		if len(line.ByRunTime) != 3 || line.Efficiency < 1./3 || line.Efficiency > 3 {
			t.Errorf("%d workers: %v, %v", workers, line.ByRunTime, line.Efficiency)
		}
		if line.Interval[0] > line.Efficiency || line.Interval[1] < line.Efficiency || line.Bound < 0.5 || line.Bound > 1.2 {
			t.Errorf("%d workers: %v in %v, at most %v", workers, line.Efficiency, line.Interval, line.Bound)
		}
		for name, s := range line.ByRunTime {
			if s.Many == nil || s.Efficiency != s.One/(float64(workers)**s.Many) || s.Bound > 1.2 || s.TargetRegret < 0 {
				t.Errorf("%d workers, %s: %+v", workers, name, s)
			}
		}
	}
}

func TestBenchParallelTable(t *testing.T) {
	e, stdout, stderr := testEnvironment()
	args := []string{"bench", "parallel", "--problem", "counting_ones", "--method", "asha", "--workers", "4", "--seeds", "2", "--credit"}
	if code := run(context.Background(), e, args); code != exitOK {
		t.Fatalf("exit status %d: %s", code, stderr)
	}
	for _, want := range []string{"efficiency on", "pareto", "median", "95 %", "bound", "counting_ones  asha"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("%q is not in\n%s", want, stdout)
		}
	}
}

func TestBenchParallelRefuses(t *testing.T) {
	for _, tc := range []struct {
		args string
		want exitCode
		says string
	}{
		{"--workers 1", exitUsage, "to compare with one"},
		{"--workers many", exitUsage, `--workers: "many" is no whole number`},
		{"--seeds 0", exitUsage, "--seeds 0"},
		{"--budget 0.5", exitUsage, "--budget 0.5"},
		{"--problem branin --method nothing", exitNotFound, `"nothing"`},
		{"--problem nothing", exitNotFound, `"nothing"`},
		{"more", exitUsage, "more"},
	} {
		e, _, stderr := testEnvironment()
		code := run(context.Background(), e, append([]string{"bench", "parallel"}, strings.Fields(tc.args)...))
		if code != tc.want || !strings.Contains(stderr.String(), tc.says) {
			t.Errorf("%s: exit status %d, %s; want %d and %q", tc.args, code, stderr, tc.want, tc.says)
		}
	}
}
