package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
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
}

// Read reads a CSV, TSV or ARFF file, plain or compressed by gzip or zstd, or opt.Stdin if the path is "-". Errors
// are of type *Error, or wrap ErrOption when the options themselves make no sense.
//
// Every row is read, typed and counted in the fingerprint; rows beyond opt.MaxCells are kept as a uniform sample.
// Text is UTF-8. A field may be quoted by double quotes, may then contain delimiters, line ends and doubled quotes;
// blanks around it do not count. Missing are empty fields, ?, NA, N/A, n/a, #N/A, <NA>, NaN, nan, NULL, null and None,
// whether quoted or not, the marks in opt.Missing, and among numbers also - and a lone point (ARFF: only ? and
// opt.Missing). A row longer than 32 MiB, text that is not UTF-8, NUL bytes and rows with too many or too few fields
// are errors.
func Read(ctx context.Context, path string, opt Options) (*Dataset, error) {
	opt, err := opt.check()
	if err != nil {
		return nil, err
	}
	src, err := openSource(ctx, path, opt.Stdin)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	r := &reader{path: path, file: src.name, packed: src.packed, opt: opt, lines: newLineReader(ctx, src.text)}
	d, err := r.read()
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

func (r *reader) read() (*Dataset, error) {
	if err := r.begin(); err != nil {
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

// begin finds the format and reads the header.
func (r *reader) begin() error {
	head, whole, err := r.lines.peek()
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

func (r *reader) beginCSV(head []byte, whole bool) error {
	d := detect(head, whole, r.path, r.opt)
	marks := append(usualMarks[:], r.opt.Missing...)
	c := &csvReader{lines: r.lines, delimiter: d.delimiter, cells: newCells(marks...), split: splitter{limit: r.opt.fieldLimit()}}
	r.records = c
	if d.width == 0 {
		return r.nothing()
	}
	if d.comma {
		c.cells.comma = true
		r.head.notes = append(r.head.notes, "numbers are read with a decimal comma")
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

// checkNames checks the number of columns and their names, and names those that have none.
func (r *reader) checkNames() error {
	names := r.head.names
	if len(names) > r.opt.fieldLimit() || len(names) > r.opt.MaxColumns && len(r.opt.Columns) == 0 {
		return r.tooMany(len(names))
	}
	seen := make(map[string]int, len(names))
	r.last = len(names) - 1
	for r.last > 0 && names[r.last] == "" {
		r.last-- // delimiters at the end of rows make no column to predict
	}
	for i, n := range names {
		if n == "" {
			names[i] = "column " + strconv.Itoa(i+1)
			continue
		}
		if first, ok := seen[n]; ok {
			return r.fail(ErrData, fmt.Sprintf("has two columns named %s, at positions %s and %s", quoted(n), grouped(first+1), grouped(i+1)),
				"rename one of them")
		}
		seen[n] = i
	}
	if len(names) == 1 {
		return r.fail(ErrData, fmt.Sprintf("has only one column, %s: there is nothing to predict it from", quoted(names[0])),
			"if the fields are separated by an unusual character, name it by --delimiter")
	}
	return nil
}

func (r *reader) tooMany(columns int) error {
	limit, advice := r.opt.MaxColumns, "choose those to use by --columns A,B,…"
	if columns > r.opt.fieldLimit() {
		limit, advice = r.opt.fieldLimit(), "keep fewer of them in the file"
	}
	return r.fail(ErrData, fmt.Sprintf("has %s columns, more than the limit of %s", grouped(columns), grouped(limit)), advice)
}

// column finds a column by name, or by "#N" counted from 1.
func (r *reader) column(spec string) (int, error) {
	for i, n := range r.head.names {
		if n == spec {
			return i, nil
		}
	}
	if number, ok := strings.CutPrefix(spec, "#"); ok {
		if n, err := strconv.Atoi(number); err == nil {
			if n >= 1 && n <= len(r.head.names) {
				return n - 1, nil
			}
			return 0, r.fail(ErrNotFound, fmt.Sprintf("has no column %s: there are %s", spec, grouped(len(r.head.names))), "")
		}
	}
	advice := ""
	if len(r.head.names) <= 20 {
		advice = "its columns are " + strings.Join(r.head.names, ", ")
	}
	return 0, r.fail(ErrNotFound, "has no column "+quoted(spec)+didYouMean(spec, r.head.names), advice)
}

// choose resolves the target and the columns in use, and prepares the table for them.
func (r *reader) choose() error {
	target := r.last
	if r.opt.Target != "" {
		var err error
		if target, err = r.column(r.opt.Target); err != nil {
			return err
		}
	}
	use, err := r.used(target)
	if err != nil {
		return err
	}
	kinds := map[string]Kind{}
	for spec, k := range r.opt.Kinds {
		i, err := r.column(spec)
		if err != nil {
			return err
		}
		kinds[r.head.names[i]] = k
	}
	r.opt.Kinds = kinds
	t := &r.table
	var names []string
	for i, n := range r.head.names {
		if !use[i] {
			continue
		}
		c := column{name: n, field: i}
		if r.head.declared != nil {
			c.declared = r.head.declared[i]
		}
		if i == target {
			t.target = len(t.columns)
		}
		t.columns = append(t.columns, c)
		names = append(names, n)
	}
	if len(names) > r.opt.MaxColumns+1 {
		return r.tooMany(len(names))
	}
	t.capacity = max(1, r.opt.MaxCells/len(names))
	t.rng = rand.New(rand.NewPCG(r.opt.Seed, 0x726561646572))
	t.sum = newFingerprinter(names, t.target)
	return nil
}

// used marks the columns that opt.Columns and opt.Exclude leave, and the target.
func (r *reader) used(target int) ([]bool, error) {
	use := make([]bool, len(r.head.names))
	for i := range use {
		use[i] = len(r.opt.Columns) == 0
	}
	for _, spec := range r.opt.Columns {
		i, err := r.column(spec)
		if err != nil {
			return nil, err
		}
		use[i] = true
	}
	for _, spec := range r.opt.Exclude {
		i, err := r.column(spec)
		if err != nil {
			return nil, err
		}
		if i == target {
			return nil, r.fail(ErrOption, "cannot do without its target "+quoted(r.head.names[i]), "")
		}
		use[i] = false
	}
	use[target] = true
	return use, nil
}

// rows reads all rows into the table.
func (r *reader) rows() error {
	width := len(r.head.names)
	one := newRow(width)
	for {
		err := r.records.next(one)
		if err == io.EOF {
			return nil
		}
		if err == nil && one.fields != width {
			if r.opt.BadRows == SkipBadRows {
				r.skipped++
				if r.firstBad == 0 {
					r.firstBad = one.number
				}
				continue
			}
			return r.ragged(one)
		}
		if err == nil {
			err = r.table.add(one)
		}
		if err != nil {
			return r.located(err, one.number)
		}
	}
}

func (r *reader) nothing() error { return r.fail(ErrData, "holds nothing but empty lines", "") }

// fail is an error about the file as a whole.
func (r *reader) fail(class error, message, advice string) error {
	return &Error{File: r.file, Message: message, Advice: advice, Err: class}
}

// located adds file, row and column to an error met while reading a row.
func (r *reader) located(err error, number int64) error {
	e := &Error{File: r.file, Row: number, Err: ErrData}
	if r.records != nil && r.records.textLine() != number {
		e.Line = r.records.textLine()
	}
	var known *Error
	var cell *cellError
	var row *rowError
	switch {
	case errors.As(err, &known):
		if known.Row == 0 && number > 1 {
			known.Message += " after row " + grouped(number-1)
		}
		return err
	case errors.As(err, &cell):
		e.Message, e.Advice = cell.message, cell.advice
		if cell.column < len(r.head.names) {
			e.Column = r.head.names[cell.column]
		}
	case errors.As(err, &row):
		e.Message, e.Advice = row.message, row.advice
	case errors.Is(err, errOpenQuote):
		e.Message, e.Advice = "a quoted field that begins here is never closed", `close it, or write a quote inside quotes twice ("")`
	case errors.Is(err, errLongLine):
		e.Message = fmt.Sprintf("the row is longer than %d MiB", maxLine>>20)
		e.Advice = "is a quote never closed, or are the line ends missing?"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.ErrClosedPipe):
		e.Message, e.Advice, e.Cause = "the input breaks off here", "run it again; the program that writes it may have failed", err
	default:
		e.Message, e.Err, e.Cause = "cannot be read on: "+reason(err), nil, err
	}
	return e
}

// ragged is the error for a row with too many or too few fields.
func (r *reader) ragged(one *row) error {
	width := len(r.head.names)
	e := r.located(&cellError{column: width}, one.number).(*Error)
	than := "where the header has " + grouped(width)
	e.Message = fmt.Sprintf("%s %s%s", plural(one.fields, "field"), than, r.culprit())
	if one.fields < width && r.lines.eof && r.lines.after == r.lines.end && !bytes.HasSuffix(r.lines.buf[:r.lines.end], []byte{r.lines.sep}) {
		e.Message += " (the last row: was the file cut off?)"
	}
	e.Advice = "skip such rows with --bad-rows skip"
	return e
}

// culprit guesses which column of a row with too many fields has a delimiter in it that should be quoted: the one
// where, taking the surplus fields as part of it, the fields after it fit their columns best.
func (r *reader) culprit() string {
	fields := r.records.fields()
	surplus := len(fields) - len(r.head.names)
	if surplus < 1 || len(fields) > r.opt.fieldLimit() {
		return ""
	}
	numeric := make([]bool, len(r.head.names))
	for _, c := range r.table.columns {
		numeric[c.field] = c.state == numbers && len(c.values) > 0
	}
	misfit := func(column, field int) int {
		if numeric[column] && !isNumber(trimBlanks(fields[field])) {
			return 1
		}
		return 0
	}
	bad := 0 // with the surplus in column 0
	for j := 1; j < len(numeric); j++ {
		bad += misfit(j, j+surplus)
	}
	best, at := len(fields)+1, -1
	for j := range numeric {
		if j > 0 {
			bad += misfit(j-1, j-1) - misfit(j, j+surplus)
		}
		cost := 2 * bad
		if numeric[j] {
			cost += 3
		}
		if cost < best {
			best, at = cost, j
		}
	}
	if best > 2*len(numeric)/4+2 {
		return ""
	}
	return fmt.Sprintf(" (column %s %s has an unquoted %s?)", grouped(at+1), quoted(r.head.names[at]), r.delimiterName())
}

func (r *reader) delimiterName() string {
	c, ok := r.records.(*csvReader)
	if !ok {
		return "comma"
	}
	switch c.delimiter {
	case ',':
		return "comma"
	case ';':
		return "semicolon"
	case '\t':
		return "tab"
	case '|':
		return "bar"
	case ' ':
		return "blank"
	}
	return strconv.QuoteRune(rune(c.delimiter))
}
