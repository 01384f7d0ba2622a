package warmstart

import (
	"encoding/binary"
	"errors"
	"math"
)

// errGrove is what UnmarshalBinary returns for bytes that MarshalBinary did not write.
var errGrove = errors.New("warmstart: not a stored grove")

// groveHead is how many lengths stand before the values of a stored grove.
const groveHead = 5

// MarshalBinary implements encoding.BinaryMarshaler, by which gob stores a grove: integers of 4 bytes and numbers of 8,
// little-endian, slice after slice, behind the lengths. Value by value, gob takes twenty times as long to read them.
func (g *grove) MarshalBinary() ([]byte, error) {
	var b []byte
	for _, n := range [groveHead]int{g.Tasks, len(g.Roots), len(g.Feature), len(g.Start), len(g.Rows)} {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	for _, values := range [][]int32{g.Roots, g.Feature, g.Left, g.Right, g.Start, g.Rows} {
		for _, v := range values {
			b = binary.LittleEndian.AppendUint32(b, uint32(v))
		}
	}
	for _, v := range g.Cut {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	for _, left := range g.Missing {
		b = append(b, 0)
		if left {
			b[len(b)-1] = 1
		}
	}
	return b, nil
}

// UnmarshalBinary implements encoding.BinaryUnmarshaler.
func (g *grove) UnmarshalBinary(b []byte) error {
	if len(b) < 4*groveHead {
		return errGrove
	}
	var n [groveHead]int
	for i := range n {
		n[i] = int(binary.LittleEndian.Uint32(b[4*i:]))
	}
	tasks, roots, nodes, start, rows := n[0], n[1], n[2], n[3], n[4]
	if b = b[4*groveHead:]; len(b) != 4*(roots+3*nodes+start+rows)+9*nodes {
		return errGrove
	}
	integers := func(count int) []int32 {
		values := make([]int32, count)
		for i := range values {
			values[i] = int32(binary.LittleEndian.Uint32(b[4*i:]))
		}
		b = b[4*count:]
		return values
	}
	*g = grove{Tasks: tasks, Roots: integers(roots), Feature: integers(nodes), Left: integers(nodes), Right: integers(nodes),
		Start: integers(start), Rows: integers(rows), Cut: make([]float64, nodes), Missing: make([]bool, nodes)}
	for i := range g.Cut {
		g.Cut[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
	}
	for i, left := range b[8*nodes:] {
		g.Missing[i] = left != 0
	}
	return nil
}
