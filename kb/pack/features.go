package pack

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"github.com/metaml/metaml/kb/record"
)

// Meta-features are kept like runs: one column of values per extractor and name, and for each record the number of
// its shape, which lists the columns it has.

// featureShape is which meta-features a record has.
type featureShape struct {
	extractor string
	names     []string
	slots     []int // one per name, counted from 0
}

// featureWriter takes meta-features apart.
type featureWriter struct {
	texts  table[string]
	shapes table[string]
	rows   columns // task and shape of each record
	slots  []*slotWriter
	at     map[[2]string]int // extractor and name to slot
	values int
}

// encodeFeatures returns the section, and the columns of values that go with it.
func encodeFeatures(list []packedFeatures, positions map[record.ID]int) ([]byte, *featureWriter) {
	w := &featureWriter{at: map[[2]string]int{}}
	for _, f := range list {
		w.add(f.features, positions)
	}
	out := &columns{}
	out.uint(uint64(len(w.texts.list)))
	for _, t := range w.texts.list {
		out.text(t)
	}
	out.uint(uint64(len(w.shapes.list)))
	for _, s := range w.shapes.list {
		out.b = append(out.b, s...)
	}
	out.b = append(out.b, w.rows.b...)
	return out.b, w
}

func (w *featureWriter) add(f *record.Features, positions map[record.ID]int) {
	var shape columns
	shape.uint(uint64(w.texts.number(f.Extractor)))
	shape.uint(uint64(len(f.Values)))
	names := slices.Sorted(maps.Keys(f.Values))
	for _, name := range names {
		shape.uint(uint64(w.texts.number(name)))
		slot := [2]string{f.Extractor, name}
		if _, known := w.at[slot]; !known {
			w.at[slot] = len(w.slots)
			w.slots = append(w.slots, &slotWriter{})
		}
	}
	w.rows.id(f.Task, positions)
	w.rows.uint(uint64(w.shapes.number(string(shape.b))))
	for _, name := range names {
		w.slots[w.at[[2]string{f.Extractor, name}]].next(0, 0, f.Values[name])
	}
	w.values += len(names)
}

// id writes a record's id, as the position of its text where the pack has that.
func (w *columns) id(id record.ID, positions map[record.ID]int) {
	if at, known := positions[id]; known {
		w.uint(uint64(at) + 1)
		return
	}
	w.uint(0)
	raw, _ := hex.DecodeString(string(id)) // validated when the record was encoded
	w.b = append(w.b, raw...)
}

// id reads what columns.id wrote.
func (r *cursor) id(texts []record.ID) record.ID {
	if at := r.count(len(texts)); at > 0 {
		return texts[at-1]
	}
	return record.ID(hex.EncodeToString(r.take(sha256.Size)))
}

// featureReader puts meta-features together. It is opened first, to know how many slots there are.
type featureReader struct {
	cursor
	shapes []featureShape
	slots  int
}

// openFeatures reads the shapes; values is how many values all records have, and so, since every shape is some record's,
// more than all shapes have names.
func openFeatures(b []byte, values int) *featureReader {
	r := &featureReader{cursor: cursor{b: b}}
	texts := decodeList(&r.cursor, r.checkedText)
	at := map[[2]string]int{}
	text := func() string {
		if i := r.index(len(texts)); i < len(texts) {
			return texts[i]
		}
		return ""
	}
	r.shapes = decodeList(&r.cursor, func() featureShape {
		s := featureShape{extractor: text()}
		n := r.count(min(values, len(r.b)-r.i))
		values -= n
		for range n {
			if r.err != nil {
				break
			}
			name := text()
			slot := [2]string{s.extractor, name}
			if _, known := at[slot]; !known {
				at[slot] = r.slots
				r.slots++
			}
			s.names, s.slots = append(s.names, name), append(s.slots, at[slot])
		}
		return s
	})
	return r
}

// read decodes n records.
func (r *featureReader) read(n int, texts []record.ID, slots []*slotReader) ([]*record.Features, error) {
	list := make([]*record.Features, 0, n)
	for i := range n {
		f := &record.Features{Task: r.id(texts)}
		shape := r.index(len(r.shapes))
		if r.err != nil {
			break
		}
		s := r.shapes[shape]
		f.Extractor, f.Values = s.extractor, make(map[string]float64, len(s.names))
		for k, name := range s.names {
			f.Values[name] = slots[s.slots[k]].next(0, 0, 0)
		}
		if len(f.Values) != len(s.names) {
			return nil, fmt.Errorf("meta-features %d: a name is there twice: %w", i, ErrCorrupt)
		}
		if err := record.Validate(f); err != nil {
			return nil, fmt.Errorf("meta-features %d: %w: %w", i, err, ErrCorrupt)
		}
		list = append(list, f)
	}
	return list, r.end()
}
