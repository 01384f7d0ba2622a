package term

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Count writes a whole number with thousands separators: 7,043.
func Count[N ~int | ~int64 | ~uint64](n N) string { return group(strconv.FormatInt(int64(n), 10)) }

// group puts a comma before every three digits left of the decimal point.
func group(digits string) string {
	whole, fraction, _ := strings.Cut(digits, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	var b strings.Builder
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	if fraction != "" {
		b.WriteString("." + fraction)
	}
	return sign + b.String()
}

// Plural writes a count with its noun: 1 task, 2 tasks.
func Plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return Count(n) + " " + noun
}

// Decimals returns how many decimal places mean something for values uncertain by spread: those that leave the
// spread two digits, between 0 and 6. Without a spread (0, NaN) it is 3.
func Decimals(spread float64) int {
	spread = math.Abs(spread)
	if !(spread > 0) || math.IsInf(spread, 0) {
		return 3
	}
	return min(6, max(0, 1-int(math.Floor(math.Log10(spread)))))
}

// Fixed writes x with that many decimal places and thousands separators; "-" for NaN.
func Fixed(x float64, decimals int) string {
	if math.IsNaN(x) {
		return "-"
	}
	if math.IsInf(x, 0) {
		return strconv.FormatFloat(x, 'g', -1, 64)
	}
	return group(strconv.FormatFloat(x, 'f', decimals, 64))
}

// Short writes x with at most three significant digits, whole numbers below a million in full; "-" for NaN.
func Short(x float64) string {
	switch {
	case math.IsNaN(x):
		return "-"
	case x == math.Trunc(x) && math.Abs(x) < 1e6:
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return strconv.FormatFloat(x, 'g', 3, 64)
}

// Percent writes a share between 0 and 1: 27 %, below a tenth 4.3 %.
func Percent(share float64) string {
	p := 100 * share
	switch {
	case math.IsNaN(p):
		return "-"
	case p > 0 && p < 0.1:
		return "< 0.1 %"
	case p > 0 && p < 9.95:
		return strconv.FormatFloat(p, 'f', 1, 64) + " %"
	}
	return strconv.FormatFloat(p, 'f', 0, 64) + " %"
}

// Duration writes a time as people say it, in two units at most: 0.21 s, 52 s, 6 min 12 s, 1 h 5 min, 3 d 4 h.
func Duration(d time.Duration) string {
	if d < 0 {
		return "-" + Duration(-d)
	}
	s := d.Seconds()
	switch {
	case s < 9.95:
		return Short(math.Round(s*100)/100) + " s"
	case s < 59.5:
		return Fixed(s, 0) + " s"
	case d < time.Hour-time.Second/2:
		return pair(d.Round(time.Second), time.Minute, "min", time.Second, "s")
	case d < 24*time.Hour-time.Minute/2:
		return pair(d.Round(time.Minute), time.Hour, "h", time.Minute, "min")
	}
	return pair(d.Round(time.Hour), 24*time.Hour, "d", time.Hour, "h")
}

func pair(d, large time.Duration, largeName string, small time.Duration, smallName string) string {
	text := Count(int64(d/large)) + " " + largeName
	if rest := d % large / small; rest > 0 {
		text += " " + Count(int64(rest)) + " " + smallName
	}
	return text
}

// Bytes writes a size in steps of 1,000: 512 B, 38 KB, 2.1 MB.
func Bytes(n int64) string {
	x, unit := float64(n), 0
	units := [...]string{"B", "KB", "MB", "GB", "TB", "PB", "EB"}
	for x >= 999.5 && unit < len(units)-1 {
		x /= 1000
		unit++
	}
	decimals := 0
	if unit > 0 && x < 9.95 {
		decimals = 1
	}
	return Fixed(x, decimals) + " " + units[unit]
}
