package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/metaml/metaml/plugins/resource"
)

// tuneKills is how many processes TestTuneSurvivesKills kills; with METAML_SOAK=1, a thousand.
func tuneKills() int {
	if os.Getenv("METAML_SOAK") == "1" {
		return 1000
	}
	return 50
}

// TestTuneSurvivesKills kills the host, its optimizer and its evaluator at random instants. The judge is a file that the
// evaluator itself appends to and syncs: what metaml said had ended is there, is not evaluated again, and with one
// worker the study proposes what it proposes uninterrupted.
func TestTuneSurvivesKills(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("finds the processes to kill in /proc")
	}
	kills := tuneKills()
	trials := 3 * kills
	rng := rand.New(rand.NewPCG(50, 1))
	k := newTuneKill(t, trials)
	victims := map[string]int{}
	during := 0
	for n := 0; n < kills; {
		s := k.start(t)
		for n < kills {
			time.Sleep(time.Duration(rng.IntN(int(4 * judgeTime))))
			victim := []string{"host", "optimizer", "evaluator"}[rng.IntN(3)]
			if s.finished() {
				t.Fatalf("the study ended before kill %d of %d:\n%s", n+1, kills, s.stderr.String())
			}
			if !s.kill(t, victim) {
				continue // it is just being started
			}
			n++
			victims[victim]++
			if k.open(t) {
				during++
			}
			if victim == "host" {
				break
			}
			s.awaitOthers() // a trial that kills its evaluator twice is crashed, by right
		}
		if n == kills {
			_ = s.cmd.Process.Kill()
		}
		k.settle(t, s)
	}
	s := k.start(t)
	if err := <-s.ended; err != nil {
		t.Fatalf("the last run: %v\n%s", err, s.stderr.String())
	}
	s.ended <- nil
	k.settle(t, s)
	k.check(t)
	if during < kills*3/10 {
		t.Errorf("%d of %d kills hit an evaluation, want 30 %%", during, kills)
	}
	t.Logf("%d kills (%v), %d during an evaluation; %d trials", kills, victims, during, trials)
}

// tuneKill is a study that is being killed.
type tuneKill struct {
	growth
	table        string
	trials       int
	acknowledged map[string]int  // by configuration: lines of testimony when it was known to be acknowledged
	proposed     map[int]float64 // by trial
}

// newTuneKill grows a knowledge base of three tables, from which a study of a fourth is to be warm-started.
func newTuneKill(t *testing.T, trials int) *tuneKill {
	g := newGrowth(t)
	k := &tuneKill{g, filepath.Join(filepath.Dir(g.dir), "own.csv"), trials, map[string]int{}, map[int]float64{}}
	text, err := os.ReadFile(filepath.Join(g.dir, "t0.csv"))
	if err == nil {
		err = os.WriteFile(k.table, append(text, "99.5,7,yes\n"...), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	g.judge = filepath.Join(t.TempDir(), "other")
	g.runToEnd(t)
	return k
}

// session is one run of the command.
type session struct {
	cmd    *exec.Cmd
	stderr bytes.Buffer
	ended  chan error

	mu     sync.Mutex
	events []trialEvent
}

func (k *tuneKill) command(dataHome string) *exec.Cmd {
	cmd := exec.Command("metaml", "tune", k.table, "--target", "y", "--evaluator", "judge", "--workers", "1", "--kb", k.base,
		"--optimizer", "tpe", "--trials", fmt.Sprint(k.trials), "--study", "killed", "--no-learn", "--no-model", "--json")
	cmd.Env = append(os.Environ(), "HOME="+dataHome, "XDG_DATA_HOME=", "XDG_CACHE_HOME=", judgeVariable+"="+k.judge)
	return cmd
}

// start starts the command and waits until it evaluates.
func (k *tuneKill) start(t *testing.T) *session {
	t.Helper()
	lines := len(k.testimony(t))
	s := &session{cmd: k.command(filepath.Dir(k.dir)), ended: make(chan error, 2)}
	s.cmd.Stderr = &s.stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		s.read(out)
		s.ended <- s.cmd.Wait()
	}()
	for len(k.testimony(t)) == lines && !s.finished() {
		time.Sleep(2 * time.Millisecond)
	}
	return s
}

// read takes the events; the last line of a killed host may be cut.
func (s *session) read(out io.Reader) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var ev trialEvent
		if json.Unmarshal(lines.Bytes(), &ev) == nil && ev.Event == "trial" {
			s.mu.Lock()
			s.events = append(s.events, ev)
			s.mu.Unlock()
		}
	}
}

func (s *session) finished() bool { return len(s.ended) > 0 }

// kill kills the host or one of its children; false if there is no such child now.
func (s *session) kill(t *testing.T, victim string) bool {
	t.Helper()
	if victim == "host" {
		if err := s.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Fatal(err)
		}
		return true
	}
	pids, err := resource.Tree(s.cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	for _, pid := range pids {
		line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		mark := map[string]string{"optimizer": optimizerProcess, "evaluator": "metaml-evaluator-judge"}[victim]
		if pid != s.cmd.Process.Pid && strings.Contains(string(line), mark) {
			p, _ := os.FindProcess(pid)
			return p.Kill() == nil
		}
	}
	return false
}

// origins has a w for every warm start and an o for every other trial, in their order.
func (s *session) origins() string {
	var word strings.Builder
	for _, ev := range s.events {
		word.WriteByte(ev.Origin[0])
	}
	return word.String()
}

// awaitOthers waits until two more trials are acknowledged, the first of which may have ended before the kill, so that no
// two kills hit the same one.
func (s *session) awaitOthers() {
	count := func() int {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.events)
	}
	for before := count(); count() < before+2 && !s.finished(); {
		time.Sleep(2 * time.Millisecond)
	}
}

// open reports whether an evaluation is running, as far as the testimony says.
func (k *tuneKill) open(t *testing.T) bool {
	all := k.testimony(t)
	return strings.HasPrefix(all[len(all)-1], "begin ")
}

// settle waits for a session's end and keeps what it acknowledged.
func (k *tuneKill) settle(t *testing.T, s *session) {
	t.Helper()
	<-s.ended
	lines := len(k.testimony(t))
	for _, ev := range s.events {
		x := ev.Config["x"].Float()
		if ev.Status.String() != "complete" {
			t.Errorf("trial %d: %v (%s)", ev.ID, ev.Status, ev.Reason)
		}
		if before, ok := k.proposed[int(ev.ID)]; ok {
			t.Errorf("trial %d is reported twice, with x %v and %v", ev.ID, before, x)
		}
		k.proposed[int(ev.ID)] = x
		k.acknowledged[fmt.Sprint(x)] = lines
	}
}

// check compares the testimony with what was acknowledged, and the proposals with those of a study left in peace.
func (k *tuneKill) check(t *testing.T) {
	t.Helper()
	ended := map[string]bool{}
	for i, line := range k.testimony(t) {
		word, rest, _ := strings.Cut(line, " ")
		_, x, _ := strings.Cut(rest, " ")
		if at, ok := k.acknowledged[x]; ok && word == "begin" && i >= at {
			t.Errorf("x %s had been acknowledged and is evaluated again", x)
		}
		ended[x] = ended[x] || word == "end"
	}
	for x := range k.acknowledged {
		if !ended[x] {
			t.Errorf("x %s was acknowledged but never evaluated", x)
		}
	}
	peace := k.command(t.TempDir())
	peace.Env = append(peace.Env, judgeVariable+"="+filepath.Join(t.TempDir(), "other"))
	out, err := peace.Output()
	if err != nil {
		t.Fatal(err)
	}
	want := &session{}
	want.read(bytes.NewReader(out))
	if len(want.events) != k.trials {
		t.Fatalf("in peace the study has %d trials, want %d", len(want.events), k.trials)
	}
	if turns := strings.Count(want.origins(), "wow"); turns < 1 {
		t.Errorf("no pick alternates with the optimizer's trials: %s", want.origins())
	}
	for _, ev := range want.events {
		got, ok := k.proposed[int(ev.ID)]
		if x := ev.Config["x"].Float(); ok && got != x {
			t.Errorf("trial %d: x %v, and %v in peace", ev.ID, got, x)
		}
		if ev.Status.String() != "complete" {
			t.Errorf("trial %d: %v (%s)", ev.ID, ev.Status, ev.Reason)
		}
	}
	k.checkLog(t)
}

// checkLog looks at the study as it ended: every trial has, whether the host lived to report it or not.
func (k *tuneKill) checkLog(t *testing.T) {
	t.Helper()
	cmd := k.command(filepath.Dir(k.dir))
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var done doneEvent
	if err := json.Unmarshal(out, &done); err != nil || done.Trials != k.trials || done.Best == nil {
		t.Errorf("the study's end: %v\n%s", err, out)
	}
}
