package metafeatures

import (
	"math"

	"github.com/metaml/metaml/metafeatures/dataset"
)

// profile is what the groups need to know of one feature on the rows looked at: how the values are distributed,
// and a discrete code per row.
type profile struct {
	column  *dataset.Column
	stats   univariate // of numeric columns
	codes   codes
	present int // values that are not missing
}

// codes is a discrete version of a column: level or bin of every row, -1 where missing.
type codes struct {
	code   []int32
	levels int // codes are below it; not every one need occur
}

// univariate is what pymfe's statistical group says of one numeric column, over the values present.
type univariate struct {
	min, max, mean, median, variance, skewness, kurtosis float64
	geometricMean, harmonicMean, trimmedMean             float64
	iqRange, deviation                                   float64
	distinct                                             int
	outliers                                             bool // some value is beyond 1.5 interquartile ranges
	normal                                               bool // not rejected at 5 %
}

// sorter profiles numeric columns one after the other, keeping its buffers.
type sorter struct {
	items, buffer []keyed
	all, leading  distribution
	tests         map[int]*shapiroWilk // by number of values
}

// profiles sorts every column once and keeps what statistical and info-theory need.
func (x *extraction) profiles() ([]profile, error) {
	if x.profiled != nil {
		return x.profiled, nil
	}
	s := &sorter{
		items: make([]keyed, len(x.rows)), buffer: make([]keyed, len(x.rows)),
		tests: make(map[int]*shapiroWilk),
	}
	profiled := make([]profile, len(x.columns))
	for i, j := range x.columns {
		if err := x.spend(len(x.rows)); err != nil {
			return nil, err
		}
		column := &x.data.Features[j]
		if categorical(column) {
			profiled[i] = levelProfile(column, x.rows)
		} else {
			profiled[i] = s.profile(column, x.rows)
		}
	}
	x.profiled = profiled
	return profiled, nil
}

// levelProfile takes the levels as they are.
func levelProfile(column *dataset.Column, rows []int32) profile {
	p := profile{column: column, codes: codes{code: make([]int32, len(rows)), levels: len(column.Levels)}}
	for i, r := range rows {
		p.codes.code[i] = -1
		if v := column.Values[r]; !math.IsNaN(v) {
			p.codes.code[i] = int32(v)
			p.present++
		}
	}
	return p
}

func (s *sorter) profile(column *dataset.Column, rows []int32) profile {
	p := profile{column: column}
	items := s.sort(gathered(column.Values, rows))
	p.present = len(items)
	s.all.fill(items)
	p.codes = s.discretise(items, len(rows))
	if p.present > 0 {
		p.stats = describe(s.all)
		p.stats.normal = s.normal(items, len(rows))
	}
	return p
}

// sort returns the values present, in order, with their positions.
func (s *sorter) sort(values []float64) []keyed {
	s.items = s.items[:cap(s.items)]
	items := s.items[:0]
	for i, v := range values {
		if !math.IsNaN(v) {
			items = append(items, keyed{keyOf(v), int32(i)})
		}
	}
	return sorted(items, s.buffer)
}

// describe computes the statistics of a column with at least one value.
func describe(d distribution) univariate {
	m := d.moments()
	low, high := d.quantile(0.25), d.quantile(0.75)
	u := univariate{
		min: d.values[0], max: d.values[len(d.values)-1],
		mean: m.mean, variance: m.variance(), skewness: m.skewness(), kurtosis: m.kurtosis(),
		median:        d.quantile(0.5),
		geometricMean: d.geometricMean(), harmonicMean: d.harmonicMean(), trimmedMean: d.trimmedMean(0.2),
		iqRange:  high - low,
		distinct: len(d.values),
	}
	u.deviation = d.deviation(u.median)
	fence := 1.5 * u.iqRange
	u.outliers = low-fence > u.min || high+fence < u.max
	return u
}

// testedRows is how many leading rows the test of normality looks at, as in pymfe: its p-values are not reliable
// beyond.
const testedRows = 5000

// normal tests the leading rows for normality and overwrites items. A constant column is not normal.
func (s *sorter) normal(items []keyed, rows int) bool {
	d := s.all
	if rows > testedRows {
		leading := items[:0] // in place: nothing else needs them
		for _, it := range items {
			if it.row < testedRows {
				leading = append(leading, it)
			}
		}
		s.leading.fill(leading)
		d = s.leading
	}
	return s.passes(d)
}

// passes says whether the Shapiro-Wilk test does not reject normality at 5 %.
func (s *sorter) passes(d distribution) bool {
	n := d.size()
	if n < 3 || len(d.values) < 2 {
		return false
	}
	test := s.tests[n]
	if test == nil {
		test = newShapiroWilk(n)
		s.tests[n] = test
	}
	w := test.statistic(d)
	return !math.IsNaN(w) && test.pValue(w) > 0.05
}
