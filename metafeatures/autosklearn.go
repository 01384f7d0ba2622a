package metafeatures

import (
	"math"
	"slices"
)

// autoSklearnGroups is the set AutoSklearn (automl/auto-sklearn, metalearning/metafeatures/metafeatures.py), as the
// meta-features in auto-sklearn's own knowledge base were recorded: missing numbers count as their column's mean, a
// missing category as a category of its own, all categories are dummy columns in what is multivariate or learned, where
// numeric columns have variance 1. (Later versions of auto-sklearn have other dummies, and count them as numeric.)
func autoSklearnGroups() []group {
	return []group{
		{General, 1, (*extraction).sklearnCounts},
		{Statistical, 1, (*extraction).sklearnStatistics},
		{InfoTheory, 1, (*extraction).sklearnEntropy},
		{Landmarking, 1, (*extraction).sklearnLandmarks},
	}
}

// sklearnCounts computes sizes, shares of missing values (Percentage…, which are shares), ratios, which are 0 without
// a divisor, classes, and distinct values of categorical features (Symbols…, 0 where there are none). All standard
// deviations are those of a population.
func (x *extraction) sklearnCounts() ([]measure, error) {
	t, err := x.tally()
	if err != nil {
		return nil, err
	}
	measures := []measure{
		one("NumberOfInstances", t.rows),
		one("LogNumberOfInstances", math.Log(t.rows)),
		one("NumberOfFeatures", t.columns),
		one("LogNumberOfFeatures", math.Log(t.columns)),
		one("NumberOfInstancesWithMissingValues", t.incompleteRows),
		one("PercentageOfInstancesWithMissingValues", t.incompleteRows/t.rows),
		one("NumberOfFeaturesWithMissingValues", t.incompleteColumns),
		one("PercentageOfFeaturesWithMissingValues", t.incompleteColumns/t.columns),
		one("NumberOfMissingValues", t.missing),
		one("PercentageOfMissingValues", t.missing/(t.rows*t.columns)),
		one("NumberOfNumericFeatures", t.numeric),
		one("NumberOfCategoricalFeatures", t.categories()),
		one("RatioNumericalToNominal", finiteOr0(t.numeric/t.categories())),
		one("RatioNominalToNumerical", finiteOr0(t.categories()/t.numeric)),
		one("DatasetRatio", t.columns/t.rows),
		one("LogDatasetRatio", math.Log(t.columns/t.rows)),
		one("InverseDatasetRatio", t.rows/t.columns),
		one("LogInverseDatasetRatio", math.Log(t.rows/t.columns)),
	}
	measures = append(measures, spreadMeasures("Symbols", t.symbols)...)
	measures = append(measures, one("SymbolsSum", total(t.symbols)))
	if t.classes == nil {
		return measures, nil
	}
	shares := make([]float64, len(t.classes))
	for i, n := range t.classes {
		shares[i] = n / float64(x.data.Rows)
	}
	measures = append(measures, one("NumberOfClasses", float64(len(t.classes))))
	return append(measures, spreadMeasures("ClassProbability", shares)...), nil
}

// spreadMeasures are NAMEMin, Max, Mean and STD (of a population); 0 without values.
func spreadMeasures(name string, values []float64) []measure {
	if len(values) == 0 {
		values = []float64{0}
	}
	m := momentsOf(values)
	return []measure{
		one(name+"Min", slices.Min(values)),
		one(name+"Max", slices.Max(values)),
		one(name+"Mean", m.mean),
		one(name+"STD", math.Sqrt(m.m2/m.n)),
	}
}

func finiteOr0(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}

// sklearnEntropy is the entropy of the classes, in bits.
func (x *extraction) sklearnEntropy() ([]measure, error) {
	if !x.classification() {
		return nil, nil
	}
	return []measure{one("ClassEntropy", entropyOf(x.classCounts(), float64(x.data.Rows)))}, nil
}

// sklearnStatistics computes skewness and excess kurtosis of the numeric features, by the moments of a population
// (Skewness…, Kurtosis…, 0 without numeric features), and of the first principal component.
func (x *extraction) sklearnStatistics() ([]measure, error) {
	profiles, err := x.profiles()
	if err != nil {
		return nil, err
	}
	var skewness, kurtosis []float64
	for _, p := range profiles {
		if categorical(p.column) || p.present == 0 {
			continue
		}
		s, k := p.populationShape(float64(len(x.rows)))
		skewness, kurtosis = append(skewness, s), append(kurtosis, k)
	}
	measures := append(spreadMeasures("Skewness", skewness), spreadMeasures("Kurtosis", kurtosis)...)
	components, err := x.principalComponents()
	return append(measures, components...), err
}

// populationShape returns skewness and kurtosis by the moments of a population of rows, in which missing values are
// at the mean; 0 and -3 for a constant column, as scipy had it. The profile's own have n-1 in the standard deviation
// and n values.
func (p profile) populationShape(rows float64) (skewness, kurtosis float64) {
	if p.stats.distinct < 2 {
		return 0, -3
	}
	n := float64(p.present)
	shrunk := 1 - 1/n
	skewness = p.stats.skewness / math.Pow(shrunk, 1.5) * math.Sqrt(rows/n)
	kurtosis = (p.stats.kurtosis+3)/(shrunk*shrunk)*(rows/n) - 3
	return skewness, kurtosis
}
