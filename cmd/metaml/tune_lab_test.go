package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tuneLab is a home of its own in which studies are run: data.csv, space.yaml with the number x, and the testimony of
// whoever evaluates.
type tuneLab struct {
	dir, judge string
	temp       string // for temporary files; a short name, as sockets need
	fault      string
}

func newTuneLab(t *testing.T, fault string) *tuneLab {
	t.Helper()
	temp, err := os.MkdirTemp("", "lab")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(temp) })
	l := &tuneLab{dir: t.TempDir(), temp: temp, fault: fault}
	l.judge = filepath.Join(l.dir, "testimony")
	var table strings.Builder
	table.WriteString("a,b,y\n")
	for i := range 40 {
		fmt.Fprintf(&table, "%d.5,%d,%s\n", i*7%23, i%5, []string{"no", "yes"}[i%2])
	}
	l.write(t, "data.csv", table.String())
	l.write(t, "space.yaml", "parameters:\n  x: {type: float, low: 0, high: 1}\n")
	return l
}

func (l *tuneLab) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(l.dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// onData are arguments that tune on data with an evaluator of a third party.
func (l *tuneLab) onData(evaluator string, more ...string) []string {
	return append([]string{"data.csv", "--target", "y", "--evaluator", evaluator, "--warm-starts", "0", "--no-learn", "--no-model"}, more...)
}

// command is metaml tune on the study lab.
func (l *tuneLab) command(args ...string) *exec.Cmd {
	cmd := exec.Command("metaml", append([]string{"tune", "--study", "lab", "--optimizer", "random", "--json"}, args...)...)
	cmd.Dir = l.dir
	cmd.Env = append(os.Environ(), "HOME="+l.dir, "TMPDIR="+l.temp, "XDG_DATA_HOME=", "XDG_CACHE_HOME=", "XDG_CONFIG_HOME=",
		judgeVariable+"="+l.judge, faultVariable+"="+l.fault)
	return cmd
}

// folder is the study's folder.
func (l *tuneLab) folder() string {
	return filepath.Join(l.dir, ".local", "share", "metaml", "studies", "lab")
}

// outcome is what a run of the command said.
type outcome struct {
	trials []trialEvent
	done   *doneEvent
	code   int
	stderr string
}

// run runs the command to its end. What it says when it fails must be an error message as they must be.
func (l *tuneLab) run(t *testing.T, args ...string) outcome {
	t.Helper()
	return finished(t, l.command(args...))
}

func finished(t *testing.T, cmd *exec.Cmd) outcome {
	t.Helper()
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	o := outcome{}
	if err := cmd.Run(); err != nil {
		o.code = exitStatus(err)
	}
	o.stderr = stderr.String()
	o.read(t, out.Bytes())
	if o.code != 0 {
		o.checkError(t)
	}
	return o
}

// checkError looks for one error message, at the end of what may be progress.
func (o *outcome) checkError(t *testing.T) {
	t.Helper()
	if at := strings.LastIndex(o.stderr, "metaml: "); at < 0 {
		t.Errorf("no error message: %q", o.stderr)
	} else if problem := checkErrorText(o.stderr[at:]); problem != "" {
		t.Error(problem)
	}
}

func (o *outcome) read(t *testing.T, out []byte) {
	t.Helper()
	for line := range bytes.Lines(out) {
		var ev trialEvent
		if err := json.Unmarshal(line, &ev); err != nil {
			t.Errorf("%q: %v", line, err)
			continue
		}
		if ev.Event == "trial" {
			o.trials = append(o.trials, ev)
			continue
		}
		o.done = &doneEvent{}
		if err := json.Unmarshal(line, o.done); err != nil {
			t.Error(err)
		}
	}
}

// count counts the lines of the testimony by what they say.
func (l *tuneLab) count(t *testing.T) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, line := range (growth{judge: l.judge}).testimony(t) {
		counts[line]++
	}
	delete(counts, "")
	return counts
}

// expectNothingLeft waits until no process is left that the lab's commands started, and looks for temporary files.
func (l *tuneLab) expectNothingLeft(t *testing.T) {
	t.Helper()
	var pids []string
	for range 100 {
		if pids = l.processes(t); len(pids) == 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if len(pids) > 0 {
		t.Errorf("processes %v are left", pids)
	}
	entries, err := os.ReadDir(l.temp)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Errorf("%s is left in the folder for temporary files", e.Name())
	}
}

// processes are those with the lab's variables in their environment.
func (l *tuneLab) processes(t *testing.T) []string {
	t.Helper()
	environments, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	var pids []string
	for _, path := range environments {
		env, _ := os.ReadFile(path) // of a process that ended meanwhile: nothing
		if bytes.Contains(env, []byte(judgeVariable+"="+l.judge+"\x00")) {
			pids = append(pids, filepath.Base(filepath.Dir(path)))
		}
	}
	return pids
}
