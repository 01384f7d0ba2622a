package dataset

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strings"
)

// What may separate the values of a row.
const (
	commas = ","
	blanks = " \t"
)

// arffReader reads the rows of an ARFF file, dense or sparse. Its rows are numbered by the lines of the file.
type arffReader struct {
	csv      csvReader // reads lines without quotes, as CSV
	declared []declaration
	dated    bool // there is a date attribute
	scratch  []byte
	spans    []span
	cells    [][]byte
	stops    string // what separates values: commas, or blanks if the first row has no comma
}

// line reads the next line that is neither empty nor a comment.
func (a *arffReader) line() ([]byte, error) {
	for {
		line, err := a.csv.lines.next()
		a.csv.line = a.csv.lines.lines
		if err != nil {
			return nil, err
		}
		line = trimBlanks(line)
		if len(line) > 0 && line[0] != '%' {
			return line, nil
		}
	}
}

// next implements records.
func (a *arffReader) next(r *row) error {
	line, err := a.line()
	if err != io.EOF {
		r.number = a.csv.line
	}
	if err != nil {
		return err
	}
	if line[0] == '{' {
		return a.sparse(line, r)
	}
	if a.stops == "" {
		a.stops = commas
		if bytes.IndexByte(line, ',') < 0 {
			a.stops = blanks
		}
	}
	if !a.dated && a.stops == commas && !bytes.ContainsAny(line, `'"\`) {
		return a.csv.plain(line, r)
	}
	if err := a.split(line); err != nil {
		return err
	}
	r.fields = len(a.cells)
	for j, text := range a.cells[:min(len(a.cells), len(r.values))] {
		if err := a.cell(r, j, text); err != nil {
			return err
		}
	}
	return nil
}

// cell reads one cell; dates become seconds since 1970.
func (a *arffReader) cell(r *row, j int, text []byte) error {
	if err := a.csv.cells.read(r, j, text); err != nil {
		return err
	}
	if d := a.declared[j].date; d != nil && !isMissing(r.values[j]) {
		seconds, ok := d.parse(string(trimBlanks(text)))
		if !ok {
			return &cellError{column: j, message: quoted(string(text)) + " is not a date of the declared form"}
		}
		r.values[j] = seconds
	}
	return nil
}

// split cuts a dense row into cells.
func (a *arffReader) split(line []byte) error {
	a.scratch, a.spans, a.cells = a.scratch[:0], a.spans[:0], a.cells[:0]
	for {
		rest, err := a.value(line, a.stops)
		if err != nil {
			return err
		}
		if len(rest) == 0 {
			break
		}
		line = rest[1:]
	}
	for _, p := range a.spans {
		a.cells = append(a.cells, a.scratch[p.start:p.end])
	}
	return nil
}

// value takes one value, possibly quoted, into the scratch space and returns the rest, which begins with one of stops
// or is empty.
func (a *arffReader) value(text []byte, stops string) ([]byte, error) {
	start := len(a.scratch)
	text = bytes.TrimLeft(text, blanks)
	if len(text) > 0 && (text[0] == '\'' || text[0] == '"') {
		var n int
		a.scratch, n = unquote(a.scratch, text)
		if n < 0 {
			return nil, &cellError{column: len(a.spans), message: "a quote is never closed on this line",
				advice: `write a quote inside quotes as \'`}
		}
		text = text[n:]
		if stops == commas {
			text = bytes.TrimLeft(text, blanks)
		}
		if len(text) > 0 && strings.IndexByte(stops, text[0]) < 0 {
			return nil, &cellError{column: len(a.spans), message: fmt.Sprintf("%q follows a closing quote", text[0]),
				advice: `write a quote inside quotes as \'`}
		}
	} else {
		n := bytes.IndexAny(text, stops)
		if n < 0 {
			n = len(text)
		}
		a.scratch = append(a.scratch, text[:n]...)
		text = text[n:]
	}
	a.spans = append(a.spans, span{start, len(a.scratch), true})
	return text, nil
}

// sparse reads a row {INDEX VALUE, …}. What is not in it is 0, or the first value declared; text and dates are missing.
func (a *arffReader) sparse(line []byte, r *row) error {
	if line[len(line)-1] != '}' {
		return &rowError{"a row in braces does not end on its line with }", ""}
	}
	for j := range r.values {
		a.omitted(r, j)
	}
	r.fields = len(r.values)
	last := -1
	for text := trimBlanks(line[1 : len(line)-1]); len(text) > 0; {
		n := digits(text)
		j, ok := parseNumber(text[:n])
		if n == 0 || n > 9 || !ok || n == len(text) || text[n] != ' ' && text[n] != '\t' {
			return &rowError{fmt.Sprintf("%s where the number of an attribute and its value should stand", quoted(string(text))), ""}
		}
		if int(j) >= len(r.values) || int(j) <= last {
			return &rowError{fmt.Sprintf("attribute %d after %d of %d (they count from 0, in order)", int(j), last, len(r.values)), ""}
		}
		last = int(j)
		a.scratch, a.spans = a.scratch[:0], a.spans[:0]
		rest, err := a.value(text[n:], commas)
		if err != nil {
			return &rowError{err.Error(), ""}
		}
		if err := a.cell(r, last, bytes.Clone(a.scratch)); err != nil {
			return err
		}
		text = rest
		if len(text) > 0 {
			text = trimBlanks(text[1:])
		}
	}
	return nil
}

// omitted sets a cell that a sparse row does not mention.
func (a *arffReader) omitted(r *row, j int) {
	d := &a.declared[j]
	switch {
	case d.known && d.kind == Numeric:
		r.values[j] = 0
	case d.kind == Categorical && d.known && len(d.allowed) > 0:
		first := []byte(d.allowed[0])
		if v, ok := parseNumber(first); ok {
			r.values[j] = v
			return
		}
		r.values[j], r.texts[j] = math.Float64frombits(textBits), first
	default:
		r.values[j] = missingCell
	}
}

// fields implements records.
func (a *arffReader) fields() [][]byte {
	line := a.csv.lines.buf[a.csv.lines.start:a.csv.lines.after]
	if a.split(trimBlanks(bytes.TrimRight(line, "\r\n"))) != nil {
		return nil
	}
	return a.cells
}

// textLine implements records.
func (a *arffReader) textLine() int64 { return a.csv.line }
