package pack

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// magic begins every pack. Its first byte is not ASCII and its last ones are line ends, so that a transfer as text
// is noticed.
const magic = "\x93metaml-kb\r\n\x1a\n"

// version is the format this package writes and reads.
const version = 1

// Sections, in their order in the file.
const (
	sectionTexts        = iota // records kept as canonical bytes
	sectionDictionaries        // what runs refer to
	sectionFeatures            // which meta-features each task has
	sectionRuns                // columns of small integers
	sectionSlots               // how the columns of values are coded
	sectionExponents           // of values: see numbers.go
	sectionLow
	sectionMiddle
	sectionHigh
	sectionExact
	sections
)

// How a section is stored.
const (
	stored = iota
	compressed
)

// maxHead bounds the head; it is some 500 bytes.
const maxHead = 4096

// Head is what a pack says about itself before anything is decoded.
type Head struct {
	// Features and Runs count records kept in columns, Texts those kept as text: all of other kinds, and those
	// with fields of newer versions.
	Texts, Features, Runs int
	// Digest is the digest of all ids; only Verify compares it with the records.
	Digest Digest

	// Totals, to bound memory before it is taken: of values, measures and points of curves of all runs, and of
	// values of all meta-features.
	values, measures, points, featureValues int
	parts                                   [sections]part
}

// counts are the numbers in the head, in their order.
func (h *Head) counts() []*int {
	return []*int{&h.Texts, &h.Features, &h.Runs, &h.values, &h.measures, &h.points, &h.featureValues}
}

// part describes one section.
type part struct {
	codec       int
	raw, length int // bytes before and after compression
	sum         [sha256.Size]byte
}

// memory estimates what the decoded pack occupies. The entries of dictionaries, shapes and slots take more than their
// bytes in the section, which therefore count several times.
func (h *Head) memory() int {
	const perRun, perText, perFeatures, perMeasure, perPoint, perFeatureValue = 480, 2000, 200, 64, 16, 50
	const perDictionaryByte, perFeatureByte, perSlotByte = 24, 24, 80
	total := h.Runs*perRun + h.measures*perMeasure + h.points*perPoint + h.values*8
	total += h.Texts*perText + h.Features*perFeatures + h.featureValues*perFeatureValue
	for _, p := range h.parts {
		total += p.raw
	}
	total += perDictionaryByte*h.parts[sectionDictionaries].raw + perFeatureByte*h.parts[sectionFeatures].raw
	return total + perSlotByte*h.parts[sectionSlots].raw
}

// allowance is how much memory a pack of the given size may ask for. Honest packs grow some 20 to 120 times.
func allowance(size int) int { return min(MaxMemory, 64<<20+400*size) }

// assemble returns the pack of the given sections. Where they compress so well that the pack would look like a
// bomb, they are stored as they are.
func assemble(h Head, raw [sections][]byte, opt Options) ([]byte, error) {
	level := zstd.SpeedBestCompression
	if opt.Fast {
		level = zstd.SpeedFastest
	}
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(level), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false),
		zstd.WithAllLitEntropyCompression(true))
	if err != nil {
		return nil, err
	}
	defer encoder.Close()
	payloads := raw
	for i, b := range raw {
		h.parts[i] = part{codec: stored, raw: len(b)}
		if packed := encoder.EncodeAll(b, nil); len(packed) < len(b) {
			h.parts[i].codec, payloads[i] = compressed, packed
		}
	}
	out := h.join(payloads)
	if h.memory() <= allowance(len(out)) {
		return out, nil
	}
	for i := range h.parts {
		h.parts[i].codec = stored
	}
	return h.join(raw), nil
}

// join writes the head for the given payloads, and the payloads.
func (h *Head) join(payloads [sections][]byte) []byte {
	for i, b := range payloads {
		h.parts[i].length, h.parts[i].sum = len(b), sha256.Sum256(b)
	}
	head := h.encode()
	out := binary.LittleEndian.AppendUint16([]byte(magic), uint16(len(head)))
	out = append(out, head...)
	sum := sha256.Sum256(out)
	out = append(out, sum[:]...)
	for _, b := range payloads {
		out = append(out, b...)
	}
	return out
}

func (h *Head) encode() []byte {
	w := &columns{}
	w.uint(version)
	for _, n := range h.counts() {
		w.uint(uint64(*n))
	}
	w.b = append(w.b, h.Digest[:]...)
	for _, p := range h.parts {
		w.uint(uint64(p.codec))
		w.uint(uint64(p.raw))
		w.uint(uint64(p.length))
		w.b = append(w.b, p.sum[:]...)
	}
	return w.b
}

// ReadHead reads the head of a pack, of which b holds at least the beginning. It does not look at the sections.
// Errors wrap ErrForeign, ErrNewer or ErrCorrupt.
func ReadHead(b []byte) (Head, error) {
	h, _, err := readHead(b)
	return h, err
}

// readHead also returns where the sections begin.
func readHead(b []byte) (h Head, size int, err error) {
	if !bytes.HasPrefix(b, []byte(magic)) {
		if len(b) > 0 && bytes.HasPrefix([]byte(magic), b) {
			return h, 0, fmt.Errorf("cut after %d bytes: %w", len(b), ErrCorrupt)
		}
		return h, 0, ErrForeign
	}
	start := len(magic) + 2
	if len(b) < start {
		return h, 0, fmt.Errorf("cut after %d bytes: %w", len(b), ErrCorrupt)
	}
	end := start + int(binary.LittleEndian.Uint16(b[len(magic):]))
	size = end + sha256.Size
	if end-start > maxHead || len(b) < size {
		return h, 0, fmt.Errorf("head is cut or its length wrong: %w", ErrCorrupt)
	}
	if sum := sha256.Sum256(b[:end]); !bytes.Equal(sum[:], b[end:size]) {
		return h, 0, fmt.Errorf("head does not match its checksum: %w", ErrCorrupt)
	}
	r := &cursor{b: b[start:end]}
	if v := r.uint(); v > version {
		return h, 0, fmt.Errorf("format %d, this metaml knows up to %d: %w", v, version, ErrNewer)
	}
	for _, n := range h.counts() {
		*n = r.count(MaxMemory)
	}
	copy(h.Digest[:], r.take(len(h.Digest)))
	for i := range h.parts {
		p := &h.parts[i]
		p.codec, p.raw, p.length = r.count(compressed), r.count(MaxMemory), r.count(MaxMemory)
		copy(p.sum[:], r.take(len(p.sum)))
	}
	if err := r.end(); err != nil {
		return h, 0, fmt.Errorf("head: %w", err)
	}
	return h, size, nil
}

// open checks a pack and returns its head and decompressed sections.
func open(b []byte) (h Head, raw [sections][]byte, err error) {
	h, at, err := readHead(b)
	if err != nil {
		return h, raw, err
	}
	if need, allowed := h.memory(), allowance(len(b)); need > allowed {
		return h, raw, fmt.Errorf("%d bytes that claim to hold %d MiB, at most %d are allowed: %w", len(b), need>>20, allowed>>20, ErrTooLarge)
	}
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderMaxMemory(MaxMemory))
	if err != nil {
		return h, raw, err
	}
	defer decoder.Close()
	for i, p := range h.parts {
		if len(b)-at < p.length {
			return h, raw, fmt.Errorf("section %d is cut: %w", i, ErrCorrupt)
		}
		raw[i] = b[at : at+p.length]
		at += p.length
		if sha256.Sum256(raw[i]) != p.sum {
			return h, raw, fmt.Errorf("section %d does not match its checksum: %w", i, ErrCorrupt)
		}
		if p.codec == compressed {
			// The cap limit makes sure that no more is written than the head promised.
			if raw[i], err = decoder.DecodeAll(raw[i], make([]byte, 0, p.raw)); err != nil {
				return h, raw, fmt.Errorf("section %d: %w: %w", i, err, ErrCorrupt)
			}
		}
		if len(raw[i]) != p.raw {
			return h, raw, fmt.Errorf("section %d has %d bytes, not %d: %w", i, len(raw[i]), p.raw, ErrCorrupt)
		}
	}
	if at != len(b) {
		return h, raw, fmt.Errorf("%d trailing bytes: %w", len(b)-at, ErrCorrupt)
	}
	return h, raw, nil
}

// Is reports whether bytes that begin a file begin a pack. It needs 16 bytes.
func Is(start []byte) bool { return bytes.HasPrefix(start, []byte(magic)) }
