package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"testing"
)

// TestTuneLeaksNothing has evaluators crash a hundred times, or with METAML_SOAK=1 a thousand, and counts what the host
// holds on the way: open files (sockets among them) and threads.
func TestTuneLeaksNothing(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("counts in /proc")
	}
	crashes := 100
	if os.Getenv("METAML_SOAK") == "1" {
		crashes = 1000
	}
	l := newTuneLab(t, "crash")
	cmd := l.command(l.onData("faulty", "--workers", "1", "--trials", fmt.Sprint(crashes))...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var files, threads []int
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var ev trialEvent
		if err := json.Unmarshal(lines.Bytes(), &ev); err != nil {
			t.Error(err)
		}
		if ev.Event == "trial" {
			files = append(files, entries(cmd.Process.Pid, "fd"))
			threads = append(threads, entries(cmd.Process.Pid, "task"))
		}
		if ev.Event == "trial" && ev.Status.String() != "complete" {
			t.Errorf("trial %d: %v (%s)", ev.ID, ev.Status, ev.Reason)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if n := l.count(t); len(n) != 2*crashes || n["begin 7"] != 2 || n["end 7"] != 1 {
		t.Errorf("the evaluator did not crash once at every trial: trial 7 was begun %d times", n["begin 7"])
	}
	// Counts waver by what is being closed and by the Go runtime's threads; a leak adds at least one per crash.
	early, late := crashes/10, crashes-2
	if files[late] > files[early]+10 || threads[late] > threads[early]+20 {
		t.Errorf("after %d crashes the host had %d open files and %d threads, after %d %d and %d",
			early, files[early], threads[early], late, files[late], threads[late])
	}
	l.expectNothingLeft(t)
}

// entries counts a process's entries in a folder of /proc.
func entries(pid int, folder string) int {
	list, _ := os.ReadDir(fmt.Sprintf("/proc/%d/%s", pid, folder)) // none, once it has ended
	return len(list)
}
