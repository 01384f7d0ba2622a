package dataset

import (
	"bytes"
	"errors"
	"fmt"
	"io"
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
			advice: "convert the file first, for example: iconv -f latin1 -t utf-8"}
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

// csvReader reads the records of a delimited file.
type csvReader struct {
	lines     *lineReader
	split     splitter
	cells     cells
	delimiter byte
	records   int64 // read so far, the header and empty lines included
	line      int64 // on which the current record begins
}

// next reads one record into r; io.EOF after the last. Empty lines are passed over but counted as rows.
func (c *csvReader) next(r *row) error {
	for {
		line, err := c.lines.next()
		if err != io.EOF {
			c.records++
			c.line = c.lines.lines
			r.number = c.records
		}
		if err != nil {
			return err
		}
		if c.blank(line) {
			continue
		}
		if c.delimiter != ' ' && bytes.IndexByte(line, '"') < 0 {
			return c.plain(line, r)
		}
		fields, err := c.split.record(line, c.delimiter, c.lines.extend)
		if err != nil {
			return err
		}
		return c.general(fields, r)
	}
}

// blank tells whether a line holds nothing at all; tabs that delimit are something.
func (c *csvReader) blank(line []byte) bool {
	for _, b := range line {
		if b != ' ' && (b != '\t' || c.delimiter == '\t') {
			return false
		}
	}
	return true
}

// general reads the cells of a record that has been split.
func (c *csvReader) general(fields [][]byte, r *row) error {
	r.fields = c.split.count
	for j, f := range fields[:min(len(fields), len(r.values))] {
		if err := c.cells.read(r, j, f); err != nil {
			return err
		}
	}
	return nil
}

// plain reads a line without quotes, parsing short decimal numbers as it goes: a mantissa below 2^53 divided by a
// power of ten that a float64 holds is exact (Clinger 1990), and that is nearly every number in practice.
func (c *csvReader) plain(line []byte, r *row) error {
	line = line[:len(line)+1] // lineReader keeps a byte free
	end := len(line) - 1
	line[end] = '\n'
	delimiter, width, at, j := c.delimiter, len(r.values), 0, 0
	for {
		i := at
		negative := line[i] == '-'
		if negative {
			i++
		}
		first := i
		var mantissa uint64
		for line[i]-'0' <= 9 {
			mantissa = mantissa*10 + uint64(line[i]-'0')
			i++
		}
		count, fraction := i-first, 0
		if line[i] == '.' {
			i++
			first = i
			for line[i]-'0' <= 9 {
				mantissa = mantissa*10 + uint64(line[i]-'0')
				i++
			}
			fraction = i - first
			count += fraction
		}
		if (line[i] == delimiter || i == end) && count > 0 && count < 20 && mantissa <= 1<<53 && j < width {
			v := float64(mantissa) / powers[fraction]
			if negative && v != 0 {
				v = -v
			}
			if c.cells.numbers != nil {
				v = c.cells.number(v)
			}
			r.values[j] = v
		} else {
			if n := bytes.IndexByte(line[at:end], delimiter); n >= 0 {
				i = at + n
			} else {
				i = end
			}
			if j < width {
				if err := c.cells.read(r, j, line[at:i]); err != nil {
					return err
				}
			}
		}
		j++
		if i == end {
			r.fields = j
			return nil
		}
		at = i + 1
	}
}

// fields gives the current record's fields as text, for messages.
func (c *csvReader) fields() [][]byte {
	line := c.lines.buf[c.lines.start:c.lines.after]
	fields, _ := c.split.record(bytes.TrimRight(line, "\r\n"), c.delimiter, nil)
	return fields
}

// errOpenQuote is what splitter.record returns when the text ends inside quotes.
var errOpenQuote = errors.New("quote never closed")

// span is a field's place in the record or, unescaped, in the scratch space.
type span struct {
	start, end int
	scratch    bool
}

// splitter cuts records at delimiters outside quotes. Its memory is reused from record to record.
type splitter struct {
	limit   int // fields beyond it are counted, not returned
	count   int // fields in the last record
	spans   []span
	scratch []byte
	fields  [][]byte
}

// record splits a record whose first line is given; more extends it, line ends included, when a quoted field goes
// on (nil: it cannot). Quotes inside an unquoted field are text. Line ends in quotes become '\n'. The fields are
// valid until the next call; there may be more than are returned, see limit.
func (s *splitter) record(line []byte, delimiter byte, more func() ([]byte, bool, error)) ([][]byte, error) {
	s.count, s.spans, s.scratch, s.fields = 0, s.spans[:0], s.scratch[:0], s.fields[:0]
	at := 0
	for {
		for at < len(line) && line[at] == ' ' || at < len(line) && line[at] == '\t' && delimiter != '\t' {
			at++
		}
		if at == len(line) && delimiter == ' ' && s.count > 0 {
			break // trailing blanks are no delimiter
		}
		var err error
		if at < len(line) && line[at] == '"' {
			line, at, err = s.quoted(line, at+1, delimiter, more)
		} else {
			at = s.unquoted(line, at, delimiter)
		}
		if err != nil {
			return nil, err
		}
		if at >= len(line) {
			break
		}
		at++
	}
	for _, p := range s.spans {
		if p.scratch {
			s.fields = append(s.fields, s.scratch[p.start:p.end])
		} else {
			s.fields = append(s.fields, line[p.start:p.end])
		}
	}
	return s.fields, nil
}

func (s *splitter) add(field span) {
	if s.count < s.limit {
		s.spans = append(s.spans, field)
	}
	s.count++
}

// unquoted takes the field that begins at and returns where its delimiter, or the end of the record, is.
func (s *splitter) unquoted(line []byte, at int, delimiter byte) int {
	end := len(line)
	if delimiter == ' ' {
		if n := bytes.IndexAny(line[at:], " \t"); n >= 0 {
			end = at + n
		}
	} else if n := bytes.IndexByte(line[at:], delimiter); n >= 0 {
		end = at + n
	}
	s.add(span{at, end, false})
	return end
}

// quoted takes the field whose first quote is before at, and returns the record, as far as it had to be extended,
// and where the delimiter after the field, or the end of the record, is.
func (s *splitter) quoted(line []byte, at int, delimiter byte, more func() ([]byte, bool, error)) ([]byte, int, error) {
	begin := len(s.scratch)
	for {
		n := bytes.IndexByte(line[at:], '"')
		if n < 0 {
			s.scratch = appendLines(s.scratch, line[at:])
			if more == nil {
				return line, at, errOpenQuote
			}
			longer, ok, err := more()
			if err != nil || !ok {
				if err == nil {
					err = errOpenQuote
				}
				return line, at, err
			}
			at, line = len(line), longer
			continue
		}
		s.scratch = appendLines(s.scratch, line[at:at+n])
		at += n + 1
		if at < len(line) && line[at] == '"' {
			s.scratch = append(s.scratch, '"')
			at++
			continue
		}
		break
	}
	s.add(span{begin, len(s.scratch), true})
	for delimiter != ' ' && at < len(line) && line[at] != delimiter && (line[at] == ' ' || line[at] == '\t') {
		at++
	}
	if at < len(line) && line[at] != delimiter && !(delimiter == ' ' && line[at] == '\t') {
		return line, at, &cellError{column: s.count - 1, message: fmt.Sprintf("%q follows a closing quote", line[at]),
			advice: `write a quote inside quotes twice ("")`}
	}
	return line, at, nil
}

// appendLines appends text with its line ends made '\n'.
func appendLines(dst, text []byte) []byte {
	for {
		n := bytes.IndexByte(text, '\r')
		if n < 0 {
			return append(dst, text...)
		}
		dst = append(dst, text[:n]...)
		if n+1 >= len(text) || text[n+1] != '\n' {
			dst = append(dst, '\n')
		}
		text = text[n+1:]
	}
}

// isMissing tells whether a cell is a missing value.
func isMissing(v float64) bool { return math.Float64bits(v) == missingBits }

func (c *csvReader) textLine() int64 { return c.line }
