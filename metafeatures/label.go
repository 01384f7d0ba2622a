package metafeatures

import (
	"cmp"
	"slices"
	"strconv"
)

// labelOrder returns the levels' indices in the order of their labels: by value where all are numbers, else as
// strings. It keeps values from depending on the order of rows.
func labelOrder(levels []string) []int {
	numbers := make([]float64, len(levels))
	numeric := true
	order := make([]int, len(levels))
	for i, l := range levels {
		v, err := strconv.ParseFloat(l, 64)
		numbers[i], order[i] = v, i
		numeric = numeric && err == nil
	}
	slices.SortFunc(order, func(a, b int) int {
		if numeric {
			if c := cmp.Compare(numbers[a], numbers[b]); c != 0 {
				return c
			}
		}
		return cmp.Compare(levels[a], levels[b])
	})
	return order
}
