package pack

import (
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/metaml/metaml/kb/record"
)

// columns appends integers and texts one after another.
type columns struct{ b []byte }

func (w *columns) uint(v uint64) { w.b = binary.AppendUvarint(w.b, v) }
func (w *columns) int(v int64)   { w.b = binary.AppendVarint(w.b, v) }

func (w *columns) text(s string) {
	w.uint(uint64(len(s)))
	w.b = append(w.b, s...)
}

func (w *columns) float(f float64) {
	w.b = binary.LittleEndian.AppendUint64(w.b, math.Float64bits(f))
}

// cursor reads what columns wrote. After a failure it returns zero values; end reports the failure.
type cursor struct {
	b   []byte
	i   int
	err error
}

func (r *cursor) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("at byte %d: %s: %w", r.i, fmt.Sprintf(format, args...), ErrCorrupt)
		r.i = len(r.b)
	}
}

func (r *cursor) uint() uint64 {
	if r.i < len(r.b) && r.b[r.i] < 0x80 { // nearly all
		r.i++
		return uint64(r.b[r.i-1])
	}
	v, n := binary.Uvarint(r.b[r.i:])
	if n <= 0 {
		r.fail("broken integer")
		return 0
	}
	r.i += n
	return v
}

func (r *cursor) int() int64 {
	u := r.uint()
	return int64(u>>1) ^ -int64(u&1)
}

// count reads an integer from 0 to limit.
func (r *cursor) count(limit int) int {
	v := r.uint()
	if v > uint64(limit) {
		r.fail("%d is above %d", v, limit)
		return 0
	}
	return int(v)
}

// index reads the position of one of n entries.
func (r *cursor) index(n int) int {
	if n == 0 {
		r.fail("reference to an empty table")
		return 0
	}
	return r.count(n - 1)
}

// length reads how many elements follow, each of which takes at least one byte.
func (r *cursor) length() int { return r.count(len(r.b) - r.i) }

func (r *cursor) take(n int) []byte {
	if len(r.b)-r.i < n {
		r.fail("%d bytes are missing", n-(len(r.b)-r.i))
		return make([]byte, n)
	}
	r.i += n
	return r.b[r.i-n : r.i : r.i]
}

func (r *cursor) text() string { return string(r.take(r.length())) }

// checkedText reads a text that may be part of a record.
func (r *cursor) checkedText() string {
	s := r.text()
	if !utf8.ValidString(s) || len(s) > record.MaxText {
		r.fail("text of %d bytes is too long or not UTF-8", len(s))
		return ""
	}
	return s
}

func (r *cursor) float() float64 {
	f := math.Float64frombits(binary.LittleEndian.Uint64(r.take(8)))
	if math.IsNaN(f) || math.IsInf(f, 0) {
		r.fail("%v is no value", f)
		return 0
	}
	return f
}

// end returns the first failure, or an error if bytes are left over.
func (r *cursor) end() error {
	if r.err == nil && r.i != len(r.b) {
		r.fail("%d bytes too many", len(r.b)-r.i)
	}
	return r.err
}
