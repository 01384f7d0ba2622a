package dataset

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Sample returns a dataset of the given number of rows, drawn without replacement and kept in file order; d itself if
// it has no more rows than that, or rows < 1. For classification every class keeps its share of the rows, rounded up
// for the rarer ones, and at least one row if there are as many rows as classes. Levels, Fingerprint and TotalRows stay.
func (d *Dataset) Sample(rows int, seed uint64) *Dataset {
	if rows >= d.Rows || rows < 1 {
		return d
	}
	rng := rand.New(rand.NewPCG(seed, 0x73616d706c65))
	chosen := d.spread(rng, 0)[:rows]
	slices.Sort(chosen)
	s := *d
	s.Rows = rows
	s.Target = d.Target.rows(chosen)
	s.Features = make([]Column, len(d.Features))
	for i, f := range d.Features {
		s.Features[i] = f.rows(chosen)
	}
	s.Notes = append(slices.Clip(slices.Clone(d.Notes)),
		fmt.Sprintf("a random sample of %s of %s rows is used (seed %d)", grouped(rows), grouped(d.Rows), seed))
	return &s
}

// rows is the column reduced to some rows.
func (c Column) rows(chosen []int) Column {
	c.Values = pick(c.Values, chosen)
	c.MissingCount = 0
	for _, v := range c.Values {
		if math.IsNaN(v) {
			c.MissingCount++
		}
	}
	return c
}

// spread orders all rows so that every prefix holds each class in proportion: the j-th row of a class of n, in random
// order, comes at (j + offset)/n, ties in random order. Offset 0 puts one row of every class first, 1/2 centres them.
// Rows of a regression are in random order.
func (d *Dataset) spread(rng *rand.Rand, offset float64) []int {
	order := rng.Perm(d.Rows)
	if d.Task != Classification {
		return order
	}
	size := make([]int, len(d.Target.Levels))
	for _, v := range d.Target.Values {
		size[int(v)]++
	}
	next := make([]int, len(size))
	key := make([]float64, d.Rows)
	for _, row := range order {
		class := int(d.Target.Values[row])
		key[row] = (float64(next[class]) + offset) / float64(size[class])
		next[class]++
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(key[a], key[b]) })
	return order
}
