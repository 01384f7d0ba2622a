package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/metaml/metaml/cmd/internal/studies"
	"github.com/metaml/metaml/cmd/internal/tuning"
	"github.com/metaml/metaml/optimizers/ledger/sqlite"
	"github.com/metaml/metaml/optimizers/study"
)

// askHome is a data folder, and a space file of one parameter.
func askHome(t *testing.T) (home, space string) {
	t.Helper()
	home = t.TempDir()
	space = filepath.Join(home, "space.yaml")
	if err := os.WriteFile(space, []byte("parameters: {x: {type: float, low: 0, high: 1}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return home, space
}

// metamlProcess is a process of metaml whose data folder is home.
func metamlProcess(home string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Args = append([]string{"metaml"}, args...)
	cmd.Env = append(os.Environ(), "XDG_DATA_HOME="+home, "XDG_CONFIG_HOME="+home)
	return cmd
}

// TestManyProcessesAskAndTell lets processes ask and tell at once, the study's creation included: no trial is given out
// twice, and every result is there. Now and then one is killed; what it was given stays pending or was never begun.
func TestManyProcessesAskAndTell(t *testing.T) {
	home, space := askHome(t)
	const workers, rounds = 4, 4
	var mu sync.Mutex
	given := map[study.TrialID]int{}
	told := 0
	loop := func(worker int) error {
		for round := range rounds {
			out, err := metamlProcess(home, "ask", "--study", "s", "--space", space, "--optimizer", "random", "--n", "2").Output()
			if err != nil {
				return fmt.Errorf("ask: %w: %s", err, err.(*exec.ExitError).Stderr)
			}
			var asked askedJSON
			if err := json.Unmarshal(out, &asked); err != nil {
				return err
			}
			var lines bytes.Buffer
			mu.Lock()
			for _, trial := range asked.Trials {
				given[trial.ID]++
				fmt.Fprintf(&lines, `{"trial": %d, "value": %d}`+"\n", trial.ID, trial.ID)
			}
			told += len(asked.Trials)
			mu.Unlock()
			killed := metamlProcess(home, "ask", "--study", "s")
			if err := killed.Start(); err != nil {
				return err
			}
			time.Sleep(time.Duration(40+50*worker+20*round) * time.Millisecond)
			killed.Process.Kill()
			killed.Wait()
			tell := metamlProcess(home, "tell", "--study", "s", "--quiet")
			tell.Stdin = &lines
			if out, err := tell.CombinedOutput(); err != nil {
				return fmt.Errorf("tell: %w: %s", err, out)
			}
		}
		return nil
	}
	var group sync.WaitGroup
	for worker := range workers {
		group.Go(func() {
			if err := loop(worker); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	s, err := studies.Read(t.Context(), filepath.Join(home, "metaml"), "s")
	if err != nil {
		t.Fatal(err)
	}
	if told != 2*workers*rounds || s.Finished() != told || len(given) != told {
		t.Errorf("%d results told of %d trials given out, %d in the log", told, len(given), s.Finished())
	}
	for id, n := range given {
		trial := s.Trials[id-1]
		if n != 1 || trial.Status != study.Complete || trial.Losses[0] != float64(id) {
			t.Errorf("trial %d was given out %d times; it is %+v", id, n, trial)
		}
	}
	t.Logf("%d trials, %d of them asked for by processes that were killed", len(s.Trials), len(s.Trials)-told)
}

// TestAskWaitsForTheStudy asks while the study is owned: until --timeout, or until it is free.
func TestAskWaitsForTheStudy(t *testing.T) {
	home, space := askHome(t)
	ask := func(more ...string) (exitCode, string) {
		e, stdout, stderr := testEnvironment()
		e.getenv = func(name string) string {
			if name == "XDG_DATA_HOME" {
				return home
			}
			return ""
		}
		code := run(context.Background(), e, append([]string{"ask", "--study", "s", "--space", space}, more...))
		return code, stdout.String() + stderr.String()
	}
	if code, out := ask(); code != exitOK {
		t.Fatal(out)
	}
	owner, err := sqlite.Open(t.Context(), tuning.LedgerPath(tuning.Folder(filepath.Join(home, "metaml"), "s")))
	if err != nil {
		t.Fatal(err)
	}
	if code, out := ask("--timeout", "100ms"); code != exitTimeout {
		t.Errorf("exit status %d, %s", code, out)
	}
	if code, out := ask("--pending"); code != exitOK || !strings.Contains(out, `"id": 1`) {
		t.Errorf("pending ones can be read at any time, but: exit status %d, %s", code, out)
	}
	time.AfterFunc(100*time.Millisecond, func() { owner.Close() })
	if code, out := ask(); code != exitOK || !strings.Contains(out, `"id": 2`) {
		t.Errorf("exit status %d, %s", code, out)
	}
}

// TestAskLeavesTuneAlone: the trials of a study that metaml tune runs are not given out, and its results not told.
func TestAskLeavesTuneAlone(t *testing.T) {
	home, _ := askHome(t)
	e, _, stderr := testEnvironment()
	e.getenv = func(name string) string {
		if name == "XDG_DATA_HOME" {
			return home
		}
		return ""
	}
	folder := tuning.Folder(filepath.Join(home, "metaml"), "s")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	details, err := json.Marshal(tuning.Details{Mode: tuning.ModeProgram})
	if err != nil {
		t.Fatal(err)
	}
	l, err := sqlite.Create(t.Context(), tuning.LedgerPath(folder), sqlite.Header{Name: "s", Optimizer: "random", Details: details,
		Problem: study.Problem{Objectives: []study.Objective{{Metric: "loss"}}}})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, line := range []string{"ask --study s", "ask --study s --pending", "tell --study s --trial 1 --value 1"} {
		if code := run(context.Background(), e, strings.Fields(line)); code != exitConflict || !strings.Contains(stderr.String(), "metaml tune evaluates the trials") {
			t.Errorf("%s: exit status %d, %s", line, code, stderr)
		}
		stderr.Reset()
	}
}

// TestDeleteAsks answers the question of a terminal.
func TestDeleteAsks(t *testing.T) {
	home, space := askHome(t)
	for _, c := range []struct {
		answer, flag string
		want         exitCode
	}{{"\n", "", exitFailure}, {"n\n", "", exitFailure}, {"", "", exitFailure}, {"y\n", "--no-input", exitUsage}, {"Yes\n", "", exitOK}} {
		e, _, stderr := testEnvironment()
		e.getenv = func(name string) string {
			if name == "XDG_DATA_HOME" {
				return home
			}
			return ""
		}
		if code := run(t.Context(), e, []string{"ask", "--study", "s", "--space", space}); code != exitOK {
			t.Fatal(stderr)
		}
		e.stdin, e.isTerminal = strings.NewReader(c.answer), func(any) bool { return true }
		args := []string{"studies", "delete", "s"}
		if c.flag != "" {
			args = append(args, c.flag)
		}
		if code := run(t.Context(), e, args); code != c.want {
			t.Errorf("%q %s: exit status %d, %s", c.answer, c.flag, code, stderr)
		}
		if asked := strings.Contains(stderr.String(), "delete study s, "); asked == (c.flag != "") {
			t.Errorf("%q %s: stderr %q", c.answer, c.flag, stderr)
		}
	}
}
