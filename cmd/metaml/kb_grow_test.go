package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/metaml/metaml/kb"
	"github.com/metaml/metaml/kb/record"
)

const (
	killTasks   = 3
	killConfigs = 60
	kills       = 20
)

// TestKBGrowSurvivesKills kills metaml kb grow at random instants and lets the evaluator's own testimony judge: what
// it finished is in the knowledge base, and it was asked to finish nothing twice.
func TestKBGrowSurvivesKills(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs SIGKILL")
	}
	g := newGrowth(t)
	rng := rand.New(rand.NewPCG(20, 1))
	during := 0
	for n := 0; n < kills; {
		before := g.testimony(t)
		killed := g.runAndKill(t, time.Duration(rng.IntN(int(4*judgeTime))))
		if !killed {
			t.Fatalf("the growth ended before kill %d of %d", n+1, kills)
		}
		n++
		if g.testimony(t).open(before) {
			during++
		}
	}
	if during < kills/3 {
		t.Errorf("%d of %d kills hit an evaluation, want at least a third", during, kills)
	}
	g.runToEnd(t)
	g.check(t)
	t.Logf("%d kills, %d of them during an evaluation; %d runs", kills, during, killTasks*killConfigs)
}

// growth is a folder of small tables and what it takes to grow a knowledge base from them.
type growth struct {
	dir, base, judge string
}

func newGrowth(t *testing.T) growth {
	t.Helper()
	dir := t.TempDir()
	g := growth{dir: filepath.Join(dir, "data"), base: filepath.Join(dir, "kb.sqlite"), judge: filepath.Join(dir, "testimony")}
	if err := os.Mkdir(g.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for n := range killTasks {
		var text strings.Builder
		text.WriteString("a,b,y\n")
		for i := range 40 {
			fmt.Fprintf(&text, "%d.5,%d,%s\n", (i*7+n)%23, i%5, []string{"no", "yes"}[i%2])
		}
		if err := os.WriteFile(filepath.Join(g.dir, fmt.Sprintf("t%d.csv", n)), []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

func (g growth) command() *exec.Cmd {
	cmd := exec.Command("metaml", "kb", "grow", g.dir, "--target", "y", "--evaluator", "judge", "--workers", "2",
		"--configs", fmt.Sprint(killConfigs), "--kb", g.base, "--verbose")
	cmd.Env = append(os.Environ(), "HOME="+filepath.Dir(g.dir), "XDG_DATA_HOME=", "XDG_CACHE_HOME=", judgeVariable+"="+g.judge)
	return cmd
}

// runAndKill starts the growth, waits until it evaluates and then for a while longer, and kills it. It reports false
// if the growth ended by itself.
func (g growth) runAndKill(t *testing.T, after time.Duration) bool {
	t.Helper()
	lines := len(g.testimony(t))
	cmd := g.command()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for len(g.testimony(t)) == lines {
		select {
		case err := <-ended:
			t.Fatalf("the growth ended early: %v\n%s", err, stderr.String())
		case <-time.After(2 * time.Millisecond):
		}
	}
	time.Sleep(after)
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	return <-ended != nil
}

func (g growth) runToEnd(t *testing.T) {
	t.Helper()
	if out, err := g.command().CombinedOutput(); err != nil {
		t.Fatalf("the last growth: %v\n%s", err, out)
	}
}

// testimony is what the evaluator wrote, line by line.
type testimony []string

func (g growth) testimony(t *testing.T) testimony {
	t.Helper()
	b, err := os.ReadFile(g.judge)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
}

// open reports whether an evaluation that began after the lines before never ended.
func (all testimony) open(before testimony) bool {
	ended := map[string]bool{}
	for _, line := range all {
		if what, ok := strings.CutPrefix(line, "end "); ok {
			ended[what] = true
		}
	}
	for _, line := range all[min(len(before), len(all)):] {
		if what, ok := strings.CutPrefix(line, "begin "); ok && !ended[what] {
			return true
		}
	}
	return false
}

// check compares the testimony with the knowledge base.
func (g growth) check(t *testing.T) {
	t.Helper()
	finished := map[string]int{}
	for _, line := range g.testimony(t) {
		if what, ok := strings.CutPrefix(line, "end "); ok {
			finished[what]++
		}
	}
	for what, n := range finished {
		if n > 1 {
			t.Errorf("%s was finished %d times", what, n)
		}
	}
	store, err := kb.Open(t.Context(), kb.Options{Path: g.base, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	set, err := store.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stored := map[string]int{}
	for _, run := range set.Runs {
		what := fmt.Sprintf("%s %v", fingerprint(set, run.Task), run.Config["x"].Float())
		stored[what]++
		if finished[what] == 0 {
			t.Errorf("%s is stored but was never finished", what)
		}
	}
	for what := range finished {
		if stored[what] != 1 {
			t.Errorf("%s was finished and is stored %d times", what, stored[what])
		}
	}
	if len(set.Runs) != killTasks*killConfigs {
		t.Errorf("%d runs, want %d", len(set.Runs), killTasks*killConfigs)
	}
}

func fingerprint(set *record.Set, task record.ID) string { return set.Tasks[task].Fingerprint[:8] }
