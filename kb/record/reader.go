package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/space/canonical"
)

// maxDepth bounds the nesting of a record; known fields need four levels.
const maxDepth = 64

// reader walks canonical JSON text: no white space is expected. It checks what it needs to make progress; that the
// text is canonical is checked afterwards, as a whole, by Decode. After a failure every method returns zero values.
type reader struct {
	b       []byte
	i       int
	depth   int
	unknown bool // a field was skipped
	err     error
}

var errEnd = errors.New("text ends early")

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = fmt.Errorf("at byte %d: %w", r.i, err)
	}
}

// peek returns the next byte, 0 at the end or after a failure.
func (r *reader) peek() byte {
	if r.err != nil || r.i >= len(r.b) {
		return 0
	}
	return r.b[r.i]
}

func (r *reader) expect(c byte) bool {
	switch {
	case r.err != nil:
	case r.i >= len(r.b):
		r.fail(errEnd)
	case r.b[r.i] != c:
		r.fail(fmt.Errorf("%q where %q is expected", r.b[r.i], c))
	default:
		r.i++
		return true
	}
	return false
}

// list walks the elements between two brackets, calling each at the start of every element.
func (r *reader) list(open, end byte, each func()) {
	if !r.expect(open) {
		return
	}
	if r.depth++; r.depth > maxDepth {
		r.fail(fmt.Errorf("nested more than %d deep", maxDepth))
	}
	defer func() { r.depth-- }()
	if r.peek() == end {
		r.i++
		return
	}
	for r.err == nil {
		each()
		if r.peek() == end {
			r.i++
			return
		}
		r.expect(',')
	}
}

// object calls field for every key, which must consume the value and may not keep the key.
func (r *reader) object(field func(key []byte)) {
	r.list('{', '}', func() {
		key := r.bytes()
		if r.expect(':') {
			field(key)
		}
	})
}

func (r *reader) array(each func()) { r.list('[', ']', each) }

// string reads a string.
func (r *reader) string() string { return string(r.bytes()) }

// bytes reads a string; the result is part of the text unless the string has escapes.
func (r *reader) bytes() []byte {
	if !r.expect('"') {
		return nil
	}
	escaped := false
	for j := r.i; j < len(r.b); j++ {
		switch r.b[j] {
		case '\\':
			escaped = true
			j++
		case '"':
			start := r.i
			r.i = j + 1
			if escaped {
				return r.unescape(r.b[start-1 : r.i])
			}
			return r.b[start:j]
		}
	}
	r.fail(errEnd)
	return nil
}

func (r *reader) unescape(quoted []byte) []byte {
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		r.fail(err)
	}
	return []byte(s)
}

// token reads the characters of a number.
func (r *reader) token() []byte {
	start := r.i
	for r.i < len(r.b) && (r.b[r.i]-'0' < 10 || strings.IndexByte("+-.eE", r.b[r.i]) >= 0) {
		r.i++
	}
	return r.b[start:r.i]
}

func (r *reader) number() float64 {
	if r.err != nil {
		return 0
	}
	text := r.token()
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		r.fail(fmt.Errorf("%q is no number", text))
		return 0
	}
	return f
}

// integer reads an integer within 2^53.
func (r *reader) integer() int64 {
	f := r.number()
	if f != math.Trunc(f) || math.Abs(f) > canonical.MaxInteger {
		r.fail(fmt.Errorf("%v is no integer within 2^53: %w", f, canonical.ErrNumber))
		return 0
	}
	return int64(f)
}

// size reads a count, seed or time: an integer that is not negative.
func (r *reader) size() int64 {
	n := r.integer()
	if n < 0 {
		r.fail(fmt.Errorf("%d is negative", n))
		return 0
	}
	return n
}

func (r *reader) bool() bool {
	switch {
	case r.literal("true"):
		return true
	case r.literal("false"):
	default:
		r.fail(errors.New("neither true nor false"))
	}
	return false
}

// literal consumes the word if it is next.
func (r *reader) literal(word string) bool {
	if r.err == nil && bytes.HasPrefix(r.b[r.i:], []byte(word)) {
		r.i += len(word)
		return true
	}
	return false
}

func (r *reader) value() space.Value {
	switch r.peek() {
	case '"':
		return space.String(r.string())
	case 'n':
		if !r.literal("null") {
			r.fail(errors.New("neither null nor a value"))
		}
		return space.Null()
	case 't', 'f':
		return space.Bool(r.bool())
	}
	start := r.i
	f := r.number()
	if err := canonical.CheckNumber(f); err != nil {
		r.fail(err)
	}
	if bytes.ContainsAny(r.b[start:r.i], ".e") {
		return space.Float(f)
	}
	return space.Int(int64(f))
}

func (r *reader) config() space.Config {
	c := space.Config{}
	r.object(func(name []byte) { key := string(name); c[key] = r.value() })
	return c
}

func (r *reader) values() map[string]float64 {
	m := map[string]float64{}
	r.object(func(name []byte) { key := string(name); m[key] = r.number() })
	return m
}

func (r *reader) numbers() []float64 {
	var list []float64
	r.array(func() { list = append(list, r.number()) })
	return list
}

// skip passes over the value of a field this version does not know, refusing only what no version may write.
func (r *reader) skip() {
	r.unknown = true
	switch r.peek() {
	case '{':
		r.object(func([]byte) { r.skip() })
	case '[':
		r.array(r.skip)
	case '"':
		r.bytes()
	default:
		r.value()
	}
}

// pass goes to the end of a value without looking into it.
func (r *reader) pass() {
	for depth := 0; r.err == nil; {
		switch r.peek() {
		case '"':
			r.bytes()
		case '{', '[':
			depth++
			r.i++
		case '}', ']':
			if depth--; depth < 0 {
				return
			}
			r.i++
		case ',':
			if depth == 0 {
				return
			}
			r.i++
		case 0:
			r.fail(errEnd)
		default:
			r.i++
		}
	}
}

// raw returns the text of the next value.
func (r *reader) raw() []byte {
	start, known := r.i, r.unknown
	r.skip()
	r.unknown = known
	return r.b[start:r.i]
}
