package matrix

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/metaml/metaml/kb/importers"
)

// table reads a CSV file row by row. The first row names the columns.
type table struct {
	*importers.File
	Header []string
	csv    *csv.Reader
	row    []string
	err    error
}

// openTable opens a CSV file whose first columns must have the given names.
func openTable(ctx context.Context, dir, name string, first ...string) (*table, error) {
	f, err := importers.Open(ctx, dir, name)
	if err != nil {
		return nil, err
	}
	t := &table{File: f, csv: csv.NewReader(f)}
	t.csv.ReuseRecord = true
	if !t.Next() {
		f.Close()
		if t.err == nil {
			t.err = importers.Invalidf(importers.Place{File: f.Name}, "it is empty")
		}
		return nil, t.err
	}
	t.Header = slices.Clone(t.row)
	t.Header[0] = strings.TrimPrefix(t.Header[0], "\ufeff")
	if err := t.checkHeader(first); err != nil {
		f.Close()
		return nil, err
	}
	return t, nil
}

func (t *table) checkHeader(first []string) error {
	at := importers.Place{File: t.Name, Line: 1}
	if len(t.Header) < len(first) || !slices.Equal(t.Header[:len(first)], first) {
		return importers.Invalidf(at, "columns begin with %s, they must begin with %s",
			strings.Join(t.Header[:min(len(t.Header), len(first))], ","), strings.Join(first, ","))
	}
	for i, name := range t.Header {
		if name == "" {
			return importers.Invalidf(importers.Place{File: t.Name, Line: 1, Column: fmt.Sprintf("#%d", i+1)}, "column has no name")
		}
		if slices.Index(t.Header, name) < i {
			return importers.Invalidf(at, "column %q is there twice", name)
		}
	}
	return nil
}

// Next reads the next row; it reports false at the end and after an error, which Err returns.
func (t *table) Next() bool {
	if t.err != nil {
		return false
	}
	t.NextPart()
	row, err := t.csv.Read()
	if err == io.EOF {
		return false
	}
	if err != nil {
		t.err = t.describe(err, len(row))
		return false
	}
	t.row = row
	for i, field := range row {
		if !utf8.ValidString(field) || strings.ContainsRune(field, 0) {
			t.err = importers.Invalidf(t.At(i), "not UTF-8 text")
			return false
		}
	}
	return true
}

// describe says where the file is broken.
func (t *table) describe(err error, fields int) error {
	at := importers.Place{File: t.Name}
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		return importers.Invalidf(at, "%w", err)
	}
	at.Line = parse.Line
	if errors.Is(parse.Err, csv.ErrFieldCount) {
		return importers.Invalidf(at, "%d fields, the header has %d", fields, len(t.Header))
	}
	return importers.Invalidf(at, "%w", parse.Err)
}

// Err returns the error that ended Next.
func (t *table) Err() error { return t.err }

// At is the place of a field of the current row, of the whole row for -1.
func (t *table) At(column int) importers.Place {
	at := importers.Place{File: t.Name}
	if len(t.row) == 0 {
		return at
	}
	at.Line, _ = t.csv.FieldPos(max(0, column))
	switch {
	case column < 0:
	case column < len(t.Header):
		at.Column = t.Header[column]
	default:
		at.Column = fmt.Sprintf("#%d", column+1)
	}
	return at
}

// Text returns a field of the current row.
func (t *table) Text(column int) string { return t.row[column] }

// Number returns a field as a finite number.
func (t *table) Number(column int) (float64, error) {
	f, ok := parseNumber(t.row[column])
	if !ok {
		return 0, importers.Invalidf(t.At(column), "%q is no finite number", t.row[column])
	}
	return f, nil
}

// Measured returns a field as a number that something can have been measured to be.
func (t *table) Measured(column int) (float64, error) {
	f, err := t.Number(column)
	if err == nil {
		err = importers.CheckValue(t.At(column), f)
	}
	return f, err
}

// Column returns the position of a column, -1 and an error if there is none.
func (t *table) Column(name string) (int, error) {
	if i := slices.Index(t.Header, name); i >= 0 {
		return i, nil
	}
	return -1, importers.Invalidf(importers.Place{File: t.Name, Line: 1}, "no column %q among %s", name, strings.Join(t.Header, ", "))
}
