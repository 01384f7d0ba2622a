package forest

import (
	"fmt"
	"math"
	"slices"
)

// maxChoices is how many choices of a nominal feature fit into a node.
const maxChoices = 64

// checkNominal checks the nominal features of a regression.
func (t *Table) checkNominal(opt Options, outputs int) error {
	if opt.Nominal == nil {
		return nil
	}
	if len(opt.Nominal) != t.features || outputs != 1 {
		return fmt.Errorf("%w: %d entries in Nominal for %d features and %d outputs, which must be one", ErrInput, len(opt.Nominal), t.features, outputs)
	}
	for j, choices := range opt.Nominal {
		if choices < 0 || choices > maxChoices {
			return fmt.Errorf("%w: feature %d has %d choices, which are not in 0..%d", ErrInput, j, choices, maxChoices)
		}
		c := &t.columns[j]
		for r, v := range c.value {
			if choices > 0 && !(v >= 0 && v < float64(choices) && v == math.Trunc(v)) {
				return fmt.Errorf("%w: x is %v in row %d, column %d, which has choices 0 to %d", ErrInput, v, c.row[r], j, choices-1)
			}
		}
	}
	return nil
}

func (g *grower) nominal(feature int) bool { return g.opt.Nominal != nil && g.opt.Nominal[feature] > 0 }

// among reports to which side of a set a value goes; one that is no choice is missing.
func among(v float64, choices uint64, missingLeft bool) bool {
	if v >= 0 && v < maxChoices {
		return choices>>uint(v)&1 == 1
	}
	return missingLeft
}

// tryChoices scores splits of a nominal feature into two sets of choices. Ordered by their mean output, the best split
// into sets is one between neighbours (Fisher 1958; Breiman et al. 1984); CutRandom instead divides the choices that
// are present at random. Choices that no row of the node has fall to either side by chance, so that the trees disagree
// about them, and with CutMidpoint to the side of more rows. It reports whether the feature varies.
func (g *grower) tryChoices(rows []int32, feature int) bool {
	if g.opt.Cut == CutRandom {
		return g.tryRandomChoices(rows, feature)
	}
	column := &g.table.columns[feature]
	s := &g.sorter
	rank := g.rankChoices(rows, column)
	s.order, s.values, s.missing = s.order[:0], s.values[:0], s.missing[:0]
	for k, c := range rank {
		for _, r := range rows {
			if column.at(r) == float64(c) {
				s.order, s.values = append(s.order, r), append(s.values, float64(k+1))
			}
		}
	}
	for _, r := range rows {
		if column.rank[r] == missingRank {
			s.missing = append(s.missing, r)
		}
	}
	if len(rank) == 0 || (len(rank) == 1 && len(s.missing) == 0) {
		return false
	}
	g.considerChoices(feature, rank, false)
	if len(s.missing) > 0 {
		g.considerChoices(feature, rank, true)
	}
	return true
}

// rankChoices returns the choices in rows by their mean output.
func (g *grower) rankChoices(rows []int32, column *sortedColumn) []uint8 {
	var sum, weight [maxChoices]float64
	for _, r := range rows {
		if column.rank[r] != missingRank {
			c := int(column.at(r))
			sum[c] += g.weights[r] * g.response[r]
			weight[c] += g.weights[r]
		}
	}
	rank := make([]uint8, 0, maxChoices)
	for c := range weight {
		if weight[c] > 0 {
			sum[c] /= weight[c]
			rank = append(rank, uint8(c))
		}
	}
	slices.SortStableFunc(rank, func(a, b uint8) int {
		switch {
		case sum[a] < sum[b]:
			return -1
		case sum[a] > sum[b]:
			return 1
		}
		return 0
	})
	return rank
}

// considerChoices scores all places in the order of choices with the missing rows on one side.
func (g *grower) considerChoices(feature int, rank []uint8, missingLeft bool) {
	s := &g.sorter
	head, tail := []int32(nil), s.missing
	if missingLeft {
		head, tail = s.missing, nil
	}
	at, score := g.criterion.best(s.order, s.values, head, tail, g.opt.MinLeaf)
	if at < 0 || (g.split.found && score <= g.split.score) {
		return
	}
	larger := at+1 > len(s.order)-at-1
	if len(s.missing) == 0 {
		missingLeft = larger
	}
	left, present := uint64(0), uint64(0)
	for i, c := range rank {
		present |= 1 << c
		if float64(i+1) <= s.values[at] {
			left |= 1 << c
		}
	}
	absent := g.allChoices(feature) &^ present
	switch {
	case g.opt.Cut == CutInGap:
		left |= g.rng.Uint64() & absent
	case larger:
		left |= absent
	}
	g.split = split{feature: feature, choices: left, missingLeft: missingLeft, score: score, found: true}
}

// allChoices is the set of all choices of a nominal feature.
func (g *grower) allChoices(feature int) uint64 {
	return math.MaxUint64 >> (maxChoices - g.opt.Nominal[feature])
}

// tryRandomChoices scores one division of the choices at random, with the missing rows on either side.
func (g *grower) tryRandomChoices(rows []int32, feature int) bool {
	column := &g.table.columns[feature]
	if g.rare(rows, column) {
		return g.tryRareChoices(column, feature)
	}
	s := &g.sorter
	s.missing = s.missing[:0]
	present := uint64(0)
	for _, r := range rows {
		if column.rank[r] == missingRank {
			s.missing = append(s.missing, r)
			continue
		}
		present |= 1 << uint(column.at(r))
	}
	if present == 0 || (present&(present-1) == 0 && len(s.missing) == 0) {
		return false
	}
	choices := g.drawChoices(present, feature)
	left, right := s.order[:0], s.rest[:0]
	for _, r := range rows {
		if column.rank[r] != missingRank && choices>>uint(column.at(r))&1 == 1 {
			left = append(left, r)
		} else {
			right = append(right, r)
		}
	}
	found := g.split
	g.divide(left, right, feature, 0, false)
	if len(s.missing) > 0 && choices&present != present {
		g.divide(append(left, s.missing...), withValue(right, column), feature, 0, true)
	}
	if g.split != found {
		g.split.choices = choices
	}
	return true
}

// drawChoices divides the choices that are present, and lets each of the others fall to either side.
func (g *grower) drawChoices(present uint64, feature int) uint64 {
	return g.divideChoices(present) | g.rng.Uint64()&g.allChoices(feature)&^present
}

// divideChoices returns a random part of the choices: neither none nor, where there are several, all.
func (g *grower) divideChoices(present uint64) uint64 {
	if present&(present-1) == 0 {
		return present
	}
	for range 64 {
		if part := g.rng.Uint64() & present; part != 0 && part != present {
			return part
		}
	}
	return present & -present
}
