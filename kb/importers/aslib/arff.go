package aslib

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/metaml/metaml/kb/importers"
)

// maxLine bounds a line of an ARFF file: 16 MiB.
const maxLine = 16 << 20

// relation reads a file in the attribute-relation file format (ARFF, dense rows) row by row.
type relation struct {
	*importers.File
	Attributes []string // in lower case, as the format ignores case
	lines      *bufio.Scanner
	line       int
	row        []cell
	err        error
}

// cell is a value; a missing one is written ? without quotes.
type cell struct {
	text    string
	missing bool
}

// openRelation reads the declarations of an ARFF file, among which the given attributes must be.
func openRelation(ctx context.Context, dir, name string, needed ...string) (*relation, error) {
	f, err := importers.Open(ctx, dir, name)
	if err != nil {
		return nil, err
	}
	r := &relation{File: f, lines: bufio.NewScanner(f)}
	r.lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	if err := r.readDeclarations(); err != nil {
		f.Close()
		return nil, err
	}
	for _, a := range needed {
		if _, err := r.Column(a); err != nil {
			f.Close()
			return nil, err
		}
	}
	return r, nil
}

// nextLine returns the next line that is neither empty nor a comment.
func (r *relation) nextLine() (string, bool) {
	for r.NextPart(); r.lines.Scan(); r.NextPart() {
		r.line++
		line := strings.TrimSpace(strings.TrimPrefix(r.lines.Text(), "\ufeff"))
		if !utf8.ValidString(line) || strings.ContainsRune(line, 0) {
			r.err = importers.Invalidf(r.At(-1), "not UTF-8 text")
			return "", false
		}
		if line != "" && line[0] != '%' {
			return line, true
		}
	}
	if err := r.lines.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			err = fmt.Errorf("line of more than %d MiB", maxLine>>20)
		}
		r.line++
		r.err = importers.Invalidf(r.At(-1), "%w", err)
	}
	return "", false
}

func (r *relation) readDeclarations() error {
	seen := map[string]bool{}
	for {
		line, ok := r.nextLine()
		if !ok {
			if r.err == nil {
				r.err = importers.Invalidf(importers.Place{File: r.Name}, "there is no @data")
			}
			return r.err
		}
		keyword, rest, _ := strings.Cut(line, " ")
		if tab, after, found := strings.Cut(keyword, "\t"); found {
			keyword, rest = tab, after+" "+rest
		}
		switch strings.ToLower(keyword) {
		case "@relation":
		case "@data":
			return nil
		case "@attribute":
			cells, err := splitCells(strings.TrimSpace(rest), " \t", true)
			if err != nil || len(cells) == 0 || cells[0].text == "" {
				return importers.Invalidf(r.At(-1), "an attribute needs a name")
			}
			name := strings.ToLower(cells[0].text)
			if seen[name] {
				return importers.Invalidf(r.At(-1), "attribute %q is there twice", name)
			}
			seen[name] = true
			r.Attributes = append(r.Attributes, name)
		default:
			return importers.Invalidf(r.At(-1), "%.40q is no declaration", line)
		}
	}
}

// Next reads the next row; it reports false at the end and after an error, which Err returns.
func (r *relation) Next() bool {
	if r.err != nil {
		return false
	}
	line, ok := r.nextLine()
	if !ok {
		return false
	}
	r.row, r.err = splitCells(line, ",", false)
	if r.err != nil {
		r.err = importers.Invalidf(r.At(-1), "%w", r.err)
		return false
	}
	if len(r.row) != len(r.Attributes) {
		r.err = importers.Invalidf(r.At(-1), "%d values for %d attributes", len(r.row), len(r.Attributes))
		return false
	}
	return true
}

// splitCells splits a line at separators outside quotes. With firstOnly it stops after the first cell.
func splitCells(line, separators string, firstOnly bool) ([]cell, error) {
	var cells []cell
	for i := 0; ; {
		for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
			i++
		}
		text, quoted, end, err := readCell(line, i, separators)
		if err != nil {
			return nil, err
		}
		cells = append(cells, cell{text: text, missing: !quoted && text == "?"})
		if i = end; i >= len(line) || firstOnly {
			return cells, nil
		}
		i++ // the separator
	}
}

// readCell reads the cell that begins at i and returns where it ends.
func readCell(line string, i int, separators string) (text string, quoted bool, end int, err error) {
	if i >= len(line) || line[i] != '\'' && line[i] != '"' {
		end = len(line)
		if at := strings.IndexAny(line[i:], separators); at >= 0 {
			end = i + at
		}
		return strings.TrimSpace(line[i:end]), false, end, nil
	}
	var b strings.Builder
	quote := line[i]
	for i++; i < len(line) && line[i] != quote; i++ {
		if line[i] == '\\' && i+1 < len(line) {
			i++
		}
		b.WriteByte(line[i])
	}
	if i >= len(line) {
		return "", true, i, errors.New("a quote is not closed")
	}
	for i++; i < len(line) && !strings.ContainsRune(separators, rune(line[i])); i++ {
		if line[i] != ' ' && line[i] != '\t' {
			return "", true, i, errors.New("text after a quote")
		}
	}
	return b.String(), true, i, nil
}

// Err returns the error that ended Next.
func (r *relation) Err() error { return r.err }

// Rows calls each for every row until it fails.
func (r *relation) Rows(each func() error) error {
	for r.Next() {
		if err := each(); err != nil {
			return err
		}
	}
	return r.err
}

// At is the place of a value of the current row, of the row itself for -1.
func (r *relation) At(column int) importers.Place {
	at := importers.Place{File: r.Name, Line: r.line}
	if column >= 0 && column < len(r.Attributes) {
		at.Column = r.Attributes[column]
	}
	return at
}

// Column returns the position of an attribute.
func (r *relation) Column(name string) (int, error) {
	if i := slices.Index(r.Attributes, strings.ToLower(name)); i >= 0 {
		return i, nil
	}
	return -1, importers.Invalidf(importers.Place{File: r.Name}, "no attribute %q among %s", name, strings.Join(r.Attributes, ", "))
}

// Text returns a value that must be there.
func (r *relation) Text(column int) (string, error) {
	if c := r.row[column]; !c.missing && c.text != "" {
		return c.text, nil
	}
	return "", importers.Invalidf(r.At(column), "value is missing")
}

// Number returns a finite number, and false for a missing one.
func (r *relation) Number(column int) (float64, bool, error) {
	c := r.row[column]
	if c.missing {
		return 0, false, nil
	}
	f, err := strconv.ParseFloat(c.text, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return 0, false, importers.Invalidf(r.At(column), "%q is no finite number", c.text)
	}
	return f, true, nil
}

// Integer returns a whole number of at least 1, 1 for a missing one: the number of a repetition.
func (r *relation) Integer(column int) (int, error) {
	f, ok, err := r.Number(column)
	if err != nil || !ok {
		return 1, err
	}
	if f < 1 || f != math.Trunc(f) || f > 1<<31 {
		return 0, importers.Invalidf(r.At(column), "%v is no repetition: 1, 2, …", f)
	}
	return int(f), nil
}
