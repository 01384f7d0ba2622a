package main

import (
	"context"
	"strconv"

	"github.com/metaml/metaml/cmd/internal/asktell"
	"github.com/metaml/metaml/cmd/internal/trials"
	"github.com/metaml/metaml/optimizers/ledger/sqlite"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// askedJSON is what `ask` prints.
type askedJSON struct {
	SchemaVersion int               `json:"schema_version"`
	Study         string            `json:"study"`
	Exhausted     bool              `json:"exhausted"` // the optimizer has nothing left to propose
	Trials        []askedTrialsJSON `json:"trials"`
}

type askedTrialsJSON struct {
	ID         study.TrialID  `json:"id"`
	Config     space.Config   `json:"config"`
	Fidelity   study.Fidelity `json:"fidelity,omitempty"` // absent: a full evaluation
	Seed       uint64         `json:"seed"`
	Origin     string         `json:"origin"`
	Parent     study.TrialID  `json:"parent,omitempty"`     // the trial that this one continues
	Checkpoint string         `json:"checkpoint,omitempty"` // as it was told of the parent
}

// writeAsked prints trials to evaluate; the log has the trials that they may continue.
func (e *environment) writeAsked(h sqlite.Header, asked asktell.Asked, log *trials.Log) error {
	if e.output == outputCSV {
		return e.writeAskedCSV(h.Problem, asked.Trials)
	}
	out := askedJSON{SchemaVersion: 1, Study: h.Name, Exhausted: asked.Exhausted, Trials: []askedTrialsJSON{}}
	for _, t := range asked.Trials {
		j := askedTrialsJSON{ID: t.ID, Config: t.Config, Fidelity: t.Fidelity, Seed: t.Seed, Origin: t.Origin, Parent: t.Parent}
		if parent, ok := log.Trial(t.Parent); ok {
			j.Checkpoint = parent.Checkpoint
		}
		out.Trials = append(out.Trials, j)
	}
	return e.writeJSON(out)
}

func (e *environment) writeAskedCSV(p study.Problem, trials []study.Trial) error {
	header := append([]string{"id", "seed"}, problemColumns(p)...)
	var rows [][]string
	for _, t := range trials {
		row := []string{strconv.FormatUint(uint64(t.ID), 10), strconv.FormatUint(t.Seed, 10)}
		rows = append(rows, append(row, problemCells(p, t.Suggestion, false)...))
	}
	return e.writeCSV(header, rows)
}

// writePending prints the trials of a study that are pending.
func (e *environment) writePending(ctx context.Context, name string) error {
	s, err := e.viewStudy(ctx, name)
	if err != nil {
		return err
	}
	if err := checkAskMode(s.Header); err != nil {
		return err
	}
	log := s.Log()
	return e.writeAsked(s.Header, asktell.Asked{Trials: log.Pending()}, log)
}

// problemColumns are the columns of a table of trials that the problem gives: fidelities and parameters, with a prefix,
// since they may have any name.
func problemColumns(p study.Problem) []string {
	var columns []string
	for _, r := range p.Fidelities {
		columns = append(columns, "fidelity."+r.Name)
	}
	for _, name := range p.Space.Names() {
		columns = append(columns, "config."+name)
	}
	return columns
}

// problemCells are their values; inactive parameters are empty. What a program is to read is not changed, what people
// open in a spreadsheet is made inert.
func problemCells(p study.Problem, s study.Suggestion, inert bool) []string {
	var cells []string
	for _, r := range p.Fidelities {
		x, ok := s.Fidelity[r.Name]
		if !ok {
			x = r.High
		}
		cells = append(cells, formatNumber(x))
	}
	for _, name := range p.Space.Names() {
		v, active := s.Config[name]
		switch {
		case !active:
			cells = append(cells, "")
		case inert && v.Kind() == space.KindString:
			cells = append(cells, inertCell(v.Text()))
		default:
			cells = append(cells, v.Text())
		}
	}
	return cells
}

// formatNumber writes a number so that it reads back the same.
func formatNumber(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// inertCell marks a text that spreadsheets would take for a formula.
func inertCell(text string) string {
	if text != "" && (text[0] == '=' || text[0] == '+' || text[0] == '-' || text[0] == '@' || text[0] == '\t' || text[0] == '\r') {
		return "'" + text
	}
	return text
}
