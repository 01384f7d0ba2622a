package transfer

import (
	"cmp"
	"maps"
	"slices"
)

// Folds divides tasks into at most n folds of similar size that keep groups together, and returns each task's fold,
// from 0. The largest groups are placed first, each where there are fewest tasks; the same tasks give the same
// folds in whatever order they come.
func Folds(tasks []Task, n int) []int {
	first := make(map[string]Task) // by group, the task of least id
	size := make(map[string]int)
	for _, t := range tasks {
		size[t.Group]++
		if least, seen := first[t.Group]; !seen || t.ID < least.ID {
			first[t.Group] = t
		}
	}
	groups := slices.Collect(maps.Keys(size))
	slices.SortFunc(groups, func(a, b string) int {
		return cmp.Or(cmp.Compare(size[b], size[a]), cmp.Compare(first[a].ID, first[b].ID))
	})
	n = max(1, min(n, len(groups)))
	filled := make([]int, n)
	foldOf := make(map[string]int, len(groups))
	for _, g := range groups {
		least := 0
		for f := range filled {
			if filled[f] < filled[least] {
				least = f
			}
		}
		foldOf[g] = least
		filled[least] += size[g]
	}
	folds := make([]int, len(tasks))
	for i, t := range tasks {
		folds[i] = foldOf[t.Group]
	}
	return folds
}
