package transfer

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
)

// duplicateDistance is the mean difference of meta-features, as shares of tasks that lie between, up to which two
// tasks count as near-duplicates. On a table of 207 public data sets it finds 1,286 of the 1,649 pairs that share a
// study and 3 that do not; .05 finds 188 and 0, .07 all and 173.
const duplicateDistance = .06

// kinDistance is that up to which a new task is a near-duplicate of a prior one, and the prior one's results nearly its
// own. On that table no two studies are so near, up to .05; three pairs are up to .055, enough to make the first choice
// on the tasks of that table's folds worse by .017.
const kinDistance = .04

// A new task is also a near-duplicate of prior ones up to isolatedDistance if all others are isolation times as far, where
// that is asked for: with a few hundred rows, chance alone moves the meta-features of the same data a month later by .05.
// By metaml's meta-features, of 46 data sets of 500 to 4,000 rows that the seed does not know, a half is up to .04 from
// the other half for 21, and isolated for 23 more; for two, a task of the seed is taken for a near-duplicate too
// (METAML_DATASETS=… go test ./warmstart -run none -bench HalvesAreKin). By auto-sklearn's meta-features, on the table
// named above, three tasks of one study are .047 from a task of another one, and all others 3.5 times as far: with
// isolated ones the first choice on its folds is worse by .013.
const (
	isolatedDistance = .08
	isolation        = 2.2
)

// fewestFeatures is how many meta-features two tasks must share for their likeness to mean something.
const fewestFeatures = 10

// Siblings returns each task's group, so that no task counts as independent evidence about its own relatives: tasks
// are joined which share a group already, whose names differ only in what numbers a study's variants (a
// source's mere numbering, shared by more than half of the tasks, joins nothing), or whose meta-features are nearly
// the same. A group is named by the least id in it.
func Siblings(m *Matrix) []string {
	u := newUnion(len(m.Tasks))
	u.joinEqual(len(m.Tasks), func(t int) string { return m.Tasks[t].Group })
	stems := make(map[string]int)
	for t := range m.Tasks {
		stems[stem(m.Tasks[t].Name)]++
	}
	u.joinEqual(len(m.Tasks), func(t int) string {
		if s := stem(m.Tasks[t].Name); 2*stems[s] <= len(m.Tasks) {
			return s
		}
		return ""
	})
	places := quantilePlaces(m.Features())
	for t := range m.Tasks {
		for s := range t {
			if meanDifference(places[t], places[s]) <= duplicateDistance {
				u.join(s, t)
			}
		}
	}
	groups := make([]string, len(m.Tasks))
	for t := range groups {
		groups[t] = string(m.Tasks[u.root(t)].ID)
	}
	return groups
}

// Kin returns the tasks of m that a new one with meta-features x, in the order of FeatureNames, is a near-duplicate of,
// with the mean differences as Siblings takes them: the same data a month later, a variant of a study. They are those up to
// kinDistance or, where isolated ones count, up to the last one before a gap of isolation if that is no farther than
// isolatedDistance.
func (m *Matrix) Kin(x []float64, isolated bool) (tasks []int, differences []float64) {
	places := quantilePlaces(append(m.Features(), x))
	all := make([]float64, len(m.Tasks))
	for t := range all {
		all[t] = meanDifference(places[t], places[len(m.Tasks)])
	}
	limit := kinDistance
	if isolated {
		limit = kinLimit(all)
	}
	for t, d := range all {
		if d <= limit {
			tasks, differences = append(tasks, t), append(differences, d)
		}
	}
	return tasks, differences
}

// kinLimit is the difference up to which tasks are near-duplicates, of the differences from all.
func kinLimit(differences []float64) float64 {
	sorted, limit := slices.Sorted(slices.Values(differences)), kinDistance
	for i, d := range sorted[:max(len(sorted)-1, 0)] {
		if d <= isolatedDistance && sorted[i+1] >= isolation*d {
			limit = max(limit, d)
		}
	}
	return limit
}

// stem is a name without the numbers, single letters and separators at its end, empty if fewer than three letters
// are left: fri_c0_250_10 and fri_c2_500_5 have the stem fri.
func stem(name string) string {
	name = strings.ToLower(name)
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for len(words) > 0 {
		last := strings.TrimRightFunc(words[len(words)-1], unicode.IsDigit)
		words[len(words)-1] = last
		if len(last) > 1 {
			break
		}
		words = words[:len(words)-1]
	}
	s := strings.Join(words, " ")
	if len(s) < 3 {
		return ""
	}
	return s
}

// quantilePlaces replaces every value by its place among the values of its column, from 0 to 1, equal values by
// the mean of their places; NaN stays.
func quantilePlaces(rows [][]float64) [][]float64 {
	out := make([][]float64, len(rows))
	for i := range rows {
		out[i] = slices.Clone(rows[i])
	}
	if len(rows) == 0 {
		return out
	}
	for f := range rows[0] {
		var order []int
		for i := range rows {
			if !math.IsNaN(rows[i][f]) {
				order = append(order, i)
			}
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rows[a][f], rows[b][f]) })
		for start := 0; start < len(order); {
			end := start + 1
			for end < len(order) && rows[order[end]][f] == rows[order[start]][f] {
				end++
			}
			for _, i := range order[start:end] {
				out[i][f] = float64(start+end-1) / 2 / float64(max(len(order)-1, 1))
			}
			start = end
		}
	}
	return out
}

// meanDifference is the mean absolute difference over the columns known of both, infinite if they are too few.
func meanDifference(a, b []float64) float64 {
	sum, n := 0.0, 0
	for i, v := range a {
		if !math.IsNaN(v) && !math.IsNaN(b[i]) {
			sum += math.Abs(v - b[i])
			n++
		}
	}
	if n < fewestFeatures {
		return math.Inf(1)
	}
	return sum / float64(n)
}

// union is a union-find structure over 0..n-1 whose root is the least member.
type union struct{ parent []int }

func newUnion(n int) *union {
	u := &union{parent: make([]int, n)}
	for i := range u.parent {
		u.parent[i] = i
	}
	return u
}

func (u *union) root(i int) int {
	for u.parent[i] != i {
		u.parent[i] = u.parent[u.parent[i]]
		i = u.parent[i]
	}
	return i
}

func (u *union) join(i, j int) {
	a, b := u.root(i), u.root(j)
	u.parent[max(a, b)] = min(a, b)
}

// joinEqual joins all members of the same non-empty key.
func (u *union) joinEqual(n int, key func(int) string) {
	first := make(map[string]int)
	for i := range n {
		k := key(i)
		if k == "" {
			continue
		}
		if j, seen := first[k]; seen {
			u.join(j, i)
		} else {
			first[k] = i
		}
	}
}
