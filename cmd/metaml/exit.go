package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"github.com/metaml/metaml/cmd/internal/argv"
	"github.com/metaml/metaml/cmd/internal/asktell"
	"github.com/metaml/metaml/cmd/internal/optimizerbench"
	"github.com/metaml/metaml/cmd/internal/settings"
	"github.com/metaml/metaml/cmd/internal/studies"
	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/cmd/internal/tuning"
	"github.com/metaml/metaml/kb"
	"github.com/metaml/metaml/kb/grow"
	"github.com/metaml/metaml/kb/importers"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/kb/store"
	"github.com/metaml/metaml/metafeatures"
	"github.com/metaml/metaml/metafeatures/dataset"
	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/ledger/sqlite"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/space/spelling"
	"github.com/metaml/metaml/plugins"
	"github.com/metaml/metaml/plugins/program"
	"github.com/metaml/metaml/plugins/pyenv"
	"github.com/metaml/metaml/transfer"
	"github.com/metaml/metaml/warmstart"
	"github.com/metaml/metaml/warmstart/regret"
)

// exitCode is the process's exit status.
type exitCode int

// The exit statuses; scripts rely on them.
const (
	exitOK          exitCode = 0
	exitFailure     exitCode = 1 // it was tried and failed
	exitUsage       exitCode = 2 // wrong command line or configuration
	exitNotFound    exitCode = 3 // a file, column, task, … that does not exist
	exitInvalid     exitCode = 4 // data or knowledge base broken or unusable
	exitConflict    exitCode = 5 // exists already, or locked by another process
	exitPlugin      exitCode = 7 // an optimizer's or evaluator's process failed
	exitPartial     exitCode = 8 // part of the work was done, the rest named on stderr
	exitTimeout     exitCode = 124
	exitInterrupted exitCode = 130
	exitTerminated  exitCode = 143
)

// failure is an error with the exit code it asks for. Commands return one where no sentinel says it already.
type failure struct {
	code exitCode
	err  error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// failf makes a failure; the format is fmt.Errorf's.
func failf(code exitCode, format string, args ...any) error {
	return &failure{code, fmt.Errorf(format, args...)}
}

// usagef is a failure of the command line.
func usagef(format string, args ...any) error { return failf(exitUsage, format, args...) }

// oneOf returns a usage error unless value is among the choices.
func oneOf(flag, value string, choices ...string) error {
	if slices.Contains(choices, value) {
		return nil
	}
	return usagef("%s %q is none of %s%s", flag, value, strings.Join(choices, ", "), spelling.Hint(value, choices))
}

// mustExist returns a not-found failure unless the path exists.
func mustExist(what, path string) error {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return failf(exitNotFound, "%s %s does not exist", what, path)
	}
	return err
}

// errTimeout is the cause of a context that --timeout ended.
var errTimeout = errors.New("stopped by --timeout")

// sentinel says which exit code an error asks for that wraps err. The words of a silent one only name the class of
// error, as the exit code does: messages go without them. The advice is added to messages that give none.
type sentinel struct {
	err    error
	code   exitCode
	silent bool
	advice string
}

func sentinels() []sentinel {
	return append(studySentinels(), []sentinel{
		{err: errTimeout, code: exitTimeout},
		{err: context.DeadlineExceeded, code: exitTimeout},
		{err: argv.ErrUsage, code: exitUsage, silent: true},
		{err: settings.ErrInvalid, code: exitUsage, silent: true},
		{err: dataset.ErrOption, code: exitUsage, silent: true},
		{err: metafeatures.ErrOption, code: exitUsage, silent: true},
		{err: warmstart.ErrStrategy, code: exitUsage},
		{err: regret.ErrNothing, code: exitNotFound, silent: true},
		{err: dataset.ErrNotFound, code: exitNotFound, silent: true},
		{err: transfer.ErrNotFound, code: exitNotFound},
		{err: transfer.ErrEmpty, code: exitNotFound,
			advice: "metaml kb stats tells what it holds; metaml kb grow FOLDER lets it learn"},
		{err: plugins.ErrNotFound, code: exitNotFound},
		{err: dataset.ErrData, code: exitInvalid, silent: true},
		{err: grow.ErrCatalog, code: exitInvalid, silent: true},
		{err: importers.ErrInvalid, code: exitInvalid, silent: true},
		{err: kb.ErrQuery, code: exitUsage, silent: true, advice: "metaml kb search --help shows what a query may hold"},
		{err: record.ErrInvalid, code: exitInvalid},
		{err: store.ErrCorrupt, code: exitInvalid,
			advice: "metaml kb verify lists what is wrong; put back a copy of the file, or move it away"},
		{err: store.ErrForeign, code: exitInvalid, advice: "name a file that metaml made by --kb, or go without --kb"},
		{err: store.ErrNewer, code: exitInvalid, advice: "install a newer metaml"},
		{err: store.ErrLocked, code: exitConflict,
			advice: "wait for the other process, or end it, and try again"},
		{err: store.ErrStorage, code: exitFailure,
			advice: "every record added so far is safe; make room, and the same command goes on"},
		{err: store.ErrReadOnly, code: exitConflict,
			advice: "name another file by --kb, or go without --kb"},
		{err: program.ErrInvalid, code: exitUsage, silent: true},
		{err: space.ErrInvalid, code: exitInvalid, silent: true},
		{err: pyenv.ErrNoPython, code: exitPlugin},
		{err: pyenv.ErrInstall, code: exitPlugin},
		{err: plugins.ErrChecksum, code: exitPlugin,
			advice: "if you replaced it yourself, accept it by metaml plugins verify NAME --pin"},
		{err: plugins.ErrStart, code: exitPlugin},
		{err: plugins.ErrLost, code: exitPlugin},
		{err: plugins.ErrProtocol, code: exitPlugin},
		{err: plugins.ErrQuarantined, code: exitPlugin},
		{err: plugins.ErrLock, code: exitInvalid,
			advice: "mend the file, or remove it and pin anew by metaml plugins verify --pin"},
		{err: errSettings, code: exitUsage},
		{err: problem.ErrUnknown, code: exitNotFound},
		{err: problem.ErrTable, code: exitInvalid},
		{err: optimizerbench.ErrPeer, code: exitPlugin},
		{err: fs.ErrNotExist, code: exitNotFound, silent: true},
		{err: fs.ErrExist, code: exitConflict},
	}...)
}

// studySentinels are those of errors about studies.
func studySentinels() []sentinel {
	return []sentinel{
		{err: tuning.ErrName, code: exitUsage},
		{err: studies.ErrNotFound, code: exitNotFound, silent: true,
			advice: "metaml studies list shows those that there are"},
		{err: asktell.ErrUnknown, code: exitNotFound},
		{err: asktell.ErrConflict, code: exitConflict},
		{err: asktell.ErrResult, code: exitInvalid, silent: true},
		{err: sqlite.ErrLocked, code: exitConflict,
			advice: "wait for the other process, or end it, and try again"},
		{err: sqlite.ErrExists, code: exitConflict},
		{err: optimizers.ErrStaleOwner, code: exitConflict},
		{err: sqlite.ErrCorrupt, code: exitInvalid,
			advice: "put back a copy of the study's folder, or remove it: metaml studies delete STUDY"},
		{err: sqlite.ErrForeign, code: exitInvalid},
		{err: sqlite.ErrStorage, code: exitFailure,
			advice: "every trial reported so far is safe; make room, and the same command goes on"},
		{err: sqlite.ErrNewer, code: exitInvalid, advice: "install a newer metaml"},
		{err: syscall.ENOSPC, code: exitFailure, advice: "make room on that disk, and try again"},
		{err: optimizers.ErrLog, code: exitInvalid},
	}
}

// codeOf is the one place where errors become exit codes.
func codeOf(ctx context.Context, err error) exitCode {
	if err == nil {
		return exitOK
	}
	var stopped signalError
	if errors.As(context.Cause(ctx), &stopped) || errors.As(err, &stopped) {
		if stopped.signal == syscall.SIGTERM {
			return exitTerminated
		}
		return exitInterrupted
	}
	var f *failure
	if errors.As(err, &f) {
		return f.code
	}
	for _, s := range sentinels() {
		if errors.Is(err, s.err) {
			return s.code
		}
	}
	return exitFailure
}

// report writes the error, if any, and returns its exit code.
func (e *environment) report(ctx context.Context, err error) exitCode {
	code := codeOf(ctx, err)
	switch {
	case code == exitOK:
	case code == exitTimeout:
		e.writeError(fmt.Sprintf("stopped after %s (--timeout)", e.timeout))
	case code == exitInterrupted, code == exitTerminated:
		e.writeError("stopped; nothing half-written was left behind")
	default:
		text := message(err)
		if !strings.Contains(text, "\n") {
			text += "\n" + advice(err)
		}
		e.writeError(text)
	}
	return code
}

// advice says what to do about an error, empty where its sentinel has nothing to add.
func advice(err error) string {
	for _, s := range sentinels() {
		if s.advice != "" && errors.Is(err, s.err) {
			return s.advice
		}
	}
	return ""
}

// message is an error's text without the words of silent sentinels, before or after it. What the system says of a
// file that is not there becomes what metaml says.
func message(err error) string {
	text := err.Error()
	var p *fs.PathError
	if errors.As(err, &p) && errors.Is(p, fs.ErrNotExist) {
		text = strings.Replace(text, p.Error(), p.Path+" does not exist", 1)
	}
	for _, s := range sentinels() {
		if s.silent {
			text = strings.TrimPrefix(text, s.err.Error()+": ")
		}
	}
	for _, s := range sentinels() {
		if s.silent {
			text = strings.ReplaceAll(text, ": "+s.err.Error(), "")
		}
	}
	return text
}

// maxErrorLines bounds what an error may take of the screen.
const maxErrorLines = 4

func (e *environment) writeError(text string) {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if more := len(lines) - maxErrorLines; more > 0 {
		lines = append(lines[:maxErrorLines-1], fmt.Sprintf("… and %d more lines", more+1))
	}
	for i, l := range lines {
		lines[i] = term.Clean(strings.TrimSpace(l))
	}
	fmt.Fprintf(e.stderr, "metaml: %s\n", strings.Join(lines, "\n   "))
}

// reportPanic turns a panic, a defect of metaml itself, into an error message; --verbose adds where it happened.
func (e *environment) reportPanic(p any) exitCode {
	e.writeError(fmt.Sprintf("internal error: %v\nthis is a defect of metaml, not of your input; --verbose shows where", p))
	if e.verbose {
		fmt.Fprintf(e.stderr, "%s", debug.Stack())
	}
	return exitFailure
}
