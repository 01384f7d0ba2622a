//go:build unix

package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestTuneReadOnlyFolder tunes where nothing can be written: before a study is there, and when its folder has become
// read-only. Permissions do not bind root, who has it done as nobody.
func TestTuneReadOnlyFolder(t *testing.T) {
	t.Parallel()
	l := newTuneLab(t, "")
	l.dir = filepath.Join(l.temp, "home") // where nobody may go
	if err := os.Mkdir(l.dir, 0o777); err != nil {
		t.Fatal(err)
	}
	l.judge = filepath.Join(l.dir, "testimony")
	l.write(t, "space.yaml", "parameters:\n  x: {type: float, low: 0, high: 1}\n")
	run := func(trials string) outcome {
		cmd := l.command("--trials", trials, "--space", "space.yaml", "--", "sh", "-c", "echo begin $METAML_TRIAL >> testimony; echo {x}")
		if os.Getuid() == 0 {
			if _, err := os.Stat("/proc/self/exe"); err == nil {
				cmd.Path = "/proc/self/exe" // nobody may not look into the folder of the test binary
			}
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
		return finished(t, cmd)
	}
	modes := func(folders, files fs.FileMode, root string) {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				return os.Chmod(path, folders)
			}
			return os.Chmod(path, files)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	modes(0o755, 0o644, l.temp)
	modes(0o555, 0o444, l.dir)
	if o := run("2"); o.code != int(exitFailure) || !strings.Contains(o.stderr, "permission denied") || !strings.Contains(o.stderr, l.dir) {
		t.Errorf("without a folder to write to: status %d\n%s", o.code, o.stderr)
	}
	modes(0o777, 0o666, l.temp)
	if o := run("2"); o.code != 0 || len(o.trials) != 2 {
		t.Fatalf("status %d\n%s", o.code, o.stderr)
	}
	modes(0o555, 0o444, l.folder())
	if o := run("4"); o.code != int(exitFailure) || len(o.trials) > 0 || !strings.Contains(o.stderr, "permission denied") ||
		!strings.Contains(o.stderr, filepath.Join(l.folder(), "study.sqlite")) {
		t.Errorf("in a read-only study: status %d, %d trials\n%s", o.code, len(o.trials), o.stderr)
	}
	modes(0o777, 0o666, l.temp)
	if o := run("4"); o.code != 0 || len(o.trials) != 2 || l.count(t)["begin 1"] != 1 || l.count(t)["begin 4"] != 1 {
		t.Errorf("when it can be written to again: status %d, %d trials, %v\n%s", o.code, len(o.trials), l.count(t), o.stderr)
	}
}
