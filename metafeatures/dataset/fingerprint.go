package dataset

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math"
)

// fingerprinter computes Dataset.Fingerprint: the SHA-256 of
//
//	"metaml table 1\n"
//	the number of columns, and each name as its length and its bytes
//	the position of the target among them, from 0
//	row by row: every cell, a number as its IEEE 754 bits, a missing value as 0x7FF8000000000001, text as
//	0x7FF8000000000002; then the texts of the row, each as its length and its bytes
//
// where every integer and every float64 takes 8 bytes, little-endian. Cells are what Read made of them: a number is
// a number however written, so that the delimiter, quotes, line ends and compression leave no trace.
type fingerprinter struct {
	sum hash.Hash
	buf []byte // not yet part of sum
}

// fingerprintBlock is how many bytes are given to the hash at a time, at least.
const fingerprintBlock = 16 << 10

func newFingerprinter(names []string, target int) *fingerprinter {
	f := &fingerprinter{sum: sha256.New()}
	f.buf = append(f.buf, "metaml table 1\n"...)
	f.buf = binary.LittleEndian.AppendUint64(f.buf, uint64(len(names)))
	for _, n := range names {
		f.text([]byte(n))
	}
	f.buf = binary.LittleEndian.AppendUint64(f.buf, uint64(target))
	return f
}

// cells takes room for the cells of a row, 8 bytes each, to be filled by putCell.
func (f *fingerprinter) cells(columns int) []byte {
	if len(f.buf) >= fingerprintBlock {
		f.flush()
	}
	n := len(f.buf)
	if need := n + 8*columns; need > cap(f.buf) {
		f.buf = append(make([]byte, 0, need+fingerprintBlock), f.buf...)
	}
	f.buf = f.buf[:n+8*columns]
	return f.buf[n:]
}

func putCell(cells []byte, k int, v float64) {
	binary.LittleEndian.PutUint64(cells[8*k:], math.Float64bits(v))
}

// text adds the text of a cell; those of a row follow all its cells.
func (f *fingerprinter) text(b []byte) {
	if len(f.buf) >= fingerprintBlock {
		f.flush()
	}
	f.buf = binary.LittleEndian.AppendUint64(f.buf, uint64(len(b)))
	f.buf = append(f.buf, b...)
}

// textsOf adds the texts of a row, count in number.
func (f *fingerprinter) textsOf(r *row, columns []column, count int) {
	for k := 0; count > 0; k++ {
		if field := columns[k].field; math.Float64bits(r.values[field]) == textBits {
			f.text(r.texts[field])
			count--
		}
	}
}

func (f *fingerprinter) flush() {
	f.sum.Write(f.buf)
	f.buf = f.buf[:0]
}

func (f *fingerprinter) hex() string {
	f.flush()
	return hex.EncodeToString(f.sum.Sum(nil))
}
