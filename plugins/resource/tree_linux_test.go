package resource

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"
)

func TestParseMeminfo(t *testing.T) {
	if got := parseMeminfo([]byte("MemFree:  1 kB\nMemTotal:       16384 kB\n")); got != 16<<20 {
		t.Errorf("MemTotal %d", got)
	}
	if got := parseMeminfo([]byte("nonsense")); got != 0 {
		t.Errorf("of nonsense: %d", got)
	}
}

func TestGroupLimits(t *testing.T) {
	root := t.TempDir()
	for path, limit := range map[string]string{"a": "9000\n", "a/b": "max\n", "a/b/c": "700\n"} {
		if err := os.MkdirAll(filepath.Join(root, path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, path, "memory.max"), []byte(limit), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := groupLimits(root, "4:memory:/elsewhere\n0::/a/b/c\n")
	if !slices.Equal(got, []int64{700, 9000}) {
		t.Errorf("limits %v, want 700 and 9000", got)
	}
	if got := groupLimits(root, "0::/\n"); got != nil {
		t.Errorf("of the root: %v", got)
	}
}

func TestParseStat(t *testing.T) {
	parent, group, err := parseStat([]byte("123 (a) b (c) S 45 67 8 0 -1"))
	if err != nil || parent != 45 || group != 67 {
		t.Errorf("%d, %d, %v", parent, group, err)
	}
	for _, bad := range []string{"", "123", "123 (x", "123 (x)", "123 (x) S", "123 (x) S 1", "1 (x) S a 2", "1 (x) S 1 b 3", ") ("} {
		if _, _, err := parseStat([]byte(bad)); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestTreeMemoryCountsDescendants(t *testing.T) {
	// A shell that holds two children; none of them needs more than a few MB.
	shell := exec.Command("sh", "-c", "sleep 1000 & sleep 1000 & echo ready; wait")
	out, err := shell.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	pids := func() []int {
		pids, err := Tree(shell.Process.Pid)
		if err != nil {
			t.Fatal(err)
		}
		return pids
	}
	defer func() {
		for _, pid := range pids() {
			if p, err := os.FindProcess(pid); err == nil {
				_ = p.Kill()
			}
		}
		_ = shell.Wait()
	}()
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if got := pids(); len(got) != 3 || got[0] != shell.Process.Pid {
		t.Errorf("tree %v of %d, want it and two children", got, shell.Process.Pid)
	}
	own, err := proportional(shell.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := TreeMemory(shell.Process.Pid)
	if err != nil || whole <= own {
		t.Errorf("the tree has %d bytes, %v; the shell alone %d", whole, err, own)
	}
	bound, err := TreeResident(shell.Process.Pid)
	if err != nil || bound < whole {
		t.Errorf("the bound %d, %v, is below %d", bound, err, whole)
	}
}

// TestSharesOfPages compares the two measures on this process, most of whose pages no other has.
func TestSharesOfPages(t *testing.T) {
	ballast := make([]byte, 64<<20)
	for i := range ballast {
		ballast[i] = byte(i)
	}
	own, err := proportional(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	all, err := resident(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if own < int64(len(ballast)) || own > all+all/4 { // between the two measurements it may have freed some
		t.Errorf("%d bytes by shares, %d in all, at least %d of its own", own, all, len(ballast))
	}
	runtime.KeepAlive(ballast)
}

func TestMeasuringTheDead(t *testing.T) {
	if got, err := TreeMemory(1 << 30); got != 0 || err != nil {
		t.Errorf("of a pid that does not exist: %d, %v", got, err)
	}
	for _, measure := range []func(int) (int64, error){resident, proportional} {
		if got, err := measure(1 << 30); err == nil {
			t.Errorf("a pid that does not exist uses %d bytes", got)
		}
	}
	if got, err := resident(os.Getpid()); err != nil || got < 1<<20 {
		t.Errorf("this process uses %d bytes, %v; pid %s", got, err, strconv.Itoa(os.Getpid()))
	}
}
