package metafeatures

import (
	"math"
)

// infoTheory computes entropies, in bits, of discrete views: categorical features as they are, numeric ones in
// equal-frequency bins (see discretise), and the target, binned likewise in regression. Rows where a value is
// missing are left out wherever that value is needed.
//
// By pymfe's definitions, a value per feature: attr_ent, class_conc (concentration coefficient of the feature given
// the target), joint_ent, mut_inf; a value per ordered pair of features: attr_conc (of 12 features drawn where
// there are more; pymfe draws others); single numbers: class_ent, eq_num_attr, ns_ratio. As in pymfe, 1e-8 is added
// to every joint probability in attr_conc, class_conc and joint_ent.
func (x *extraction) infoTheory() ([]measure, error) {
	profiles, err := x.profiles()
	if err != nil {
		return nil, err
	}
	target := x.targetCodes()
	classEntropy := entropy(target)
	var attr, joint, mutual, concentrations []float64
	for _, p := range profiles {
		if err := x.spend(2 * len(x.rows)); err != nil {
			return nil, err
		}
		t := crosstab(p.codes, target)
		if t.total == 0 {
			continue
		}
		h, j := t.rowEntropy(), t.jointEntropy()
		attr, joint = append(attr, h), append(joint, j)
		// The target's entropy on the same rows; all of them where nothing is missing.
		mutual = append(mutual, h+t.columnEntropy()-j)
		concentrations = append(concentrations, t.concentration())
	}
	pairs, err := x.attributeConcentration(profiles)
	if err != nil {
		return nil, err
	}
	shared := total(mutual)
	return []measure{
		each("attr_conc", pairs),
		each("attr_ent", attr),
		each("class_conc", concentrations),
		one("class_ent", classEntropy),
		one("eq_num_attr", ratio(float64(len(mutual))*classEntropy, shared)),
		each("joint_ent", joint),
		each("mut_inf", mutual),
		one("ns_ratio", ratio(total(attr)-shared, shared)),
	}, nil
}

func total(values []float64) float64 {
	var sum float64
	for _, v := range values {
		sum += v
	}
	return sum
}

// targetCodes returns the classes, or a numeric target in bins.
func (x *extraction) targetCodes() codes {
	if x.classification() {
		return levelProfile(&x.data.Target, x.rows).codes
	}
	s := &sorter{items: make([]keyed, len(x.rows)), buffer: make([]keyed, len(x.rows))}
	items := s.sort(gathered(x.data.Target.Values, x.rows))
	s.all.fill(items)
	return s.discretise(items, len(x.rows))
}

// entropy is that of the codes' frequencies, in bits.
func entropy(c codes) float64 {
	counts := make([]float64, c.levels)
	var n float64
	for _, code := range c.code {
		if code >= 0 {
			counts[code]++
			n++
		}
	}
	return entropyOf(counts, n)
}

func entropyOf(counts []float64, n float64) float64 {
	var h float64
	for _, c := range counts {
		if c > 0 {
			h -= c / n * math.Log2(c/n)
		}
	}
	return h
}

// concentratedAttributes is how many features attr_conc compares with each other.
const concentratedAttributes = 12

// attributeConcentration returns the concentration coefficient of every ordered pair of some features.
func (x *extraction) attributeConcentration(profiles []profile) ([]float64, error) {
	some := chosen(x.rng(streamConcentration), len(profiles), concentratedAttributes)
	var values []float64
	for _, a := range some {
		for _, b := range some {
			if a >= b {
				continue
			}
			if err := x.spend(2 * len(x.rows)); err != nil {
				return nil, err
			}
			t := crosstab(profiles[a].codes, profiles[b].codes)
			if t.total > 0 {
				values = append(values, t.concentration(), t.transposed().concentration())
			}
		}
	}
	return values, nil
}
