package forest

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Table is training features prepared once, each sorted, for any number of fits: folds of a cross-validation, or
// several targets. It is immutable and safe for concurrent use.
type Table struct {
	rows, features int
	columns        []sortedColumn
}

// sortedColumn is one feature in order. rank says where a row's value stands, missingRank that it has none.
type sortedColumn struct {
	rank    []uint32  // by row
	row     []int32   // by rank
	value   []float64 // by rank, ascending
	present []int32   // rows with a value, ascending
	absent  int       // rows without value
}

const missingRank = math.MaxUint32

// NewTable sorts the features of x, a row per training case. NaN is a missing value; infinities are refused.
func NewTable(x [][]float64) (*Table, error) {
	if len(x) == 0 {
		return nil, fmt.Errorf("%w: x has no rows", ErrInput)
	}
	features := len(x[0])
	if features == 0 {
		return nil, fmt.Errorf("%w: x has no columns", ErrInput)
	}
	for i, row := range x {
		if len(row) != features {
			return nil, fmt.Errorf("%w: row %d of x has %d values, row 0 has %d", ErrInput, i, len(row), features)
		}
		for j, v := range row {
			if math.IsInf(v, 0) {
				return nil, fmt.Errorf("%w: x is infinite in row %d, column %d", ErrInput, i, j)
			}
		}
	}
	t := &Table{rows: len(x), features: features, columns: make([]sortedColumn, features)}
	entries := make([]entry, 0, len(x))
	for j := range t.columns {
		entries = entries[:0]
		for i, row := range x {
			if !math.IsNaN(row[j]) {
				entries = append(entries, entry{row[j], int32(i)})
			}
		}
		t.columns[j] = sortColumn(entries, len(x))
	}
	return t, nil
}

type entry struct {
	value float64
	row   int32
}

func sortColumn(entries []entry, rows int) sortedColumn {
	slices.SortFunc(entries, func(a, b entry) int {
		switch {
		case a.value < b.value:
			return -1
		case a.value > b.value:
			return 1
		}
		return cmp.Compare(a.row, b.row)
	})
	c := sortedColumn{
		rank:    make([]uint32, rows),
		row:     make([]int32, len(entries)),
		value:   make([]float64, len(entries)),
		present: make([]int32, 0, len(entries)),
		absent:  rows - len(entries),
	}
	for i := range c.rank {
		c.rank[i] = missingRank
	}
	for r, e := range entries {
		c.rank[e.row], c.row[r], c.value[r] = uint32(r), e.row, e.value
	}
	for r, rank := range c.rank {
		if rank != missingRank {
			c.present = append(c.present, int32(r))
		}
	}
	return c
}

// at returns the value of a row, NaN if missing.
func (c *sortedColumn) at(row int32) float64 {
	if r := c.rank[row]; r != missingRank {
		return c.value[r]
	}
	return math.NaN()
}

// add adds a row at the end, in time proportional to the rows; only for tables that nobody else has.
func (t *Table) add(row []float64) {
	r := int32(t.rows)
	t.rows++
	for j, v := range row {
		c := &t.columns[j]
		if math.IsNaN(v) {
			c.rank, c.absent = append(c.rank, missingRank), c.absent+1
			continue
		}
		at, _ := slices.BinarySearchFunc(c.value, v, func(a, b float64) int {
			if a <= b { // behind its equals, which are rows before it
				return -1
			}
			return 1
		})
		for _, later := range c.row[at:] {
			c.rank[later]++
		}
		c.rank, c.present = append(c.rank, uint32(at)), append(c.present, r)
		c.row, c.value = slices.Insert(c.row, at, r), slices.Insert(c.value, at, v)
	}
}
