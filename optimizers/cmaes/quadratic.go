package cmaes

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/lapack/lapack64"
)

// Limits of the quadratic model.
const (
	// mostModelled is the most dimensions in which it is fitted: the cost of a fit grows with their sixth power.
	mostModelled = 12
	// modelMemory is how many of a descent's last points it is fitted to, in coefficients.
	modelMemory = 2
	// refits is how many fits there are in the time in which as many points are told as there are pairs of dimensions: for
	// up to six dimensions one for each generation, and fewer in more, where they cost more.
	refits = 4
	// ridge keeps coefficients of which the points say nothing near 0.
	ridge = 1e-10
)

// quadratic is a model of the loss around the mean of a descent: the full quadratic function by weighted least squares
// on its last points. Its least point is one of the next generation (Hansen 2019, "A global surrogate assisted
// CMA-ES", which also saves evaluations by the model; here all points are evaluated).
type quadratic struct {
	n, coefficients int // coefficients 0: there is no model
	points          []point
	told            int // points since the last fit

	normal   []float64 // coefficients x coefficients: normal equations
	right    []float64
	features []float64
	hessian  []float64 // n x n
	y, z     []float64
}

// newQuadratic returns the model for axes that are all continuous; of others, or too many, there is none.
func newQuadratic(axes []axis) quadratic {
	n := len(axes)
	if n > mostModelled || slices.ContainsFunc(axes, func(a axis) bool { return a.cells.count > 0 }) {
		return quadratic{}
	}
	c := 1 + n + n*(n+1)/2
	return quadratic{
		n: n, coefficients: c, normal: make([]float64, c*c), right: make([]float64, c), features: make([]float64, c),
		hessian: make([]float64, n*n), y: make([]float64, n), z: make([]float64, n),
	}
}

// note adds a generation, without what has no loss.
func (q *quadratic) note(generation []point) {
	if q.coefficients == 0 {
		return
	}
	for _, p := range generation {
		if !math.IsInf(p.loss, 0) {
			q.points = append(q.points, p)
		}
	}
	q.told += len(generation)
	if extra := len(q.points) - modelMemory*q.coefficients; extra > 0 {
		q.points = slices.Delete(q.points, 0, extra)
	}
}

// minimiser returns the model's least point, as far from the mean as a point drawn from the distribution is likely to
// lie at most; nil where it is not time for a fit, where points are too few, and where there is none in the box.
func (q *quadratic) minimiser(d *distribution) []float64 {
	if q.coefficients == 0 || q.told*refits < q.n*q.n || 10*len(q.points) < 11*q.coefficients {
		return nil
	}
	q.told = 0
	if !q.fit(d) || !q.descend() {
		return nil
	}
	x := make([]float64, q.n)
	d.place(q.z, x)
	d.shorten(x)
	if slices.Min(x) < 0 || slices.Max(x) > 1 {
		return nil
	}
	return x
}

// fit writes the coefficients into right, in the coordinates in which the distribution is standard normal. A point at
// distance r counts by (1 + r²/n)^-3, about the inverse square of what a quadratic function leaves out there.
func (q *quadratic) fit(d *distribution) bool {
	low, high := math.Inf(1), math.Inf(-1)
	for _, p := range q.points {
		low, high = min(low, p.loss), max(high, p.loss)
	}
	if low == high {
		return false
	}
	clear(q.normal)
	clear(q.right)
	a := blas64.Symmetric{N: q.coefficients, Stride: q.coefficients, Uplo: blas.Upper, Data: q.normal}
	for _, p := range q.points {
		for i := range q.y {
			q.y[i] = (p.x[i] - d.mean[i]) / d.sigma
		}
		d.whiten(q.y, q.z)
		weight := math.Pow(1+dot(q.z, q.z)/float64(q.n), -3)
		q.expand()
		for i, f := range q.features { // twice as fast as blas64.Syr
			floats.AddScaled(q.normal[i*q.coefficients+i:(i+1)*q.coefficients], weight*f, q.features[i:])
		}
		floats.AddScaled(q.right, weight*(p.loss-low)/(high-low), q.features)
	}
	for i := range q.coefficients {
		q.normal[i*q.coefficients+i] *= 1 + ridge
	}
	return solve(a, q.right)
}

// expand writes the features of z: 1, its coordinates, and their products.
func (q *quadratic) expand() {
	q.features[0] = 1
	at := 1 + copy(q.features[1:], q.z)
	for i, a := range q.z {
		for _, b := range q.z[:i+1] {
			q.features[at] = a * b
			at++
		}
	}
}

// descend writes the least point of the fitted function into z, and reports whether there is one.
func (q *quadratic) descend() bool {
	at := 1 + q.n
	for i := range q.n {
		q.z[i] = -q.right[1+i]
		for j := range i {
			q.hessian[j*q.n+i] = q.right[at]
			at++
		}
		q.hessian[i*q.n+i] = 2 * q.right[at]
		at++
	}
	return solve(blas64.Symmetric{N: q.n, Stride: q.n, Uplo: blas.Upper, Data: q.hessian}, q.z)
}

// solve replaces b by the solution of a x = b, and a by its Cholesky factor; false where a is not positive definite.
func solve(a blas64.Symmetric, b []float64) bool {
	factor, ok := lapack64.Potrf(a)
	if !ok {
		return false
	}
	x := blas64.Vector{N: a.N, Inc: 1, Data: b}
	blas64.Trsv(blas.Trans, factor, x)
	blas64.Trsv(blas.NoTrans, factor, x)
	return !slices.ContainsFunc(b, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
}
