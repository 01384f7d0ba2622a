// Package metafeatures describes datasets by numbers: simple counts, statistics, information-theoretic measures
// and the performance of very cheap learners (landmarkers), by the names of the literature and of pymfe, so that
// datasets can be compared without training anything. Further groups, computed when named, describe decision trees,
// clusters, concepts, item sets and the complexity of classes.
package metafeatures

import (
	"math"
	"time"
)

// Feature is one meta-feature's value. NaN means undefined for this dataset or not computed within the budget.
type Feature struct {
	Name    string
	Group   string
	Version int // of the definition; values of different versions are never compared
	Value   float64
	CPU     time.Duration // share of the group's cost
}

// Vector is a dataset's meta-features. Extractor names the definitions as a whole and is what records carry.
type Vector struct {
	Extractor string
	Features  []Feature
	Skipped   []string // groups not computed, each with its reason
	Notes     []string // what was computed on a sample, and of which size
}

// Map returns the defined values by name.
func (v Vector) Map() map[string]float64 {
	m := make(map[string]float64, len(v.Features))
	for _, f := range v.Features {
		if !math.IsNaN(f.Value) && !math.IsInf(f.Value, 0) {
			m[f.Name] = f.Value
		}
	}
	return m
}
