package function

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"time"

	"github.com/metaml/metaml/plugins/internal/child"
	"github.com/metaml/metaml/plugins/python"
)

const (
	// script is the file that calls the function.
	script = "metaml/evaluators/function.py"
	// drainGrace is how long, after a process's end, its output is waited for, which a descendant may hold open.
	drainGrace = time.Second
)

// message is what the script sends.
type message struct {
	Event    string             `json:"event"` // ready, refused, started, observation, end, exit
	Reason   string             `json:"reason"`
	Fork     bool               `json:"fork"`
	PID      int                `json:"pid"`
	Step     int                `json:"step"`
	Steps    int                `json:"steps"`
	Fidelity map[string]float64 `json:"fidelity"`
	Metrics  map[string]float64 `json:"metrics"`
	Status   string             `json:"status"`
	Code     int                `json:"code"`
	Signal   int                `json:"signal"`
	CPU      float64            `json:"cpu"`
	Memory   float64            `json:"memory"`
}

// worker is a process that has imported the function.
type worker struct {
	cmd      *exec.Cmd
	requests *os.File
	answers  chan message // closed when the process is dead and said no more
	said     *output
	forks    bool // it forks for every trial; else it runs one and ends
	closing  chan struct{}
	dead     chan struct{} // closed once the process is
}

// startWorker starts a process and lets it import the function.
func startWorker(ctx context.Context, p *Protocol, opt Options) (*worker, error) {
	source, err := python.Sources.ReadFile(script)
	if err != nil {
		return nil, err
	}
	w := &worker{answers: make(chan message), said: newOutput(rand.Text()), closing: make(chan struct{}), dead: make(chan struct{})}
	w.cmd = exec.Command(opt.Interpreter, "-u", "-c", string(source))
	w.cmd.Dir, w.cmd.Env = p.Dir, append(os.Environ(), "PYTHONFAULTHANDLER=1")
	if err := w.start(); err != nil {
		return nil, err
	}
	parameters, fidelities := p.Space.Names(), []string{}
	for _, f := range p.Fidelities {
		fidelities = append(fidelities, f.Name)
	}
	w.send(map[string]any{"function": p.Function, "parameters": parameters, "fidelities": fidelities,
		"fresh": opt.Fresh, "marker": w.said.marker})
	select {
	case m, alive := <-w.answers:
		switch {
		case !alive:
			err = fmt.Errorf("%w: %s: %s%s", ErrInvalid, opt.Interpreter, ending(w.cmd.ProcessState), w.said.last())
		case m.Event != "ready":
			err = fmt.Errorf("%w: %s: %s", ErrInvalid, p.Function, m.Reason)
		}
		w.forks = m.Fork
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// start runs the process. On Linux the kernel kills it when the thread that started it ends, so the goroutine keeps its
// thread.
func (w *worker) start() error {
	var ends [6]*os.File // requests, answers, output: each a reader and a writer
	for i := 0; i < len(ends); i += 2 {
		var err error
		if ends[i], ends[i+1], err = os.Pipe(); err != nil {
			return errors.Join(err, closeAll(ends[:]))
		}
	}
	w.requests = ends[1]
	w.cmd.ExtraFiles = []*os.File{ends[0], ends[3]}
	w.cmd.Stdout, w.cmd.Stderr = ends[5], ends[5]
	child.BindToThread(w.cmd)
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := w.cmd.Start()
		_ = closeAll([]*os.File{ends[0], ends[3], ends[5]}) // the process has its own
		started <- err
		if err == nil {
			w.supervise(ends[2], ends[4])
		}
	}()
	if err := <-started; err != nil {
		return errors.Join(err, closeAll([]*os.File{ends[1], ends[2], ends[4]}))
	}
	return nil
}

func closeAll(files []*os.File) error {
	var errs []error
	for _, f := range files {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	return errors.Join(errs...)
}

// supervise reads what the process sends and says until it is dead.
func (w *worker) supervise(answers, said *os.File) {
	var drained [2]chan struct{}
	for i, read := range []func(){func() { w.read(answers) }, func() { _, _ = io.Copy(w.said, said) }} {
		drained[i] = make(chan struct{})
		go func() {
			defer close(drained[i])
			read()
		}()
	}
	_ = w.cmd.Wait()
	close(w.dead)
	child.KillRest()
	limit := time.After(drainGrace)
	for _, end := range drained {
		select {
		case <-end:
		case <-limit:
			limit = time.After(0)
		}
	}
	_ = closeAll([]*os.File{answers, said})
	<-drained[0]
	<-drained[1]
	close(w.answers)
}

// read passes on what the process sends. A line that is no message is what a trial that died had not finished.
func (w *worker) read(r io.Reader) {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var m message
		if json.Unmarshal(line, &m) != nil || m.Event == "" {
			continue
		}
		select {
		case w.answers <- m:
		case <-w.closing:
		}
	}
}

// send sends a request. That nobody is there to read it is seen at the end of the answers.
func (w *worker) send(request map[string]any) {
	text, err := json.Marshal(request)
	if err == nil {
		_, _ = w.requests.Write(append(text, '\n'))
	}
}

// pid is the process's.
func (w *worker) pid() int { return w.cmd.Process.Pid }

// close ends the process and all that it started.
func (w *worker) close() {
	close(w.closing)
	_ = w.requests.Close()
	select {
	case <-w.dead:
	default:
		killTree(w.pid())
	}
	for range w.answers { // until it is dead
	}
}

// ending says how a process ended.
func ending(state *os.ProcessState) string {
	if state == nil {
		return "it is gone"
	}
	return state.String()
}
