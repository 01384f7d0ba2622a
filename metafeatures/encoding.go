package metafeatures

import (
	"cmp"
	"math"
	"slices"
)

// encoding lists the columns of the numeric view of a dataset, pymfe's N: numeric features as they are, then
// categorical ones as dummy columns. Of the first categorical feature every level has one, of the others every
// level but the first, levels being in the order of their labels: the full-rank coding without intercept that
// pymfe uses by default. Dummies are missing where the category is.
type encoding struct {
	columns []encodedColumn
	total   int // before columns were left out
}

// encodedColumn is one column of the numeric view.
type encodedColumn struct {
	feature int // index into the dataset's features
	profile int // position among the profiles
	level   int // the code whose dummy this is; -1: the feature itself
	ones    int // rows of that level
}

// encode lists all columns of the numeric view.
func (x *extraction) encode() (*encoding, error) {
	if x.encoded != nil {
		return x.encoded, nil
	}
	profiles, err := x.profiles()
	if err != nil {
		return nil, err
	}
	e := &encoding{}
	for i, p := range profiles {
		if !categorical(p.column) {
			e.columns = append(e.columns, encodedColumn{feature: x.columns[i], profile: i, level: -1})
		}
	}
	first := true
	for i, p := range profiles {
		if !categorical(p.column) {
			continue
		}
		levels, ones := occurring(p)
		if !first && len(levels) > 0 {
			levels = levels[1:]
		}
		first = false
		for _, l := range levels {
			e.columns = append(e.columns, encodedColumn{feature: x.columns[i], profile: i, level: l, ones: ones[l]})
		}
	}
	e.total = len(e.columns)
	x.encoded = e
	return e, nil
}

// occurring returns the levels that occur, in the order of their labels, and how often each does.
func occurring(p profile) (levels, ones []int) {
	ones = make([]int, p.codes.levels)
	for _, c := range p.codes.code {
		if c >= 0 {
			ones[c]++
		}
	}
	for l, n := range ones {
		if n > 0 {
			levels = append(levels, l)
		}
	}
	slices.SortFunc(levels, func(a, b int) int { return cmp.Compare(p.column.Levels[a], p.column.Levels[b]) })
	return levels, ones
}

// narrowed returns the encoding with at most limit columns, in their order. Numeric features go before dummies up
// to half of the places, and may take what dummies leave; which of them stay is drawn. Of the dummies the most
// frequent stay.
func (e *encoding) narrowed(x *extraction, limit int) *encoding {
	if e.total <= limit {
		return e
	}
	var numeric, dummies []int
	for i, c := range e.columns {
		if c.level < 0 {
			numeric = append(numeric, i)
		} else {
			dummies = append(dummies, i)
		}
	}
	places := min(len(numeric), max((limit+1)/2, limit-len(dummies)))
	var kept []int
	for _, k := range chosen(x.rng(streamEncoding), len(numeric), places) {
		kept = append(kept, numeric[k])
	}
	slices.SortStableFunc(dummies, func(a, b int) int { return cmp.Compare(e.columns[b].ones, e.columns[a].ones) })
	kept = append(kept, dummies[:limit-places]...)
	slices.Sort(kept)
	n := &encoding{total: e.total}
	for _, k := range kept {
		n.columns = append(n.columns, e.columns[k])
	}
	return n
}

// matrix returns the numeric view of rows column by column; missing values are NaN.
func (e *encoding) matrix(x *extraction, rows []int32) [][]float64 {
	columns := make([][]float64, len(e.columns))
	for i, c := range e.columns {
		values := x.data.Features[c.feature].Values
		column := make([]float64, len(rows))
		for k, r := range rows {
			v := values[r]
			if c.level >= 0 && !math.IsNaN(v) {
				if int(v) == c.level {
					v = 1
				} else {
					v = 0
				}
			}
			column[k] = v
		}
		columns[i] = column
	}
	return columns
}

// unknownLevel stands for the level of the rows where a category is missing.
const unknownLevel = math.MaxInt32

// dummySample draws at most limit rows, in proportion to the classes, and at most Options.MaxEncoded columns of
// another numeric view: numeric columns with mean 0 and variance 1, missing values at the mean; and dummies, 0 or 1, for
// every level that occurs and for the missing ones.
func (x *extraction) dummySample(limit int, stream uint64) (*numericSample, error) {
	profiles, err := x.profiles()
	if err != nil {
		return nil, err
	}
	all := &encoding{}
	for i, p := range profiles {
		if !categorical(p.column) {
			all.columns = append(all.columns, encodedColumn{feature: x.columns[i], profile: i, level: -1})
			continue
		}
		levels, ones := occurring(p)
		for _, l := range levels {
			all.columns = append(all.columns, encodedColumn{feature: x.columns[i], profile: i, level: l, ones: ones[l]})
		}
		if missing := len(x.rows) - p.present; missing > 0 {
			all.columns = append(all.columns, encodedColumn{feature: x.columns[i], profile: i, level: unknownLevel, ones: missing})
		}
	}
	all.total = len(all.columns)
	e := all.narrowed(x, x.opt.MaxEncoded)
	if len(e.columns) < all.total {
		x.note("principal components and landmarkers look at %d of %d columns, dummies included", len(e.columns), all.total)
	}
	rows := x.stratifiedRows(limit, stream)
	if len(rows) < x.data.Rows {
		x.note("principal components and landmarkers look at %d of %d rows", len(rows), x.data.Rows)
	}
	if err := x.spend(len(rows) * len(e.columns)); err != nil {
		return nil, err
	}
	s := &numericSample{x: byRow(e.complete(x, rows), len(rows)), rows: x.data.Rows, columns: all.total}
	s.y = gatheredAt(x.data.Target.Values, rows)
	if x.classification() {
		s.classify(x.data.Target.Levels)
	}
	return s, nil
}

// complete is matrix with standardised numbers and dummies for missing categories, so that no value is missing.
func (e *encoding) complete(x *extraction, rows []int32) [][]float64 {
	columns := e.matrix(x, rows)
	for i, c := range e.columns {
		if c.level < 0 {
			standardise(columns[i])
			continue
		}
		for k, v := range columns[i] {
			if math.IsNaN(v) {
				columns[i][k] = 0
				if c.level == unknownLevel {
					columns[i][k] = 1
				}
			}
		}
	}
	return columns
}

// standardise shifts and scales the values present to mean 0 and, missing ones counted as the mean, variance 1; a
// constant column becomes 0.
func standardise(column []float64) {
	centre(column)
	var squares float64
	for _, v := range column {
		squares += v * v
	}
	if squares == 0 {
		return
	}
	scale := 1 / math.Sqrt(squares/float64(len(column)))
	for i := range column {
		column[i] *= scale
	}
}
