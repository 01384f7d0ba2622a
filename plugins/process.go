package plugins

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// killGrace is how long a process has between the request to end and being killed.
	killGrace = 2 * time.Second
	// drainGrace is how long the host waits, after a process and its group are dead, for the end of its output. It
	// runs out only if a descendant left the group and still holds the pipe.
	drainGrace = time.Second
	// longestHandshake bounds the first line on standard output. It is what go-plugin's scanner can hold.
	longestHandshake = 64 << 10
)

// process is a plugin's operating-system process and the group it leads. It is go-plugin's runner: go-plugin's own
// shares the host's standard input, kills one process only, and waits for ever for pipes that descendants hold.
type process struct {
	cmd    *exec.Cmd
	stdout *handshakeReader
	stderr *os.File
	said   *tail         // the end of standard error
	done   chan struct{} // closed when the process and its group are dead and said is complete
	exit   string        // how the process ended; read it after done only

	killing sync.Once
}

// newProcess prepares a command whose environment is complete. What it says besides the handshake goes to said.
func newProcess(cmd *exec.Cmd, said *tail) *process {
	cmd.Stdin = nil // a plugin never shares the host's input
	cmd.SysProcAttr = processAttributes()
	return &process{cmd: cmd, said: said, done: make(chan struct{})}
}

// start runs the process.
func (p *process) start() error {
	outRead, outWrite, err := os.Pipe()
	if err != nil {
		return err
	}
	errRead, errWrite, err := os.Pipe()
	if err != nil {
		return errors.Join(err, outRead.Close(), outWrite.Close())
	}
	p.stdout, p.stderr = &handshakeReader{pipe: outRead, rest: p.said}, errRead
	p.cmd.Stdout, p.cmd.Stderr = outWrite, errWrite
	started := make(chan error)
	go p.supervise(started, outWrite, errWrite)
	if err := <-started; err != nil {
		return errors.Join(err, outRead.Close(), errRead.Close())
	}
	return nil
}

// supervise starts the process and stays until its end. On Linux the kernel ends a process when the thread that
// started it ends, so this goroutine keeps its thread.
func (p *process) supervise(started chan<- error, childEnds ...*os.File) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.cmd.Start()
	for _, f := range childEnds {
		_ = f.Close() // the child has its own; ours would keep the pipes from ending
	}
	started <- err
	if err != nil {
		return
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		_, _ = io.Copy(p.said, p.stderr) // a broken pipe is the end of the output
	}()
	p.exit = exitText(p.cmd.Process.Wait())
	killGroup(p.pid()) // what the process left behind goes with it
	select {
	case <-drained:
	case <-time.After(drainGrace):
	}
	_ = p.stderr.Close()
	_ = p.stdout.Close()
	<-drained
	close(p.done)
}

func exitText(state *os.ProcessState, err error) string {
	if err != nil {
		return err.Error()
	}
	return state.String()
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// exited reports whether the process is dead.
func (p *process) exited() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// awaitExit waits until the process is dead, at most for the given time.
func (p *process) awaitExit(limit time.Duration) {
	select {
	case <-p.done:
	case <-time.After(limit):
	}
}

// kill ends the process and its group: it asks, waits for grace, kills, and returns when they are dead.
func (p *process) kill(grace time.Duration) {
	p.killing.Do(func() {
		askGroup(p.pid())
		p.awaitExit(grace)
		if !p.exited() {
			killGroup(p.pid())
		}
	})
	<-p.done
}

// Start, Wait, Kill and the methods below make process go-plugin's runner.Runner; launch has called start already,
// so that the pid is known and the context of the caller is watched from the first moment.
func (p *process) Start(context.Context) error { return nil }

// Wait returns when the process and its group are dead.
func (p *process) Wait(context.Context) error {
	<-p.done
	return nil
}

// Kill ends the process and its group.
func (p *process) Kill(context.Context) error {
	p.kill(killGrace)
	return nil
}

// Stdout gives go-plugin the handshake line.
func (p *process) Stdout() io.ReadCloser { return p.stdout }

// Stderr is empty: the process itself keeps and copies what the plugin writes.
func (p *process) Stderr() io.ReadCloser { return io.NopCloser(strings.NewReader("")) }

// Name is the program's path.
func (p *process) Name() string { return p.cmd.Path }

// ID is the process id.
func (p *process) ID() string { return strconv.Itoa(p.pid()) }

// Diagnose adds nothing: ProcessError says it.
func (p *process) Diagnose(context.Context) string { return "" }

// PluginToHost and HostToPlugin translate nothing: both sides see the same file system.
func (p *process) PluginToHost(network, address string) (string, string, error) {
	return network, address, nil
}

// HostToPlugin translates nothing.
func (p *process) HostToPlugin(network, address string) (string, string, error) {
	return network, address, nil
}

// failure makes an error of what the process said and how it ended.
func (p *process) failure(plugin string, cause error) *ProcessError {
	e := &ProcessError{Plugin: plugin, PID: p.pid(), Stderr: p.said.String(), Err: cause}
	if p.exited() {
		e.Exit = p.exit
	}
	return e
}

// handshakeReader passes on the first line of a process's standard output and sends the rest elsewhere, so that a
// plugin that prints can neither block on a full pipe nor disturb the protocol.
type handshakeReader struct {
	pipe   *os.File
	rest   io.Writer
	passed int
	ended  bool // the first line is complete
	mu     sync.Mutex
	line   []byte
}

// Read passes on the first line, longestHandshake bytes at most, then drains the pipe and returns io.EOF.
func (r *handshakeReader) Read(b []byte) (int, error) {
	if r.ended || r.passed > longestHandshake {
		_, _ = io.Copy(r.rest, r.pipe)
		return 0, io.EOF
	}
	n, err := r.pipe.Read(b)
	if end := bytes.IndexByte(b[:n], '\n'); end >= 0 {
		r.ended = true
		_, _ = r.rest.Write(b[end+1 : n])
		n = end + 1
	}
	r.passed += n
	r.mu.Lock()
	r.line = append(r.line, b[:n]...)
	r.mu.Unlock()
	if err != nil && !errors.Is(err, io.EOF) {
		err = io.EOF // closed under the reader once the process is dead
	}
	return n, err
}

// Close ends a Read that a descendant of the process keeps waiting.
func (r *handshakeReader) Close() error { return r.pipe.Close() }

// firstLine returns what the process said instead of, or as, its handshake, shortened for a message.
func (r *handshakeReader) firstLine() string {
	const longest = 120
	r.mu.Lock()
	defer r.mu.Unlock()
	line := strings.TrimSpace(strings.ToValidUTF8(string(r.line), "\uFFFD"))
	if len(line) > longest {
		return fmt.Sprintf("%s… (%d bytes)", strings.ToValidUTF8(line[:longest], ""), len(line))
	}
	return line
}
