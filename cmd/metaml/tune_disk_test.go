package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// fullDisk runs the command tune in a small file system that exists for this script only: first on a disk with $ROOM
// bytes left, then with enough.
const fullDisk = `
set -e
mkdir -p .local
mount -t tmpfs -o size=8m tmpfs .local
tune 1 > out0 2> err0
head -c $((8388608 - $(du -sB1 .local | cut -f1) - $ROOM)) /dev/zero > .local/filler
echo 0 > code1; tune 40 > out1 2> err1 || echo $? > code1
rm .local/filler
echo 0 > code2; tune 40 > out2 2> err2 || echo $? > code2
`

// TestTuneDiskFull fills the disk under a study, at several points.
func TestTuneDiskFull(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("needs unshare")
	}
	unshare := []string{"unshare", "--mount"}
	if os.Getuid() != 0 {
		unshare = []string{"unshare", "--mount", "--map-root-user"}
	}
	probe := exec.Command(unshare[0], append(unshare[1:], "sh", "-c", "mount -t tmpfs tmpfs /mnt")...)
	if out, err := probe.CombinedOutput(); err != nil {
		t.Skipf("no file system of its own can be made here: %v: %s", err, out)
	}
	for _, room := range []int{8 << 10, 100 << 10} {
		for _, mode := range []string{"program", "data"} {
			t.Run(fmt.Sprintf("%s, %d KiB", mode, room>>10), func(t *testing.T) {
				t.Parallel()
				l := newTuneLab(t, "")
				args := []string{"--space", "space.yaml", "--", "faulty-program", "{trial}", "{x}"}
				if mode == "data" {
					args = l.onData("faulty", "--workers", "1")
				}
				l.fillDisk(t, unshare, room, args)
			})
		}
	}
}

func (l *tuneLab) fillDisk(t *testing.T, unshare []string, room int, args []string) {
	t.Helper()
	const trials = 40
	tune := l.command(append([]string{"--trials", "$1"}, args...)...)
	function := `tune() { "` + strings.Join(tune.Args, `" "`) + "\"; }\n"
	cmd := exec.Command(unshare[0], append(unshare[1:], "sh", "-c", function+fullDisk)...)
	cmd.Dir, cmd.Env = tune.Dir, append(tune.Env, fmt.Sprint("ROOM=", room))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	full, then := l.outcome(t, "1"), l.outcome(t, "2")
	if full.code != int(exitFailure) || !strings.Contains(full.stderr, "make room") {
		t.Errorf("on a full disk: status %d\n%s", full.code, full.stderr)
	}
	if then.code != 0 || then.done == nil || then.done.Trials != trials {
		t.Fatalf("with room again: status %d\n%s", then.code, then.stderr)
	}
	counts := l.count(t)
	acknowledged := map[string]bool{}
	for _, ev := range append(full.trials, then.trials...) {
		id := fmt.Sprint(ev.ID)
		if acknowledged[id] || ev.Status.String() != "complete" {
			t.Errorf("trial %s: %v (%s), reported before: %v", id, ev.Status, ev.Reason, acknowledged[id])
		}
		acknowledged[id] = true
	}
	t.Logf("%d trials before the disk was full", len(full.trials))
	for _, ev := range full.trials {
		if id := fmt.Sprint(ev.ID); counts["begin "+id] != 1 {
			t.Errorf("trial %s was acknowledged and evaluated %d times", id, counts["begin "+id])
		}
	}
	for id := 1; id <= trials; id++ {
		if counts[fmt.Sprintf("end %d", id)] == 0 {
			t.Errorf("trial %d was never evaluated", id)
		}
	}
}

// outcome reads what the script kept of a run.
func (l *tuneLab) outcome(t *testing.T, n string) outcome {
	t.Helper()
	var texts [3]string
	for i, name := range []string{"out", "err", "code"} {
		b, err := os.ReadFile(filepath.Join(l.dir, name+n))
		if err != nil {
			t.Fatal(err)
		}
		texts[i] = string(b)
	}
	o := outcome{stderr: texts[1]}
	if _, err := fmt.Sscan(texts[2], &o.code); err != nil {
		t.Fatal(err)
	}
	o.read(t, []byte(texts[0]))
	if o.code != 0 {
		o.checkError(t)
	}
	return o
}
