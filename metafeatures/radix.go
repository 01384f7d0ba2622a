package metafeatures

import (
	"cmp"
	"math"
	"slices"
)

// keyed is a value and its row; key orders as the value does.
type keyed struct {
	key uint64
	row int32
}

const sign = 1 << 63

// keyOf maps a number, not NaN, to an integer of the same order; -0 counts as 0.
func keyOf(v float64) uint64 {
	if v == 0 {
		return sign
	}
	b := math.Float64bits(v)
	if b&sign != 0 {
		return ^b
	}
	return b | sign
}

// valueOf inverts keyOf.
func valueOf(key uint64) float64 {
	if key&sign != 0 {
		return math.Float64frombits(key &^ sign)
	}
	return math.Float64frombits(^key)
}

// sorted sorts items by key, equal ones keeping their order, with a buffer at least as long. It returns one of the
// two slices; both are overwritten. A radix sort takes a fifth of the time of comparisons on long columns.
func sorted(items, buffer []keyed) []keyed {
	const digits, size = 8, 256
	if len(items) < size {
		slices.SortStableFunc(items, func(a, b keyed) int { return cmp.Compare(a.key, b.key) })
		return items
	}
	var counts [digits][size]int32
	for _, it := range items {
		for d := range digits {
			counts[d][byte(it.key>>(8*d))]++
		}
	}
	from, to := items, buffer[:len(items)]
	for d := range digits {
		count := &counts[d]
		if count[byte(from[0].key>>(8*d))] == int32(len(items)) {
			continue // all alike
		}
		var start int32
		for i, c := range count {
			count[i] = start
			start += c
		}
		for _, it := range from {
			b := byte(it.key >> (8 * d))
			to[count[b]] = it
			count[b]++
		}
		from, to = to, from
	}
	return from
}
