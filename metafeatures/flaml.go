package metafeatures

import "github.com/metaml/metaml/metafeatures/dataset"

// flamlGroups is the set FLAML (microsoft/FLAML, default/suggest.py): NumberOfInstances, NumberOfFeatures,
// NumberOfClasses (0 for regression) and PercentageOfNumericFeatures (a share, in spite of its name; truth values and
// dates are not numeric).
func flamlGroups() []group { return []group{{General, 1, (*extraction).flaml}} }

func (x *extraction) flaml() ([]measure, error) {
	t, err := x.tally()
	if err != nil {
		return nil, err
	}
	dates := 0.0
	for i := range x.data.Features {
		if x.data.Features[i].Kind == dataset.Date {
			dates++
		}
	}
	return []measure{
		one("NumberOfInstances", t.rows),
		one("NumberOfFeatures", t.columns),
		one("NumberOfClasses", float64(len(t.classes))),
		one("PercentageOfNumericFeatures", (t.numeric-dates)/t.columns),
	}, nil
}
