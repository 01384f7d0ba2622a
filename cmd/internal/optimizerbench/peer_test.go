package optimizerbench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/random"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// roleVariable makes the test binary play a peer.
const roleVariable = "METAML_TEST_PEER"

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		playPeer(role)
		return
	}
	os.Exit(m.Run())
}

// playPeer is a peer that searches at random with metaml's own random search; other roles misbehave.
func playPeer(role string) {
	say := func(text string) { fmt.Println(text) }
	switch role {
	case "babbles":
		say("hello")
	case "dies":
		fmt.Fprintln(os.Stderr, "ImportError: no module named optuna")
		os.Exit(3)
	}
	say(`{"type":"ready","versions":{"library":"1.2"}}`)
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		var open message
		if json.Unmarshal(in.Bytes(), &open) != nil || open.Type != "open" {
			say(`{"type":"error","message":"no open"}`)
			continue
		}
		switch role {
		case "refuses":
			say(`{"type":"unsupported","message":"no such spaces"}`)
		case "fails":
			say(`{"type":"error","message":"out of ideas"}`)
		case "proposes nonsense":
			say(`{"type":"ask","config":{"x0":99}}`)
			in.Scan()
			say(`{"type":"closed","cpu":0}`)
		case "repeats":
			say(`{"type":"ask","config":{"x0":1,"x1":2}}`)
			in.Scan()
			text, _ := json.Marshal(message{Type: "error", Message: in.Text()})
			say(string(text))
		default:
			searchAtRandom(in, open, role == "gives up")
		}
	}
}

func searchAtRandom(in *bufio.Scanner, open message, givesUp bool) {
	p := study.Problem{Space: *open.Space, Fidelities: open.Fidelities, Seed: open.Seed}
	o, _ := random.New(p, random.Settings{})
	for id := study.TrialID(1); ; id++ {
		if givesUp && id == 4 {
			fmt.Println(`{"type":"exhausted"}`)
		} else {
			list, _ := o.Ask(context.Background(), id, 1)
			text, _ := json.Marshal(message{Type: "ask", Config: list[0].Config})
			fmt.Println(string(text))
		}
		var answer message
		if !in.Scan() || json.Unmarshal(in.Bytes(), &answer) != nil || answer.Type == "stop" {
			fmt.Println(`{"type":"closed","cpu":0.25}`)
			return
		}
	}
}

// peer is the method that the test binary plays in a role; starts counts its processes.
func peer(t testing.TB, role string, starts *int) *Peer {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := NewPeer("peer", func(ctx context.Context, name string) *exec.Cmd {
		*starts++
		cmd := exec.CommandContext(ctx, program, name)
		cmd.Env = append(os.Environ(), roleVariable+"="+role)
		return cmd
	})
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// TestPeerSeesTheSameProblem runs random search here and in a peer's process: the same seeds give the same runs, on
// one process, and the peer's own clock counts.
func TestPeerSeesTheSameProblem(t *testing.T) {
	starts := 0
	p := peer(t, "random", &starts)
	opt := Options{
		Problems: []problem.Problem{named(t, "cash"), named(t, "counting_ones")}, Methods: []Method{randomMethod(), p}, Seeds: 3, Budget: 10,
	}
	cells, err := Run(context.Background(), opt)
	if err != nil || len(cells) != 4 {
		t.Fatalf("%d cells, %v", len(cells), err)
	}
	for i := range 2 {
		if ours, theirs := cells[2*i], cells[2*i+1]; !slices.Equal(ours.Runs, theirs.Runs) || len(ours.Runs) != 3 || theirs.CPU != 0.75 {
			t.Errorf("%+v\nand\n%+v", ours, theirs)
		}
	}
	if starts != 1 || p.Versions()["library"] != "1.2" || cells[1].Versions["library"] != "1.2" {
		t.Errorf("%d processes of version %v", starts, p.Versions())
	}
	if err := p.Close(); err != nil {
		t.Errorf("at its end: %v", err)
	}
}

// TestPeerIsToldWhatWasEvaluated checks the line that tells of another configuration, and of a failure.
func TestPeerIsToldWhatWasEvaluated(t *testing.T) {
	half := .5
	for want, loss := range map[string]*float64{
		`{"type":"loss","loss":0.5,"config":{"x0":-1,"x1":3}}`:    &half,
		`{"type":"loss","failed":true,"config":{"x0":-1,"x1":3}}`: nil,
	} {
		starts := 0
		session, err := peer(t, "repeats", &starts).Open(context.Background(), named(t, "branin"), 1, 10)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := session.Next(context.Background()); err != nil {
			t.Fatal(err)
		}
		told := session.(Substituting)
		if err := told.TellInstead(context.Background(), space.Config{"x0": space.Float(-1), "x1": space.Float(3)}, loss); err != nil {
			t.Fatal(err)
		}
		if _, err := told.Next(context.Background()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestPeerGivesUp(t *testing.T) {
	starts := 0
	o, err := play(context.Background(), named(t, "branin"), peer(t, "gives up", &starts), 1, 10)
	if err != nil || o.Evaluations != 3 || o.CPU != 250*time.Millisecond {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestPeersThatFail(t *testing.T) {
	for role, tc := range map[string]struct {
		is  error
		say string
	}{
		"babbles":           {ErrPeer, `it said "hello"`},
		"dies":              {ErrPeer, "no module named optuna"},
		"refuses":           {ErrUnsupported, "no such spaces"},
		"fails":             {ErrPeer, "out of ideas"},
		"proposes nonsense": {ErrPeer, "x0"},
	} {
		starts := 0
		p := peer(t, role, &starts)
		if _, err := play(context.Background(), named(t, "branin"), p, 1, 10); !errors.Is(err, tc.is) || !strings.Contains(err.Error(), tc.say) {
			t.Errorf("%s: error %v, should say %q", role, err, tc.say)
		}
	}
	missing := NewPeer("missing", func(ctx context.Context, _ string) *exec.Cmd { return exec.CommandContext(ctx, "/nowhere/run") })
	if _, err := play(context.Background(), named(t, "branin"), missing, 1, 10); !errors.Is(err, ErrPeer) {
		t.Errorf("no program: %v", err)
	}
	if err := missing.Close(); err != nil {
		t.Errorf("closing what never ran: %v", err)
	}
}

// TestInterruptedPeer checks that a peer's process does not outlive the benchmark's context.
func TestInterruptedPeer(t *testing.T) {
	starts := 0
	p := peer(t, "random", &starts)
	ctx, cancel := context.WithCancel(context.Background())
	session, err := p.Open(ctx, named(t, "branin"), 1, 10)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := session.Next(ctx); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := session.Tell(ctx, 1); err == nil {
		_, err = session.Next(ctx)
		for err == nil { // what was under way may still arrive
			_, err = session.Next(ctx)
		}
	}
	if p.process != nil {
		_ = p.Close()
	}
	if p.process != nil {
		t.Error("its process is still there")
	}
}

func TestTail(t *testing.T) {
	var s tail
	for range 3000 {
		if n, err := s.Write([]byte("line\n")); n != 5 || err != nil {
			t.Fatal(n, err)
		}
	}
	_, _ = s.Write([]byte("the end\n\n"))
	if len(s.text) > tailSize || s.last() != "the end" {
		t.Errorf("%d bytes, last %q", len(s.text), s.last())
	}
}
