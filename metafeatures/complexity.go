package metafeatures

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// complexity computes how hard the classes are to tell apart (Lorena et al. 2019), on the numeric view of a sample of
// rows. Distances are Gower's: the mean over columns, stretched to [0,1], of absolute differences, in single precision.
//
// By pymfe's definitions. Of the classes of all rows: c1, c2 (balance). Overlap of columns: f1 (a value per column), f1v,
// f2, f3 and f4 (a value per pair of classes; f2 is undefined where a column is constant in both). By a linear
// support-vector machine per pair of classes: l1, l2, l3. Of neighbourhoods: n1, lsc, t1, and n2, n3, n4 (a value per
// row). Of the graph that links every row with those of its class among its 15 % nearest: density, cls_coef, hubs (a
// value per row). Of sizes: t2 (columns / rows), t3 (principal components with 95 % of the variance / rows), t4 (the same
// / columns). For regression, which has no classes, t2, t3 and t4 are defined, and what regressionComplexity computes.
//
// Deviations: pymfe leaves links between rows that coincide out of n1, density, cls_coef and hubs, and computes n4 from
// distances of the wrong rows; here both are right. l3 and n4 draw random points, and the solver behind l1, l2 and l3
// stops at a tolerance, so values lie within pymfe's spread only. Above 100 pairs of classes, 100 are drawn. On a sample
// n1, lsc and t1 are somewhat higher than on all rows, as neighbours are farther away.
func (x *extraction) complexity() ([]measure, error) {
	s, err := x.pairSample()
	if err != nil || s.empty() {
		return nil, err
	}
	columns := float64(len(s.x[0]))
	if err := x.spend(len(s.x) * len(s.x[0]) * len(s.x[0])); err != nil {
		return nil, err
	}
	components := s.components(0.95)
	measures := []measure{
		one("t2", float64(s.columns)/float64(s.rows)),
		one("t3", components/float64(s.rows)),
		one("t4", components/columns),
	}
	if !x.classification() {
		more, err := x.regressionComplexity(s)
		return append(measures, more...), err
	}
	if len(s.counts) < 2 {
		return measures, nil
	}
	measures = append(measures, x.balance()...)
	for _, part := range []func(*numericSample) ([]measure, error){x.overlap, x.linearity, x.neighbourhood} {
		more, err := part(s)
		if err != nil {
			return nil, err
		}
		measures = append(measures, more...)
	}
	return measures, nil
}

// balance is c1, the entropy of the classes over its maximum, and c2, their imbalance ratio.
func (x *extraction) balance() []measure {
	entropy, _ := x.classSizes()
	counts := make([]float64, len(x.data.Target.Levels))
	for _, v := range x.data.Target.Values {
		counts[int(v)]++
	}
	classes, n := occupied(counts), float64(x.data.Rows)
	var imbalance float64
	for _, c := range counts {
		imbalance += (classes - 1) / classes * c / (n - c)
	}
	return []measure{one("c1", entropy/math.Log(classes)), one("c2", 1-1/imbalance)}
}

// covariance is that of some rows, with divisor n-1, and their mean; nil where it is not finite.
func (s *numericSample) covariance(rows []int) (*mat.SymDense, []float64) {
	p := len(s.x[0])
	mean := make([]float64, p)
	for _, i := range rows {
		for j, v := range s.x[i] {
			mean[j] += v / float64(len(rows))
		}
	}
	c := mat.NewSymDense(p, nil)
	deviation := make([]float64, p)
	for _, i := range rows {
		for j, v := range s.x[i] {
			deviation[j] = v - mean[j]
		}
		c.SymRankOne(c, 1/float64(len(rows)-1), mat.NewVecDense(p, deviation))
	}
	for j := range p {
		for k := range j + 1 {
			if v := c.At(j, k); math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, mean
			}
		}
	}
	return c, mean
}

// components is the least number of principal components with more than a share of the variance; NaN without any.
func (s *numericSample) components(share float64) float64 {
	rows := make([]int, len(s.x))
	for i := range rows {
		rows[i] = i
	}
	c, _ := s.covariance(rows)
	var eigen mat.EigenSym
	if c == nil || !eigen.Factorize(c, false) {
		return math.NaN()
	}
	values := eigen.Values(nil)
	slices.Reverse(values)
	all := total(values)
	if !(all > 0) {
		return math.NaN()
	}
	var sum float64
	for i, v := range values {
		if sum += v; sum/all > share {
			return float64(i + 1)
		}
	}
	return float64(len(values))
}

// classPair is the rows of two classes.
type classPair struct{ a, b []int }

func (p classPair) rows() []int { return slices.Concat(p.a, p.b) }

// maxClassPairs bounds the pairs of classes looked at.
const maxClassPairs = 100

// pairsOfClasses returns all pairs of classes, or some that are drawn.
func (x *extraction) pairsOfClasses(s *numericSample) []classPair {
	members := make([][]int, len(s.counts))
	for i, y := range s.y {
		members[int(y)] = append(members[int(y)], i)
	}
	var pairs []classPair
	for b := range members {
		for a := range members[:b] {
			pairs = append(pairs, classPair{members[a], members[b]})
		}
	}
	if len(pairs) <= maxClassPairs {
		return pairs
	}
	x.note("complexity looks at %d of %d pairs of classes", maxClassPairs, len(pairs))
	var drawn []classPair
	for _, i := range chosen(x.rng(streamClassPairs), len(pairs), maxClassPairs) {
		drawn = append(drawn, pairs[i])
	}
	return drawn
}
