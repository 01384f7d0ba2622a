package dataset

import (
	"bytes"
	"math"
	"unicode/utf8"
)

// row is one record: a number per cell, and the text of those that are not numbers. It is reused.
type row struct {
	number int64     // of the row in the file, counted from 1
	fields int       // how many the record has; may differ from the width of the table
	values []float64 // per column; missingCell and textCell mark the other two kinds of cell
	texts  [][]byte  // per column; valid where values holds textCell
}

func newRow(width int) *row {
	return &row{values: make([]float64, width), texts: make([][]byte, width)}
}

// cellError is a fault in one cell; the reader adds file, row and the column's name.
type cellError struct {
	column          int // from 0
	message, advice string
	cause           error
}

// Error implements error.
func (e *cellError) Error() string { return e.message }

// cells turns the text of cells into numbers, missing values and text.
type cells struct {
	marks   map[string]bool // missing-value marks
	numbers []float64       // marks that are numbers
	longest int             // length of the longest mark
	comma   bool            // numbers are written with a decimal comma
	point   []byte          // reused, for a number with its comma made a point
}

// usualMarks are the marks of missing values known without being told. In a column that otherwise holds numbers,
// "-" and "." are missing as well.
var usualMarks = [...]string{"", "?", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NULL", "null", "None"}

func newCells(marks ...string) cells {
	c := cells{marks: map[string]bool{"": true}}
	for _, m := range marks {
		if v, ok := parseNumber([]byte(m)); ok {
			c.numbers = append(c.numbers, v)
			continue
		}
		c.marks[m] = true
		c.longest = max(c.longest, len(m))
	}
	return c
}

// read sets column j of r from the text of a cell.
func (c *cells) read(r *row, j int, text []byte) error {
	text = trimBlanks(text)
	if len(text) <= c.longest && c.marks[string(text)] {
		r.values[j] = missingCell
		return nil
	}
	if v, ok := c.parse(text); ok {
		r.values[j] = c.number(v)
		return nil
	}
	if fault := textFault(text); fault != nil {
		fault.column = j
		return fault
	}
	r.values[j] = textCell
	r.texts[j] = text
	return nil
}

// parse reads a number, with a decimal comma if numbers are written so.
func (c *cells) parse(text []byte) (float64, bool) {
	if n := bytes.IndexByte(text, ','); c.comma && n >= 0 {
		c.point = append(c.point[:0], text...)
		c.point[n] = '.'
		return parseNumber(c.point)
	}
	return parseNumber(text)
}

// number gives v, or the missing value if v is a mark of one.
func (c *cells) number(v float64) float64 {
	for _, m := range c.numbers {
		if v == m {
			return missingCell
		}
	}
	return v
}

// textFault finds what no text may contain.
func textFault(text []byte) *cellError {
	if bytes.IndexByte(text, 0) >= 0 {
		return &cellError{message: "a NUL byte: this is binary data or not UTF-8",
			advice: "export the table as CSV in UTF-8"}
	}
	if !utf8.Valid(text) {
		return &cellError{message: "text that is not UTF-8",
			advice: "name its encoding by --encoding latin-1, or convert it first (iconv -t utf-8 -f …)", cause: errNotUTF8}
	}
	return nil
}

func trimBlanks(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t' || b[len(b)-1] == '\r') {
		b = b[:len(b)-1]
	}
	return b
}

// isMissing tells whether a cell is a missing value.
func isMissing(v float64) bool { return math.Float64bits(v) == missingBits }
