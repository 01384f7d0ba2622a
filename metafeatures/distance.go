package metafeatures

import (
	"math"
	"slices"
)

// Similarity returns the names of the default features for comparing tasks: those that do not depend on the units of
// columns, sizes as logarithms, and no two that say the same. A feature that is undefined for a task type is so for
// both tasks and does not count.
func Similarity() []string {
	return []string{
		"log_nr_inst", "log_nr_attr", "log_attr_to_inst", "cat_share", "missing_share", "incomplete_inst_share",
		"log_nr_class", "class_imbalance", "freq_class.sd", "target_levels_share",
		"skewness.mean", "skewness.sd", "kurtosis.mean", "cor.mean", "cor.sd", "nr_cor_attr",
		"sparsity.mean", "sparsity.sd", "can_cor.mean", "can_cor.sd", "w_lambda",
		"outlier_attr_share", "normal_attr_share", "target_cor.mean", "target_cor.sd",
		"target_skewness", "target_kurtosis", "target_outlier_share",
		"attr_conc.mean", "attr_conc.sd", "attr_ent.mean", "attr_ent.sd",
		"class_conc.mean", "class_conc.sd", "class_ent", "mut_inf.mean", "mut_inf.sd",
		"best_node.mean", "decision_tree.mean", "elite_nn.mean", "linear_discr.mean", "naive_bayes.mean",
		"one_nn.mean", "random_node.mean", "worst_node.mean",
		"best_node_r2.mean", "decision_tree_r2.mean", "elite_nn_r2.mean", "linear_r2.mean",
		"one_nn_r2.mean", "random_node_r2.mean", "worst_node_r2.mean",
	}
}

// Scaler puts meta-features on one scale, so that differences in one can be compared with differences in another:
// a value becomes its distance from the median in interquartile ranges, at most reach either way. It is immutable
// and safe for concurrent use.
type Scaler struct {
	names         []string
	centre, scale []float64
}

// reach bounds scaled values: features with heavy tails would otherwise decide every distance.
const reach = 5

// FitScaler fits medians and interquartile ranges of the named features on vectors, as Vector.Map gives them. Where
// the middle half is of one value the standard deviation stands in. Features that do not differ between vectors, or
// are defined in fewer than two, are left out.
func FitScaler(names []string, vectors []map[string]float64) *Scaler {
	s := &Scaler{}
	for _, name := range names {
		var values []float64
		for _, v := range vectors {
			if value, ok := v[name]; ok && !math.IsNaN(value) && !math.IsInf(value, 0) {
				values = append(values, value)
			}
		}
		if len(values) < 2 {
			continue
		}
		slices.Sort(values)
		scale := quantile(values, 0.75) - quantile(values, 0.25)
		if m := momentsOf(values); scale == 0 && !m.constant {
			scale = math.Sqrt(m.variance())
		}
		if !(scale > 0) || math.IsInf(scale, 0) {
			continue
		}
		s.names = append(s.names, name)
		s.centre = append(s.centre, quantile(values, 0.5))
		s.scale = append(s.scale, scale)
	}
	return s
}

// Names returns the features in use, in the order of the names given to FitScaler.
func (s *Scaler) Names() []string { return slices.Clone(s.names) }

// Transform returns the scaled features of one vector in the order of Names; NaN where undefined.
func (s *Scaler) Transform(vector map[string]float64) []float64 {
	scaled := make([]float64, len(s.names))
	for i, name := range s.names {
		scaled[i] = math.NaN()
		if v, ok := vector[name]; ok && !math.IsNaN(v) && !math.IsInf(v, 0) {
			scaled[i] = min(max((v-s.centre[i])/s.scale[i], -reach), reach)
		}
	}
	return scaled
}

// Norm is how differences of features add up to a distance.
type Norm uint8

// The norms, both averaged over features, so that distances over different numbers of features compare.
const (
	L1 Norm = iota // mean of absolute differences
	L2             // root of the mean of squared differences
)

// Distance compares two vectors scaled by the same Scaler, in interquartile ranges. A feature undefined in both does
// not count; one undefined in one of them alone counts as a difference of one interquartile range, for being
// undefined (no categorical columns, say) tells tasks apart. Without any feature that counts it is NaN. It panics if
// the vectors differ in length.
func Distance(a, b []float64, norm Norm) float64 {
	if len(a) != len(b) {
		panic("metafeatures: distance between vectors of different scalers")
	}
	var sum, counted float64
	for i, v := range a {
		d := math.Abs(v - b[i])
		if math.IsNaN(d) {
			if math.IsNaN(v) && math.IsNaN(b[i]) {
				continue
			}
			d = 1
		}
		if norm == L2 {
			d *= d
		}
		sum += d
		counted++
	}
	if norm == L2 {
		return math.Sqrt(sum / counted)
	}
	return sum / counted
}
