package dataset

import (
	"fmt"
	"strconv"
	"strings"
)

// Error says what is wrong with a file or a request, where, and what to do about it.
type Error struct {
	File    string // as the caller named it, or "standard input"
	Row     int64  // counted from 1, the header being row 1; 0 when the error is not about one row
	Line    int64  // the text line, counted from 1, where it differs from Row; else 0
	Column  string // the column's name; empty when the error is not about one column
	Message string // a predicate of the file when Row is 0 and Column empty, else a clause of its own
	Advice  string // what to do; may be empty
	Err     error  // ErrData, ErrNotFound or ErrOption; nil for failures of the machine
	Cause   error  // the error underneath, if any
}

// Error gives the place and the message, and the advice on an indented second line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Row > 0 {
		fmt.Fprintf(&b, ", row %s", grouped(e.Row))
	}
	if e.Line > 0 {
		fmt.Fprintf(&b, " (line %s)", grouped(e.Line))
	}
	if e.Column != "" {
		fmt.Fprintf(&b, ", column %s", quoted(e.Column))
	}
	if e.Row > 0 || e.Column != "" {
		b.WriteString(":")
	}
	b.WriteString(" ")
	b.WriteString(e.Message)
	if e.Advice != "" {
		b.WriteString("\n   ")
		b.WriteString(e.Advice)
	}
	return b.String()
}

// Unwrap gives the class of the error and its cause to errors.Is and errors.As.
func (e *Error) Unwrap() []error {
	var list []error
	if e.Err != nil {
		list = append(list, e.Err)
	}
	if e.Cause != nil {
		list = append(list, e.Cause)
	}
	return list
}

// grouped writes a count with thousands separators: 18204 is "18,204".
func grouped[T int | int64](n T) string {
	digits := strconv.FormatInt(int64(n), 10)
	sign := ""
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// plural writes a count with its noun: "1 row", "2,000 rows".
func plural[T int | int64](n T, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(n) + " " + noun + "s"
}

// quoted shows a name or cell in a message: quoted, printable and short.
func quoted(s string) string {
	const longest = 40
	if runes := []rune(s); len(runes) > longest {
		s = string(runes[:longest]) + "…"
	}
	return strconv.Quote(s)
}
