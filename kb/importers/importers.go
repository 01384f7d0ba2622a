// Package importers holds what the importers of foreign results share. Each source has a folder with one function,
//
//	Import(ctx, path, Options) ([]record.Record, Report, error)
//
// which reads all of the source or fails; storing the records is the caller's. The records of one source are always
// the same ones, so that importing it again adds nothing.
package importers

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space/canonical"
)

// ErrInvalid is wrapped by every error about the content of a source.
var ErrInvalid = errors.New("invalid source")

// Options of an import. The zero value is the default.
type Options struct {
	// Contributor is written into every run; empty means nobody.
	Contributor string
}

// Report says what was found.
type Report struct {
	Source               string // the source's own name
	Tasks, Configs, Runs int
	Notes                []string // what a user should know, one sentence each
}

// Place is where something is wrong in a source.
type Place struct {
	File   string
	Line   int    // from 1, 0 for the file as a whole
	Column string // by name, or #N where it has none; empty for the line as a whole
}

// String reads "runs.csv, line 7, column seconds".
func (p Place) String() string {
	parts := []string{p.File}
	if p.Line > 0 {
		parts = append(parts, fmt.Sprintf("line %d", p.Line))
	}
	if p.Column != "" {
		parts = append(parts, fmt.Sprintf("column %.80s", p.Column))
	}
	return strings.Join(parts, ", ")
}

// maxMessage bounds how much of a source an error quotes.
const maxMessage = 400

// Invalidf returns an error about a place in a source; it wraps ErrInvalid.
func Invalidf(at Place, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	if text := err.Error(); len(text) > maxMessage {
		err = errors.New(strings.ToValidUTF8(text[:maxMessage], "") + "…")
	}
	return fmt.Errorf("%s: %w: %w", at, err, ErrInvalid)
}

// MaxValue is the largest magnitude of a measured value or time that is imported. Nothing measured comes near it, but
// files have 1e308 where there is no result, and sums and squares of that are infinite.
const MaxValue = 1e100

// CheckValue refuses a value beyond MaxValue.
func CheckValue(at Place, v float64) error {
	if math.Abs(v) > MaxValue {
		return Invalidf(at, "%g is beyond any measured value (%g)", v, MaxValue)
	}
	return nil
}

// Fingerprint stands for the data of a task that is known by name only: the hash of the kind of source, the
// source's name, and the task's id there.
func Fingerprint(kind, source, task string) (string, error) {
	b, err := canonical.Marshal([]string{kind, source, task})
	if err != nil {
		return "", err
	}
	return canonical.Sum(b), nil
}

// Identified is a record with its id.
type Identified[R record.Record] struct {
	ID     record.ID
	Record R
}

// Identify returns r with its id, or an error about the place that r was read from.
func Identify[R record.Record](at Place, r R) (Identified[R], error) {
	id, err := record.Identify(r)
	if err != nil {
		return Identified[R]{}, Invalidf(at, "%w", err)
	}
	return Identified[R]{id, r}, nil
}
