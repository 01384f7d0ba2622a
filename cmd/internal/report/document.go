package report

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/ledger/sqlite"
	"github.com/metaml/metaml/optimizers/study"

	"github.com/metaml/metaml/cmd/internal/tuning"
)

// schemaVersion is of the document.
const schemaVersion = 1

// document is all that the page shows. Values are the metric's own, in its own direction; times are seconds on the
// study's clock; configurations are as in trial.
type document struct {
	SchemaVersion int          `json:"schema_version"`
	Study         about        `json:"study"`
	Parameters    []parameter  `json:"parameters"`
	Trials        []trial      `json:"trials"`
	Results       []result     `json:"results"`
	Progress      []milestone  `json:"progress"`
	Warm          contribution `json:"warm_start"`
	Importance    importances  `json:"importance"`
	Ablation      ablation     `json:"ablation"`
	Curves        curves       `json:"curves"`
	Failures      []failure    `json:"failures"`
	Facts         []fact       `json:"facts"`
	Command       string       `json:"command,omitempty"`
}

// about says what the study is and how far it has come.
type about struct {
	Name      string         `json:"name"`
	Metric    string         `json:"metric"`
	Maximize  bool           `json:"maximize"`
	Optimizer string         `json:"optimizer"`
	Data      string         `json:"data,omitempty"`
	Target    string         `json:"target,omitempty"`
	Task      string         `json:"task,omitempty"`
	Rows      int            `json:"rows,omitempty"`
	Columns   int            `json:"columns,omitempty"`
	Made      time.Time      `json:"made"`
	Seconds   float64        `json:"seconds"`          // that it ran
	Paused    float64        `json:"paused,omitempty"` // seconds in between, see clock
	Counts    map[string]int `json:"counts"`           // trials by status
}

// subject is a study as the parts of the document are made from it.
type subject struct {
	header  sqlite.Header
	details tuning.Details
	problem study.Problem
	metric  study.Objective
	trials  []study.Trial // in the order of their numbers, as they stand
	clock   *clock
	best    *study.Trial // nil before the first complete trial
}

// compose makes the document of a study.
func compose(in Input) (*document, error) {
	s := &subject{header: in.Header, problem: in.Header.Problem, trials: latest(in.Entries)}
	var err error
	if s.details, err = details(in.Header); err != nil {
		return nil, err
	}
	if len(s.problem.Objectives) == 0 {
		return nil, fmt.Errorf("study %s has no objective", in.Header.Name)
	}
	s.metric = s.problem.Objectives[0]
	s.clock = newClock(in.Entries)
	if t, ok := optimizers.Incumbent(s.problem, s.trials); ok {
		s.best = &t
	}
	d := &document{SchemaVersion: schemaVersion, Study: s.about(in.Made), Parameters: s.parameters(), Trials: s.rows()}
	d.Results, d.Progress, d.Warm = s.results(), s.progress(), s.contribution()
	d.Importance = s.importances()
	d.Ablation = s.ablation()
	d.Curves = s.curves()
	d.Failures = s.failures()
	d.Facts, d.Command = s.facts(), s.command()
	return d, nil
}

func (s *subject) about(made time.Time) about {
	a := about{
		Name: s.header.Name, Metric: s.metric.Metric, Maximize: s.metric.Maximize, Optimizer: s.header.Optimizer,
		Data: s.details.Data, Target: s.details.Target, Task: s.details.Task, Rows: s.details.Rows, Columns: s.details.Columns,
		Made: made.UTC(), Seconds: round(s.clock.length), Paused: round(s.clock.paused),
		Counts: map[string]int{},
	}
	for _, t := range s.trials {
		a.Counts[t.Status.String()]++
	}
	return a
}

// latest returns every trial as it stands at the end of the log, in the order of their numbers. Trials are numbered in
// the order in which they begin.
func latest(entries []sqlite.Entry) []study.Trial {
	var trials []study.Trial
	at := map[study.TrialID]int{}
	for _, e := range entries {
		i, seen := at[e.Trial.ID]
		if !seen {
			i = len(trials)
			at[e.Trial.ID] = i
			trials = append(trials, e.Trial)
		}
		trials[i] = e.Trial
	}
	return trials
}

// value returns the first metric of a trial from its loss, in the metric's own direction.
func (s *subject) value(loss float64) float64 {
	if s.metric.Maximize {
		return -loss
	}
	return loss
}

// full reports whether a trial is complete and at the highest effort that any complete trial has reached: only such
// trials can be compared with the incumbent.
func (s *subject) full(t study.Trial) bool {
	return s.best != nil && t.Status == study.Complete && len(t.Losses) > 0 &&
		optimizers.Effort(s.problem, t.Fidelity) >= optimizers.Effort(s.problem, s.best.Fidelity)
}

// encode writes the document as it stands in the page. It escapes <, > and &, so that no text can end the element
// that holds it.
func (d *document) encode() ([]byte, error) { return json.Marshal(d) }
