package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/studies"
	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/cmd/internal/trials"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// studiesCommand is the group of commands on studies.
func studiesCommand(e *environment) *cli.Command {
	return e.group("studies", "list, show, export and delete studies", `
A study is what metaml tune and metaml ask keep: every trial, as soon as it begins and ends. Studies can be looked at
while they run.

example:
  $ metaml studies list
  $ metaml studies show churn-7f3a09
`, []*cli.Command{studiesListCommand(e), studiesShowCommand(e), studiesExportCommand(e), studiesDeleteCommand(e)})
}

// trialJSON is a trial as commands show it.
type trialJSON struct {
	ID         study.TrialID      `json:"id"`
	Status     study.Status       `json:"status"`
	Value      *float64           `json:"value"` // of the study's metric, in its own direction; null without result
	Config     space.Config       `json:"config"`
	Fidelity   study.Fidelity     `json:"fidelity,omitempty"` // absent: a full evaluation
	Seed       uint64             `json:"seed"`
	Origin     string             `json:"origin"`
	Parent     study.TrialID      `json:"parent,omitempty"`
	Reason     string             `json:"reason,omitempty"`
	Metrics    map[string]float64 `json:"metrics,omitempty"` // of the last observation
	Cost       study.Cost         `json:"cost,omitzero"`
	Checkpoint string             `json:"checkpoint,omitempty"`
	Began      string             `json:"began"`
	Ended      string             `json:"ended,omitempty"`
}

// timeFormat writes times as the studies have them, to the millisecond.
const timeFormat = "2006-01-02T15:04:05.000Z"

func describeTrial(p study.Problem, t studies.Trial) trialJSON {
	j := trialJSON{ID: t.ID, Status: t.Status, Config: t.Config, Fidelity: t.Fidelity, Seed: t.Seed, Origin: t.Origin, Parent: t.Parent,
		Reason: t.Reason, Checkpoint: t.Checkpoint, Began: t.Began.UTC().Format(timeFormat)}
	if v, ok := trials.Value(p, t.Trial); ok {
		j.Value = &v
	}
	if n := len(t.Observations); n > 0 {
		j.Metrics, j.Cost = t.Observations[n-1].Metrics, t.Observations[n-1].Cost
	}
	if t.Status.Final() {
		j.Ended = t.Ended.UTC().Format(timeFormat)
	}
	return j
}

// trialsText reads "23 trials (2 failed, 1 pending)".
func trialsText(s *studies.Study) string {
	text := term.Plural(len(s.Trials), "trial")
	var parts []string
	if n := s.Failed(); n > 0 {
		parts = append(parts, term.Count(n)+" failed")
	}
	if n := len(s.Trials) - s.Finished(); n > 0 {
		parts = append(parts, term.Count(n)+" pending")
	}
	if len(parts) > 0 {
		text += " (" + strings.Join(parts, ", ") + ")"
	}
	return text
}

// fidelityText reads "epochs=9 rows=0.5", empty for a full evaluation.
func fidelityText(t studies.Trial) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(t.Fidelity)) {
		parts = append(parts, fmt.Sprintf("%s=%s", name, formatNumber(t.Fidelity[name])))
	}
	return strings.Join(parts, " ")
}

// stateOf says whether a study is being run.
func stateOf(s *studies.Study) string {
	if s.Running {
		return "running"
	}
	return "idle"
}

// statusCounts counts trials by status, pending ones included.
func statusCounts(s *studies.Study) map[string]int {
	counts := map[string]int{}
	for _, t := range s.Trials {
		counts[t.Status.String()]++
	}
	return counts
}

// statusText reads "88 complete, 3 failed, 1 pending".
func statusText(counts map[string]int) string {
	text := runsByStatus(counts)
	if n := counts[study.Pending.String()]; n > 0 {
		text = strings.TrimPrefix(text+", ", "none, ") + term.Count(n) + " pending"
	}
	return cmp.Or(text, "none")
}
