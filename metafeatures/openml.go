package metafeatures

import (
	"math"
	"slices"

	"github.com/metaml/metaml/metafeatures/dataset"
)

// openMLGroups is the set OpenML, by the definitions of OpenML's evaluation engine (openml/EvaluationEngine,
// fantail/dc): the target counts as a feature of the data except in info-theory. Its 45 Weka landmarkers are not computed:
// they rest on Weka's own learners.
func openMLGroups() []group {
	return []group{
		{General, 1, (*extraction).openMLCounts},
		{Statistical, 1, (*extraction).openMLStatistics},
		{InfoTheory, 1, (*extraction).openMLEntropies},
	}
}

// openMLCounts computes sizes; percentages, 0 to 100; class sizes; distinct values of nominal attributes (…NominalAtt…,
// the standard deviation that of a sample); and AutoCorrelation, 1 minus the mean change of the target from each row to
// the next: whether the class differs, or the difference of a numeric target.
func (x *extraction) openMLCounts() ([]measure, error) {
	t, err := x.tally()
	if err != nil {
		return nil, err
	}
	t.columns++
	if x.classification() {
		t.symbols = append(t.symbols, float64(len(t.classes)))
		if len(t.classes) == 2 {
			t.binary++
		}
	} else {
		t.numeric++
	}
	percent := func(part, whole float64) float64 { return 100 * part / whole }
	measures := []measure{
		one("NumberOfInstances", t.rows),
		one("NumberOfFeatures", t.columns),
		one("Dimensionality", t.columns/t.rows),
		one("NumberOfClasses", float64(len(t.classes))),
		one("NumberOfInstancesWithMissingValues", t.incompleteRows),
		one("PercentageOfInstancesWithMissingValues", percent(t.incompleteRows, t.rows)),
		one("NumberOfMissingValues", t.missing),
		one("PercentageOfMissingValues", percent(t.missing, t.rows*t.columns)),
		one("NumberOfNumericFeatures", t.numeric),
		one("PercentageOfNumericFeatures", percent(t.numeric, t.columns)),
		one("NumberOfSymbolicFeatures", t.categories()),
		one("PercentageOfSymbolicFeatures", percent(t.categories(), t.columns)),
		one("NumberOfBinaryFeatures", t.binary),
		one("PercentageOfBinaryFeatures", percent(t.binary, t.columns)),
		one("AutoCorrelation", autoCorrelation(x.data)),
	}
	if len(t.symbols) > 0 {
		m := momentsOf(t.symbols)
		measures = append(measures,
			one("MinNominalAttDistinctValues", slices.Min(t.symbols)),
			one("MaxNominalAttDistinctValues", slices.Max(t.symbols)),
			one("MeanNominalAttDistinctValues", m.mean),
			one("StdvNominalAttDistinctValues", math.Sqrt(openMLVariance(m))),
		)
	}
	if t.classes == nil {
		return measures, nil
	}
	least, most, rows := slices.Min(t.classes), slices.Max(t.classes), float64(x.data.Rows)
	return append(measures,
		one("MajorityClassSize", most*t.rows/rows), one("MajorityClassPercentage", percent(most, rows)),
		one("MinorityClassSize", least*t.rows/rows), one("MinorityClassPercentage", percent(least, rows)),
	), nil
}

// openMLVariance is that of a sample; 0 for a single value, as commons-math has it.
func openMLVariance(m moments) float64 {
	if m.n < 2 {
		return 0
	}
	return m.variance()
}

func autoCorrelation(d *dataset.Dataset) float64 {
	var change float64
	for i, v := range d.Target.Values[1:] {
		before := d.Target.Values[i]
		switch {
		case d.Task == dataset.Regression:
			change += before - v
		case before != v:
			change++
		}
	}
	return 1 - change/float64(d.Rows-1)
}

// openMLStatistics summarises mean, standard deviation, skewness and kurtosis of numeric attributes, the last two
// unbiased (G1 and G2 of Joanes & Gill 1998), over the values present.
func (x *extraction) openMLStatistics() ([]measure, error) {
	profiles, err := x.profiles()
	if err != nil {
		return nil, err
	}
	var means, deviations, skewness, kurtosis []float64
	add := func(u univariate, n float64) {
		means = append(means, u.mean)
		deviations = append(deviations, math.Sqrt(u.variance))
		s, k := unbiasedShape(u, n)
		skewness, kurtosis = append(skewness, s), append(kurtosis, k)
	}
	for _, p := range profiles {
		if !categorical(p.column) && p.present > 0 {
			add(p.stats, float64(p.present))
		}
	}
	if !x.classification() {
		target := distributionOf(gathered(x.data.Target.Values, x.rows))
		add(describe(target), float64(target.size()))
	}
	if len(means) == 0 {
		return nil, nil
	}
	var measures []measure
	for _, of := range []struct {
		name   string
		values []float64
	}{{"Means", means}, {"StdDev", deviations}, {"Skewness", skewness}, {"Kurtosis", kurtosis}} {
		measures = append(measures, openMLSummary(of.name+"OfNumericAtts", of.values)...)
	}
	return measures, nil
}

// unbiasedShape turns skewness and kurtosis with n-1 in the standard deviation, b1 and b2, into G1 and G2.
func unbiasedShape(u univariate, n float64) (skewness, kurtosis float64) {
	skewness, kurtosis = math.NaN(), math.NaN()
	if n > 2 {
		skewness = u.skewness * n * n / ((n - 1) * (n - 2))
	}
	if n > 3 {
		kurtosis = n*n*(n+1)/((n-1)*(n-2)*(n-3))*(u.kurtosis+3) - 3*(n-1)*(n-1)/((n-2)*(n-3))
	}
	return skewness, kurtosis
}

// openMLSummary gives mean, extremes and quartiles of the values that are defined.
func openMLSummary(name string, values []float64) []measure {
	values = slices.DeleteFunc(values, math.IsNaN)
	if len(values) == 0 {
		return nil
	}
	slices.Sort(values)
	return []measure{
		one("Mean"+name, momentsOf(values).mean),
		one("Min"+name, values[0]),
		one("Max"+name, values[len(values)-1]),
		one("Quartile1"+name, rankedQuantile(values, 0.25)),
		one("Quartile2"+name, rankedQuantile(values, 0.5)),
		one("Quartile3"+name, rankedQuantile(values, 0.75)),
	}
}

// rankedQuantile interpolates at position q(n+1), counted from 1 (Hyndman & Fan's definition 6).
func rankedQuantile(sorted []float64, q float64) float64 {
	n := len(sorted)
	position := q * float64(n+1)
	below := math.Floor(position)
	switch i := int(below); {
	case i < 1:
		return sorted[0]
	case i >= n:
		return sorted[n-1]
	default:
		return sorted[i-1] + (position-below)*(sorted[i]-sorted[i-1])
	}
}

// openMLEntropies computes, in bits, the entropy of the classes, and of every nominal feature its entropy and its
// mutual information with the class; EquivalentNumberOfAtts is ClassEntropy over the mean mutual information,
// MeanNoiseToSignalRatio what the mean entropy has beyond it. Missing values count as the level that appears first, as
// there. Undefined for regression.
func (x *extraction) openMLEntropies() ([]measure, error) {
	if !x.classification() {
		return nil, nil
	}
	profiles, err := x.profiles()
	if err != nil {
		return nil, err
	}
	target := x.targetCodes()
	classes := entropy(target)
	measures := []measure{one("ClassEntropy", classes)}
	var entropies, information []float64
	for _, p := range profiles {
		if !categorical(p.column) {
			continue
		}
		if err := x.spend(2 * len(x.rows)); err != nil {
			return nil, err
		}
		t := crosstab(p.codes.whole(), target)
		h := t.rowEntropy()
		entropies = append(entropies, h)
		information = append(information, max(0, h+classes-t.plainJointEntropy()))
	}
	if len(entropies) == 0 {
		return measures, nil
	}
	measures = append(measures, openMLSummary("AttributeEntropy", entropies)...)
	measures = append(measures, openMLSummary("MutualInformation", information)...)
	if shared := momentsOf(information).mean; shared > 0 {
		measures = append(measures,
			one("EquivalentNumberOfAtts", classes/shared),
			one("MeanNoiseToSignalRatio", (momentsOf(entropies).mean-shared)/shared))
	}
	return measures, nil
}

// whole returns the codes with the first level in the place of missing ones; there is always one.
func (c codes) whole() codes {
	filled := codes{code: slices.Clone(c.code), levels: max(c.levels, 1)}
	for i, k := range filled.code {
		filled.code[i] = max(k, 0)
	}
	return filled
}

// plainJointEntropy is in bits, without the smoothing of jointEntropy.
func (t contingency) plainJointEntropy() float64 {
	var h float64
	for _, c := range t.cells {
		h -= c.count / t.total * math.Log2(c.count/t.total)
	}
	return h
}
