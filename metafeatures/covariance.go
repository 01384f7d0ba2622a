package metafeatures

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// crossed is the numeric view of the rows on which matrices are computed: columns centred at the mean of the values
// present, missing ones 0, which is that mean.
type crossed struct {
	encoding *encoding
	rows     []int32
	columns  [][]float64
	present  [][]float64 // 1 where present, 0 where not; nil for complete columns
	filled   *mat.SymDense
}

// cross chooses columns and rows within the limits and multiplies every column with every other.
func (x *extraction) cross(all *encoding) (*crossed, error) {
	e := all.narrowed(x, x.opt.MaxEncoded)
	if len(e.columns) < all.total {
		x.note("covariances and landmarkers look at %d of %d columns, dummies included", len(e.columns), all.total)
	}
	p := len(e.columns)
	c := &crossed{encoding: e, rows: x.rows}
	if most := max(x.opt.MaxProducts/max(p*(p+1)/2, 1), 2*p); most < len(x.rows) {
		c.rows = nil
		for _, i := range chosen(x.rng(streamProducts), len(x.rows), most) {
			c.rows = append(c.rows, x.rows[i])
		}
		x.note("covariances look at %d of %d rows", most, x.data.Rows)
	}
	c.columns = e.matrix(x, c.rows)
	c.present = make([][]float64, p)
	for i, column := range c.columns {
		c.present[i] = centre(column)
	}
	c.filled = mat.NewSymDense(max(p, 1), nil)
	for i := range c.columns {
		if err := x.spend(len(c.rows) * (i + 1)); err != nil {
			return nil, err
		}
		for j := range i + 1 {
			c.filled.SetSym(i, j, floats.Dot(c.columns[i], c.columns[j])/float64(len(c.rows)-1))
		}
	}
	return c, nil
}

// centre subtracts the mean of the values present and sets missing ones to 0. It returns where values are present,
// nil if everywhere. A constant column becomes all zeros.
func centre(column []float64) []float64 {
	var present []float64
	var sum, n float64
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range column {
		if !math.IsNaN(v) {
			sum += v
			n++
			low, high = min(low, v), max(high, v)
		}
	}
	if int(n) < len(column) {
		present = make([]float64, len(column))
	}
	mean := sum / max(n, 1)
	for i, v := range column {
		column[i] = 0
		if math.IsNaN(v) {
			continue
		}
		if low < high {
			column[i] = v - mean
		}
		if present != nil {
			present[i] = 1
		}
	}
	return present
}

// pair returns covariance and correlation of two columns over the rows where both are present.
func (c *crossed) pair(i, j int) (covariance, correlation float64) {
	if c.present[i] == nil && c.present[j] == nil {
		covariance = c.filled.At(i, j)
		return covariance, covariance / math.Sqrt(c.filled.At(i, i)*c.filled.At(j, j))
	}
	var n, sx, sy, sxx, syy, sxy float64
	for k, a := range c.columns[i] {
		if (c.present[i] != nil && c.present[i][k] == 0) || (c.present[j] != nil && c.present[j][k] == 0) {
			continue
		}
		b := c.columns[j][k]
		n++
		sx += a
		sy += b
		sxx += a * a
		syy += b * b
		sxy += a * b
	}
	if n < 2 {
		return math.NaN(), math.NaN()
	}
	covariance = (sxy - sx*sy/n) / (n - 1)
	return covariance, (sxy - sx*sy/n) / math.Sqrt((sxx-sx*sx/n)*(syy-sy*sy/n))
}

// correlatedPair is the absolute correlation from which nr_cor_attr counts a pair.
const correlatedPair = 0.5

// multivariate computes what needs the covariance matrix.
func (x *extraction) multivariate(all *encoding) ([]measure, error) {
	c, err := x.cross(all)
	if err != nil || len(c.columns) == 0 || len(c.rows) < 2 {
		return nil, err
	}
	var cor, cov []float64
	correlated := 0.0
	for i := range c.columns {
		if err := x.spend(len(c.rows)); err != nil {
			return nil, err
		}
		for j := range i {
			covariance, correlation := c.pair(i, j)
			cov, cor = append(cov, math.Abs(covariance)), append(cor, math.Abs(correlation))
			if math.Abs(correlation) >= correlatedPair {
				correlated++
			}
		}
	}
	measures := []measure{
		each("cor", cor),
		each("cov", cov),
		each("eigenvalues", eigenvalues(c.filled)),
		one("nr_cor_attr", ratio(correlated, float64(len(cor)))),
	}
	related, err := x.withTarget(c)
	return append(measures, related...), err
}

// eigenvalues returns those of a symmetric matrix; nil where products overflowed, or the iteration fails.
func eigenvalues(m *mat.SymDense) []float64 {
	if norm := mat.Norm(m, 1); math.IsNaN(norm) || math.IsInf(norm, 0) {
		return nil
	}
	var e mat.EigenSym
	if !e.Factorize(m, false) {
		return nil
	}
	return e.Values(nil)
}
