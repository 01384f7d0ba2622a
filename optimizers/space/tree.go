package space

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// maxDepth bounds the nesting of a space file, so that hostile input cannot exhaust the stack.
const maxDepth = 100

// tree is a parsed document with what reading a space from it needs and encoding/json and YAML decoding into maps
// would lose: the order of keys, repeated keys, and the line of each part.
type tree struct {
	line   int // counted from 1; of an item in a mapping, the line of its key
	kind   treeKind
	scalar Value
	keys   []string // of a mapping, in the document's order, one per item
	items  []tree   // of a mapping or list
}

type treeKind uint8

const (
	treeScalar treeKind = iota
	treeList
	treeMapping
)

func (k treeKind) String() string {
	return [...]string{"a single value", "a list", "a mapping"}[k]
}

// lineError is what is wrong at a line of a document.
type lineError struct {
	line   int
	reason error
}

func (e lineError) Error() string        { return fmt.Sprintf("line %d: %v", e.line, e.reason) }
func (e lineError) Is(target error) bool { return target == ErrInvalid }
func (e lineError) Unwrap() error        { return e.reason }

// errorf is an error at the line of t that is ErrInvalid.
func (t tree) errorf(format string, args ...any) error {
	return lineError{t.line, fmt.Errorf(format, args...)}
}

// within says what part of the document a lineError is about, behind the line.
func within(err error, format string, args ...any) error {
	var at lineError
	if !errors.As(err, &at) {
		return err
	}
	return lineError{at.line, fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), at.reason)}
}

// get returns the item under key.
func (t tree) get(key string) (tree, bool) {
	for i, k := range t.keys {
		if k == key {
			return t.items[i], true
		}
	}
	return tree{}, false
}

// expect refuses a tree of another kind.
func (t tree) expect(kind treeKind, what string) error {
	if t.kind != kind {
		return t.errorf("%s must be %s, not %s", what, kind, t.kind)
	}
	return nil
}

// onlyKeys refuses keys that are not among allowed, and says which allowed one may have been meant.
func (t tree) onlyKeys(what string, allowed ...string) error {
	for i, key := range t.keys {
		known := false
		for _, a := range allowed {
			known = known || a == key
		}
		if !known {
			return t.items[i].errorf("%s has an unknown key %q%s", what, key, didYouMean(key, allowed))
		}
	}
	return nil
}

// checkKeys refuses a mapping that repeats a key.
func (t tree) checkKeys() error {
	seen := make(map[string]int, len(t.keys))
	for i, key := range t.keys {
		if first, twice := seen[key]; twice {
			return t.items[i].errorf("key %q is given twice, first on line %d", key, first)
		}
		seen[key] = t.items[i].line
	}
	return nil
}

// parseJSONTree reads one JSON document.
func parseJSONTree(data []byte) (tree, error) {
	if !utf8.Valid(data) {
		return tree{}, invalidf("JSON is not valid UTF-8")
	}
	if err := checkJSON(data); err != nil {
		return tree{}, err
	}
	r := jsonReader{data: data, dec: json.NewDecoder(bytes.NewReader(data)), line: 1}
	r.dec.UseNumber()
	return r.read(0)
}

// checkJSON refuses malformed JSON with the line of the error.
func checkJSON(data []byte) error {
	var probe json.RawMessage
	err := json.Unmarshal(data, &probe)
	if err == nil {
		return nil
	}
	line := 1 + bytes.Count(data, []byte("\n"))
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		line = 1 + bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n"))
	}
	return tree{line: line}.errorf("malformed JSON: %w", err)
}

// jsonReader walks a JSON document that checkJSON has found well formed.
type jsonReader struct {
	data   []byte
	dec    *json.Decoder
	offset int // up to which lines are counted
	line   int
}

func (r *jsonReader) token() (json.Token, error) {
	token, err := r.dec.Token()
	if err != nil {
		return nil, invalidf("malformed JSON: %w", err)
	}
	end := int(r.dec.InputOffset())
	r.line += bytes.Count(r.data[r.offset:end], []byte("\n"))
	r.offset = end
	return token, nil
}

func (r *jsonReader) read(depth int) (tree, error) {
	token, err := r.token()
	if err != nil {
		return tree{}, err
	}
	t := tree{line: r.line}
	if depth > maxDepth {
		return t, t.errorf("nested more than %d deep", maxDepth)
	}
	switch token := token.(type) {
	case json.Delim:
		t.kind = treeList
		if token == '{' {
			t.kind = treeMapping
		}
		err = r.readItems(&t, depth)
	case json.Number:
		err = t.scalar.parseNumber(token.String())
	case string:
		t.scalar = String(token)
	case bool:
		t.scalar = Bool(token)
	}
	if err != nil && !errors.Is(err, ErrInvalid) {
		err = t.errorf("%w", err)
	}
	return t, err
}

// readItems reads the items of a list or mapping and the bracket that closes it.
func (r *jsonReader) readItems(t *tree, depth int) error {
	for r.dec.More() {
		keyLine := 0
		if t.kind == treeMapping {
			key, err := r.token()
			if err != nil {
				return err
			}
			t.keys = append(t.keys, key.(string))
			keyLine = r.line
		}
		item, err := r.read(depth + 1)
		if err != nil {
			return err
		}
		if keyLine > 0 {
			item.line = keyLine
		}
		t.items = append(t.items, item)
	}
	if _, err := r.token(); err != nil {
		return err
	}
	return t.checkKeys()
}
