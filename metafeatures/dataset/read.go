package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// records is a file cut into rows.
type records interface {
	// next reads one record into r; io.EOF after the last.
	next(r *row) error
	// fields gives the current record's fields as text.
	fields() [][]byte
	// textLine is the line on which the current record begins, from 1.
	textLine() int64
}

// header is what a file says about its columns before the first row.
type header struct {
	names    []string
	declared []declaration // per column, or nil
	notes    []string
	comma    bool   // numbers have a decimal comma
	unclear  string // what to know of commas that may be decimal, or empty
}

// Read reads a CSV, TSV or ARFF file, plain or compressed by gzip or zstd, or a Parquet file; or opt.Stdin if the path
// is "-", which a Parquet file goes from into a temporary one. Errors
// are of type *Error, or wrap ErrOption when the options themselves make no sense.
//
// Every row is read, typed and counted in the fingerprint; rows beyond opt.MaxCells are kept as a uniform sample.
// Text is UTF-8, or Latin-1 if its first character beyond ASCII is not (from a pipe, if it is among the first 64 KiB),
// which the notes say; opt.Encoding decides. A field may be quoted by double quotes, may then contain delimiters, line ends and doubled quotes;
// blanks around it do not count. Missing are empty fields, ?, NA, N/A, n/a, #N/A, <NA>, NaN, nan, NULL, null and None,
// whether quoted or not, the marks in opt.Missing, and among numbers also - and a lone point (ARFF: only ? and
// opt.Missing; Parquet: nulls, NaN, empty texts and opt.Missing). A row longer than 32 MiB, text in another encoding, NUL bytes and rows with too many or too few fields
// are errors.
func Read(ctx context.Context, path string, opt Options) (*Dataset, error) {
	opt, err := opt.check()
	if err != nil {
		return nil, err
	}
	d, err := readOnce(ctx, path, opt)
	if errors.Is(err, errNotUTF8) && opt.Encoding == "" && path != "-" && !isPipe(path) && isLatin1(ctx, path) {
		opt.Encoding = Latin1
		if d, err = readOnce(ctx, path, opt); err == nil {
			d.Notes = append([]string{latin1Note}, d.Notes...)
		}
	}
	return d, err
}

func readOnce(ctx context.Context, path string, opt Options) (*Dataset, error) {
	src, err := openSource(ctx, path, opt.Stdin)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	r := &reader{path: path, file: src.name, packed: src.packed, opt: opt, lines: newLineReader(ctx, src.text)}
	d, err := r.read(src)
	return d, r.corruption(err)
}

// corruption returns the error for what a compressed file breaks off with, if it is corrupt further on: the rows that
// come of that only look wrong.
func (r *reader) corruption(err error) error {
	var e *Error
	if !r.packed || !errors.As(err, &e) || e.Row == 0 {
		return err
	}
	const enough = 256 << 20
	if _, later := io.CopyN(io.Discard, r.lines.src, enough); later != nil && later != io.EOF {
		return r.located(later, e.Row)
	}
	return err
}

// reader is the state of one call of Read.
type reader struct {
	path, file string
	packed     bool
	opt        Options
	lines      *lineReader
	records    records
	head       header
	last       int // the last column that has a name
	table      table
	skipped    int64 // bad rows, and the first of them
	firstBad   int64
}

func (r *reader) read(src *source) (*Dataset, error) {
	begin := r.begin
	if src.parquet {
		begin = func() error { return r.beginParquet(src) }
	}
	if src.parquet != (r.opt.Format == "parquet") && r.opt.Format != "" {
		return nil, r.wrongFormat(src.parquet)
	}
	if err := begin(); err != nil {
		return nil, err
	}
	if err := r.checkNames(); err != nil {
		return nil, err
	}
	if err := r.choose(); err != nil {
		return nil, err
	}
	if err := r.rows(); err != nil {
		return nil, err
	}
	return r.finish()
}

// wrongFormat is the error for a file that is Parquet though declared to be something else, or the other way round.
func (r *reader) wrongFormat(parquet bool) error {
	if parquet {
		return r.fail(ErrOption, "is a Parquet file, not "+r.opt.Format, "leave --format out")
	}
	return r.fail(ErrOption, "is not a Parquet file", "leave --format out")
}

// begin finds the format and reads the header.
func (r *reader) begin() error {
	head, whole, err := r.peek()
	if err != nil {
		return r.located(err, 1)
	}
	if !whole && bytes.IndexByte(head, r.lines.sep) < 0 {
		return r.located(errLongLine, 1)
	}
	if r.opt.Format == "arff" || r.opt.Format == "" && looksLikeARFF(head) {
		return r.beginARFF()
	}
	return r.beginCSV(head, whole)
}

// peek returns the beginning of the text in UTF-8.
func (r *reader) peek() (head []byte, whole bool, err error) {
	if r.opt.Encoding == Latin1 {
		r.lines.src = &latin1Reader{src: r.lines.src}
	}
	head, whole, err = r.lines.peek()
	if err != nil || r.opt.Encoding != "" || !looksLikeLatin1(head, whole) {
		return head, whole, err
	}
	r.head.notes = append(r.head.notes, latin1Note)
	seen := io.MultiReader(bytes.NewReader(bytes.Clone(head)), r.lines.src)
	r.lines = newLineReader(r.lines.ctx, &latin1Reader{src: seen})
	return r.lines.peek()
}

func (r *reader) beginCSV(head []byte, whole bool) error {
	d := detect(head, whole, r.path, r.opt)
	marks := append(usualMarks[:], r.opt.Missing...)
	c := &csvReader{lines: r.lines, delimiter: d.delimiter, cells: newCells(marks...), split: splitter{limit: r.opt.fieldLimit()}}
	r.records = c
	if d.width == 0 {
		return r.nothing()
	}
	if d.comma {
		c.cells.comma, r.head.comma = true, true
		r.head.notes = append(r.head.notes, "numbers are read with a decimal comma")
	}
	if d.unclear != "" {
		r.head.unclear = fmt.Sprintf("cells like %s are read as text, for their comma may stand between thousands: if it is decimal, --decimal comma", d.unclear)
		r.head.notes = append(r.head.notes, r.head.unclear)
	}
	if !d.header {
		for i := range d.width {
			r.head.names = append(r.head.names, "column "+strconv.Itoa(i+1))
		}
		r.head.notes = append(r.head.notes, "the first row is data: columns are named by their numbers")
		return nil
	}
	names, count, err := c.header()
	if err == io.EOF {
		return r.nothing()
	}
	if err != nil {
		return r.located(err, c.records)
	}
	if count > r.opt.fieldLimit() {
		return r.tooMany(count)
	}
	switch d.short {
	case rowNames:
		names = append([]string{"row names"}, names...)
		r.head.declared = make([]declaration, len(names))
		r.head.declared[0] = declaration{known: true, kind: Identifier}
	case trailing:
		names = append(names, "")
	}
	r.head.names = names
	return nil
}

// header reads the first record as names; of more than fieldLimit it only gives the count.
func (c *csvReader) header() (names []string, count int, err error) {
	probe := newRow(0)
	if err := c.next(probe); err != nil || probe.fields > c.split.limit {
		return nil, probe.fields, err
	}
	for j, f := range c.fields() {
		f = trimBlanks(f)
		if fault := textFault(f); fault != nil {
			fault.column = j
			return nil, 0, fault
		}
		names = append(names, string(f))
	}
	return names, len(names), nil
}

// errRagged is what reader.next returns for a row with too many or too few fields.
var errRagged = errors.New("wrong number of fields")

// rows reads all rows into the table.
func (r *reader) rows() error {
	var at row
	var err error
	// In turn where a row may be other than declared: it must be the last that was read, for its line to be named; and
	// where rows are so wide that several would take much memory.
	if width := len(r.head.names); r.head.declared == nil && width <= batchCells {
		at, err = ahead(width, r.next, r.table.add)
	} else {
		at, err = r.inTurn()
	}
	switch err {
	case io.EOF:
		return nil
	case errRagged:
		return r.ragged(&at)
	}
	return r.located(err, at.number)
}

// inTurn reads each row when the one before it is kept.
func (r *reader) inTurn() (row, error) {
	one := newRow(len(r.head.names))
	for {
		if err := r.next(one); err != nil {
			return *one, err
		}
		if err := r.table.add(one); err != nil {
			return *one, err
		}
	}
}

// next reads one row of the table's width, leaving out others if that is wanted.
func (r *reader) next(one *row) error {
	for {
		if err := r.records.next(one); err != nil {
			return err
		}
		if one.fields == len(r.head.names) {
			return nil
		}
		if r.opt.BadRows != SkipBadRows {
			return errRagged
		}
		r.skipped++
		if r.firstBad == 0 {
			r.firstBad = one.number
		}
	}
}

// nothing is the error for a file without a record.
func (r *reader) nothing() error { return r.fail(ErrData, "holds nothing but empty lines", "") }

// fail is an error about the file as a whole.
func (r *reader) fail(class error, message, advice string) error {
	return &Error{File: r.file, Message: message, Advice: advice, Err: class}
}
