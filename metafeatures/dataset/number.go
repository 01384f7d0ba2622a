package dataset

import (
	"bytes"
	"math"
	"strconv"
)

// A cell that is not a number travels as a NaN whose payload says what it is.
const (
	missingBits = 0x7FF8_0000_0000_0001 // a missing value
	textBits    = 0x7FF8_0000_0000_0002 // text, kept beside
	dashBits    = 0x7FF8_0000_0000_0003 // "-": missing if the column turns out to hold numbers
	dotBits     = 0x7FF8_0000_0000_0004 // ".": likewise
)

var (
	missingCell = math.Float64frombits(missingBits)
	textCell    = math.Float64frombits(textBits)
)

// powers of ten that a float64 holds exactly.
var powers = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// shortNumber reads the decimal number at a place of a line that ends in '\n', and returns the first place after it.
// It only takes forms that it can read exactly: a mantissa up to 2^53 divided by a power of ten that a float64 holds
// (Clinger 1990). That is nearly every number in practice.
func shortNumber(line []byte, at int) (v float64, end int, ok bool) {
	i := at
	negative := line[i] == '-'
	if negative {
		i++
	}
	first := i
	var mantissa uint64
	for line[i]-'0' <= 9 {
		mantissa = mantissa*10 + uint64(line[i]-'0')
		i++
	}
	count, fraction := i-first, 0
	if line[i] == '.' {
		i++
		first = i
		for line[i]-'0' <= 9 {
			mantissa = mantissa*10 + uint64(line[i]-'0')
			i++
		}
		fraction = i - first
		count += fraction
	}
	if count == 0 || count > 19 || mantissa > 1<<53 {
		return 0, i, false
	}
	v = float64(mantissa) / powers[fraction]
	if negative && mantissa != 0 {
		v = -v
	}
	return v, i, true
}

// parseNumber reads a decimal number: sign, digits, point, exponent, nothing else; or an infinity by name. Numbers
// too large for a float64 are infinite. There is no hexadecimal form, no digit grouping and no negative zero.
func parseNumber(b []byte) (float64, bool) {
	if len(b) == 0 || len(b) > 400 {
		return 0, false
	}
	if !decimal(b) {
		return infinity(b)
	}
	v, err := strconv.ParseFloat(string(b), 64)
	if err != nil && !math.IsInf(v, 0) {
		return 0, false
	}
	if v == 0 {
		v = 0 // not -0
	}
	return v, true
}

// decimal tells whether b is a decimal number by its form.
func decimal(b []byte) bool {
	i := 0
	if b[0] == '-' || b[0] == '+' {
		i++
	}
	whole := digits(b[i:])
	i += whole
	fraction := 0
	if i < len(b) && b[i] == '.' {
		fraction = digits(b[i+1:])
		i += 1 + fraction
	}
	if whole+fraction == 0 {
		return false
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '-' || b[i] == '+') {
			i++
		}
		n := digits(b[i:])
		if n == 0 {
			return false
		}
		i += n
	}
	return i == len(b)
}

// digits counts the leading decimal digits of b.
func digits(b []byte) int {
	n := 0
	for n < len(b) && b[n]-'0' <= 9 {
		n++
	}
	return n
}

func infinity(b []byte) (float64, bool) {
	sign := 1
	if b[0] == '-' || b[0] == '+' {
		if b[0] == '-' {
			sign = -1
		}
		b = b[1:]
	}
	if bytes.EqualFold(b, []byte("inf")) || bytes.EqualFold(b, []byte("infinity")) {
		return math.Inf(sign), true
	}
	return 0, false
}

// formatNumber gives the shortest text that reads back as v; it names the level of a number among categories.
func formatNumber(v float64) string {
	if a := math.Abs(v); a == 0 || a >= 1e-5 && a < 1e15 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
