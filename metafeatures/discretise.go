package metafeatures

// discretise divides sorted items into bins of equal frequency and returns the bin of each of the rows. A value on
// an edge belongs below it; equal edges are one (pymfe also merges edges less than 1e-8 apart, whatever the
// column's unit).
func (s *sorter) discretise(items []keyed, rows int) codes {
	c := codes{code: make([]int32, rows)}
	if len(items) < rows {
		for i := range c.code {
			c.code[i] = -1
		}
	}
	bins := binCount(rows)
	step := 1 / float64(bins)
	at, n := 0, len(items)
	for b := 1; b <= bins && at < n; b++ {
		q := float64(b) * step
		if b == bins {
			q = 1
		}
		edge := s.all.quantile(q)
		first := at
		for at < n && valueOf(items[at].key) <= edge {
			c.code[items[at].row] = int32(c.levels)
			at++
		}
		if at > first {
			c.levels++
		}
	}
	return c
}

// binCount is the number of bins for n rows: the cube root, rounded down; perfect cubes from 64 on give one less,
// as they do in pymfe's floating-point arithmetic.
func binCount(n int) int {
	b := 1
	for next := b + 1; next*next*next < n || (next <= 3 && next*next*next <= n); next++ {
		b = next
	}
	return b
}
