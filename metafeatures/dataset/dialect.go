package dataset

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// dialect is how a delimited file is written.
type dialect struct {
	delimiter byte
	header    bool
	rowNames  bool // the header lacks a name for the first column, as R writes it
}

// sampleRecords is how many records are looked at to find the dialect.
const sampleRecords = 200

// detect finds the dialect of a file from its beginning; whole says that this is all of it. What opt and the
// extension say goes before.
func detect(head []byte, whole bool, path string, opt Options) (dialect, [][]string) {
	var d dialect
	d.delimiter = byte(opt.Delimiter)
	if d.delimiter == 0 && opt.Format == "tsv" {
		d.delimiter = '\t'
	}
	var records [][]string
	if d.delimiter == 0 {
		d.delimiter, records = findDelimiter(head, whole, tabbed(path))
	} else {
		records = sampleOf(head, whole, d.delimiter)
	}
	if len(records) == 0 {
		return d, nil
	}
	switch opt.Header {
	case HeaderYes:
		d.header = true
	case HeaderAuto:
		d.header = slices.Contains(records[0], opt.Target) && opt.Target != "" || hasHeader(records, opt.Missing)
	}
	d.rowNames = d.header && len(records) > 1
	for _, r := range records[1:] {
		d.rowNames = d.rowNames && len(r) == len(records[0])+1
	}
	return d, records
}

func tabbed(path string) bool {
	path = strings.ToLower(path)
	for _, packed := range []string{".gz", ".zst", ".zstd"} {
		path = strings.TrimSuffix(path, packed)
	}
	return strings.HasSuffix(path, ".tsv") || strings.HasSuffix(path, ".tab")
}

// findDelimiter takes the character that cuts the most records into one and the same number of fields, more than
// one; among equals the one that makes more fields. Blanks count only if nothing else does nearly as well.
func findDelimiter(head []byte, whole, tabFirst bool) (byte, [][]string) {
	var best [][]string
	delimiter, share, width := byte(','), 0.0, 0
	for _, candidate := range []byte{',', ';', '\t', '|', ' '} {
		records := sampleOf(head, whole, candidate)
		n, w := usualWidth(records)
		if w < 2 && best != nil {
			continue
		}
		s := float64(n) / float64(max(1, len(records)))
		if w < 2 {
			s = 0
		}
		if candidate == '\t' && tabFirst && s > 0.5 {
			return candidate, records
		}
		if candidate == ' ' && share >= 0.8 {
			break
		}
		if best == nil || s > share || s == share && w > width {
			delimiter, share, width, best = candidate, s, w, records
		}
	}
	return delimiter, best
}

// usualWidth is the most frequent number of fields and how many records have it; a header that is one short, as R
// writes it, counts as having it.
func usualWidth(records [][]string) (count, width int) {
	counts := map[int]int{}
	for _, r := range records {
		counts[len(r)]++
		if n := counts[len(r)]; n > count || n == count && len(r) > width {
			count, width = n, len(r)
		}
	}
	if len(records) > 2 && len(records[0]) == width-1 {
		count++
	}
	return count, width
}

// sampleOf splits the first records of head. An unfinished last one is left out.
func sampleOf(head []byte, whole bool, delimiter byte) [][]string {
	sep := []byte{'\n'}
	if !bytes.Contains(head, sep) && bytes.IndexByte(head, '\r') >= 0 {
		sep[0] = '\r'
	}
	var s splitter
	var out [][]string
	for len(head) > 0 && len(out) < sampleRecords {
		end := 0
		extend := func() ([]byte, bool, error) {
			if end >= len(head) {
				return nil, false, nil
			}
			if n := bytes.Index(head[end:], sep); n >= 0 {
				end += n + 1
				return bytes.TrimRight(head[:end-1], "\r"), true, nil
			}
			end = len(head)
			return head, whole, nil
		}
		line, ok, _ := extend()
		if !ok && len(out) > 0 {
			break
		}
		blank := len(bytes.Trim(line, " ")) == 0
		if blank {
			head = head[end:]
			continue
		}
		fields, err := s.record(line, delimiter, extend)
		if err != nil && len(out) > 0 {
			break
		}
		record := make([]string, len(fields))
		for i, f := range fields {
			record[i] = string(trimBlanks(f))
		}
		out = append(out, record)
		head = head[end:]
	}
	return out
}

// hasHeader tells whether the first record holds names. A text above a column of numbers says yes; a number says
// no, unless all are counted up from 0 or 1; if all is text, names are those that do not occur again below them.
func hasHeader(records [][]string, marks []string) bool {
	first, below := records[0], records[1:]
	cells := newCells(append(slices.Clone(usualMarks[:]), marks...)...)
	anyNumber := false
	for j, name := range first {
		if isNumber(name) {
			anyNumber = true
		} else if name != "" && !cells.marks[name] && numbersBelow(below, j, &cells) {
			return true
		}
	}
	if anyNumber {
		return counted(first)
	}
	if len(below) == 0 {
		return true
	}
	recurring := 0
	for j, name := range first {
		if name == "" {
			continue
		}
		if slices.Contains(first[:j], name) {
			return false
		}
		for _, r := range below {
			if j < len(r) && r[j] == name {
				recurring++
				break
			}
		}
	}
	return recurring == 0 || recurring*10 < len(first)
}

func isNumber(s string) bool {
	_, ok := parseNumber([]byte(s))
	return ok
}

// numbersBelow tells whether column j holds numbers, and nothing else but missing values.
func numbersBelow(records [][]string, j int, cells *cells) bool {
	found := false
	for _, r := range records {
		if j >= len(r) || cells.marks[r[j]] {
			continue
		}
		if !isNumber(r[j]) {
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
