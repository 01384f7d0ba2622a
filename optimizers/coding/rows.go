package coding

import (
	"encoding/binary"
	"math"
)

// Rows is a set of rows, in which NaN equals itself. The zero Rows is empty. It is not safe for concurrent use.
type Rows struct {
	keys map[string]struct{}
	key  []byte
}

// Add adds a row.
func (r *Rows) Add(row []float64) {
	if r.keys == nil {
		r.keys = map[string]struct{}{}
	}
	r.keys[string(r.of(row))] = struct{}{}
}

// Has reports whether a row is in the set. It allocates nothing once it was asked.
func (r *Rows) Has(row []float64) bool {
	if len(r.keys) == 0 {
		return false
	}
	_, has := r.keys[string(r.of(row))]
	return has
}

// Clear takes all rows out.
func (r *Rows) Clear() { clear(r.keys) }

// of returns a row's key, which is valid until the next.
func (r *Rows) of(row []float64) []byte {
	r.key = r.key[:0]
	for _, v := range row {
		if math.IsNaN(v) {
			v = math.NaN() // the one of all that there are
		}
		r.key = binary.LittleEndian.AppendUint64(r.key, math.Float64bits(v))
	}
	return r.key
}
