// Package pack writes a whole knowledge base as one immutable block of bytes and reads it back fast: the seed
// inside the binary, the cached snapshot of a store, and bundles that people share.
//
// A pack holds every record's canonical bytes exactly, though not as bytes. Runs and meta-features, nearly all of a
// knowledge base, are taken apart into columns: references to a dictionary of configurations, and values as decimal
// digits that are predicted from their neighbours. Other records are kept as text, and so are those that columns
// would not reproduce because they have fields of a newer version. Ids are not stored: they are hashes of what is.
//
// Layout: magic, length of the head, head, its SHA-256, sections. The head counts the records, carries the digest
// of their ids, and lists the sections with lengths and SHA-256, so that any damage is found before a byte is
// believed. Everything is little-endian or a varint. Sections are zstd frames where that is shorter.
package pack

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/metaml/metaml/kb/record"
)

// Sentinels that errors about packs wrap.
var (
	// ErrCorrupt: the bytes are damaged, cut short, or made to do harm.
	ErrCorrupt = errors.New("corrupt pack")
	// ErrForeign: the bytes are no pack.
	ErrForeign = errors.New("not a metaml pack")
	// ErrNewer: the pack was written by a newer metaml in a format this one does not know.
	ErrNewer = errors.New("pack of a newer metaml")
	// ErrTooLarge: reading the pack would take more memory than MaxMemory, or than an honest pack of its size.
	ErrTooLarge = errors.New("pack is too large")
)

// MaxMemory is about how many bytes a decoded pack may occupy: 2 GiB, some three million runs.
const MaxMemory = 2 << 30

// Digest identifies a set of records: the SHA-256 of their sorted ids, as raw bytes.
type Digest [sha256.Size]byte

// String returns the digest in hexadecimal.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// Digests of equal sets are equal, in whatever order ids come and however often.
func digestOf(ids []record.ID) Digest {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	sum := sha256.New()
	for _, id := range ids {
		raw, _ := hex.DecodeString(string(id))
		sum.Write(raw)
	}
	return Digest(sum.Sum(nil))
}

// Options of Encode.
type Options struct {
	// Fast trades size for speed, for packs that are soon replaced.
	Fast bool
}

// Encode returns the set as a pack. The same set gives the same bytes, in whatever order its records come; records
// that appear twice are kept once. Before it returns, the pack is decoded and compared with the set. Errors wrap
// record.ErrInvalid for records that cannot be encoded.
func Encode(set *record.Set, opt Options) ([]byte, error) {
	in, err := gather(set)
	if err != nil {
		return nil, err
	}
	b, err := write(in, opt)
	if err != nil {
		return nil, err
	}
	if err := compare(in, b); err != nil {
		return nil, fmt.Errorf("reading back: %w", err)
	}
	return b, nil
}

// input is a set prepared for writing.
type input struct {
	texts    [][]byte // canonical bytes of what is kept as text: sorted
	features []packedFeatures
	runs     []packedRun
	digest   Digest
}

// packedFeatures are meta-features to be kept in columns, with their canonical bytes.
type packedFeatures struct {
	features *record.Features
	bytes    []byte
}

// packedRun is a run to be kept in columns, with its canonical bytes.
type packedRun struct {
	run   *record.Run
	bytes []byte
}

// gather encodes, sorts and deduplicates the records of a set.
func gather(set *record.Set) (*input, error) {
	in := &input{}
	var ids []record.ID
	for r := range set.All() {
		b, err := record.Encode(r)
		if err != nil {
			return nil, err
		}
		ids = append(ids, record.Sum(b))
		in.add(r, b)
	}
	in.digest = digestOf(ids)
	in.sort()
	return in, nil
}

// add decides how a record is kept.
func (in *input) add(r record.Record, b []byte) {
	if !record.HasUnknown(r) {
		switch r := r.(type) {
		case *record.Run:
			in.runs = append(in.runs, packedRun{r, b})
			return
		case *record.Features:
			in.features = append(in.features, packedFeatures{r, b})
			return
		}
	}
	in.texts = append(in.texts, b)
}

// sort puts runs of a task together, since neighbours predict each other, and drops repetitions.
func (in *input) sort() {
	slices.SortFunc(in.texts, bytes.Compare)
	in.texts = slices.CompactFunc(in.texts, bytes.Equal)
	slices.SortFunc(in.features, func(a, b packedFeatures) int { return bytes.Compare(a.bytes, b.bytes) })
	in.features = slices.CompactFunc(in.features, func(a, b packedFeatures) bool { return bytes.Equal(a.bytes, b.bytes) })
	slices.SortFunc(in.runs, func(a, b packedRun) int {
		return cmp.Or(cmp.Compare(a.run.Task, b.run.Task), cmp.Compare(a.run.Protocol, b.run.Protocol),
			cmp.Compare(a.run.Space, b.run.Space), bytes.Compare(a.bytes, b.bytes)) // bytes begin with the configuration
	})
	in.runs = slices.CompactFunc(in.runs, func(a, b packedRun) bool { return bytes.Equal(a.bytes, b.bytes) })
}

// compare decodes a pack and holds every record against what was to be written.
func compare(in *input, b []byte) error {
	back, err := Decode(b)
	if err != nil {
		return err
	}
	for i, f := range in.features {
		if err := compareBytes(back.Features[i], f.bytes); err != nil {
			return err
		}
	}
	for i, r := range in.runs {
		if err := compareBytes(back.Runs[i], r.bytes); err != nil {
			return err
		}
	}
	return nil
}

func compareBytes(r record.Record, want []byte) error {
	text, err := record.Encode(r)
	if err == nil && !bytes.Equal(text, want) {
		err = fmt.Errorf("%s came back as %s", want, text)
	}
	return err
}

// Verify decodes a pack and compares the ids of its records, all computed anew, with the digest in its head.
func Verify(b []byte) error {
	set, err := Decode(b)
	if err != nil {
		return err
	}
	h, err := ReadHead(b)
	if err != nil {
		return err
	}
	digest, err := DigestOf(set)
	if err == nil && digest != h.Digest {
		err = fmt.Errorf("records have the digest %s, the head says %s: %w", digest, h.Digest, ErrCorrupt)
	}
	return err
}

// DigestOf returns the digest of a set's records.
func DigestOf(set *record.Set) (Digest, error) {
	var ids []record.ID
	var b []byte
	var err error
	for r := range set.All() {
		if b, err = record.AppendEncoded(b[:0], r); err != nil {
			return Digest{}, err
		}
		ids = append(ids, record.Sum(b))
	}
	return digestOf(ids), nil
}
