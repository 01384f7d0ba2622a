package dataset

import (
	"slices"
	"strconv"
)

// hasHeader tells whether the first record holds names. A text above a column of numbers says yes; a number says
// no, unless all are counted up from 0 or 1; if all is text, names are those that do not occur again below them.
func hasHeader(records [][]string, cells *cells) bool {
	first, below := records[0], records[1:]
	anyNumber := false
	for j, name := range first {
		if _, ok := cells.parse([]byte(name)); ok {
			anyNumber = true
		} else if !cells.marks[name] && numbersBelow(below, j, cells) {
			return true
		}
	}
	if anyNumber {
		return counted(first)
	}
	if len(below) == 0 {
		return true
	}
	return !recurring(first, below)
}

// recurring tells whether texts look like data: one stands twice in the row, or one in ten stands below itself.
func recurring(first []string, below [][]string) bool {
	again := 0
	seen := make(map[string]bool, len(first))
	for j, name := range first {
		if name == "" {
			continue
		}
		if seen[name] {
			return true
		}
		seen[name] = true
		if slices.ContainsFunc(below, func(r []string) bool { return j < len(r) && r[j] == name }) {
			again++
		}
	}
	return again > 0 && again*10 >= len(first)
}

// numbersBelow tells whether column j holds numbers, and nothing else but missing values.
func numbersBelow(records [][]string, j int, cells *cells) bool {
	found := false
	for _, r := range records {
		if j >= len(r) || cells.marks[r[j]] {
			continue
		}
		if _, ok := cells.parse([]byte(r[j])); !ok {
			return false
		}
		found = true
	}
	return found
}

// counted tells whether names are 0, 1, 2, … or 1, 2, 3, …, as programs number columns without names.
func counted(names []string) bool {
	if len(names) < 3 {
		return false
	}
	first, err := strconv.Atoi(names[0])
	if err != nil || first != 0 && first != 1 {
		return false
	}
	for i, n := range names {
		if n != strconv.Itoa(first+i) {
			return false
		}
	}
	return true
}
