package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/studies"
	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/optimizers/study"
)

func studiesExportCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:      "export",
		Usage:     "write a study's trials as JSON lines or CSV",
		ArgsUsage: "STUDY FILE|-",
		Description: `
Writes a line per trial, pending ones included: JSON with everything that is known of it, learning curve included, or
CSV, where FILE ends with .csv or --output csv says so, with a column per fidelity and parameter. "-" is standard
output.

example:
  $ metaml studies export churn-7f3a09 trials.csv
  $ metaml studies export churn-7f3a09 - | jq .value
`,
		Flags:  []cli.Flag{&cli.BoolFlag{Name: "force", Usage: "replace FILE if it exists"}},
		Action: e.studiesExport,
	}
}

func (e *environment) studiesExport(c *cli.Context) error {
	if err := positionals(c, "STUDY", "FILE"); err != nil {
		return err
	}
	name, path := c.Args().Get(0), c.Args().Get(1)
	if _, err := os.Stat(path); err == nil && path != "-" && !c.Bool("force") {
		return failf(exitConflict, "%s exists; --force replaces it", path)
	}
	s, err := e.viewStudy(c.Context, name)
	if err != nil {
		return err
	}
	write := writeTrialLines
	if e.output == outputCSV || e.output != outputJSON && strings.HasSuffix(strings.ToLower(path), ".csv") {
		write = func(w io.Writer, s *studies.Study) error { return e.writeTrialsCSV(w, s, s.Trials) }
	}
	if path == "-" {
		return write(e.stdout, s)
	}
	var b bytes.Buffer
	if err := write(&b, s); err != nil {
		return err
	}
	if err := replaceFile(path, b.Bytes()); err != nil {
		return err
	}
	e.say("wrote %s of study %s to %s", term.Plural(len(s.Trials), "trial"), name, term.Clean(path))
	return nil
}

// exportedTrial is a line of an export.
type exportedTrial struct {
	SchemaVersion int    `json:"schema_version"`
	Study         string `json:"study"`
	trialJSON
	Losses       []float64           `json:"losses,omitempty"` // minimised, one per objective
	Observations []study.Observation `json:"observations,omitempty"`
}

func writeTrialLines(w io.Writer, s *studies.Study) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, t := range s.Trials {
		if err := enc.Encode(exportedTrial{1, s.Name, describeTrial(s.Problem, t), t.Losses, t.Observations}); err != nil {
			return err
		}
	}
	return nil
}

// writeTrialsCSV writes trials as a table that holds everything but curves and secondary metrics.
func (e *environment) writeTrialsCSV(w io.Writer, s *studies.Study, trials []studies.Trial) error {
	header := append([]string{"id", "status", "value", "reason", "origin", "seed", "seconds", "began", "ended"}, problemColumns(s.Problem)...)
	out := csv.NewWriter(w)
	err := out.Write(header)
	for _, t := range trials {
		j := describeTrial(s.Problem, t)
		value, seconds := "", ""
		if j.Value != nil {
			value = formatNumber(*j.Value)
		}
		if j.Cost.Wall > 0 {
			seconds = formatNumber(j.Cost.Wall)
		}
		row := []string{strconv.FormatUint(uint64(t.ID), 10), t.Status.String(), value, inertCell(t.Reason), inertCell(t.Origin),
			strconv.FormatUint(t.Seed, 10), seconds, j.Began, j.Ended}
		err = errors.Join(err, out.Write(append(row, problemCells(s.Problem, t.Suggestion, true)...)))
	}
	out.Flush()
	return errors.Join(err, out.Error())
}
