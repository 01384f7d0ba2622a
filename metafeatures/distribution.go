package metafeatures

import (
	"math"
	"sort"
)

// distribution is a column's values in order, equal ones counted: all that univariate statistics need, and as
// cheap for a dummy column as its two values.
type distribution struct {
	values []float64 // distinct, ascending
	ends   []int32   // how many values are at most values[i]
}

// distributionOf sorts values, none of which is missing.
func distributionOf(values []float64) distribution {
	items := make([]keyed, len(values))
	for i, v := range values {
		items[i] = keyed{keyOf(v), int32(i)}
	}
	d := distribution{values: make([]float64, 0, len(values)), ends: make([]int32, 0, len(values))}
	d.fill(sorted(items, make([]keyed, len(items))))
	return d
}

// size is the number of values, repetitions counted.
func (d distribution) size() int {
	if len(d.ends) == 0 {
		return 0
	}
	return int(d.ends[len(d.ends)-1])
}

// count is how often values[i] occurs.
func (d distribution) count(i int) float64 {
	if i == 0 {
		return float64(d.ends[0])
	}
	return float64(d.ends[i] - d.ends[i-1])
}

// at is the k-th smallest value, counted from 0.
func (d distribution) at(k int) float64 {
	if len(d.values) == d.size() {
		return d.values[k]
	}
	return d.values[sort.Search(len(d.ends), func(i int) bool { return int(d.ends[i]) > k })]
}

func (d distribution) quantile(q float64) float64 {
	if d.size() == 0 {
		return math.NaN()
	}
	return quantileOf(d.size(), q, d.at)
}

// fill makes the distribution of sorted items, reusing memory.
func (d *distribution) fill(items []keyed) {
	d.values, d.ends = d.values[:0], d.ends[:0]
	for i, it := range items {
		if i > 0 && it.key == items[i-1].key {
			d.ends[len(d.ends)-1]++
			continue
		}
		d.values = append(d.values, valueOf(it.key))
		d.ends = append(d.ends, int32(i+1))
	}
}

// indicator is the distribution of a dummy column with so many ones among n.
func indicator(ones, n int) distribution {
	switch ones {
	case 0:
		return distribution{[]float64{0}, []int32{int32(n)}}
	case n:
		return distribution{[]float64{1}, []int32{int32(n)}}
	}
	return distribution{[]float64{0, 1}, []int32{int32(n - ones), int32(n)}}
}

func (d distribution) moments() moments {
	m := moments{n: float64(d.size()), constant: len(d.values) < 2}
	for i, v := range d.values {
		m.mean += v * d.count(i)
	}
	m.mean /= m.n
	for i, v := range d.values {
		m.add(v-m.mean, d.count(i))
	}
	return m
}

// deviation is the median absolute deviation from the median, times 1.4826, which makes it estimate the standard
// deviation of normal data. Walking outwards from the median meets the deviations in order.
func (d distribution) deviation(median float64) float64 {
	n := d.size()
	right := sort.SearchFloat64s(d.values, median)
	left := right - 1
	var seen int
	var lower float64 // the deviation of rank (n-1)/2
	found := false
	for {
		var next float64
		if right >= len(d.values) || (left >= 0 && median-d.values[left] <= d.values[right]-median) {
			next = median - d.values[left]
			seen += int(d.count(left))
			left--
		} else {
			next = d.values[right] - median
			seen += int(d.count(right))
			right++
		}
		if !found && seen > (n-1)/2 {
			lower, found = next, true
		}
		if seen > n/2 {
			return 1.4826 * (lower + next) / 2
		}
	}
}

// trimmedMean is the mean without the given share of the values at either end.
func (d distribution) trimmedMean(share float64) float64 {
	n := d.size()
	cut := int(share * float64(n))
	var sum float64
	var start int
	for i, v := range d.values {
		end := int(d.ends[i])
		if inside := min(end, n-cut) - max(start, cut); inside > 0 {
			sum += v * float64(inside)
		}
		start = end
	}
	return sum / float64(n-2*cut)
}

// geometricMean is undefined for negative values, and 0 where the least is under 1e-10.
func (d distribution) geometricMean() float64 {
	if d.values[0] < 0 {
		return math.NaN()
	}
	if d.values[0] < 1e-10 {
		return 0
	}
	var logs float64
	// Multiplying fractions in [1/2,1) and adding exponents takes one logarithm in 500 values.
	fraction, exponent, factors := 1.0, 0, 0
	for i, v := range d.values {
		if c := d.count(i); c > 1 {
			logs += c * math.Log(v)
			continue
		}
		f, e := math.Frexp(v)
		fraction *= f
		exponent += e
		if factors++; factors == 500 {
			logs += math.Log(fraction)
			fraction, factors = 1, 0
		}
	}
	logs += math.Log(fraction) + float64(exponent)*math.Ln2
	return math.Exp(logs / float64(d.size()))
}

// harmonicMean is undefined for negative values, and 0 where one is 0.
func (d distribution) harmonicMean() float64 {
	if d.values[0] < 0 {
		return math.NaN()
	}
	var inverse float64
	for i, v := range d.values {
		inverse += d.count(i) / v
	}
	return float64(d.size()) / inverse
}
