package dataset

// block holds rows on their way into the columns. Writing them one by one would touch a far place of memory for every
// cell; writing many, column after column, costs several times less.
type block struct {
	width  int
	slots  []int     // of the rows that wait
	values []float64 // their cells, row after row, and room for one more row
}

// blockCells is about how many cells a block has: few enough for the cache of a core.
const blockCells = 4 << 10

// row is the room for the cells of the next row; add makes them wait.
func (b *block) row(width int) []float64 {
	if b.values == nil {
		b.width, b.values = width, make([]float64, width*max(1, blockCells/width))
	}
	return b.values[len(b.slots)*width:][:width]
}

// add makes the row last filled wait for a slot, and tells whether the block is full.
func (b *block) add(slot int) (full bool) {
	b.slots = append(b.slots, slot)
	return len(b.slots)*b.width == len(b.values)
}
