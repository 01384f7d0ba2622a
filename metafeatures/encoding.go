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
