package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
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
		Usage:     "write a study's trials as JSON or CSV",
		ArgsUsage: "STUDY FILE|-",
		Description: `
Writes all trials, pending ones included, in the format that the name of FILE says: .jsonl or .ndjson is a line of JSON
per trial, with everything that is known of it, learning curve included; .json is a list of the same; .csv is a table with
a column per fidelity and parameter. "-", standard output, and names without an ending get JSON lines; --output csv or
json decides whatever the name is.

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
	write, err := e.trialsWriter(path)
	if err != nil {
		return err
	}
	s, err := e.viewStudy(c.Context, name)
	if err != nil {
		return err
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

// trialsWriter returns what writes trials in the format that --output or, without it, the name of the file asks for.
func (e *environment) trialsWriter(path string) (func(io.Writer, *studies.Study) error, error) {
	table := func(w io.Writer, s *studies.Study) error { return e.writeTrialsCSV(w, s, s.Trials) }
	ending := strings.ToLower(filepath.Ext(path))
	switch {
	case e.output == outputCSV:
		return table, nil
	case e.output == outputJSON && ending != ".json":
		return writeTrialLines, nil
	}
	switch ending {
	case ".csv":
		return table, nil
	case ".json":
		return writeTrialList, nil
	case "", ".jsonl", ".ndjson":
		return writeTrialLines, nil
	}
	return nil, usagef("%s: trials cannot be written as %s\n.jsonl, .json and .csv can; --output csv or json decides whatever the name is", path, ending)
}

// exportedTrial is one trial of an export.
type exportedTrial struct {
	SchemaVersion int    `json:"schema_version"`
	Study         string `json:"study"`
	trialJSON
	Losses       []float64           `json:"losses,omitempty"` // minimised, one per objective
	Observations []study.Observation `json:"observations,omitempty"`
}

func exported(s *studies.Study) []exportedTrial {
	out := make([]exportedTrial, 0, len(s.Trials))
	for _, t := range s.Trials {
		out = append(out, exportedTrial{1, s.Name, describeTrial(s.Problem, t), t.Losses, t.Observations})
	}
	return out
}

func writeTrialLines(w io.Writer, s *studies.Study) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, t := range exported(s) {
		if err := enc.Encode(t); err != nil {
			return err
		}
	}
	return nil
}

func writeTrialList(w io.Writer, s *studies.Study) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(exported(s))
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
