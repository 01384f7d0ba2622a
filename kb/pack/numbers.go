package pack

import (
	"math"
	"strconv"
)

// Values are written as decimal digits, because that is how they were rounded: v = m x 10^e with m of a fixed
// number of digits per slot. A slot keeps e in one byte, and the difference between m and a prediction, which is
// what other values of the run or of the task suggest, in three bytes by significance. Shares of few rows, such
// as an accuracy, take only few values k/n: where all values of a task in a slot are such, k takes the place of m.

const (
	maxDigits    = 6   // of a decimal; what needs more is kept exactly
	exponentZero = 128 // the byte of e = 0
	codeShare    = 0   // the byte for k/n
	codeExact    = 255 // the byte for a float64 kept as it is
	maxExponent  = 22  // 10^22 is the largest power of ten that a float64 holds exactly
)

// pow10[k] is 10^k.
var pow10 = [maxExponent + 1]float64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// limits[d] is the smallest integer of more than d digits.
var limits = [maxDigits + 1]int{1, 10, 100, 1000, 10000, 100000, 1000000}

// decimal returns m and e with v = m x 10^e and m of exactly the given number of digits (zero has m = 0).
func decimal(v float64, digits int) (m, e int, ok bool) {
	if v == 0 {
		return 0, -digits, true
	}
	var buf [32]byte
	text := strconv.AppendFloat(buf[:0], math.Abs(v), 'e', digits-1, 64)
	i := 0
	for ; text[i] != 'e'; i++ {
		if text[i] != '.' {
			m = m*10 + int(text[i]-'0')
		}
	}
	exponent, err := strconv.Atoi(string(text[i+1:]))
	if err != nil {
		return 0, 0, false
	}
	e = exponent - digits + 1
	if v < 0 {
		m = -m
	}
	if e < -maxExponent || e > maxExponent {
		return 0, 0, false
	}
	return m, e, undecimal(m, e) == v
}

// undecimal returns m x 10^e, correctly rounded because both factors are exact.
func undecimal(m, e int) float64 {
	if e < 0 {
		return float64(m) / pow10[-e]
	}
	return float64(m) * pow10[e]
}

// significant returns how many decimal digits v needs.
func significant(v float64) int {
	var buf [32]byte
	text := strconv.AppendFloat(buf[:0], math.Abs(v), 'e', -1, 64)
	for i, c := range text {
		if c == 'e' {
			return max(1, i-1) // without the point
		}
	}
	return len(text)
}

// share returns k/n rounded to maxDigits digits, half to even, for 0 <= k <= n <= maxRows, in integer arithmetic so
// that every machine agrees.
func share(k, n int) float64 {
	if k == 0 {
		return 0
	}
	e := maxDigits
	scaled := uint64(k) * uint64(limits[maxDigits])
	for scaled < uint64(n)*uint64(limits[maxDigits-1]) {
		scaled *= 10
		e++
	}
	m, rest := scaled/uint64(n), scaled%uint64(n)
	if 2*rest > uint64(n) || 2*rest == uint64(n) && m%2 == 1 {
		m++
	}
	return float64(m) / pow10[e]
}

// maxRows is the largest n of a share that is looked for.
const maxRows = 1 << 13

// rowsOf returns the smallest n such that every value is share(k, n) for some k, 0 if there is none.
func rowsOf(values []float64) int {
	for _, v := range values {
		if !(v >= 0 && v <= 1) {
			return 0
		}
	}
next:
	for n := 1; n <= maxRows; n++ {
		for _, v := range values {
			x := v * float64(n)
			k := math.Round(x)
			if math.Abs(x-k) > 1e-5*x || share(int(k), n) != v {
				continue next
			}
		}
		return n
	}
	return 0
}

// predictDigits returns what m would be for the predicted value, cut to the range of m. The conversion between
// the operations keeps compilers from fusing them, which would differ between processors.
func predictDigits(prediction float64, e, limit int) int {
	var x float64
	if e < 0 {
		x = float64(prediction * pow10[-e])
	} else {
		x = float64(prediction / pow10[e])
	}
	return int(min(max(x, float64(1-limit)), float64(limit-1)))
}

// predictShare returns what k would be for the predicted value.
func predictShare(prediction float64, n int) int {
	return int(min(max(float64(prediction*float64(n)), 0), float64(n)))
}
