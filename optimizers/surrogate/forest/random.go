package forest

import (
	"math"
	"sort"
)

// tryRandomCut scores one cut drawn uniformly over the feature's range in the node, with the missing rows on either
// side; where all values are equal, the split into present and missing. It needs no order, only the rank up to
// which rows go left. It reports whether the feature varies.
func (g *grower) tryRandomCut(rows []int32, feature int) bool {
	column := &g.table.columns[feature]
	if g.rare(rows, column) {
		return g.tryRareCut(column, feature)
	}
	s := &g.sorter
	s.missing = s.missing[:0]
	low, high := uint32(math.MaxUint32), uint32(0)
	for _, r := range rows {
		rank := column.rank[r]
		if rank == missingRank {
			s.missing = append(s.missing, r)
			continue
		}
		low, high = min(low, rank), max(high, rank)
	}
	if low > high {
		return false
	}
	if column.value[low] == column.value[high] && len(s.missing) == 0 {
		return false
	}
	cut, last := g.drawCut(column, low, high)
	left, right := s.order[:len(rows)], s.rest[:len(rows)]
	n := 0
	for i, r := range rows {
		left[n], right[i-n] = r, r // without a branch that depends on the data
		if column.rank[r] <= last {
			n++
		}
	}
	left, right = left[:n], right[:len(rows)-n]
	g.divide(left, right, feature, cut, false)
	if len(s.missing) > 0 && last < high {
		left, right = append(left, s.missing...), withValue(right, column)
		g.divide(left, right, feature, cut, true)
	}
	return true
}

// drawCut draws a cut uniformly between the values at two ranks, and the rank up to which rows go left; where the values
// are equal, all do.
func (g *grower) drawCut(column *sortedColumn, low, high uint32) (cut float64, last uint32) {
	a, b := column.value[low], column.value[high]
	if !(a < b) {
		return math.MaxFloat64, high
	}
	cut = drawBetween(a, b, g.rng.Float64())
	inside := column.value[low : high+1]
	return cut, low + uint32(sort.Search(len(inside), func(i int) bool { return inside[i] > cut })) - 1
}

// withValue drops the rows without value, in place.
func withValue(rows []int32, column *sortedColumn) []int32 {
	kept := rows[:0]
	for _, r := range rows {
		if column.rank[r] != missingRank {
			kept = append(kept, r)
		}
	}
	return kept
}

// divide scores a split, at the cost of the smaller side.
func (g *grower) divide(left, right []int32, feature int, cut float64, missingLeft bool) {
	smaller := left
	if len(right) < len(left) {
		smaller = right
	}
	if len(g.sorter.missing) == 0 {
		missingLeft = len(left) > len(right)
	}
	g.propose(smaller, feature, cut, missingLeft)
}

// propose scores a split by the rows of its smaller side, and keeps it if it is the best so far.
func (g *grower) propose(smaller []int32, feature int, cut float64, missingLeft bool) {
	if len(smaller) < g.opt.MinLeaf {
		return
	}
	score := g.criterion.divide(smaller)
	if g.split.found && score <= g.split.score {
		return
	}
	g.split = split{feature: feature, cut: cut, missingLeft: missingLeft, score: score, found: true}
}

// drawBetween returns the point at a share in [0,1) of the way from a to b, at least a and less than b. It is
// written so that neither overflow nor rounding can reach b.
func drawBetween(a, b, share float64) float64 {
	if cut := a + (b/2-a/2)*2*share; cut < b {
		return max(a, cut)
	}
	return a
}
