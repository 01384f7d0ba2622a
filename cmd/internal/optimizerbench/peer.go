package optimizerbench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// ErrPeer is what an error is, by errors.Is, when another library's process failed.
var ErrPeer = errors.New("the peer failed")

// Peer is a method of another library, in a process of its own that serves one run after another. Host and peer write
// one JSON object per line, each with a type:
//
//	peer  {"type":"ready","versions":{"optuna":"5.0.0",…}}          once, when its libraries are loaded
//	host  {"type":"open","space":…,"fidelities":[…],"seed":3,"budget":100}
//	peer  {"type":"ask","config":{…},"fidelity":{…}}                 or {"type":"exhausted"}
//	host  {"type":"loss","loss":0.25}                                and so on, until
//	host  {"type":"stop"}
//
// Where another configuration was evaluated than was asked for, the answer carries it, "config":{…}; an evaluation that
// failed has no loss, but "failed":true. A peer that cannot be told so answers that it is unsupported.
//
//	peer  {"type":"closed","cpu":1.25}                               CPU seconds of the run without waiting for losses
//
// Instead of an answer the peer may say {"type":"unsupported","message":…} to an open, or {"type":"error","message":…}
// to anything. All evaluating is the host's, so that every method sees the same values.
type Peer struct {
	name    string
	command func(ctx context.Context, name string) *exec.Cmd

	process  *exec.Cmd
	in       io.WriteCloser
	out      *bufio.Reader
	stderr   tail
	versions map[string]string
}

// NewPeer returns the peer's method of that name; command makes the process that serves it.
func NewPeer(name string, command func(ctx context.Context, name string) *exec.Cmd) *Peer {
	return &Peer{name: name, command: command}
}

// message is a line of the protocol.
type message struct {
	Type string `json:"type"`

	Space      *space.Space  `json:"space,omitempty"`
	Fidelities []study.Range `json:"fidelities,omitempty"`
	Seed       uint64        `json:"seed,omitempty"`
	Budget     float64       `json:"budget,omitempty"`
	Loss       *float64      `json:"loss,omitempty"`
	Failed     bool          `json:"failed,omitempty"`

	Config   space.Config      `json:"config,omitempty"`
	Fidelity study.Fidelity    `json:"fidelity,omitempty"`
	CPU      float64           `json:"cpu,omitempty"`
	Versions map[string]string `json:"versions,omitempty"`
	Message  string            `json:"message,omitempty"`
}

// Name implements Method.
func (p *Peer) Name() string { return p.name }

// Versions are those of the peer's libraries, once it has run.
func (p *Peer) Versions() map[string]string { return p.versions }

// Open implements Method. The peer's process starts with the first run.
func (p *Peer) Open(ctx context.Context, on problem.Problem, seed uint64, budget float64) (Session, error) {
	if p.process == nil {
		if err := p.start(ctx); err != nil {
			return nil, err
		}
	}
	s := &peerSession{peer: p, problem: on.Study(seed)}
	return s, p.send(message{Type: "open", Space: &on.Space, Fidelities: on.Fidelities, Seed: seed, Budget: budget})
}

// start starts the process and waits until its libraries are loaded.
func (p *Peer) start(ctx context.Context) error {
	p.process = p.command(ctx, p.name)
	p.process.Stderr = &p.stderr
	p.process.WaitDelay = time.Second
	var err error
	if p.in, err = p.process.StdinPipe(); err != nil {
		return err
	}
	out, err := p.process.StdoutPipe()
	if err != nil {
		return err
	}
	p.out = bufio.NewReader(out)
	if err := p.process.Start(); err != nil {
		p.process = nil
		return fmt.Errorf("%w to start: %w", ErrPeer, err)
	}
	ready, err := p.receive("ready")
	p.versions = ready.Versions
	return err
}

// send writes a line.
func (p *Peer) send(m message) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if _, err := p.in.Write(append(text, '\n')); err != nil {
		return p.failure(err)
	}
	return nil
}

// receive reads a line of one of the types.
func (p *Peer) receive(types ...string) (message, error) {
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		return message{}, p.failure(err)
	}
	var m message
	if err := json.Unmarshal(line, &m); err != nil {
		return message{}, p.failure(fmt.Errorf("it said %q: %w", bytes.TrimSpace(line), err))
	}
	for _, t := range types {
		if m.Type == t {
			return m, nil
		}
	}
	switch m.Type {
	case "unsupported":
		return m, fmt.Errorf("%s: %w", m.Message, ErrUnsupported)
	case "error":
		return m, fmt.Errorf("%w: %s", ErrPeer, m.Message)
	}
	return m, p.failure(fmt.Errorf("it said %q where %v was expected", m.Type, types))
}

// failure adds what the process said last, and ends it.
func (p *Peer) failure(err error) error {
	_ = p.Close()
	if said := p.stderr.last(); said != "" {
		return fmt.Errorf("%w: %w\n%s", ErrPeer, err, said)
	}
	return fmt.Errorf("%w: %w", ErrPeer, err)
}

// Close ends the process: a peer whose input ends is done.
func (p *Peer) Close() error {
	if p.process == nil {
		return nil
	}
	_ = p.in.Close()
	process := p.process
	p.process = nil
	if err := process.Wait(); err != nil {
		return fmt.Errorf("%w at its end: %w", ErrPeer, err)
	}
	return nil
}

// peerSession is one run of a peer.
type peerSession struct {
	peer    *Peer
	problem study.Problem
	last    study.TrialID
	over    bool // the peer is not in the run any more
}

// Next waits for the next proposal.
func (s *peerSession) Next(ctx context.Context) (study.Suggestion, error) {
	m, err := s.peer.receive("ask", "exhausted")
	if err != nil {
		s.over = true
		return study.Suggestion{}, errors.Join(ctx.Err(), err)
	}
	if m.Type == "exhausted" {
		return study.Suggestion{}, optimizers.ErrExhausted
	}
	s.last++
	asked := []study.Suggestion{{ID: s.last, Config: m.Config, Fidelity: m.Fidelity}}
	answer, err := optimizers.CheckSuggestions(s.problem, asked, s.last, 1)
	if err != nil {
		return study.Suggestion{}, fmt.Errorf("%w: %w", ErrPeer, err)
	}
	return answer[0], nil
}

// Tell answers the last proposal. The last answer of a run is not told, but that it is over.
func (s *peerSession) Tell(_ context.Context, loss float64) error {
	return s.peer.send(message{Type: "loss", Loss: &loss})
}

// Substituting is a Session that can be told what another configuration than the one proposed gave, as that of a Peer.
type Substituting interface {
	Session
	// TellInstead reports what was evaluated in place of the last proposal; a nil loss: it failed.
	TellInstead(ctx context.Context, c space.Config, loss *float64) error
}

// TellInstead implements Substituting.
func (s *peerSession) TellInstead(_ context.Context, c space.Config, loss *float64) error {
	return s.peer.send(message{Type: "loss", Loss: loss, Failed: loss == nil, Config: c})
}

// Close ends the run: the peer may be asking for the next loss already.
func (s *peerSession) Close() (time.Duration, error) {
	if s.over || s.peer.process == nil {
		return 0, nil
	}
	if err := s.peer.send(message{Type: "stop"}); err != nil {
		return 0, err
	}
	for {
		m, err := s.peer.receive("ask", "exhausted", "closed")
		if err != nil {
			return 0, err
		}
		if m.Type == "closed" {
			return time.Duration(m.CPU * float64(time.Second)), nil
		}
	}
}

// tail keeps the end of what a process writes to standard error.
type tail struct {
	mu   sync.Mutex
	text []byte
}

// tailSize is how much is kept, in bytes.
const tailSize = 8 << 10

// Write implements io.Writer.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	if extra := len(t.text) - tailSize; extra > 0 {
		t.text = append(t.text[:0], t.text[extra:]...)
	}
	return len(b), nil
}

// last returns the last line that says something.
func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(t.text)), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
