package plugins

import (
	"errors"
	"fmt"
	"strings"
)

// Errors of this package, found with errors.Is.
var (
	// ErrStart: the plugin process did not come up: it could not be executed, ended at once, said something else
	// than the handshake, or said nothing in time.
	ErrStart = errors.New("the plugin did not start")
	// ErrLost: the plugin process died, broke the connection or did not answer before its deadline, and is gone.
	// The same call may succeed on a fresh process.
	ErrLost = errors.New("the plugin process was lost")
	// ErrProtocol: the plugin answered something that the protocol does not allow.
	ErrProtocol = errors.New("the plugin broke the protocol")
	// ErrQuarantined: the plugin failed too often in a row and is not started again by this handle.
	ErrQuarantined = errors.New("the plugin is quarantined")
	// ErrChecksum: the program is not the one whose checksum was pinned.
	ErrChecksum = errors.New("the program's checksum does not match")
	// ErrNotFound: no program of that kind and name is installed.
	ErrNotFound = errors.New("no such plugin")
	// ErrClosed: the handle was closed.
	ErrClosed = errors.New("the plugin handle is closed")
)

// errEnded is why a process did not start that ended by itself.
var errEnded = errors.New("it ended before the handshake")

// ProcessError is an error of a plugin's process with what the process said and how it ended. It wraps the cause:
// ErrStart, ErrLost or ErrProtocol.
type ProcessError struct {
	// Plugin names the plugin, as "evaluator sklearn".
	Plugin string
	// PID is the process's id, 0 if it never ran.
	PID int
	// Exit says how the process ended, as "exit status 3" or "signal: killed"; empty while it runs.
	Exit string
	// Stderr is the end of the process's standard error, at most 64 KB, always valid UTF-8.
	Stderr string
	// Err is the cause.
	Err error
}

// Error says what happened in one line, with the most telling line of the process's standard error.
func (e *ProcessError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %v", e.Plugin, e.Err)
	if e.Exit != "" {
		fmt.Fprintf(&b, " (%s)", e.Exit)
	}
	if words := lastWords(e.Stderr); words != "" {
		fmt.Fprintf(&b, "; its last words: %s", words)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *ProcessError) Unwrap() error { return e.Err }

// killed reports whether an error is that a signal, which was not the host's, ended a plugin's process.
func killed(err error) bool {
	var process *ProcessError
	return errors.As(err, &process) && strings.HasPrefix(process.Exit, "signal: ") &&
		(errors.Is(err, errEnded) || errors.Is(err, ErrLost))
}

// lastWords picks the line of a process's standard error that tells most: the last that begins a Go panic or fatal
// error, for what follows it is a stack, else the last that is not blank, which is where Python names the exception.
func lastWords(stderr string) string {
	const longest = 300
	lines := strings.Split(stderr, "\n")
	last := ""
	for i := len(lines) - 1; i >= 0; i-- {
		line := strings.TrimSpace(lines[i])
		if strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") {
			last = line
			break
		}
		if last == "" {
			last = line
		}
	}
	if len(last) > longest {
		last = strings.ToValidUTF8(last[:longest], "") + "…"
	}
	return last
}
