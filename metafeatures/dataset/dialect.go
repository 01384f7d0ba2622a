package dataset

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
)

// dialect is how a delimited file is written.
type dialect struct {
	delimiter byte
	comma     bool   // numbers have a decimal comma
	unclear   string // a cell such as 31,179, where commas may be decimal or between thousands; else empty
	header    bool
	short     shortHeader
	width     int // fields of the first record
}

// shortHeader says which name a header lacks that is one name short.
type shortHeader uint8

const (
	complete shortHeader = iota
	rowNames             // that of the first column, as R writes it
	trailing             // that of an empty last column: only the rows end in a delimiter
)

// At most so many records are looked at to find the dialect; two, if those after them have more cells than that.
const (
	sampleRecords = 200
	sampleCells   = 1 << 18
)

// detect finds the dialect of a file from its beginning; whole says that this is all of it. What opt and the
// extension say goes before. A width of 0 says that there are no records.
func detect(head []byte, whole bool, path string, opt Options) dialect {
	d := dialect{delimiter: byte(opt.Delimiter)}
	if d.delimiter == 0 && opt.Format == "tsv" {
		d.delimiter = '\t'
	}
	if d.delimiter == 0 {
		d.delimiter = findDelimiter(head, whole, path, opt)
	}
	var records [][]string
	cells := 0
	eachRecord(head, whole, d.delimiter, opt.fieldLimit(), func(fields [][]byte, count int) {
		if d.width = max(d.width, count); fields == nil || count > opt.fieldLimit() || cells > sampleCells && len(records) > 1 {
			return
		}
		cells += count
		record := make([]string, len(fields))
		for i, f := range fields {
			record[i] = string(trimBlanks(f))
		}
		records = append(records, record)
	})
	if len(records) == 0 {
		d.header = true // too wide or too faulty to look at: refused when its names are read
		return d
	}
	d.width = len(records[0])
	d.comma = opt.Decimal == ','
	if opt.Decimal == 0 && d.delimiter != ',' {
		d.comma, d.unclear = decimalComma(records)
	}
	switch opt.Header {
	case HeaderYes:
		d.header = true
	case HeaderAuto:
		cells := newCells(append(usualMarks[:], opt.Missing...)...)
		cells.comma = d.comma
		d.header = opt.Target != "" && slices.Contains(records[0], opt.Target) || hasHeader(records, &cells)
	}
	if d.header {
		d.short = shortOf(records)
	}
	return d
}

// shortOf tells whether every record has one field more than the header.
func shortOf(records [][]string) shortHeader {
	ends := true
	for _, r := range records[1:] {
		if len(r) != len(records[0])+1 {
			return complete
		}
		ends = ends && r[len(r)-1] == ""
	}
	switch {
	case len(records) == 1:
		return complete
	case ends:
		return trailing
	}
	return rowNames
}

func tabbed(path string) bool {
	path = strings.ToLower(path)
	for _, packed := range []string{".gz", ".zst", ".zstd"} {
		path = strings.TrimSuffix(path, packed)
	}
	return strings.HasSuffix(path, ".tsv") || strings.HasSuffix(path, ".tab")
}

// findDelimiter takes the character that cuts the most records into one and the same number of fields, more than
// one; among equals the one that makes more fields, then one that is in the header as often as in the rows. Blanks count
// only if nothing else does nearly as well. A comma if nothing cuts at all.
func findDelimiter(head []byte, whole bool, path string, opt Options) byte {
	delimiter, share, width, even := byte(','), 0.0, 0, false
	for _, candidate := range []byte(",;\t| ") {
		if candidate == ' ' && share >= 0.8 {
			break
		}
		s, w, e := uniformity(head, whole, candidate, opt.fieldLimit())
		if w < 2 || candidate == ',' && opt.Decimal == ',' {
			continue
		}
		if candidate == '\t' && s > 0.5 && tabbed(path) {
			return candidate
		}
		if s > share || s == share && (w > width || w == width && e && !even) {
			delimiter, share, width, even = candidate, s, w, e
		}
	}
	return delimiter
}

// uniformity is the most frequent number of fields per record and the share of records that have it. A header that is
// one short counts as having it; even says that it is not.
func uniformity(head []byte, whole bool, delimiter byte, limit int) (share float64, width int, even bool) {
	counts := map[int]int{}
	records, first, most := 0, 0, 0
	eachRecord(head, whole, delimiter, limit, func(_ [][]byte, count int) {
		if records++; records == 1 {
			first = count
		}
		counts[count]++
		if n := counts[count]; n > most || n == most && count > width {
			most, width = n, count
		}
	})
	if records > 2 && first == width-1 {
		most++
	}
	return float64(most) / float64(max(1, records)), width, first == width
}

// eachRecord splits the first records of head, without empty lines. An unfinished last one is left out, unless it is
// the only one. A record with a fault in its quotes has no fields and counts as one.
func eachRecord(head []byte, whole bool, delimiter byte, limit int, yield func(fields [][]byte, count int)) {
	sep := []byte{'\n'}
	if !bytes.Contains(head, sep) && bytes.IndexByte(head, '\r') >= 0 {
		sep[0] = '\r'
	}
	s := splitter{limit: limit}
	for records := 0; len(head) > 0 && records < sampleRecords; {
		end := 0
		extend := func() ([]byte, bool, error) {
			if end == len(head) {
				return nil, false, nil
			}
			if n := bytes.Index(head[end:], sep); n >= 0 {
				end += n + 1
				return bytes.TrimSuffix(head[:end-1], []byte{'\r'}), true, nil
			}
			end = len(head)
			return bytes.TrimSuffix(head, []byte{'\r'}), whole, nil
		}
		line, ok, _ := extend()
		if !ok && records > 0 {
			return
		}
		if len(bytes.Trim(line, " ")) > 0 {
			fields, err := s.record(line, delimiter, extend)
			if err == errOpenQuote && !whole && records > 0 {
				return
			}
			if err != nil {
				s.count = 1
			}
			yield(fields, s.count)
			records++
		}
		head = head[end:]
	}
}

// decimalComma tells whether numbers are written with a decimal comma: some cells are digits, a comma and digits,
// not all of which could be groups of three, and none has a point instead. If all could be, unclear is one of them.
func decimalComma(records [][]string) (found bool, unclear string) {
	for _, r := range records {
		for _, s := range r {
			whole, fraction, ok := strings.Cut(s, ",")
			if !ok {
				if v := []byte(s); strings.Contains(s, ".") && isNumber(v) {
					return false, ""
				}
				continue
			}
			whole = strings.TrimLeft(whole, "+-")
			if n := digits([]byte(fraction)); n > 0 && n == len(fraction) && digits([]byte(whole)) == len(whole) {
				found = found || n != 3 || len(whole) > 3 || whole == "0"
				unclear = cmp.Or(unclear, s)
			}
		}
	}
	if found {
		unclear = ""
	}
	return found, unclear
}

func isNumber(b []byte) bool {
	_, ok := parseNumber(b)
	return ok
}
