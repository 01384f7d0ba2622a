package dataset

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// parquetMagic begins and ends a Parquet file.
const parquetMagic = "PAR1"

// parquetBatch is how many values of a column are decoded at a time.
const parquetBatch = 512

// parquetReader reads the rows of a Parquet file, a column of values at a time. Nulls, NaN and Options.Missing are
// missing; texts stay texts even where they look like numbers.
type parquetReader struct {
	ctx     context.Context
	groups  []parquet.RowGroup // still to come
	columns []parquetColumn
	cells   cells
	rows    int64 // given out so far
	left    int64 // in the current row group
}

// parquetColumn is one leaf of the schema on its way through the file.
type parquetColumn struct {
	leaf    int // of the schema
	convert convertCell
	pages   parquet.Pages
	values  parquet.ValueReader // of the current page
	batch   []parquet.Value
	next    int // of the batch
}

// beginParquet opens a Parquet file and takes the names of its columns from its schema. Columns that hold lists or maps
// are left out, which the notes say.
func (r *reader) beginParquet(src *source) error {
	at, size, err := src.randomAccess()
	if err != nil {
		return err
	}
	p := &parquetReader{ctx: r.lines.ctx, cells: newCells(r.opt.Missing...)}
	r.records = p
	var file *parquet.File
	err = guarded(func() (err error) {
		if err := checkFooter(at, size); err != nil {
			return err
		}
		file, err = parquet.OpenFile(at, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
		return err
	})
	if err != nil {
		return r.damaged(err)
	}
	if bomb := bombIn(file); bomb != "" {
		return r.fail(ErrData, bomb, "write it anew without compression if you trust it")
	}
	p.groups = file.RowGroups()
	if err := guarded(func() error { return r.parquetColumns(p, file.Root(), "") }); err != nil {
		return r.damaged(err)
	}
	if len(r.head.names) == 0 {
		return r.fail(ErrData, "has no column that can be read", strings.Join(r.head.notes, "; "))
	}
	return nil
}

// bombIn says which column grows beyond all measure when unpacked, "" for none. The decoder unpacks whole pages, which
// nothing but the size of its column bounds.
func bombIn(file *parquet.File) string {
	for _, g := range file.Metadata().RowGroups {
		for _, c := range g.Columns {
			m := c.MetaData
			if m.TotalUncompressedSize > bombFloor && m.TotalUncompressedSize/bombRatio > m.TotalCompressedSize {
				return fmt.Sprintf("has a column, %s, that grows more than %d-fold when unpacked, as no table does",
					quoted(strings.Join(m.PathInSchema, ".")), bombRatio)
			}
		}
	}
	return ""
}

// checkFooter checks that a file can be as long as the length at its end says that its footer is: the decoder would
// take that much memory first.
func checkFooter(at io.ReaderAt, size int64) error {
	var end [8]byte
	if size < int64(len(end)+len(parquetMagic)) {
		return io.ErrUnexpectedEOF
	}
	if _, err := at.ReadAt(end[:], size-int64(len(end))); err != nil {
		return err
	}
	if footer := int64(binary.LittleEndian.Uint32(end[:])); footer > size-int64(len(end)+len(parquetMagic)) {
		return fmt.Errorf("a footer of %d bytes in a file of %d", footer, size)
	}
	return nil
}

// parquetColumns adds the leaves at and below a node of the schema; those of a structure are named STRUCTURE.LEAF.
func (r *reader) parquetColumns(p *parquetReader, node *parquet.Column, above string) error {
	for _, c := range node.Columns() {
		name := above + c.Name()
		switch {
		case c.MaxRepetitionLevel() > 0:
			list := strings.TrimSuffix(strings.TrimSuffix(name, ".list"), ".key_value") // the usual names of what repeats
			r.head.notes = append(r.head.notes, fmt.Sprintf("column %s left out: it holds lists or maps", quoted(list)))
		case !c.Leaf():
			if err := r.parquetColumns(p, c, name+"."); err != nil {
				return err
			}
		default:
			convert, declared, kind := conversionOf(c.Type())
			if convert == nil {
				r.head.notes = append(r.head.notes, fmt.Sprintf("column %s left out: values of type %s are not supported", quoted(name), kind))
				continue
			}
			r.head.names = append(r.head.names, name)
			r.head.declared = append(r.head.declared, declared)
			p.columns = append(p.columns, parquetColumn{leaf: c.Index(), convert: convert})
		}
	}
	return nil
}

// next implements records.
func (p *parquetReader) next(r *row) error {
	for p.left == 0 {
		if len(p.groups) == 0 {
			p.close()
			return io.EOF
		}
		if err := p.nextGroup(); err != nil {
			return &rowError{message: undecoded(err), advice: "write the file anew"}
		}
	}
	if p.rows%parquetBatch == 0 {
		if err := p.ctx.Err(); err != nil {
			return context.Cause(p.ctx)
		}
	}
	p.left--
	p.rows++
	r.number, r.fields = p.rows, len(p.columns)
	for j := range p.columns {
		c := &p.columns[j]
		if c.next == len(c.batch) {
			if err := guarded(c.refill); err != nil {
				return &cellError{column: j, message: undecoded(err), advice: "write the file anew"}
			}
		}
		v := c.batch[c.next]
		c.next++
		if err := p.cell(r, j, v); err != nil {
			return err
		}
	}
	return nil
}

// cell sets column j of r.
func (p *parquetReader) cell(r *row, j int, v parquet.Value) error {
	r.values[j] = missingCell
	if v.IsNull() {
		return nil
	}
	number, text := p.columns[j].convert(v)
	if text == nil {
		if number == number {
			r.values[j] = p.cells.number(number)
		}
		return nil
	}
	if p.cells.marks[string(text)] {
		return nil
	}
	if fault := textFault(text); fault != nil {
		fault.column = j
		return fault
	}
	r.values[j], r.texts[j] = textCell, text
	return nil
}

// nextGroup goes on to the next row group.
func (p *parquetReader) nextGroup() error {
	return guarded(func() error {
		g := p.groups[0]
		p.groups = p.groups[1:]
		p.close()
		p.left = g.NumRows()
		chunks := g.ColumnChunks()
		for j := range p.columns {
			c := &p.columns[j]
			c.pages, c.values, c.batch, c.next = chunks[c.leaf].Pages(), nil, c.batch[:0], 0
		}
		return nil
	})
}

// refill decodes further values of a column.
func (c *parquetColumn) refill() error {
	if cap(c.batch) == 0 {
		c.batch = make([]parquet.Value, parquetBatch)
	}
	for {
		if c.values == nil {
			page, err := c.pages.ReadPage()
			if err != nil {
				return unexpected(err)
			}
			c.values = page.Values()
		}
		n, err := c.values.ReadValues(c.batch[:cap(c.batch)])
		if err == io.EOF {
			c.values = nil
		} else if err != nil {
			return err
		}
		if n > 0 {
			c.batch, c.next = c.batch[:n], 0
			return nil
		}
	}
}

// unexpected is an end of the data where there should be more.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

func undecoded(err error) string {
	first, _, _ := strings.Cut(err.Error(), "\n")
	return "the Parquet data cannot be decoded: " + first
}

// close ends the reading of the current row group.
func (p *parquetReader) close() {
	for j := range p.columns {
		if c := &p.columns[j]; c.pages != nil {
			c.pages.Close() // only read from: nothing can be lost
			c.pages = nil
		}
	}
}

// fields implements records; a row of Parquet data always has all fields, so no message asks for them.
func (p *parquetReader) fields() [][]byte { return nil }

// textLine implements records; Parquet data have rows, no lines.
func (p *parquetReader) textLine() int64 { return p.rows }

// guarded calls f and turns a panic into an error: the decoder indexes by what a damaged file claims.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("damaged data (%v)", p)
		}
	}()
	return f()
}

// damaged is the error for a file that begins like Parquet and cannot be read as such.
func (r *reader) damaged(err error) error {
	if err == nil {
		return nil
	}
	return &Error{File: r.file, Message: "begins like a Parquet file but is damaged or cut off",
		Advice: "copy or download it again, or write it anew", Err: ErrData, Cause: err}
}

// randomAccess returns the bytes of a file at any place. Those of a pipe go to a temporary file first, which Close
// removes.
func (s *source) randomAccess() (io.ReaderAt, int64, error) {
	file := s.file
	if file == nil {
		var err error
		if file, err = s.spool(); err != nil {
			return nil, 0, err
		}
	}
	info, err := file.Stat()
	if err != nil {
		return nil, 0, s.broken("reading", err)
	}
	if !info.Mode().IsRegular() {
		if file, err = s.spool(); err != nil {
			return nil, 0, err
		}
		if info, err = file.Stat(); err != nil {
			return nil, 0, s.broken("reading", err)
		}
	}
	return file, info.Size(), nil
}

// spool copies the text to a temporary file.
func (s *source) spool() (*os.File, error) {
	file, err := os.CreateTemp("", "metaml-*.parquet")
	if err != nil {
		return nil, s.broken("reading", err)
	}
	s.close = append(s.close, func() error {
		file.Close()
		return os.Remove(file.Name())
	})
	if _, err := io.Copy(file, s.text); err != nil {
		return nil, s.broken("reading", err)
	}
	return file, nil
}
