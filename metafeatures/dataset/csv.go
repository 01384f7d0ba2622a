package dataset

import (
	"bytes"
	"io"
)

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

// plain reads a line without quotes.
func (c *csvReader) plain(line []byte, r *row) error {
	line = line[:len(line)+1] // lineReader keeps a byte free
	end := len(line) - 1
	line[end] = '\n'
	delimiter, width, at, j := c.delimiter, len(r.values), 0, 0
	for {
		v, i, ok := shortNumber(line, at)
		switch {
		case ok && (i == end || line[i] == delimiter) && j < width:
			if c.cells.numbers != nil {
				v = c.cells.number(v)
			}
			r.values[j] = v
		default:
			i = end
			if n := bytes.IndexByte(line[at:end], delimiter); n >= 0 {
				i = at + n
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

// textLine implements records.
func (c *csvReader) textLine() int64 { return c.line }
