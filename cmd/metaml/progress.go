package main

import (
	"io"
	"time"

	"github.com/metaml/metaml/cmd/internal/term"
)

// progress starts to show on stderr how far a long piece of work has come; with --quiet it shows nothing.
func (e *environment) progress(label string, done, total int) *term.Progress {
	return e.newProgress(label, done, total, term.ProgressOptions{})
}

// progressInTime does so for work that ends when a time is up, and takes a step each second.
func (e *environment) progressInTime(label string, spent, total time.Duration) *term.Progress {
	return e.newProgress(label, int(spent.Seconds()), int(total.Seconds()), term.ProgressOptions{Seconds: true})
}

func (e *environment) newProgress(label string, done, total int, opt term.ProgressOptions) *term.Progress {
	out := e.stderr
	if e.quiet {
		out = io.Discard
	}
	opt.Terminal, opt.Width, opt.Now = !e.quiet && !e.plain && e.isTerminal(e.stderr), e.width(e.stderr), e.now
	return term.NewProgress(out, label, done, total, opt)
}
