package metafeatures

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// regressionSample is what the complexity of a regression is computed from: columns and target stretched to [0,1].
type regressionSample struct {
	x      [][]float64 // row by row
	y      []float64
	byY    []int       // rows in the order of the target, equal ones in their own
	column [][]float64 // column by column
}

// regressionComplexity computes how hard a numeric target is to predict (Lorena et al. 2018), columns and target being
// stretched to [0,1].
//
// Of correlations: reg_c1 and reg_c2 (largest and mean absolute rank correlation of a column with the target), reg_c3
// (least share of rows to leave out, those farthest from a column's regression line first, until that column's absolute
// rank correlation is above 0.9; found by bisection), reg_c4 (share of rows farther than 0.1 from the regression lines of
// all columns, fitted one after the other to the rows left, the most correlated column first). Of linear regression:
// reg_l1 (mean absolute residual), reg_l2 (mean squared residual), reg_l3 (mean squared error between rows neighbouring
// in the target). Of smoothness: reg_s1 (difference of the target along edges of the spanning tree, per row), reg_s2
// (distance of rows neighbouring in the target, per row), reg_s3 (mean squared error of one-nearest-neighbour), reg_s4
// (the same between rows neighbouring in the target). reg_l3 and reg_s4 draw points.
func (x *extraction) regressionComplexity(s *numericSample) ([]measure, error) {
	n, p := len(s.x), len(s.x[0])
	if err := x.spend(2*n*n*p + n*p*p + 40*n*p); err != nil {
		return nil, err
	}
	r := newRegressionSample(s)
	correlations := r.correlations()
	measures := []measure{
		one("reg_c1", slices.Max(correlations)),
		one("reg_c2", momentsOf(correlations).mean),
		one("reg_c3", r.individualEfficiency()),
		one("reg_c4", r.collectiveEfficiency()),
		one("reg_s1", r.treeRoughness()),
		one("reg_s2", r.inputRoughness()),
		one("reg_s3", r.neighbourError()),
	}
	rng := x.rng(streamInterpolation)
	points, targets := r.between(rng.Float64)
	fit := r.linearFit()
	var absolute, squared, linear, neighbour float64
	for i, row := range r.x {
		d := r.y[i] - fit(row)
		absolute += math.Abs(d) / float64(n)
		squared += d * d / float64(n)
	}
	for i, point := range points {
		a, b := fit(point)-targets[i], r.y[r.nearest(point, -1)]-targets[i]
		linear += a * a / float64(len(points))
		neighbour += b * b / float64(len(points))
	}
	return append(measures,
		one("reg_l1", absolute), one("reg_l2", squared), one("reg_l3", linear), one("reg_s4", neighbour)), nil
}

func newRegressionSample(s *numericSample) *regressionSample {
	r := &regressionSample{x: s.scaled(), y: make([]float64, len(s.y))}
	low, high := slices.Min(s.y), slices.Max(s.y)
	for i, v := range s.y {
		if low < high {
			r.y[i] = (v - low) / (high - low)
		}
	}
	r.byY = ascending(r.y)
	for j := range r.x[0] {
		column := make([]float64, len(r.x))
		for i, row := range r.x {
			column[i] = row[j]
		}
		r.column = append(r.column, column)
	}
	return r
}

// ascending returns the positions of values in their order, equal ones in the order of positions.
func ascending(values []float64) []int {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	return order
}

// correlations are the absolute rank correlations of the columns with the target.
func (r *regressionSample) correlations() []float64 {
	values := make([]float64, len(r.column))
	for j, column := range r.column {
		values[j] = rankCorrelation(column, r.y)
	}
	return values
}

// rankCorrelation is the absolute value of Spearman's, equal values having their mean rank; 0 where one is constant.
func rankCorrelation(a, b []float64) float64 {
	ra, rb := ranks(a), ranks(b)
	centre(ra)
	centre(rb)
	norm := math.Sqrt(floats.Dot(ra, ra) * floats.Dot(rb, rb))
	if norm == 0 {
		return 0
	}
	return min(math.Abs(floats.Dot(ra, rb))/norm, 1)
}

func ranks(values []float64) []float64 {
	order, out := ascending(values), make([]float64, len(values))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && values[order[j]] == values[order[i]] {
			j++
		}
		for _, k := range order[i:j] {
			out[k] = float64(i+j-1) / 2
		}
		i = j
	}
	return out
}

// highCorrelation is what reg_c3 leaves rows out for.
const highCorrelation = 0.9

// individualEfficiency is reg_c3.
func (r *regressionSample) individualEfficiency() float64 {
	n, least := len(r.y), math.Inf(1)
	for _, column := range r.column {
		order := ascending(absolute(lineResiduals(column, r.y))) // the last ones go first
		enough := func(removed int) bool {
			kept := order[:n-removed]
			return rankCorrelation(at(column, kept), at(r.y, kept)) > highCorrelation
		}
		low, high := -1, max(n-2, 0) // two rows are perfectly correlated, if they differ
		for high-low > 1 {
			if middle := (low + high) / 2; enough(middle) {
				high = middle
			} else {
				low = middle
			}
		}
		least = min(least, float64(high)/float64(n))
	}
	return least
}

func at(values []float64, rows []int) []float64 {
	out := make([]float64, len(rows))
	for i, k := range rows {
		out[i] = values[k]
	}
	return out
}

func absolute(values []float64) []float64 {
	for i, v := range values {
		values[i] = math.Abs(v)
	}
	return values
}

// lineResiduals are the differences from the least-squares line.
func lineResiduals(x, y []float64) []float64 {
	mx, my := momentsOf(x), momentsOf(y)
	var product float64
	for i, v := range x {
		product += (v - mx.mean) * (y[i] - my.mean)
	}
	slope := 0.0
	if !mx.constant {
		slope = product / mx.m2
	}
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = y[i] - my.mean - slope*(v-mx.mean)
	}
	return out
}

// closeResidual is the residual at which reg_c4 counts a row as explained.
const closeResidual = 0.1

// collectiveEfficiency is reg_c4.
func (r *regressionSample) collectiveEfficiency() float64 {
	left, used := r.byRow(), make([]bool, len(r.column))
	for range r.column {
		if len(left) == 0 {
			break
		}
		y := at(r.y, left)
		best, most := -1, -1.0
		for j, column := range r.column {
			if used[j] {
				continue
			}
			if c := rankCorrelation(at(column, left), y); c > most {
				best, most = j, c
			}
		}
		used[best] = true
		var far []int
		for i, d := range lineResiduals(at(r.column[best], left), y) {
			if math.Abs(d) > closeResidual {
				far = append(far, left[i])
			}
		}
		left = far
	}
	return float64(len(left)) / float64(len(r.y))
}

func (r *regressionSample) byRow() []int {
	rows := slices.Clone(r.byY)
	slices.Sort(rows)
	return rows
}

// linearFit is least-squares regression on all columns; columns that depend on others are left out.
func (r *regressionSample) linearFit() func(point []float64) float64 {
	p := len(r.column)
	means := make([]float64, p)
	centred := mat.NewDense(p, len(r.y), nil)
	for j, column := range r.column {
		means[j] = momentsOf(column).mean
		copy(centred.RawRowView(j), column)
		centre(centred.RawRowView(j))
	}
	level := momentsOf(r.y).mean
	var gram mat.SymDense
	gram.SymOuterK(1, centred)
	b := make([]float64, p)
	for j := range b {
		for i, v := range centred.RawRowView(j) {
			b[j] += v * (r.y[i] - level)
		}
	}
	weights := factorise(&gram, 1e-10).solve(b)
	constant := level - floats.Dot(weights, means)
	return func(point []float64) float64 { return constant + floats.Dot(weights, point) }
}

// between draws a point between every two rows neighbouring in the target, and the target there.
func (r *regressionSample) between(draw func() float64) (points [][]float64, targets []float64) {
	for i, a := range r.byY[1:] {
		b, t := r.byY[i], draw()
		point := make([]float64, len(r.column))
		for j, v := range r.x[b] {
			point[j] = v + t*(r.x[a][j]-v)
		}
		points = append(points, point)
		targets = append(targets, r.y[b]+t*(r.y[a]-r.y[b]))
	}
	return points, targets
}

// nearest is the row nearest to a point, the first of several; one row may be left out.
func (r *regressionSample) nearest(point []float64, without int) int {
	best, least := -1, math.Inf(1)
	for i, row := range r.x {
		if d := squaredDistance(point, row); i != without && d < least {
			best, least = i, d
		}
	}
	return best
}

// neighbourError is reg_s3.
func (r *regressionSample) neighbourError() float64 {
	var sum float64
	for i, row := range r.x {
		d := r.y[r.nearest(row, i)] - r.y[i]
		sum += d * d
	}
	return sum / float64(len(r.x))
}

// inputRoughness is reg_s2.
func (r *regressionSample) inputRoughness() float64 {
	var sum float64
	for i, a := range r.byY[1:] {
		sum += math.Sqrt(squaredDistance(r.x[a], r.x[r.byY[i]]))
	}
	return sum / float64(len(r.x))
}

// treeRoughness is reg_s1, by Prim's algorithm (1957).
func (r *regressionSample) treeRoughness() float64 {
	n := len(r.x)
	parent, reached, least := make([]int, n), make([]bool, n), slices.Repeat([]float64{math.Inf(1)}, n)
	var sum float64
	for next := 0; next >= 0; {
		reached[next] = true
		sum += math.Abs(r.y[next] - r.y[parent[next]]) // 0 for the first, its own parent
		nearest := -1
		for i := range n {
			if reached[i] {
				continue
			}
			if d := squaredDistance(r.x[next], r.x[i]); d < least[i] {
				least[i], parent[i] = d, next
			}
			if nearest < 0 || least[i] < least[nearest] {
				nearest = i
			}
		}
		next = nearest
	}
	return sum / float64(n)
}
