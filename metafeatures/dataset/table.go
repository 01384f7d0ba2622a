package dataset

import (
	"math"
	"math/rand/v2"
	"slices"
)

// table collects rows: all of them, or a uniform sample of a bounded number (reservoir sampling, Vitter 1985).
type table struct {
	columns    []column // those in use, in file order
	target     int      // among columns
	capacity   int      // rows that may be kept
	kept       int
	labelled   int64 // rows with a target
	marked     int64 // those of them whose target is "-" or ".": without one, if targets are numbers
	rows       int64
	rng        *rand.Rand
	numbers    []int64 // of the kept rows in the file
	sum        *fingerprinter
	levelBytes int // memory of the distinct texts of all columns
	waiting    block
}

// add takes one row of the file.
func (t *table) add(r *row) error {
	t.rows++
	slot := t.slot(r)
	if slot == len(t.numbers) {
		t.numbers = append(t.numbers, r.number)
		t.kept++
	} else if slot >= 0 {
		t.numbers[slot] = r.number
	}
	return t.store(r, slot)
}

// store counts the cells of a row in the fingerprint, and keeps them if there is a slot for them.
func (t *table) store(r *row, slot int) error {
	sums, texts := t.sum.cells(len(t.columns)), 0
	waiting := t.waiting.row(len(t.columns))
	known := slot >= 0
	for k := range t.columns {
		c := &t.columns[k]
		v := r.values[c.field]
		putCell(sums, k, v)
		if c.declared.known {
			if err := c.conforms(v, r.texts[c.field]); err != nil {
				return err
			}
		}
		if v == v && c.state == numbers {
			waiting[k] = v
			continue
		}
		if math.Float64bits(v) == textBits {
			texts++
		}
		switch {
		case known:
			waiting[k], known = c.known(v, r.texts[c.field])
		case slot < 0:
			t.put(c, slot, v, r.texts[c.field], r.number)
		}
	}
	t.sum.textsOf(r, t.columns, texts)
	switch {
	case known && t.waiting.add(slot):
		t.flush()
	case !known && slot >= 0:
		t.putAll(r, slot)
	}
	return nil
}

// flush writes the rows that wait into the columns.
func (t *table) flush() {
	b := &t.waiting
	if len(b.slots) == 0 {
		return
	}
	last := slices.Max(b.slots)
	for k := range t.columns {
		c := &t.columns[k]
		if c.state == dropped {
			continue
		}
		c.reserve(last, t.capacity)
		for i, slot := range b.slots {
			c.values[slot] = b.values[i*b.width+k]
		}
		c.kept = max(c.kept, last+1)
	}
	b.slots = b.slots[:0]
}

// putAll gives the cells of a row to their columns one by one, as some column has to change.
func (t *table) putAll(r *row, slot int) {
	t.flush()
	for k := range t.columns {
		c := &t.columns[k]
		t.put(c, slot, r.values[c.field], r.texts[c.field], r.number)
	}
}

// put gives a cell to its column and keeps the memory of texts bounded.
func (t *table) put(c *column, slot int, v float64, text []byte, row int64) {
	before := c.bytes
	switch {
	case slot < 0 && !c.ends(v, text):
	case slot < 0:
		t.flush()
		c.toLevels(text, row)
	default:
		c.reserve(slot, t.capacity)
		c.set(slot, v, text, row)
	}
	if c.bytes == before {
		return
	}
	if len(c.names) > maxLevels {
		c.overflow()
	}
	t.levelBytes += c.bytes - before
	if t.levelBytes > levelMemory {
		t.boundLevels()
	}
}

// slot decides whether a row is kept, and where: -1 for not at all.
func (t *table) slot(r *row) int {
	c := &t.columns[t.target]
	if isMissing(r.values[c.field]) {
		return -1
	}
	if _, ok := soft(r.texts[c.field]); ok && math.Float64bits(r.values[c.field]) == textBits {
		t.marked++
	}
	t.labelled++
	if t.kept < t.capacity {
		return t.kept
	}
	if j := t.rng.Int64N(t.labelled); j < int64(t.capacity) {
		return int(j)
	}
	return -1
}

// boundLevels lets the column with the most text go, until all together take little enough memory.
func (t *table) boundLevels() {
	for t.levelBytes > levelMemory {
		largest := 0
		for k := range t.columns {
			if t.columns[k].bytes > t.columns[largest].bytes {
				largest = k
			}
		}
		t.levelBytes -= t.columns[largest].bytes
		t.columns[largest].overflow()
	}
}

// sort puts the kept rows of a sample back into the order of the file.
func (t *table) sort() {
	t.flush()
	for k := range t.columns {
		c := &t.columns[k]
		c.values = c.values[:c.kept]
	}
	if t.labelled <= int64(t.capacity) {
		return
	}
	order := make([]int, t.kept)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return int(t.numbers[a] - t.numbers[b]) })
	for k := range t.columns {
		if c := &t.columns[k]; c.state != dropped {
			c.values, c.kept = pick(c.values, order), len(order)
		}
	}
	t.numbers = pick(t.numbers, order)
}

// keep reduces the kept rows to those for which want holds.
func (t *table) keep(want func(i int) bool) {
	var order []int
	for i := range t.kept {
		if want(i) {
			order = append(order, i)
		}
	}
	if len(order) == t.kept {
		return
	}
	t.kept = len(order)
	for k := range t.columns {
		if c := &t.columns[k]; c.state != dropped {
			c.values, c.kept = pick(c.values, order), len(order)
		}
	}
	t.numbers = pick(t.numbers, order)
}

func pick[T any](from []T, order []int) []T {
	out := make([]T, len(order))
	for i, o := range order {
		out[i] = from[o]
	}
	return out
}

// plain turns every mark of a missing value into NaN.
func plain(v float64) float64 {
	if v != v {
		return math.NaN()
	}
	return v
}
