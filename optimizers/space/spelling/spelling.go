// Package spelling finds what a person may have meant by a name that does not exist: a command, a flag, a key, a
// column, a hyperparameter.
package spelling

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// longest is the number of characters beyond which a name is nothing that a person types: files can hold names of
// megabytes, and comparing two takes time in the product of their lengths.
const longest = 200

// Nearest returns the candidates that word may be a misspelling of, the likeliest first, at most three. It returns
// none when nothing is near, for a wrong guess is worse than no guess, and none for names of more than 200 characters.
func Nearest(word string, candidates []string) []string {
	type guess struct {
		name  string
		edits int
	}
	length := utf8.RuneCountInString(word)
	if word == "" || length > longest {
		return nil
	}
	var guesses []guess
	folded := strings.ToLower(word)
	for _, c := range candidates {
		if len(c) > longest*utf8.UTFMax {
			continue
		}
		edits := distance(folded, strings.ToLower(c))
		abbreviates := length >= 3 && strings.HasPrefix(strings.ToLower(c), folded)
		if abbreviates {
			edits = min(edits, 1)
		}
		if edits <= max(1, length/3) {
			guesses = append(guesses, guess{c, edits})
		}
	}
	slices.SortStableFunc(guesses, func(a, b guess) int { return a.edits - b.edits })
	if len(guesses) > 0 && guesses[0].edits == 0 { // the same but for upper and lower case: nothing else is meant
		guesses = slices.DeleteFunc(guesses, func(g guess) bool { return g.edits > 0 })
	}
	var names []string
	for _, g := range guesses[:min(len(guesses), 3)] {
		names = append(names, g.name)
	}
	return names
}

// Hint returns "; did you mean …?" for the candidates near word, or nothing.
func Hint(word string, candidates []string) string {
	near := Nearest(word, candidates)
	if len(near) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(near, " or ") + "?"
}

// distance is the number of insertions, deletions, substitutions and swaps of neighbours that turn a into b
// (optimal string alignment).
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	before, last := make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := range s {
		row := make([]int, len(t)+1)
		row[0] = i + 1
		for j := range t {
			cost := 1
			if s[i] == t[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(t)]
}
