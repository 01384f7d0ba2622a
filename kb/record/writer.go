package record

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/space/canonical"
	"github.com/metaml/metaml/optimizers/study"
)

// writer appends canonical JSON (RFC 8785). It exists beside package canonical because a knowledge base encodes
// records by the hundred thousand: it writes each byte once, without reflection. The caller writes keys in order.
type writer struct {
	b    []byte
	keys []string // scratch of sorted
	err  error    // the first failure
}

func (w *writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// next separates a value from an earlier sibling.
func (w *writer) next() {
	switch last := w.b[len(w.b)-1]; last {
	case '{', '[', ':':
	default:
		w.b = append(w.b, ',')
	}
}

func (w *writer) key(name string) {
	w.next()
	w.string(name)
	w.b = append(w.b, ':')
}

// open starts an object or array; close ends it.
func (w *writer) open(bracket byte)  { w.b = append(w.b, bracket) }
func (w *writer) close(bracket byte) { w.b = append(w.b, bracket) }

// text writes an optional string field.
func (w *writer) text(key, value string) {
	if value != "" {
		w.key(key)
		w.string(value)
	}
}

// optional writes a number field unless it is zero.
func (w *writer) optional(key string, value float64) {
	if value != 0 {
		w.key(key)
		w.number(value)
	}
}

// numbers writes an optional field holding a list of numbers.
func (w *writer) numbers(key string, values []float64) {
	if len(values) == 0 {
		return
	}
	w.key(key)
	w.open('[')
	for _, v := range values {
		w.next()
		w.number(v)
	}
	w.close(']')
}

// sorted returns the keys of a map in the order of RFC 8785; the slice is valid until the next call.
func sorted[V any](w *writer, m map[string]V) []string {
	w.keys = w.keys[:0]
	for k := range m {
		w.keys = append(w.keys, k)
	}
	slices.SortFunc(w.keys, compareUTF16)
	return w.keys
}

func (w *writer) config(c space.Config) {
	w.open('{')
	for _, name := range sorted(w, c) {
		w.key(name)
		switch v := c[name]; v.Kind() {
		case space.KindNull:
			w.b = append(w.b, "null"...)
		case space.KindBool:
			w.b = strconv.AppendBool(w.b, v.Bool())
		case space.KindString:
			w.string(v.Text())
		default:
			if err := canonical.CheckNumber(v.Float()); err != nil {
				w.fail(fmt.Errorf("config %q: %w", name, err))
			}
			w.number(v.Float())
		}
	}
	w.close('}')
}

func (w *writer) values(m map[string]float64) {
	w.open('{')
	for _, name := range sorted(w, m) {
		w.key(name)
		w.number(m[name])
	}
	w.close('}')
}

func (w *writer) cost(c study.Cost) {
	w.open('{')
	w.optional("cpu", c.CPU)
	w.optional("fit", c.Fit)
	w.optional("memory", c.Memory)
	w.optional("predict", c.Predict)
	w.optional("wall", c.Wall)
	w.close('}')
}

// number writes the shortest text that reads back to f, in ECMAScript's notation, as RFC 8785 asks.
func (w *writer) number(f float64) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		w.fail(fmt.Errorf("%v: %w", f, canonical.ErrNumber))
		return
	}
	abs := math.Abs(f)
	switch {
	case f == math.Trunc(f) && abs < 1e15:
		w.b = strconv.AppendInt(w.b, int64(f), 10) // also turns -0 into 0
	case abs >= 1e-6 && abs < 1e21:
		w.b = strconv.AppendFloat(w.b, f, 'f', -1, 64)
	default:
		w.b = strconv.AppendFloat(w.b, f, 'e', -1, 64)
		if n := len(w.b); w.b[n-2] == '0' && (w.b[n-3] == '-' || w.b[n-3] == '+') {
			w.b = append(w.b[:n-2], w.b[n-1]) // ECMAScript writes 1e-7, Go 1e-07
		}
	}
}

const hexDigits = "0123456789abcdef"

// string writes s with the escapes of RFC 8785 section 3.2.2.2 and no others.
func (w *writer) string(s string) {
	if !utf8.ValidString(s) {
		w.fail(fmt.Errorf("%q is not valid UTF-8: %w", s, ErrInvalid))
	}
	w.b = append(w.b, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		w.b = append(w.b, s[start:i]...)
		start = i + 1
		if short := shortEscape(c); short != 0 {
			w.b = append(w.b, '\\', short)
		} else {
			w.b = append(w.b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	w.b = append(append(w.b, s[start:]...), '"')
}

// shortEscape returns the letter of a two-character escape, 0 where there is none.
func shortEscape(c byte) byte {
	switch c {
	case '"', '\\':
		return c
	case '\b':
		return 'b'
	case '\t':
		return 't'
	case '\n':
		return 'n'
	case '\f':
		return 'f'
	case '\r':
		return 'r'
	}
	return 0
}

// compareUTF16 orders strings by their UTF-16 code units. That differs from the order of bytes only between
// characters beyond U+FFFF, whose surrogates start at U+D800, and those from U+E000 to U+FFFF.
func compareUTF16(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if a[i] == b[i] {
			continue
		}
		// 0xF0 leads four bytes (beyond U+FFFF), 0xEE and 0xEF lead U+E000 to U+FFFF.
		if a[i] >= 0xEE && b[i] >= 0xEE && (a[i] >= 0xF0) != (b[i] >= 0xF0) {
			return cmp.Compare(b[i], a[i])
		}
		return cmp.Compare(a[i], b[i])
	}
	return cmp.Compare(len(a), len(b))
}
