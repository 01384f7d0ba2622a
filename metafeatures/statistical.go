package metafeatures

import (
	"math"
)

// statistical computes statistics of the numeric view: numeric features and dummy columns (see encoding), each over
// the values present.
//
// By pymfe's definitions, a value per column: g_mean, h_mean, iq_range, kurtosis, mad, max, mean, median, min,
// range, sd, skewness, t_mean (without 20 % at either end), var, and sparsity (per feature, categorical ones as they
// are); a value per pair of columns: cor, cov (absolute values); per eigenvalue of the covariance matrix:
// eigenvalues; per canonical correlation with the target: can_cor; single numbers: nr_cor_attr (share of pairs with
// a correlation of at least 1/2), nr_disc (canonical correlations), nr_norm (columns that Shapiro and Wilk's test
// does not reject at 5 %), nr_outliers (columns with values beyond 1.5 interquartile ranges), w_lambda, p_trace,
// lh_trace, roy_root; and, in classification, gravity (distance of the largest and the smallest class's centre) and
// sd_ratio (Box's homogeneity of the classes' covariances).
//
// metaml's own: outlier_attr_share and normal_attr_share (nr_outliers and nr_norm per column), target_cor (per
// column: absolute correlation with a numeric target, correlation ratio with classes), and in regression
// target_skewness, target_kurtosis, target_outlier_share (of rows, beyond 1.5 interquartile ranges) and
// target_cv (standard deviation over absolute mean).
//
// cor and cov use the rows where both values are present; the other matrices take the column's mean for a missing
// value. Where pymfe deviates: it takes can_cor from an iteration stopped at 1e-6 where this is exact; its sd_ratio
// flips classes and matrices, so that it is right only for classes of equal size and even numbers of pairs of
// columns; it makes h_mean undefined for all columns where one has a negative value, and counts constant columns as
// normal.
func (x *extraction) statistical() ([]measure, error) {
	e, err := x.encode()
	if err != nil {
		return nil, err
	}
	measures := x.univariate(e)
	if !x.classification() {
		measures = append(measures, x.targetStatistics()...)
	}
	multivariate, err := x.multivariate(e)
	return append(measures, multivariate...), err
}

// univariate collects the statistics of single columns.
func (x *extraction) univariate(e *encoding) []measure {
	all := make([]univariate, 0, len(e.columns))
	s := &sorter{tests: make(map[int]*shapiroWilk)}
	for _, c := range e.columns {
		p := &x.profiled[c.profile]
		switch {
		case p.present == 0:
		case c.level < 0:
			all = append(all, p.stats)
		default:
			d := indicator(c.ones, p.present)
			u := describe(d)
			u.normal = s.passes(d)
			all = append(all, u)
		}
	}
	column := func(name string, value func(univariate) float64) measure {
		values := make([]float64, len(all))
		for i, u := range all {
			values[i] = value(u)
		}
		return each(name, values)
	}
	measures := []measure{
		column("g_mean", func(u univariate) float64 { return u.geometricMean }),
		column("h_mean", func(u univariate) float64 { return u.harmonicMean }),
		column("iq_range", func(u univariate) float64 { return u.iqRange }),
		column("kurtosis", func(u univariate) float64 { return u.kurtosis }),
		column("mad", func(u univariate) float64 { return u.deviation }),
		column("max", func(u univariate) float64 { return u.max }),
		column("mean", func(u univariate) float64 { return u.mean }),
		column("median", func(u univariate) float64 { return u.median }),
		column("min", func(u univariate) float64 { return u.min }),
		column("range", func(u univariate) float64 { return u.max - u.min }),
		column("sd", func(u univariate) float64 { return math.Sqrt(u.variance) }),
		column("skewness", func(u univariate) float64 { return u.skewness }),
		column("t_mean", func(u univariate) float64 { return u.trimmedMean }),
		column("var", func(u univariate) float64 { return u.variance }),
		each("sparsity", x.sparsity()),
	}
	return append(measures, x.columnCounts(all)...)
}

// columnCounts counts columns with outliers and normal ones, extrapolated where columns were left out.
func (x *extraction) columnCounts(all []univariate) []measure {
	var outliers, normal float64
	for _, u := range all {
		if u.outliers {
			outliers++
		}
		if u.normal {
			normal++
		}
	}
	n := float64(len(all))
	scale := float64(len(x.data.Features)) / float64(len(x.columns))
	return []measure{
		one("nr_outliers", outliers*scale),
		one("nr_norm", normal*scale),
		one("outlier_attr_share", ratio(outliers, n)),
		one("normal_attr_share", ratio(normal, n)),
	}
}

// sparsity is (rows / distinct values - 1) / (rows - 1) of every feature: 0 where all values differ, 1 where none
// does. A missing value is a value of its own here.
func (x *extraction) sparsity() []float64 {
	rows := float64(len(x.rows))
	values := make([]float64, len(x.profiled))
	for i, p := range x.profiled {
		distinct := p.stats.distinct
		if categorical(p.column) {
			levels, _ := occurring(p)
			distinct = len(levels)
		}
		if p.present < len(x.rows) {
			distinct++
		}
		values[i] = ratio(rows/float64(distinct)-1, rows-1)
	}
	return values
}

// targetStatistics describes a numeric target over all rows in memory.
func (x *extraction) targetStatistics() []measure {
	d := distributionOf(x.data.Target.Values)
	m := d.moments()
	low, high := d.quantile(0.25), d.quantile(0.75)
	fence := 1.5 * (high - low)
	var outside float64
	for i, v := range d.values {
		if v < low-fence || v > high+fence {
			outside += d.count(i)
		}
	}
	return []measure{
		one("target_skewness", m.skewness()),
		one("target_kurtosis", m.kurtosis()),
		one("target_outlier_share", outside/m.n),
		one("target_cv", ratio(math.Sqrt(m.variance()), math.Abs(m.mean))),
	}
}
