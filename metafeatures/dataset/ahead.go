package dataset

import "math"

// batch is some rows on their way from the goroutine that reads records to the one that keeps them. Its memory is
// reused.
type batch struct {
	rows  []row
	used  int
	texts []byte // of the rows' cells: the reader of records keeps them no longer than one row
	end   error  // what came instead of another row
	at    row    // where that was
}

const (
	// batchCells is about how many cells a batch has: enough for handing it over to cost nothing beside reading it.
	batchCells = 4 << 10
	// batchTexts is how many bytes of text a batch has at most, its last row left aside.
	batchTexts = 256 << 10
)

func newBatch(width int) *batch {
	b := &batch{rows: make([]row, max(1, batchCells/max(1, width)))}
	values, texts := make([]float64, len(b.rows)*width), make([][]byte, len(b.rows)*width)
	for i := range b.rows {
		b.rows[i].values, b.rows[i].texts = values[i*width:][:width:width], texts[i*width:][:width:width]
	}
	return b
}

// fill reads rows from a reader until the batch is full or the reader ends.
func (b *batch) fill(next func(*row) error) {
	b.used, b.texts = 0, b.texts[:0]
	if cap(b.texts) > 2*batchTexts {
		b.texts = nil
	}
	for b.used < len(b.rows) && len(b.texts) < batchTexts {
		r := &b.rows[b.used]
		if b.end = next(r); b.end != nil {
			b.at = *r
			return
		}
		b.hold(r)
		b.used++
	}
}

// hold copies the texts of a row.
func (b *batch) hold(r *row) {
	for j, v := range r.values {
		if v != v && math.Float64bits(v) == textBits {
			from := len(b.texts)
			b.texts = append(b.texts, r.texts[j]...)
			r.texts[j] = b.texts[from:]
		}
	}
}

// batchesAhead is how many batches are read ahead of the rows that are kept, at most.
const batchesAhead = 4

// ahead calls next for rows of a width in a goroutine of its own, as cutting and parsing records is about half of the
// work of reading, and add for each row in turn. It returns the first error of either and the row it was at. When it
// returns, next is not called any more; if the error was that of next, it was not called again after it.
func ahead(width int, next, add func(*row) error) (row, error) {
	full, free := make(chan *batch, batchesAhead), make(chan *batch, batchesAhead)
	go func() {
		defer close(full)
		for n := 0; ; n++ {
			var b *batch
			if n < batchesAhead {
				b = newBatch(width)
			} else if b = <-free; b == nil {
				return
			}
			b.fill(next)
			full <- b
			if b.end != nil {
				return
			}
		}
	}()
	for b := range full {
		for i := range b.rows[:b.used] {
			if err := add(&b.rows[i]); err != nil {
				close(free)
				for range full { // until next is not called any more
				}
				return b.rows[i], err
			}
		}
		if b.end != nil {
			return b.at, b.end
		}
		free <- b
	}
	return row{}, nil // not reached: batches go on until one ends
}
