package metafeatures

import (
	"fmt"
	"math"
	"slices"
)

// Summaries returns the names of the summaries that Options.Summaries may list, by pymfe's names. They leave
// undefined values out, like pymfe's "nan" variants. histogram gives ten features (NAME.histogram.0 to .9, shares
// of equal-width bins), quantiles five (0, 1/4, 1/2, 3/4, 1), the others one each.
func Summaries() []string {
	return []string{
		"count", "histogram", "iq_range", "kurtosis", "max", "mean", "median", "min",
		"quantiles", "range", "sd", "skewness", "sum", "var",
	}
}

// summarise gives the features of one measure by one summary; without any defined value they are undefined.
func summarise(m measure, summary string) []Feature {
	var values []float64
	for _, v := range m.values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			values = append(values, v)
		}
	}
	slices.Sort(values)
	name := m.name + "." + summary
	switch summary {
	case "histogram":
		return numbered(name, histogram(values, 10))
	case "quantiles":
		return numbered(name, []float64{
			quantile(values, 0), quantile(values, 0.25), quantile(values, 0.5), quantile(values, 0.75), quantile(values, 1),
		})
	}
	return []Feature{{Name: name, Value: summaryOf(values, summary)}}
}

func numbered(name string, values []float64) []Feature {
	features := make([]Feature, len(values))
	for i, v := range values {
		features[i] = Feature{Name: fmt.Sprintf("%s.%d", name, i), Value: v}
	}
	return features
}

// summaryOf computes one number from sorted values.
func summaryOf(sorted []float64, summary string) float64 {
	n := len(sorted)
	if summary == "count" {
		return float64(n)
	}
	if n == 0 {
		return math.NaN()
	}
	m := momentsOf(sorted)
	switch summary {
	case "mean":
		return m.mean
	case "sd":
		return math.Sqrt(m.variance())
	case "var":
		return m.variance()
	case "skewness":
		return m.skewness()
	case "kurtosis":
		return m.kurtosis()
	case "min":
		return sorted[0]
	case "max":
		return sorted[n-1]
	case "range":
		return sorted[n-1] - sorted[0]
	case "median":
		return quantile(sorted, 0.5)
	case "iq_range":
		return quantile(sorted, 0.75) - quantile(sorted, 0.25)
	case "sum":
		return m.mean * m.n
	}
	return math.NaN()
}

// histogram returns the shares of equal-width bins between the extremes, the last one closed; a single distinct
// value is in the middle.
func histogram(sorted []float64, bins int) []float64 {
	shares := make([]float64, bins)
	if len(sorted) == 0 {
		for i := range shares {
			shares[i] = math.NaN()
		}
		return shares
	}
	low, high := sorted[0], sorted[len(sorted)-1]
	if low == high {
		shares[bins/2] = 1
		return shares
	}
	part := func(v float64) float64 { return (v/2 - low/2) / (high/2 - low/2) } // halved against overflow
	if high/2-low/2 == 0 {
		part = func(v float64) float64 { return (v - low) / (high - low) } // too small to be halved
	}
	for _, v := range sorted {
		shares[min(int(part(v)*float64(bins)), bins-1)] += 1 / float64(len(sorted))
	}
	return shares
}

// quantile interpolates linearly between order statistics: position q(n-1), counted from 0 (Hyndman & Fan's
// definition 7). NaN without values.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	return quantileOf(len(sorted), q, func(i int) float64 { return sorted[i] })
}

// quantileOf is quantile over n order statistics, counted from 0. The order of operations decides on which side
// of a bin's edge tied values fall, and is kept by explicit conversions where a fused instruction would differ.
func quantileOf(n int, q float64, order func(int) float64) float64 {
	position := float64(float64(n-1) * q)
	below := math.Floor(position)
	i := int(below)
	if i >= n-1 {
		return order(n - 1)
	}
	a, b, t := order(i), order(i+1), position-below
	if t >= 0.5 {
		return b - float64((b-a)*(1-t))
	}
	return a + float64((b-a)*t)
}

// moments are the central moments of a sample.
type moments struct {
	n, mean    float64
	m2, m3, m4 float64 // sums of powers of the deviations from the mean
	constant   bool    // all values are the same, whatever rounding makes of their deviations
}

func momentsOf(values []float64) moments {
	m := moments{n: float64(len(values)), constant: true}
	for _, v := range values {
		m.mean += v
		m.constant = m.constant && v == values[0]
	}
	m.mean /= m.n
	for _, v := range values {
		m.add(v-m.mean, 1)
	}
	return m
}

// add adds a deviation from the mean that occurs count times.
func (m *moments) add(d, count float64) {
	square := d * d
	m.m2 += count * square
	m.m3 += count * square * d
	m.m4 += count * square * square
}

// variance is the unbiased estimate; NaN for a single value.
func (m moments) variance() float64 {
	switch {
	case m.n < 2:
		return math.NaN()
	case m.constant:
		return 0
	}
	return m.m2 / (m.n - 1)
}

// skewness is b1 of Joanes & Gill (1998), pymfe's method 3: third central moment over the cubed standard
// deviation, whose divisor is n-1. NaN for constant values.
func (m moments) skewness() float64 {
	if m.constant {
		return math.NaN()
	}
	return m.m3 / m.n / math.Pow(m.m2/m.n, 1.5) * math.Pow((m.n-1)/m.n, 1.5)
}

// kurtosis is b2 of Joanes & Gill (1998), pymfe's method 3, in excess of the normal distribution's 3. NaN for
// constant values.
func (m moments) kurtosis() float64 {
	if m.constant {
		return math.NaN()
	}
	return m.m4/m.n/math.Pow(m.m2/m.n, 2)*math.Pow(1-1/m.n, 2) - 3
}
