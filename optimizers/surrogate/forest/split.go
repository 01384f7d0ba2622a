package forest

import (
	"math"
	"math/bits"
	"slices"
)

// sorter puts a node's rows in the order of a feature. ranks holds one bit per row of the table: setting the bits
// of the node's ranks and reading them back sorts n of N rows in n + N/64 steps.
type sorter struct {
	ranks   []uint64
	keys    []uint32
	order   []int32
	rest    []int32
	values  []float64
	missing []int32
}

func newSorter(rows int) sorter {
	return sorter{
		ranks:  make([]uint64, (rows+63)/64),
		order:  make([]int32, 0, rows),
		rest:   make([]int32, 0, rows),
		values: make([]float64, 0, rows),
	}
}

// tryFeature scores the splits of one feature, keeps the best in g.split, and reports whether the feature varies.
func (g *grower) tryFeature(rows []int32, feature int) bool {
	switch {
	case g.nominal(feature):
		return g.tryChoices(rows, feature)
	case g.opt.Cut == CutRandom:
		return g.tryRandomCut(rows, feature)
	}
	g.arrange(rows, &g.table.columns[feature])
	s := &g.sorter
	n := len(s.order)
	if n == 0 || (s.values[0] == s.values[n-1] && len(s.missing) == 0) {
		return false
	}
	g.consider(feature, false)
	if len(s.missing) > 0 {
		g.consider(feature, true)
	}
	return true
}

// consider scores all cuts with the missing rows on one side.
func (g *grower) consider(feature int, missingLeft bool) {
	s := &g.sorter
	head, tail := []int32(nil), s.missing
	if missingLeft {
		head, tail = s.missing, nil
	}
	at, score := g.criterion.best(s.order, s.values, head, tail, g.opt.MinLeaf)
	if at < 0 || (g.split.found && score <= g.split.score) {
		return
	}
	if len(s.missing) == 0 {
		missingLeft = at+1 > len(s.order)-at-1
	}
	g.split = split{feature: feature, cut: g.cutAfter(s.values, at), missingLeft: missingLeft, score: score, found: true}
}

// cutAfter returns the cut between position at and the next; the largest number where only missing rows follow.
func (g *grower) cutAfter(values []float64, at int) float64 {
	if at+1 == len(values) {
		return math.MaxFloat64
	}
	share := 0.5
	if g.opt.Cut == CutInGap {
		share = g.rng.Float64()
	}
	return drawBetween(values[at], values[at+1], share)
}

// arrange fills the sorter with the node's rows in the column's order, their values, and those without value.
func (g *grower) arrange(rows []int32, column *sortedColumn) {
	s := &g.sorter
	s.order, s.values, s.missing = s.order[:0], s.values[:0], s.missing[:0]
	words := (len(column.row) + 63) / 64
	if words > 8*len(rows) {
		g.arrangeFew(rows, column)
		return
	}
	for _, r := range rows {
		rank := column.rank[r]
		if rank == missingRank {
			s.missing = append(s.missing, r)
			continue
		}
		s.ranks[rank>>6] |= 1 << (rank & 63)
	}
	n := 0
	s.order, s.values = s.order[:len(rows)-len(s.missing)], s.values[:len(rows)-len(s.missing)]
	for w := range s.ranks[:words] {
		word := s.ranks[w]
		s.ranks[w] = 0
		for word != 0 {
			rank := w<<6 | bits.TrailingZeros64(word)
			word &= word - 1
			s.order[n] = column.row[rank]
			s.values[n] = column.value[rank]
			n++
		}
	}
}

// arrangeFew sorts the ranks themselves, which is cheaper for few rows of a large table.
func (g *grower) arrangeFew(rows []int32, column *sortedColumn) {
	s := &g.sorter
	s.keys = s.keys[:0]
	for _, r := range rows {
		if rank := column.rank[r]; rank != missingRank {
			s.keys = append(s.keys, rank)
		} else {
			s.missing = append(s.missing, r)
		}
	}
	slices.Sort(s.keys)
	for _, rank := range s.keys {
		s.order = append(s.order, column.row[rank])
		s.values = append(s.values, column.value[rank])
	}
}
