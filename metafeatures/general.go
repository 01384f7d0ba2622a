package metafeatures

import (
	"math"
)

// general computes counts and ratios of the whole dataset.
//
// By pymfe's definitions: attr_to_inst, cat_to_num and num_to_cat (undefined without the divisor), freq_class (per
// class, classification only), inst_to_attr, nr_attr, nr_bin (features with exactly two distinct values), nr_cat
// (Boolean ones included), nr_class, nr_inst (rows with a target in the file), nr_num.
//
// metaml's own: log_nr_inst, log_nr_attr, log_nr_class and log_attr_to_inst (natural logarithms), cat_share (nr_cat
// / nr_attr), missing_share (of all feature cells), incomplete_attr_share and incomplete_inst_share (columns and
// rows with a missing value), class_imbalance (1 - entropy of the classes / its maximum; 0 is balanced), nr_levels
// (per categorical feature, those in use), and target_levels_share (regression: distinct targets / rows).
func (x *extraction) general() ([]measure, error) {
	rows, attributes := float64(max(x.data.TotalRows, x.data.Rows)), float64(len(x.data.Features))
	binary, levels, err := x.levelCounts()
	if err != nil {
		return nil, err
	}
	categories := float64(len(levels))
	measures := []measure{
		one("attr_to_inst", attributes/rows),
		one("cat_to_num", ratio(categories, attributes-categories)),
		one("inst_to_attr", rows/attributes),
		one("nr_attr", attributes),
		one("nr_bin", binary),
		one("nr_cat", categories),
		one("nr_inst", rows),
		one("nr_num", attributes-categories),
		one("num_to_cat", ratio(attributes-categories, categories)),
		one("log_nr_inst", math.Log(rows)),
		one("log_nr_attr", math.Log(attributes)),
		one("log_attr_to_inst", math.Log(attributes/rows)),
		one("cat_share", categories/attributes),
		each("nr_levels", levels),
	}
	measures = append(measures, x.missing()...)
	return append(measures, x.targetCounts()...), nil
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return math.NaN()
	}
	return a / b
}

// levelCounts returns the number of features with exactly two distinct values, and the levels in use of each
// categorical one.
func (x *extraction) levelCounts() (binary float64, levels []float64, err error) {
	for i := range x.data.Features {
		c := &x.data.Features[i]
		if err := x.spend(x.data.Rows); err != nil {
			return 0, nil, err
		}
		if twoValued(c.Values) {
			binary++
		}
		if !categorical(c) {
			continue
		}
		used := make([]bool, len(c.Levels))
		var n float64
		for _, v := range c.Values {
			if !math.IsNaN(v) && !used[int(v)] {
				used[int(v)] = true
				n++
			}
		}
		levels = append(levels, n)
	}
	return binary, levels, nil
}

// twoValued says whether exactly two distinct values occur; it looks no further than the third.
func twoValued(values []float64) bool {
	a, b := math.NaN(), math.NaN()
	for _, v := range values {
		switch {
		case v == a || v == b || math.IsNaN(v):
		case math.IsNaN(a):
			a = v
		case math.IsNaN(b):
			b = v
		default:
			return false
		}
	}
	return !math.IsNaN(b)
}

// missing counts missing cells, and the columns and rows that have any.
func (x *extraction) missing() []measure {
	incomplete := make([]bool, x.data.Rows)
	var cells, columns, rows float64
	for i := range x.data.Features {
		found := false
		for r, v := range x.data.Features[i].Values {
			if math.IsNaN(v) {
				cells++
				found, incomplete[r] = true, true
			}
		}
		if found {
			columns++
		}
	}
	for _, is := range incomplete {
		if is {
			rows++
		}
	}
	n, p := float64(x.data.Rows), float64(len(x.data.Features))
	return []measure{
		one("missing_share", cells/(n*p)),
		one("incomplete_attr_share", columns/p),
		one("incomplete_inst_share", rows/n),
	}
}

// targetCounts describes the classes, or how discrete a regression's target is.
func (x *extraction) targetCounts() []measure {
	if !x.classification() {
		distinct := len(distributionOf(x.data.Target.Values).values)
		return []measure{one("target_levels_share", float64(distinct)/float64(x.data.Rows))}
	}
	counts := make([]float64, len(x.data.Target.Levels))
	for _, v := range x.data.Target.Values {
		counts[int(v)]++
	}
	var shares []float64
	for _, c := range counts {
		if c > 0 {
			shares = append(shares, c/float64(x.data.Rows))
		}
	}
	classes := float64(len(shares))
	var entropy float64
	for _, p := range shares {
		entropy -= p * math.Log(p)
	}
	return []measure{
		each("freq_class", shares),
		one("nr_class", classes),
		one("log_nr_class", math.Log(classes)),
		one("class_imbalance", 1-ratio(entropy, math.Log(classes))),
	}
}
