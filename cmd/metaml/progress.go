package main

import (
	"io"

	"github.com/metaml/metaml/cmd/internal/term"
)

// progress starts to show on stderr how far a long piece of work has come; with --quiet it shows nothing.
func (e *environment) progress(label string, done, total int) *term.Progress {
	out := e.stderr
	if e.quiet {
		out = io.Discard
	}
	return term.NewProgress(out, label, done, total, term.ProgressOptions{
		Terminal: !e.quiet && !e.plain && e.isTerminal(e.stderr), Width: e.width(e.stderr), Now: e.now})
}
