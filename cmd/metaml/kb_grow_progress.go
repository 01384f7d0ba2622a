package main

import (
	"fmt"
	"strings"

	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/kb/grow"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/study"
)

// growProgress shows a growth as a bar with failures by kind.
type growProgress struct {
	e      *environment
	bar    *term.Progress
	failed map[study.Status]int
}

func (g *growProgress) Planned(total, done int) {
	g.failed = map[study.Status]int{}
	g.bar = g.e.progress("evaluating", done, total)
}

func (g *growProgress) Ended(_ string, run *record.Run) {
	if run.Status != study.Complete {
		g.failed[run.Status]++
	}
	g.bar.Step(failures(g.failed))
}

func (g *growProgress) close() {
	if g.bar != nil {
		g.bar.Close()
	}
}

// failures lists counts by status: 3 failed, 1 timed_out.
func failures(counts map[study.Status]int) string {
	var parts []string
	for s := study.Pruned; s <= study.Crashed; s++ {
		if counts[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[s], s))
		}
	}
	return strings.Join(parts, ", ")
}

// writeGrowth reports on stdout what was done.
func (e *environment) writeGrowth(s grow.Summary, tasks, failedFiles int) error {
	byStatus := map[string]int{}
	stored := 0
	for status, n := range s.Stored {
		byStatus[status.String()] = n
		stored += n
	}
	if e.output == outputJSON {
		return e.writeJSON(struct {
			SchemaVersion int            `json:"schema_version"`
			Tasks         int            `json:"tasks"`
			FailedFiles   int            `json:"failed_files"`
			Planned       int            `json:"planned"`
			Already       int            `json:"already"`
			Stored        map[string]int `json:"stored"`
		}{1, tasks, failedFiles, s.Planned, s.Already, byStatus})
	}
	text := fmt.Sprintf("%s on %s: %s stored now, %s before", term.Plural(s.Planned, "run"), term.Plural(tasks, "task"), term.Count(stored), term.Count(s.Already))
	if f := failures(s.Stored); f != "" {
		text += " (" + f + ")"
	}
	_, err := fmt.Fprintln(e.stdout, text)
	return err
}
