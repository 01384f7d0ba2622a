package forest

// rare reports whether a feature has a value in so few rows that going through these is cheaper than through those of the
// node, most of which are without then. In spaces with conditions nearly every feature is rare.
func (g *grower) rare(rows []int32, column *sortedColumn) bool {
	return 2*len(column.present) < len(rows)
}

// holders lists the rows of the node that is split which have a value, for the sorter's order.
func (g *grower) holders(column *sortedColumn) []int32 {
	held := g.sorter.order[:0]
	for _, r := range column.present {
		if g.node[r] == g.splitting {
			held = append(held, r)
		}
	}
	return held
}

// tryRareCut is tryRandomCut for a rare feature. The rows without a value make the side larger that they are on, so that
// the other, which alone is looked at, has only rows with one.
func (g *grower) tryRareCut(column *sortedColumn, feature int) bool {
	held := g.holders(column)
	if len(held) == 0 {
		return false
	}
	low, high := column.rank[held[0]], column.rank[held[0]]
	for _, r := range held {
		low, high = min(low, column.rank[r]), max(high, column.rank[r])
	}
	cut, last := g.drawCut(column, low, high)
	g.proposeRare(held, feature, cut, func(r int32) bool { return column.rank[r] <= last })
	return true
}

// tryRareChoices is tryRandomChoices for a rare feature.
func (g *grower) tryRareChoices(column *sortedColumn, feature int) bool {
	held, present := g.holders(column), uint64(0)
	for _, r := range held {
		present |= 1 << uint(column.at(r))
	}
	if present == 0 {
		return false
	}
	choices := g.drawChoices(present, feature)
	found := g.split
	g.proposeRare(held, feature, 0, func(r int32) bool { return choices>>uint(column.at(r))&1 == 1 })
	if g.split != found {
		g.split.choices = choices
	}
	return true
}

// proposeRare proposes the split of the rows with a value from those without, which go right and then, if both sides have
// rows with one, left.
func (g *grower) proposeRare(held []int32, feature int, cut float64, left func(row int32) bool) {
	n, right := 0, g.sorter.rest[:0]
	for _, r := range held {
		if left(r) {
			held[n] = r
			n++
		} else {
			right = append(right, r)
		}
	}
	g.propose(held[:n], feature, cut, false)
	if len(right) > 0 {
		g.propose(right, feature, cut, true)
	}
}
