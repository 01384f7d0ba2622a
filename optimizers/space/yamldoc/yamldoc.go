// Package yamldoc parses YAML documents that may come from anywhere: it refuses, before the parser sees them, those that
// would exhaust its time or stack, and says the line of an error.
package yamldoc

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// MaxBytes bounds the size of a document, 256 KiB, enough for thousands of entries: on hostile documents the parser's
// time grows with the square of the size.
const MaxBytes = 1 << 18

// MaxNesting bounds the brackets left open and the indentation of a line, "- " included: the parser's time grows with
// more than the square of the depth.
const MaxNesting = 1000

// Error is what is wrong with a document.
type Error struct {
	Line   int // counted from 1, 0 where it is not known
	Reason error
}

// Error names the line, if it is known, and the reason, all in one line.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Reason.Error()
	}
	return fmt.Sprintf("line %d: %v", e.Line, e.Reason)
}

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Reason }

// Parse parses a document or several, after a byte order mark if there is one. Every error is an *Error.
func Parse(data []byte) (file *ast.File, err error) {
	if len(data) > MaxBytes {
		return nil, &Error{Reason: fmt.Errorf("YAML of %d bytes is longer than the %d that are read", len(data), MaxBytes)}
	}
	if err := checkNesting(data); err != nil {
		return nil, err
	}
	// The YAML parser is known to panic on some malformed documents; they are malformed all the same.
	defer func() {
		if failure := recover(); failure != nil {
			file, err = nil, &Error{Reason: fmt.Errorf("malformed YAML: %v", failure)}
		}
	}()
	file, err = parser.ParseBytes(bytes.TrimPrefix(data, []byte("\ufeff")), 0)
	if err != nil {
		return nil, syntaxError(err)
	}
	return file, nil
}

// checkNesting refuses documents nested beyond anything that a person writes. It knows nothing of quotes and comments,
// so that it may refuse one with a thousand unmatched brackets in them, too.
func checkNesting(data []byte) error {
	number, open := 0, 0
	for line := range bytes.Lines(data) {
		number++
		if content := bytes.TrimLeft(line, " \t-?:"); len(line)-len(content) > MaxNesting {
			return &Error{number, fmt.Errorf("indented by more than %d", MaxNesting)}
		}
		open += bytes.Count(line, []byte("[")) + bytes.Count(line, []byte("{"))
		open -= bytes.Count(line, []byte("]")) + bytes.Count(line, []byte("}"))
		if open = max(open, 0); open > MaxNesting {
			return &Error{number, fmt.Errorf("more than %d brackets are open", MaxNesting)}
		}
	}
	return nil
}

// syntaxError puts the parser's error, which quotes the document over several lines, in one.
func syntaxError(err error) error {
	var syntax yaml.Error
	if !errors.As(err, &syntax) || syntax.GetToken() == nil || syntax.GetToken().Position == nil {
		return &Error{Reason: fmt.Errorf("malformed YAML: %w", err)}
	}
	return &Error{syntax.GetToken().Position.Line, fmt.Errorf("malformed YAML: %s", syntax.GetMessage())}
}

// Values decodes the first document into v, as yaml.Unmarshal does. Aliases are refused: they make a small document
// expand without bound. Every error is an *Error.
func Values(data []byte, v any) (err error) {
	file, err := Parse(data)
	if err != nil {
		return err
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return nil
	}
	var found aliases
	ast.Walk(&found, file.Docs[0].Body)
	if found.line > 0 {
		return &Error{found.line, errors.New("aliases are not read")}
	}
	defer func() {
		if failure := recover(); failure != nil {
			err = &Error{Reason: fmt.Errorf("malformed YAML: %v", failure)}
		}
	}()
	if err := yaml.NodeToValue(file.Docs[0].Body, v); err != nil {
		return syntaxError(err)
	}
	return nil
}

// aliases finds the first alias of a document.
type aliases struct{ line int }

// Visit implements ast.Visitor.
func (a *aliases) Visit(n ast.Node) ast.Visitor {
	if n.Type() == ast.AliasType && a.line == 0 {
		a.line = 1
		if at := n.GetToken(); at != nil && at.Position != nil {
			a.line = at.Position.Line
		}
	}
	return a
}
