package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
)

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
		e.Message, e.Advice, e.Cause = cell.message, cell.advice, cell.cause
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
	e.Message = fmt.Sprintf("%s where the header has %s%s", plural(one.fields, "field"), grouped(width), r.culprit())
	if one.fields < width && r.lines.unfinished() {
		e.Message += " (the last row: was the file cut off?)"
	}
	e.Advice = "skip such rows with --bad-rows skip"
	return e
}

// culprit guesses which column of a row with too many fields has a delimiter in it that should be quoted: the column
// of texts where, taking the surplus fields as part of it, the fields of numbers hold numbers. A bad fit says nothing.
func (r *reader) culprit() string {
	r.table.flush()
	fields := r.records.fields()
	width, surplus := len(r.head.names), len(fields)-len(r.head.names)
	if surplus < 1 || len(fields) > r.opt.fieldLimit() {
		return ""
	}
	numeric := make([]bool, width)
	for _, c := range r.table.columns {
		numeric[c.field] = c.state == numbers && c.kept > 0
	}
	misfit := func(column, field int) int {
		if numeric[column] && !isNumber(trimBlanks(fields[field])) {
			return 1
		}
		return 0
	}
	misfits := 0 // with the surplus in the column before the first
	for j := range width {
		misfits += misfit(j, j+surplus)
	}
	fewest, at := width/4+1, -1
	for j := range width {
		misfits -= misfit(j, j+surplus)
		if !numeric[j] && misfits < fewest {
			fewest, at = misfits, j
		}
		misfits += misfit(j, j)
	}
	if at < 0 {
		return ""
	}
	return fmt.Sprintf(" (column %s %s has an unquoted %s?)", grouped(at+1), quoted(r.head.names[at]), r.delimiterName())
}

// delimiterName is what a person calls the delimiter.
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
