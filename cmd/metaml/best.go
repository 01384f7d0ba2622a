package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/studies"
	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/cmd/internal/trials"
)

// bestCommand shows a study's incumbent.
func bestCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:      "best",
		Usage:     "print the best configuration of a study so far",
		ArgsUsage: "[STUDY]",
		Description: `
Works on every study, named as STUDY or by --study, also while it runs: the best of the complete trials at the highest fidelity that any has reached.
Without such a trial the exit status is 3.

example:
  $ metaml best paint
  $ metaml best --study paint --json
`,
		Flags:  []cli.Flag{studyFlag()},
		Action: e.best,
	}
}

func (e *environment) best(c *cli.Context) error {
	name, err := studyName(c)
	if err != nil {
		return err
	}
	s, err := e.viewStudy(c.Context, name)
	if err != nil {
		return err
	}
	best, ok := s.Best()
	if !ok {
		return failf(exitNotFound, "no trial of study %s is complete yet (%s)", name, trialsText(s))
	}
	switch e.output {
	case outputJSON:
		return e.writeJSON(struct {
			SchemaVersion int       `json:"schema_version"`
			Study         string    `json:"study"`
			Metric        string    `json:"metric"`
			Maximize      bool      `json:"maximize"`
			Finished      int       `json:"finished"`
			Trial         trialJSON `json:"trial"`
		}{1, name, s.Problem.Objectives[0].Metric, s.Problem.Objectives[0].Maximize, s.Finished(), describeTrial(s.Problem, best)})
	case outputCSV:
		return e.writeTrialsCSV(e.stdout, s, []studies.Trial{best})
	}
	t := term.NewTable(term.Column{}, term.Column{Cut: true})
	e.addBest(t, s, best)
	return t.Write(e.stdout, e.width(e.stdout))
}

// addBest adds the incumbent to a table of names and values.
func (e *environment) addBest(t *term.Table, s *studies.Study, best studies.Trial) {
	value, _ := trials.Value(s.Problem, best.Trial)
	t.Row("trial", fmt.Sprintf("%d of %s", best.ID, trialsText(s)))
	t.Row(s.Problem.Objectives[0].Metric, sixDigits(value))
	addFidelity(t, best)
	for _, name := range s.Problem.Space.Names() { // parents first, as the space has them
		if v, active := best.Config[name]; active {
			t.Row(name, v.Text())
		}
	}
}

// addFidelity adds the effort of a trial that was no full evaluation.
func addFidelity(t *term.Table, trial studies.Trial) {
	if text := fidelityText(trial); text != "" {
		t.Row("fidelity", text)
	}
}
