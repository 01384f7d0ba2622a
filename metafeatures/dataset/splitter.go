package dataset

import (
	"bytes"
	"errors"
	"fmt"
)

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
