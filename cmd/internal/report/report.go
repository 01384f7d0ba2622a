// Package report shows a study as a web page: one HTML file that needs nothing else, neither a network nor other files,
// and that can be mailed. It holds what the study is, its best configuration, how it was found, which hyperparameters
// matter, what the warm start brought, every trial, what failed and why, and how to run it again.
//
// What the page shows is computed here, as one JSON document (document and the files named after its parts); the
// folder page holds the page itself, whose script only draws it.
package report

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/metaml/metaml/cmd/internal/tuning"
	"github.com/metaml/metaml/optimizers/ledger/sqlite"
)

// Input is what a report is made of.
type Input struct {
	Header  sqlite.Header
	Entries []sqlite.Entry // the study's log, in order
	Made    time.Time      // when the log was read
}

// Load reads the log of a study, which may be running: the report is then of what it has come to. Errors are those of
// sqlite.View.
func Load(ctx context.Context, path string, now time.Time) (Input, error) {
	l, err := sqlite.View(ctx, path)
	if err != nil {
		return Input{}, err
	}
	defer l.Close()
	in := Input{Header: l.Header(), Made: now}
	for e, err := range l.Entries(ctx) {
		if err != nil {
			return Input{}, err
		}
		in.Entries = append(in.Entries, e)
	}
	return in, nil
}

// Write writes the report. The same Input gives the same bytes. An error is w's, or says that the header's details or
// objectives cannot be read.
func Write(w io.Writer, in Input) error {
	d, err := compose(in)
	if err != nil {
		return err
	}
	return render(w, d)
}

// details reads what metaml keeps in a study's header; a study of another program may have none.
func details(h sqlite.Header) (tuning.Details, error) {
	var d tuning.Details
	if len(h.Details) == 0 {
		return d, nil
	}
	if err := json.Unmarshal(h.Details, &d); err != nil {
		return d, fmt.Errorf("study %s: its details: %w", h.Name, err)
	}
	return d, nil
}
