package plugins

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Kind is a kind of plugin.
type Kind string

// The kinds of plugins. They are also the names under which go-plugin serves them.
const (
	KindOptimizer Kind = "optimizer"
	KindEvaluator Kind = "evaluator"
)

const (
	// exitGrace is how long a process that broke its connection has to exit by itself, so that its exit status is
	// known.
	exitGrace = time.Second
	// closeGrace is how long a plugin may take to end when asked to.
	closeGrace = 3 * time.Second
)

// longestSocketFolder is how long the path of the folder for sockets may be, so that the name of a socket in it
// stays within the 104 bytes that macOS allows (Linux: 108).
const longestSocketFolder = 56

// connection is one living process of a plugin and the gRPC connection to it.
type connection struct {
	name    string // for messages, as "evaluator sklearn"
	client  *plugin.Client
	process *process
	conn    *grpc.ClientConn
	folder  string // of the socket
}

// service is go-plugin's view of a plugin: it registers a server on one side and hands out the connection on the
// other.
type service struct {
	plugin.NetRPCUnsupportedPlugin
	register func(*grpc.Server)
}

// GRPCServer registers the plugin's service.
func (s service) GRPCServer(_ *plugin.GRPCBroker, server *grpc.Server) error {
	s.register(server)
	return nil
}

// GRPCClient returns the connection.
func (s service) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return conn, nil
}

// connect starts a process and shakes hands with it. The context bounds the start only.
func connect(ctx context.Context, kind Kind, name string, command Command) (*connection, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	c := &connection{name: string(kind) + " " + name}
	if err := command.verify(); err != nil {
		return nil, c.startError(err)
	}
	folder, err := socketFolder()
	if err != nil {
		return nil, c.startError(err)
	}
	c.folder = folder
	err = c.launch(ctx, kind, command)
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// launch runs the process under go-plugin and waits for the handshake.
func (c *connection) launch(ctx context.Context, kind Kind, command Command) error {
	said := &tail{echo: command.Stderr}
	var stopWatching func() bool
	c.client = plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  Handshake,
		Plugins:          plugin.PluginSet{string(kind): service{}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		StartTimeout:     command.startTimeout(),
		SkipHostEnv:      true,
		AutoMTLS:         runtime.GOOS == "windows", // where go-plugin listens on TCP
		UnixSocketConfig: &plugin.UnixSocketConfig{TempDir: c.folder},
		Logger:           hclog.New(&hclog.LoggerOptions{Output: io.Discard, Level: hclog.Off}),
		SyncStdout:       said, // what plugins in Go print goes over the connection
		SyncStderr:       said,
		RunnerFunc: func(_ hclog.Logger, spec *exec.Cmd, _ string) (runner.Runner, error) {
			p := newProcess(command.exec(spec.Env), said)
			if err := p.start(); err != nil {
				return nil, err
			}
			c.process = p
			stopWatching = context.AfterFunc(ctx, func() { p.kill(killGrace) })
			return p, nil
		},
	})
	begun := time.Now()
	defer func() {
		if stopWatching != nil {
			stopWatching()
		}
	}()
	protocol, err := c.client.Client()
	var raw any
	if err == nil {
		raw, err = protocol.Dispense(string(kind))
	}
	if err != nil {
		return c.startError(c.explainStart(err, time.Since(begun), command.startTimeout()))
	}
	c.conn = raw.(*grpc.ClientConn)
	return nil
}

// explainStart says in one line why there was no handshake; go-plugin's own messages run over many.
func (c *connection) explainStart(err error, took, limit time.Duration) error {
	if c.process == nil {
		return err // it could not be executed
	}
	line := c.process.stdout.firstLine()
	switch {
	case strings.Count(line, "|") >= 3:
		first, _, _ := strings.Cut(err.Error(), "\n")
		return fmt.Errorf("the handshake %q was refused: %s", line, first)
	case line != "":
		return fmt.Errorf("it said %q instead of the handshake", line)
	case took >= limit:
		return fmt.Errorf("no handshake within %v", limit)
	}
	c.process.awaitExit(exitGrace)
	return errEnded
}

// startError wraps why a process did not start.
func (c *connection) startError(cause error) error {
	cause = fmt.Errorf("%w: %w", ErrStart, cause)
	if c.process == nil {
		return &ProcessError{Plugin: c.name, Err: cause}
	}
	return c.process.failure(c.name, cause)
}

// failure makes an error of what a call returned, given the caller's context. If the process did not survive, or
// cannot be trusted to answer any more, it is dead when failure returns, and the error wraps ErrLost.
func (c *connection) failure(ctx context.Context, call string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %s: %w", c.name, call, context.Cause(ctx))
	}
	var cause error
	switch code := status.Code(err); {
	case code == codes.DeadlineExceeded:
		cause = fmt.Errorf("%w: no answer to %s in time", ErrLost, call)
	case code == codes.Unavailable || code == codes.Canceled || c.process.exited():
		cause = fmt.Errorf("%w during %s", ErrLost, call)
		c.process.awaitExit(exitGrace)
	default:
		return fmt.Errorf("%s: %s: %s", c.name, call, status.Convert(err).Message())
	}
	died := c.process.exited() // else what we do to it is no news
	c.process.kill(killGrace)
	e := c.process.failure(c.name, cause)
	if !died {
		e.Exit = ""
	}
	return e
}

// violation makes an error of an answer that the protocol does not allow, and ends the process that gave it.
func (c *connection) violation(call string, err error) error {
	c.process.kill(killGrace)
	e := c.process.failure(c.name, fmt.Errorf("%w: %s: %w", ErrProtocol, call, err))
	e.Exit = ""
	return e
}

// close asks the plugin to end and makes sure that it does; the processes are dead and the socket's folder is gone
// when it returns. It must be called once for every connection, also for one whose process died.
func (c *connection) close() {
	if c.process != nil {
		// go-plugin waits for the answer to its request without a deadline.
		overdue := time.AfterFunc(closeGrace, func() { c.process.kill(killGrace) })
		defer overdue.Stop()
	}
	if c.client != nil {
		c.client.Kill()
	}
	_ = os.RemoveAll(c.folder) // best effort: it holds a socket that nobody serves any more
}

// socketFolder makes a folder that only this user can enter, in the temporary folder or, where that name is too long
// for a socket, in /tmp.
func socketFolder() (string, error) {
	base := os.TempDir()
	if len(filepath.Join(base, "metaml-0123456789")) > longestSocketFolder {
		base = "/tmp"
	}
	return os.MkdirTemp(base, "metaml-")
}
