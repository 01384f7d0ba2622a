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
//	every cell, row by row: a number as its IEEE 754 bits; a missing value as 0x7FF8000000000001;
//	text as 0x7FF8000000000002, its length and its bytes
//
// where every integer and every float64 takes 8 bytes, little-endian. Cells are what Read made of them: a number is
// a number however written, so that the delimiter, quotes, line ends and compression leave no trace.
type fingerprinter struct {
	sum hash.Hash
	buf []byte
}

func newFingerprinter(names []string, target int) *fingerprinter {
	f := &fingerprinter{sum: sha256.New(), buf: make([]byte, 0, 16<<10)}
	f.buf = append(f.buf, "metaml table 1\n"...)
	f.integer(uint64(len(names)))
	for _, n := range names {
		f.text([]byte(n))
	}
	f.integer(uint64(target))
	return f
}

func (f *fingerprinter) integer(n uint64) {
	if len(f.buf)+8 > cap(f.buf) {
		f.flush()
	}
	f.buf = binary.LittleEndian.AppendUint64(f.buf, n)
}

func (f *fingerprinter) text(b []byte) {
	f.integer(uint64(len(b)))
	f.flush()
	f.sum.Write(b)
}

// cell adds one cell; text is used where v is textCell.
func (f *fingerprinter) cell(v float64, text []byte) {
	bits := math.Float64bits(v)
	f.integer(bits)
	if bits == textBits {
		f.text(text)
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
