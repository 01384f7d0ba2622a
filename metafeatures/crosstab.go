package metafeatures

import (
	"math"
	"slices"
)

// contingency is a table of joint frequencies of two discrete columns over the rows where both are present. Only
// cells that occur are kept; the levels that occur count as the table's size.
type contingency struct {
	cells         []contingencyCell
	row, column   []float64 // marginal counts by code
	rows, columns float64   // levels that occur
	total         float64
}

type contingencyCell struct {
	row, column int32
	count       float64
}

// denseCells is how many cells per row a table may have to be counted in an array; larger ones are sorted.
const denseCells = 4

// crosstab counts how often each pair of codes occurs.
func crosstab(a, b codes) contingency {
	t := contingency{row: make([]float64, a.levels), column: make([]float64, b.levels)}
	if a.levels*b.levels <= denseCells*len(a.code)+1024 {
		t.countDense(a, b)
	} else {
		t.countSparse(a, b)
	}
	for _, c := range t.cells {
		t.row[c.row] += c.count
		t.column[c.column] += c.count
		t.total += c.count
	}
	t.rows, t.columns = occupied(t.row), occupied(t.column)
	return t
}

func (t *contingency) countDense(a, b codes) {
	counts := make([]int32, a.levels*b.levels)
	width := int32(b.levels)
	for i, u := range a.code {
		if v := b.code[i]; u >= 0 && v >= 0 {
			counts[u*width+v]++
		}
	}
	for i, c := range counts {
		if c > 0 {
			t.cells = append(t.cells, contingencyCell{int32(i) / width, int32(i) % width, float64(c)})
		}
	}
}

func (t *contingency) countSparse(a, b codes) {
	var keys []uint64
	for i, u := range a.code {
		if v := b.code[i]; u >= 0 && v >= 0 {
			keys = append(keys, uint64(u)<<32|uint64(v))
		}
	}
	slices.Sort(keys)
	for i, k := range keys {
		if i > 0 && k == keys[i-1] {
			t.cells[len(t.cells)-1].count++
			continue
		}
		t.cells = append(t.cells, contingencyCell{int32(k >> 32), int32(k & math.MaxUint32), 1})
	}
}

func occupied(counts []float64) float64 {
	var n float64
	for _, c := range counts {
		if c > 0 {
			n++
		}
	}
	return n
}

func (t contingency) rowEntropy() float64    { return entropyOf(t.row, t.total) }
func (t contingency) columnEntropy() float64 { return entropyOf(t.column, t.total) }

// smoothing is what pymfe adds to every joint probability, empty cells included.
const smoothing = 1e-8

// empty is the number of cells without a row.
func (t contingency) empty() float64 { return t.rows*t.columns - float64(len(t.cells)) }

// jointEntropy is in bits.
func (t contingency) jointEntropy() float64 {
	h := -t.empty() * smoothing * math.Log2(smoothing)
	for _, c := range t.cells {
		p := c.count/t.total + smoothing
		h -= p * math.Log2(p)
	}
	return h
}

// concentration is Goodman and Kruskal's tau: the share by which knowing the column lowers the chance of a wrong
// guess of the row in proportion to its frequencies. Undefined where there is a single row.
func (t contingency) concentration() float64 {
	// With the smoothing e in every cell, a column's empty cells add their number times e^2 to its squares.
	squares, filled := make([]float64, len(t.column)), make([]float64, len(t.column))
	for _, c := range t.cells {
		p := c.count/t.total + smoothing
		squares[c.column] += p * p
		filled[c.column]++
	}
	var explained, before float64
	for k, n := range t.column {
		if n > 0 {
			s := squares[k] + (t.rows-filled[k])*smoothing*smoothing
			explained += s / (n/t.total + t.rows*smoothing)
		}
	}
	for _, n := range t.row {
		if n > 0 {
			p := n/t.total + t.columns*smoothing
			before += p * p
		}
	}
	if t.rows < 2 {
		return math.NaN()
	}
	return (explained - before) / (1 - before)
}

func (t contingency) transposed() contingency {
	u := contingency{row: t.column, column: t.row, rows: t.columns, columns: t.rows, total: t.total}
	u.cells = make([]contingencyCell, len(t.cells))
	for i, c := range t.cells {
		u.cells[i] = contingencyCell{c.column, c.row, c.count}
	}
	return u
}
