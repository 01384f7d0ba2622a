package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/studies"
	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/cmd/internal/trials"
	"github.com/metaml/metaml/cmd/internal/tuning"
	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/study"
)

func studiesShowCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:      "show",
		Usage:     "show a study: its best configuration, trials by status, what the warm start gave",
		ArgsUsage: "STUDY",
		Description: `
Shows what the study is about, how its trials ended, the best configuration so far and what the best warm start and
the default configuration gave. --trials adds every trial.

example:
  $ metaml studies show churn-7f3a09
  $ metaml studies show churn-7f3a09 --trials
`,
		Flags:  []cli.Flag{&cli.BoolFlag{Name: "trials", Usage: "also list all trials"}},
		Action: e.studiesShow,
	}
}

// studyJSON is what `studies show` tells of a study.
type studyJSON struct {
	SchemaVersion int `json:"schema_version"`
	studyRow
	Data      string         `json:"data,omitempty"`
	Target    string         `json:"target,omitempty"`
	Evaluator string         `json:"evaluator,omitempty"`
	Seed      uint64         `json:"seed,string"`
	ByStatus  map[string]int `json:"by_status"`
	Incumbent *trialJSON     `json:"incumbent"`            // null before the first complete trial
	WarmStart *warmStartJSON `json:"warm_start,omitempty"` // absent in a study without
	Default   *float64       `json:"default,omitempty"`    // value of the default configuration
	AllTrials []trialJSON    `json:"all_trials,omitempty"` // with --trials
}

// warmStartJSON is what the warm starts gave.
type warmStartJSON struct {
	Configs  int            `json:"configs"`
	Finished int            `json:"finished"`
	Best     *float64       `json:"best"`            // null before one is complete
	Trial    *study.TrialID `json:"trial,omitempty"` // that gave it
}

func (e *environment) studiesShow(c *cli.Context) error {
	if err := positionals(c, "STUDY"); err != nil {
		return err
	}
	s, err := e.viewStudy(c.Context, c.Args().First())
	if err != nil {
		return err
	}
	out := studyDetails(s)
	if c.Bool("trials") {
		for _, t := range s.Trials {
			out.AllTrials = append(out.AllTrials, describeTrial(s.Problem, t))
		}
	}
	switch e.output {
	case outputJSON:
		return e.writeJSON(out)
	case outputCSV:
		return e.writeTrialsCSV(e.stdout, s, s.Trials)
	}
	if err := e.writeStudyTable(s, out); err != nil || !c.Bool("trials") {
		return err
	}
	return e.writeTrialsTable(s)
}

func studyDetails(s *studies.Study) studyJSON {
	out := studyJSON{SchemaVersion: 1, studyRow: describeStudy(s), Data: s.Details.Data, Target: s.Details.Target,
		Evaluator: s.Details.Evaluator, Seed: s.Problem.Seed, ByStatus: statusCounts(s)}
	if best, ok := s.Best(); ok {
		j := describeTrial(s.Problem, best)
		out.Incumbent = &j
	}
	if n := len(s.Details.WarmStarts); n > 0 {
		out.WarmStart = warmStartGain(s)
		out.WarmStart.Configs = n
	}
	if s.Details.Default != nil {
		for _, t := range s.Trials {
			if v, ok := trials.Value(s.Problem, t.Trial); ok && t.Status == study.Complete && len(t.Fidelity) == 0 && t.Config.Equal(s.Details.Default) {
				out.Default = &v
				break
			}
		}
	}
	return out
}

// warmStartGain is what the recommended configurations, without the default, came to.
func warmStartGain(s *studies.Study) *warmStartJSON {
	w := &warmStartJSON{}
	var warm []study.Trial
	for _, t := range s.Trials {
		if t.Origin == optimizers.OriginWarmStart && t.Status.Final() && !optimizers.CutOff(t.Trial) && isWarmStart(s.Details, t) {
			w.Finished++
			warm = append(warm, t.Trial)
		}
	}
	if best, ok := optimizers.Incumbent(s.Problem, warm); ok {
		v, _ := trials.Value(s.Problem, best)
		w.Best, w.Trial = &v, &best.ID
	}
	return w
}

func isWarmStart(d tuning.Details, t studies.Trial) bool {
	for _, w := range d.WarmStarts {
		if t.Config.Equal(w.Config) {
			return true
		}
	}
	return false
}

func (e *environment) writeStudyTable(s *studies.Study, out studyJSON) error {
	t := term.NewTable(term.Column{}, term.Column{Cut: true})
	t.Row("study", s.Name+"  ("+out.State+", last change "+e.ago(out.Changed)+")")
	if out.Data != "" {
		t.Row("data", fmt.Sprintf("%s, target %s", out.Data, out.Target))
	}
	direction := "minimised"
	if out.Maximize {
		direction = "maximised"
	}
	t.Row("metric", out.Metric+", "+direction)
	t.Row("optimizer", out.Optimizer)
	t.Row("space", term.Plural(s.Problem.Space.Len(), "parameter")+fidelitiesText(s.Problem))
	t.Row("trials", statusText(out.ByStatus))
	if w := out.WarmStart; w != nil {
		t.Row("warm start", warmStartText(w))
	}
	if out.Default != nil {
		t.Row("default", sixDigits(*out.Default))
	}
	if err := t.Write(e.stdout, e.width(e.stdout)); err != nil || out.Incumbent == nil {
		return err
	}
	fmt.Fprintln(e.stdout, "\nbest so far")
	best := term.NewTable(term.Column{}, term.Column{Cut: true})
	incumbent, _ := s.Best()
	e.addBest(best, s, incumbent)
	return best.Write(e.stdout, e.width(e.stdout))
}

func fidelitiesText(p study.Problem) string {
	var names []string
	for _, f := range p.Fidelities {
		names = append(names, f.Name)
	}
	if len(names) == 0 {
		return ""
	}
	return ", fidelity " + strings.Join(names, ", ")
}

func warmStartText(w *warmStartJSON) string {
	text := fmt.Sprintf("%d of %s evaluated", w.Finished, term.Plural(w.Configs, "configuration"))
	if w.Best != nil {
		text += fmt.Sprintf(", best %s (trial %d)", sixDigits(*w.Best), *w.Trial)
	}
	return text
}

func (e *environment) writeTrialsTable(s *studies.Study) error {
	fmt.Fprintln(e.stdout)
	t := term.NewTable(term.Column{Title: "trial", Right: true}, term.Column{Title: "status"},
		term.Column{Title: s.Problem.Objectives[0].Metric, Right: true}, term.Column{Title: "time", Right: true},
		term.Column{Title: "origin"}, term.Column{Title: "configuration", Cut: true})
	for _, trial := range s.Trials {
		value, took := "-", "-"
		if v, ok := trials.Value(s.Problem, trial.Trial); ok {
			value = sixDigits(v)
		}
		if trial.Status.Final() {
			took = term.Duration(trial.Ended.Sub(trial.Began))
		}
		text := strings.TrimSpace(configText(trial.Config) + "  " + fidelityText(trial))
		t.Row(fmt.Sprint(trial.ID), trial.Status.String(), value, took, trial.Origin, text)
		if trial.Reason != "" {
			t.Note(trial.Reason)
		}
	}
	return t.Write(e.stdout, e.width(e.stdout))
}
