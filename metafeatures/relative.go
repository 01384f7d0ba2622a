package metafeatures

import (
	"math"
	"strings"
)

// relativeLandmarking ranks the landmarkers of landmarking among each other (Fürnkranz & Petrak 2001), separately for
// every summary: NAME.SUMMARY.relative is 1 for the lowest value, equal values share their mean rank, and undefined
// ones have none. By pymfe's definition, which knows no decision_tree: that one is left out.
func (x *extraction) relativeLandmarking() ([]measure, error) {
	landmarks, err := x.landmarking()
	if err != nil {
		return nil, err
	}
	var measures []measure
	for _, summary := range x.opt.Summaries {
		var features []Feature
		for _, m := range landmarks {
			if !strings.HasPrefix(m.name, "decision_tree") {
				features = append(features, summarise(m, summary)...)
			}
		}
		for _, f := range features {
			measures = append(measures, one(f.Name+".relative", rankAmong(f, features)))
		}
	}
	return measures, nil
}

// rankAmong is a feature's rank among those that say the same of other landmarkers, itself included.
func rankAmong(f Feature, features []Feature) float64 {
	if math.IsNaN(f.Value) {
		return math.NaN()
	}
	_, what, _ := strings.Cut(f.Name, ".")
	var below, equal float64
	for _, other := range features {
		_, of, _ := strings.Cut(other.Name, ".")
		switch {
		case of != what:
		case other.Value < f.Value:
			below++
		case other.Value == f.Value:
			equal++
		}
	}
	return below + (equal+1)/2
}
