package forest

// leafRows lists the training rows in each leaf of a tree, in-bag or not.
type leafRows struct {
	start []int32 // by leaf, one more than leaves
	rows  []int32
}

// membership drops the training rows down every tree.
func (f *Forest) membership(table *Table, rows []int32) []leafRows {
	m := make([]leafRows, len(f.trees))
	leaf := make([]int32, len(rows))
	for i := range f.trees {
		t := &f.trees[i]
		start := make([]int32, len(t.leaves)+1)
		for k, r := range rows {
			leaf[k] = t.leafOf(table, r)
			start[leaf[k]+1]++
		}
		for l := range t.leaves {
			start[l+1] += start[l]
		}
		members := make([]int32, len(rows))
		next := append([]int32(nil), start...)
		for k, r := range rows {
			members[next[leaf[k]]] = r
			next[leaf[k]]++
		}
		m[i] = leafRows{start: start, rows: members}
	}
	return m
}

// leafOf returns the leaf of a row of the table.
func (t *tree) leafOf(table *Table, row int32) int32 {
	n := &t.nodes[0]
	for n.Feature >= 0 {
		if n.goesLeft(table.columns[n.Feature].at(row)) {
			n = &t.nodes[n.Left]
		} else {
			n = &t.nodes[n.Right]
		}
	}
	return int32(n.Leaf)
}

// Proximity returns the proximity of x to every row of the table: the mean over trees of [same leaf] / (training
// rows in the leaf). It is zero for rows not trained on and sums to one: the weights with which the training rows
// speak for x (Lin & Jeon 2006).
func (f *Forest) Proximity(x []float64) []float64 {
	f.check(x)
	p := make([]float64, f.rows)
	for i := range f.trees {
		l := f.trees[i].leaf(x)
		m := &f.members[i]
		rows := m.rows[m.start[l]:m.start[l+1]]
		share := 1 / float64(len(rows)*len(f.trees))
		for _, r := range rows {
			p[r] += share
		}
	}
	return p
}
