package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/term"

	"github.com/metaml/metaml/cmd/internal/argv"
)

// environment is everything a command touches outside its arguments, so that tests can give it their own.
type environment struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	now            func() time.Time
	isTerminal     func(stream any) bool
	width          func(stream any) int // columns of a terminal, 0 where unknown

	globals  // what the global flags say; set before a command's action runs
	line     *argv.Line
	settings []setting
}

// globals are the values of the global flags.
type globals struct {
	kb      string // path given by --kb; empty: the seed and the user's own knowledge base
	output  string // outputTable, outputJSON or outputCSV
	quiet   bool
	verbose bool
	plain   bool // no colour, no cursor movement
	seed    uint64
	timeout time.Duration
}

// processEnvironment is the environment of a real process.
func processEnvironment() *environment {
	return &environment{
		stdin:      os.Stdin,
		stdout:     os.Stdout,
		stderr:     os.Stderr,
		getenv:     os.Getenv,
		now:        time.Now,
		isTerminal: isTerminal,
		width:      terminalWidth,
	}
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func terminalWidth(stream any) int {
	f, ok := stream.(*os.File)
	if !ok {
		return 0
	}
	w, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return w
}

// say writes a line of progress or advice to stderr unless --quiet.
func (e *environment) say(format string, args ...any) {
	if !e.quiet {
		fmt.Fprintf(e.stderr, format+"\n", args...)
	}
}

// dataFolder is where the user's own knowledge base and environments live: $XDG_DATA_HOME/metaml.
func (e *environment) dataFolder() (string, error) {
	return e.folder("XDG_DATA_HOME", "LocalAppData", ".local", "share")
}

// cacheFolder holds what can be rebuilt: $XDG_CACHE_HOME/metaml.
func (e *environment) cacheFolder() (string, error) {
	return e.folder("XDG_CACHE_HOME", "LocalAppData", ".cache")
}

// configFolder holds the user's config.yaml: $XDG_CONFIG_HOME/metaml.
func (e *environment) configFolder() (string, error) {
	return e.folder("XDG_CONFIG_HOME", "AppData", ".config")
}

// folder resolves an XDG folder: its variable, the Windows one, or a path below the home folder.
func (e *environment) folder(variable, windows string, fallback ...string) (string, error) {
	for _, v := range []string{variable, windows} {
		if dir := e.getenv(v); filepath.IsAbs(dir) {
			return filepath.Join(dir, "metaml"), nil
		}
	}
	home := e.getenv("HOME")
	if home == "" {
		return "", fmt.Errorf("neither %s nor HOME is set: set one of them to an absolute path", variable)
	}
	return filepath.Join(append(append([]string{home}, fallback...), "metaml")...), nil
}

// input returns stdin as a reader that ends with the context's error when ctx is done, even while nothing comes.
func (e *environment) input(ctx context.Context) io.Reader {
	pr, pw := io.Pipe()
	go func() {
		_, err := io.Copy(pw, e.stdin)
		pw.CloseWithError(err)
	}()
	context.AfterFunc(ctx, func() { pw.CloseWithError(errors.Join(context.Cause(ctx), ctx.Err())) })
	return pr
}
