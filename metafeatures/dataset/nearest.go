package dataset

import (
	"sort"
	"strings"
)

// nearest returns up to three of names that a misspelt name may have meant, nearest first.
func nearest(name string, names []string) []string {
	type candidate struct {
		name     string
		distance int
	}
	limit := max(1, len([]rune(name))/3)
	folded := strings.ToLower(name)
	var found []candidate
	for _, n := range names {
		d := editDistance(folded, strings.ToLower(n), limit)
		if d <= limit {
			found = append(found, candidate{n, d})
		}
	}
	sort.SliceStable(found, func(i, j int) bool { return found[i].distance < found[j].distance })
	var out []string
	for _, c := range found[:min(3, len(found))] {
		out = append(out, c.name)
	}
	return out
}

// didYouMean continues a "no such name" message with the near names, if there are any.
func didYouMean(name string, names []string) string {
	near := nearest(name, names)
	if len(near) == 0 {
		return ""
	}
	for i := range near {
		near[i] = quoted(near[i])
	}
	return "; did you mean " + strings.Join(near, " or ") + "?"
}

// editDistance is the optimal string alignment distance: insertions, deletions, substitutions and swaps of
// neighbours, each costing 1. Pairs whose lengths alone put them beyond limit cost limit+1.
func editDistance(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if len(x)-len(y) > limit || len(y)-len(x) > limit {
		return limit + 1
	}
	before, above, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			change := above[j-1]
			if x[i-1] != y[j-1] {
				change++
			}
			row[j] = min(above[j]+1, row[j-1]+1, change)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above, row = above, row, before
	}
	return above[len(y)]
}
