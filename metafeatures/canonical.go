package metafeatures

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// withTarget computes what relates the numeric view to the target.
func (x *extraction) withTarget(c *crossed) ([]measure, error) {
	groups := x.targetGroups(c)
	p, n := len(c.columns), len(c.rows)
	if err := x.spend(p*p*p/3 + 2*p*n); err != nil {
		return nil, err
	}
	measures := append(canonical(c, groups), each("target_cor", groups.correlations(c)))
	if !x.classification() {
		return measures, nil
	}
	if err := x.spend(p * p / 2 * n); err != nil {
		return nil, err
	}
	return append(measures,
		one("gravity", groups.gravity(c)),
		one("sd_ratio", groups.homogeneity(c)),
	), nil
}

// targetGroups are orthonormal directions, over the rows, which span what the target can explain: of every class
// its indicator over the root of its size, or the centred numeric target over its length.
type targetGroups struct {
	directions [][]float64 // by class: the rows' values
	classes    [][]int32   // rows of each class, in label order; nil in regression
}

func (x *extraction) targetGroups(c *crossed) targetGroups {
	y := gatheredAt(x.data.Target.Values, c.rows)
	if !x.classification() {
		centre(y)
		if norm := floats.Norm(y, 2); norm > 0 {
			floats.Scale(1/norm, y)
			return targetGroups{directions: [][]float64{y}}
		}
		return targetGroups{}
	}
	byClass := make([][]int32, len(x.data.Target.Levels))
	for i, v := range y {
		byClass[int(v)] = append(byClass[int(v)], int32(i))
	}
	var g targetGroups
	for _, k := range labelOrder(x.data.Target.Levels) {
		if len(byClass[k]) > 0 {
			g.classes = append(g.classes, byClass[k])
		}
	}
	return g
}

// gatheredAt copies the values at rows.
func gatheredAt(values []float64, rows []int32) []float64 {
	return slices.Clone(gathered(values, rows))
}

// project returns, for every column, its inner products with the directions. With classes that is the class's sum
// over the root of its size; columns are centred, so that the constant direction contributes nothing.
func (g targetGroups) project(c *crossed) [][]float64 {
	projections := make([][]float64, len(c.columns))
	for j, column := range c.columns {
		if g.classes == nil {
			for _, d := range g.directions {
				projections[j] = append(projections[j], floats.Dot(column, d))
			}
			continue
		}
		for _, rows := range g.classes {
			var sum float64
			for _, r := range rows {
				sum += column[r]
			}
			projections[j] = append(projections[j], sum/math.Sqrt(float64(len(rows))))
		}
	}
	return projections
}

// correlations returns, for every column, the length of its projection over its own length: the absolute
// correlation with a numeric target, the correlation ratio (eta) with classes.
func (g targetGroups) correlations(c *crossed) []float64 {
	values := make([]float64, len(c.columns))
	for j, p := range g.project(c) {
		values[j] = ratio(floats.Norm(p, 2), floats.Norm(c.columns[j], 2))
	}
	return values
}

// largestSquare keeps 1/(1 - square of a canonical correlation) finite where columns determine the target.
const largestSquare = 1 - 1e-10

// canonical computes the canonical correlations of columns and target, and the statistics of the multivariate
// analysis of variance that are made of them.
func canonical(c *crossed, g targetGroups) []measure {
	squares := canonicalSquares(c, g)
	correlations := make([]float64, len(squares))
	lambda, pillai, hotelling, roy := math.NaN(), math.NaN(), math.NaN(), math.NaN()
	if len(squares) > 0 {
		lambda, pillai, hotelling, roy = 1, 0, 0, 0
	}
	for i, s := range squares {
		correlations[i] = math.Sqrt(s)
		s = min(s, largestSquare)
		lambda *= 1 - s
		pillai += s
		hotelling += s / (1 - s)
		roy = max(roy, s/(1-s))
	}
	return []measure{
		each("can_cor", correlations),
		one("nr_disc", float64(len(squares))),
		one("w_lambda", lambda),
		one("p_trace", pillai),
		one("lh_trace", hotelling),
		one("roy_root", roy),
	}
}

// canonicalSquares returns the squared canonical correlations, largest first: with the columns' scatter T = L L'
// and P their projections on the target's directions, the eigenvalues of P' T^-1 P = A'A, A = L^-1 P. Columns that
// depend on others are left out.
func canonicalSquares(c *crossed, g targetGroups) []float64 {
	projections := g.project(c)
	directions := len(g.directions)
	if g.classes != nil {
		directions = len(g.classes)
	}
	if directions == 0 {
		return nil
	}
	f := factorise(c.filled, 1e-10)
	scale := 1 / math.Sqrt(float64(len(c.rows)-1))
	if len(f.kept) == 0 {
		return nil
	}
	a := mat.NewDense(directions, len(f.kept), nil)
	for k := range directions {
		b := a.RawRowView(k)
		for i, j := range f.kept {
			b[i] = projections[j][k] * scale
		}
		f.forward(b)
	}
	var inner mat.SymDense // of the smaller side: both have the same eigenvalues but for zeros
	if directions <= len(f.kept) {
		inner.SymOuterK(1, a)
	} else {
		inner.SymOuterK(1, a.T())
	}
	values := eigenvalues(&inner)
	slices.SortFunc(values, func(a, b float64) int { return cmp.Compare(b, a) })
	most := directions // one direction less than classes, the constant one being no discriminant
	if g.classes != nil {
		most--
	}
	values = values[:min(most, len(values), len(f.kept))]
	for i, v := range values {
		values[i] = min(max(v, 0), 1)
	}
	return values
}

// gravity is the Euclidean distance between the centres of the largest and the smallest class; of classes of equal
// size the first in label order counts.
func (g targetGroups) gravity(c *crossed) float64 {
	if len(g.classes) < 2 {
		return math.NaN()
	}
	largest := 0
	for k, rows := range g.classes {
		if len(rows) > len(g.classes[largest]) {
			largest = k
		}
	}
	smallest := -1
	for k, rows := range g.classes {
		if k != largest && (smallest < 0 || len(rows) < len(g.classes[smallest])) {
			smallest = k
		}
	}
	var squares float64
	for j := range c.columns {
		d := c.classMean(j, g.classes[largest]) - c.classMean(j, g.classes[smallest])
		if !math.IsNaN(d) {
			squares += d * d
		}
	}
	return math.Sqrt(squares)
}

// classMean is the mean of a column over rows where it is present.
func (c *crossed) classMean(j int, rows []int32) float64 {
	var sum, n float64
	for _, r := range rows {
		if c.present[j] == nil || c.present[j][r] == 1 {
			sum += c.columns[j][r]
			n++
		}
	}
	return sum / n
}
