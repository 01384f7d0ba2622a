package metafeatures

// itemset computes how frequent single values and pairs of values are in the discrete view of info-theory: categorical
// features as they are, numeric ones in equal-frequency bins. The target is not looked at, so it is the same for
// classification and regression.
//
// By pymfe's definitions: one_itemset (a value per value of a feature: the share of rows that have it) and
// two_itemset (a value per pair of values of two features: the share of rows that have exactly one of them). Rows
// where a feature is missing are left out wherever it is needed. Above Options.MaxItems values of two_itemset, the
// pairs of features are drawn.
func (x *extraction) itemset() ([]measure, error) {
	profiles, err := x.profiles()
	if err != nil {
		return nil, err
	}
	var single []float64
	for _, p := range profiles {
		counts, n := p.codes.counts()
		for _, c := range counts {
			if c > 0 {
				single = append(single, c/n)
			}
		}
	}
	pairs, err := x.twoItemsets(profiles)
	if err != nil {
		return nil, err
	}
	return []measure{each("one_itemset", single), each("two_itemset", pairs)}, nil
}

// counts returns how often each code occurs, and how many rows have one.
func (c codes) counts() (counts []float64, n float64) {
	counts = make([]float64, c.levels)
	for _, code := range c.code {
		if code >= 0 {
			counts[code]++
			n++
		}
	}
	return counts, n
}

// twoItemsets goes through the pairs of features, in random order where there are too many values.
func (x *extraction) twoItemsets(profiles []profile) ([]float64, error) {
	used := make([]int, len(profiles))
	for i, p := range profiles {
		counts, _ := p.codes.counts()
		used[i] = int(occupied(counts))
	}
	pairs := x.itemsetPairs(used)
	var values []float64
	for _, pair := range pairs {
		if err := x.spend(2*len(x.rows) + used[pair[0]]*used[pair[1]]); err != nil {
			return nil, err
		}
		values = crosstab(profiles[pair[0]].codes, profiles[pair[1]].codes).exclusive(values)
	}
	return values, nil
}

// itemsetPairs returns the pairs of features to look at, given how many values each has: all, or as many as the
// limit has room for, drawn.
func (x *extraction) itemsetPairs(used []int) [][2]int {
	var pairs [][2]int
	items := 0
	for a := range used {
		for b := range used[:a] {
			pairs = append(pairs, [2]int{b, a})
			items += used[a] * used[b]
		}
	}
	if items <= x.opt.MaxItems {
		return pairs
	}
	rng, room := x.rng(streamItemsets), x.opt.MaxItems
	var drawn [][2]int
	for _, i := range rng.Perm(len(pairs)) {
		if n := used[pairs[i][0]] * used[pairs[i][1]]; n <= room {
			room -= n
			drawn = append(drawn, pairs[i])
		}
	}
	x.note("two_itemset looks at %d of %d pairs of columns", len(drawn), len(pairs))
	return drawn
}

// exclusive appends, for every pair of a row's and a column's value, the share of rows that have exactly one of
// them.
func (t contingency) exclusive(values []float64) []float64 {
	both := make(map[[2]int32]float64, len(t.cells))
	for _, c := range t.cells {
		both[[2]int32{c.row, c.column}] = c.count
	}
	for i, r := range t.row {
		for j, c := range t.column {
			if r > 0 && c > 0 {
				values = append(values, (r+c-2*both[[2]int32{int32(i), int32(j)}])/t.total)
			}
		}
	}
	return values
}
