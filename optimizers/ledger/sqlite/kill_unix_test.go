//go:build unix

package sqlite

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/study"
)

// In the environment, appendTo makes the test binary append to that study for ever, printing the number of each event
// once Append has returned; countIn makes it print the number of events.
const (
	appendTo = "METAML_LEDGER_TEST_APPEND"
	countIn  = "METAML_LEDGER_TEST_COUNT"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(appendTo); path != "" {
		fmt.Fprintln(os.Stderr, appendForEver(path))
		os.Exit(1)
	}
	if path := os.Getenv(countIn); path != "" {
		if err := count(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func count(path string) error {
	l, err := View(context.Background(), path)
	if err != nil {
		return err
	}
	defer l.Close()
	n := 0
	for _, err := range l.Events(context.Background()) {
		if err != nil {
			return err
		}
		n++
	}
	_, err = fmt.Println(n)
	return err
}

func appendForEver(path string) error {
	ctx := context.Background()
	l, err := Open(ctx, path)
	if err != nil {
		return err
	}
	next := study.TrialID(1)
	for e, err := range l.Events(ctx) {
		if err != nil {
			return err
		}
		next = e.Trial.ID + 1
	}
	for ; ; next++ {
		if err := l.Append(ctx, optimizers.Event{Trial: study.Trial{Suggestion: study.Suggestion{ID: next}}}); err != nil {
			return err
		}
		if _, err := fmt.Println(next); err != nil {
			return err
		}
	}
}

// TestKilledOwnerLosesNothing kills an owner at random instants. What it said was written is there, in order and once,
// and the next owner gets the study at once.
func TestKilledOwnerLosesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.study")
	create(t, path).Close()
	rng := rand.New(rand.NewPCG(3, 4))
	acknowledged := 0
	for round := range 15 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), appendTo+"="+path)
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		enough, delay := acknowledged+rng.IntN(8), time.Duration(rng.IntN(3000))*time.Microsecond
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			var n int
			if _, err := fmt.Sscanf(lines.Text(), "%d", &n); err == nil && n == acknowledged+1 {
				acknowledged = n
			}
			if acknowledged >= enough {
				time.AfterFunc(delay, func() { cmd.Process.Kill() })
			}
		}
		cmd.Wait()
		l, err := Open(context.Background(), path)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		all := events(t, l)
		for i, e := range all {
			if e.Trial.ID != study.TrialID(i+1) {
				t.Fatalf("round %d: event %d is of trial %d", round, i+1, e.Trial.ID)
			}
		}
		if len(all) < acknowledged || len(all) > acknowledged+1 {
			t.Fatalf("round %d: %d events, %d were acknowledged", round, len(all), acknowledged)
		}
		acknowledged = len(all)
		l.Close()
	}
	if acknowledged == 0 {
		t.Error("no event was ever written")
	}
	t.Logf("%d events, none lost", acknowledged)
}

// countWhereNothingMayBeWritten has a process count the events of a study that lies, of all its files, beside those
// given, in a folder that may be read only. Since permissions do not bind root, root has it run as nobody.
func countWhereNothingMayBeWritten(t *testing.T, files map[string][]byte) (out, stderr string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "metaml-readonly-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "s.study")
	for suffix, content := range files {
		if err := os.WriteFile(path+suffix, content, 0o444); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o700)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), countIn+"="+path, "GOCOVERDIR="+os.TempDir()) // nobody may not write into that of the parent
	var words strings.Builder
	cmd.Stderr = &words
	if os.Getuid() == 0 {
		if _, err := os.Stat("/proc/self/exe"); err == nil {
			cmd.Path = "/proc/self/exe" // nobody may not look into the folder of the test binary
		}
		cmd.Dir = "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	text, _ := cmd.Output()
	return strings.TrimSpace(string(text)), words.String()
}

// content returns a file's bytes.
func content(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestReadOnlyFolder reads a study where nothing may be written.
func TestReadOnlyFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.study")
	l := create(t, path)
	runOn(t, l, 3)
	l.Close()
	if out, stderr := countWhereNothingMayBeWritten(t, map[string][]byte{"": content(t, path)}); out != "6" {
		t.Errorf("%q events, want 6: %s", out, stderr)
	}
}

// TestReadOnlyFolderWithLog has a study whose owner was killed where nothing may be written: its newest events are in
// the log only, which SQLite cannot read there. They may not be left out in silence.
func TestReadOnlyFolderWithLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.study")
	l := create(t, path)
	defer l.Close()
	runOn(t, l, 3)
	files := map[string][]byte{"": content(t, path), "-wal": content(t, path+"-wal")}
	out, stderr := countWhereNothingMayBeWritten(t, files)
	if out != "" || !strings.Contains(stderr, "s.study-wal holds its newest events") {
		t.Errorf("%q events, %q", out, stderr)
	}
	files["-wal"] = nil
	if out, stderr := countWhereNothingMayBeWritten(t, files); out == "6" || stderr != "" {
		t.Errorf("%q events although the log was empty: %s", out, stderr)
	}
}
