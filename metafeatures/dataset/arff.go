package dataset

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// looksLikeARFF tells whether the first line that is neither empty nor a comment begins an ARFF file.
func looksLikeARFF(head []byte) bool {
	for len(head) > 0 {
		line, rest, _ := bytes.Cut(head, []byte("\n"))
		line = trimBlanks(line)
		if len(line) > 0 && line[0] != '%' {
			_, isRelation := keyword(line, "@relation")
			_, isAttribute := keyword(line, "@attribute")
			return isRelation || isAttribute
		}
		head = rest
	}
	return false
}

// keyword cuts a keyword, in any case of letters, and the blanks after it off a line.
func keyword(line []byte, word string) ([]byte, bool) {
	if len(line) < len(word) || !bytes.EqualFold(line[:len(word)], []byte(word)) {
		return nil, false
	}
	rest := line[len(word):]
	if len(rest) > 0 && rest[0] != ' ' && rest[0] != '\t' {
		return nil, false
	}
	return trimBlanks(rest), true
}

// beginARFF reads the header of an ARFF file, up to @data.
func (r *reader) beginARFF() error {
	a := &arffReader{csv: csvReader{lines: r.lines, delimiter: ',', cells: newCells(append([]string{"?"}, r.opt.Missing...)...)}}
	r.records = a
	for {
		line, err := a.line()
		if err == io.EOF {
			return r.located(&rowError{message: "the file ends before @data", advice: "is it cut off?"}, max(1, a.csv.line))
		}
		if err == nil {
			var done bool
			if done, err = r.declare(a, line); done || len(r.head.names) > r.opt.fieldLimit() {
				break
			}
		}
		if err != nil {
			return r.located(err, a.csv.line)
		}
	}
	if len(r.head.names) == 0 {
		return r.fail(ErrData, "declares no attribute before @data", "")
	}
	a.declared = r.head.declared
	for _, d := range a.declared {
		a.dated = a.dated || d.date != nil
	}
	return nil
}

// rowError is a fault of a row that no column is to blame for.
type rowError struct {
	message, advice string
}

// Error implements error.
func (e *rowError) Error() string { return e.message }

// declare takes one line of the header. It returns whether it was the last.
func (r *reader) declare(a *arffReader, line []byte) (done bool, err error) {
	if fault := textFault(line); fault != nil {
		return false, &rowError{fault.message, fault.advice}
	}
	if _, ok := keyword(line, "@relation"); ok {
		return false, nil
	}
	if _, ok := keyword(line, "@data"); ok {
		return true, nil
	}
	rest, ok := keyword(line, "@attribute")
	if !ok {
		return false, &rowError{fmt.Sprintf("%s where @attribute or @data should stand", quoted(string(line))), ""}
	}
	name, rest, err := arffWord(rest, " \t{")
	if err != nil {
		return false, err
	}
	d, err := attributeType(trimBlanks(rest))
	if err != nil {
		return false, err
	}
	r.head.names = append(r.head.names, name)
	r.head.declared = append(r.head.declared, d)
	return false, nil
}

// arffWord cuts a word, possibly quoted, off the front of text; unquoted, it ends before one of stops.
func arffWord(text []byte, stops string) (word string, rest []byte, err error) {
	if len(text) == 0 {
		return "", nil, &rowError{"the declaration is incomplete", "write @attribute NAME TYPE"}
	}
	if text[0] == '\'' || text[0] == '"' {
		unescaped, n := unquote(nil, text)
		if n < 0 {
			return "", nil, &rowError{"a quote is never closed on this line", `write a quote inside quotes as \'`}
		}
		return string(unescaped), text[n:], nil
	}
	n := bytes.IndexAny(text, stops)
	if n < 0 {
		n = len(text)
	}
	return string(trimBlanks(text[:n])), text[n:], nil
}

// unquote appends the content of the quoted text at the front of text to dst and returns how long it is with its
// quotes; -1 if it has no end. A backslash makes the next character literal, but for \n, \r and \t.
func unquote(dst, text []byte) (content []byte, n int) {
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == text[0]:
			return dst, i + 1
		case text[i] == '\\' && i+1 < len(text):
			i++
			switch text[i] {
			case 'n':
				dst = append(dst, '\n')
			case 'r':
				dst = append(dst, '\r')
			case 't':
				dst = append(dst, '\t')
			default:
				dst = append(dst, text[i])
			}
		default:
			dst = append(dst, text[i])
		}
	}
	return dst, -1
}

// attributeType reads the type of an attribute.
func attributeType(text []byte) (declaration, error) {
	if len(text) > 0 && text[0] == '{' {
		return nominal(text)
	}
	word, rest, err := arffWord(text, " \t")
	if err != nil {
		return declaration{}, err
	}
	rest = trimBlanks(rest)
	switch strings.ToLower(word) {
	case "numeric", "real", "integer":
		return declaration{known: true, kind: Numeric}, nil
	case "string":
		return declaration{}, nil // inferred like any text
	case "date":
		pattern := "yyyy-MM-dd'T'HH:mm:ss"
		if len(rest) > 0 {
			if pattern, _, err = arffWord(rest, " \t"); err != nil {
				return declaration{}, err
			}
		}
		layout, err := layoutOf(pattern)
		return declaration{known: true, kind: Date, date: layout}, err
	case "relational":
		return declaration{}, &rowError{"relational attributes are not supported", "remove the attribute"}
	}
	return declaration{}, &rowError{fmt.Sprintf("there is no attribute type %s", quoted(word)),
		"it must be numeric, integer, real, string, date or a list {a, b, c}"}
}

// nominal reads a list of values in braces. Values that are numbers are known by their value, as in the rows.
func nominal(text []byte) (declaration, error) {
	d := declaration{known: true, kind: Categorical, members: map[string]bool{}}
	text = trimBlanks(text[1:])
	for {
		if len(text) == 0 {
			return d, &rowError{"the list of values is not closed on this line", "end it by }"}
		}
		if text[0] == '}' {
			return d, nil
		}
		if text[0] == ',' {
			text = trimBlanks(text[1:])
			continue
		}
		value, rest, err := arffWord(text, ",}")
		if err != nil {
			return d, err
		}
		value = string(trimBlanks([]byte(value)))
		if v, ok := parseNumber([]byte(value)); ok {
			value = formatNumber(v)
		}
		d.allowed = append(d.allowed, value)
		d.members[value] = true
		text = trimBlanks(rest)
	}
}

// dateLetters are the parts of a Java SimpleDateFormat pattern and what package time calls them.
var dateLetters = map[string]string{
	"yyyy": "2006", "y": "2006", "yy": "06", "MMMM": "January", "MMM": "Jan", "MM": "01", "M": "1", "dd": "02", "d": "2",
	"HH": "15", "H": "15", "hh": "03", "h": "3", "mm": "04", "m": "4", "ss": "05", "s": "5", "SSS": "000", "a": "PM",
	"EEEE": "Monday", "EEE": "Mon", "E": "Mon", "Z": "-0700", "XXX": "Z07:00", "z": "MST",
}

// layoutOf translates the pattern of a date attribute.
func layoutOf(pattern string) (*dateLayout, error) {
	var layout strings.Builder
	for rest := pattern; rest != ""; {
		c := rest[0]
		n := len(rest) - len(strings.TrimLeft(rest, rest[:1]))
		switch {
		case c == '\'':
			literal, length := literalText(rest)
			if length < 0 {
				return nil, &rowError{fmt.Sprintf("a quote is never closed in the date format %s", quoted(pattern)), ""}
			}
			layout.WriteString(literal)
			n = length
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			part, ok := dateLetters[rest[:n]]
			if !ok {
				return nil, &rowError{fmt.Sprintf("%s in the date format %s is not supported", quoted(rest[:n]), quoted(pattern)),
					"write the dates as yyyy-MM-dd HH:mm:ss"}
			}
			layout.WriteString(part)
		default:
			layout.WriteString(rest[:n])
		}
		rest = rest[n:]
	}
	return &dateLayout{forms: []string{layout.String()}}, nil
}

// literalText reads the quoted text at the front of a date pattern and returns how long it is with its quotes, -1 if
// it has no end. Two quotes stand for one, inside quotes and outside.
func literalText(pattern string) (text string, length int) {
	if strings.HasPrefix(pattern, "''") {
		return "'", 2
	}
	for i := 1; i < len(pattern); i++ {
		if pattern[i] != '\'' {
			continue
		}
		if strings.HasPrefix(pattern[i:], "''") {
			i++
			continue
		}
		return strings.ReplaceAll(pattern[1:i], "''", "'"), i + 1
	}
	return "", -1
}
