package gaussian

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/lapack/lapack64"
)

// evidence computes the logarithm of the marginal likelihood and its gradient, for one data set and many
// hyperparameters.
type evidence struct {
	layout    *layout
	intercept float64
	n, width  int
	points    []float64 // n x width, inside layout, before division by lengthscales
	y         []float64

	placed []float64 // n x width
	active [][]int   // the active blocks of each point
	bent   *bent     // nil where nothing is warped
	// matrix is n x n: the covariance, then its Cholesky factor, then its inverse in the lower triangle; derivatives of
	// the plain kernel with respect to the squared distance in the upper.
	matrix []float64
	alpha  []float64
}

func newEvidence(m *Model, points [][]float64, y []float64) *evidence {
	n, width := len(points), len(m.layout.order)
	e := &evidence{
		layout: &m.layout, intercept: m.prior.Intercept, n: n, width: width, points: make([]float64, n*width), y: y,
		placed: make([]float64, n*width), matrix: make([]float64, n*n), alpha: make([]float64, n),
	}
	for i, x := range points {
		for k, j := range m.layout.order {
			e.points[i*width+k] = x[j]
		}
		e.active = append(e.active, m.layout.activeBlocks(nil, e.points[i*width:(i+1)*width]))
	}
	if len(m.layout.warped) > 0 {
		e.bent = newBent(n * width)
	}
	return e
}

func (e *evidence) row(i int) []float64 { return e.placed[i*e.width : (i+1)*e.width] }

// at returns the log marginal likelihood at hyperparameters h, and unless gradient is empty adds its gradient with
// respect to their logarithms to it. It is minus infinity where the covariance is not positive definite.
func (e *evidence) at(h Hyperparameters, gradient theta) float64 {
	k := newKernel(e.layout, h)
	e.place(&k)
	e.covariance(&k, h.Noise)
	symmetric := blas64.Symmetric{Uplo: blas.Lower, N: e.n, Stride: e.n, Data: e.matrix}
	factor, ok := lapack64.Potrf(symmetric)
	if !ok {
		return math.Inf(-1)
	}
	value := -float64(e.n) / 2 * math.Log(2*math.Pi)
	for i := range e.n {
		value -= math.Log(e.matrix[i*e.n+i])
	}
	copy(e.alpha, e.y)
	alpha := blas64.Vector{N: e.n, Inc: 1, Data: e.alpha}
	blas64.Trsv(blas.NoTrans, factor, alpha)
	value -= floats.Dot(e.alpha, e.alpha) / 2
	if gradient.values == nil {
		return value
	}
	blas64.Trsv(blas.Trans, factor, alpha)
	if _, ok := lapack64.Potri(factor); !ok {
		return math.Inf(-1)
	}
	if k.plain {
		e.plainGradient(&k, h, gradient)
	} else {
		e.gradient(&k, h, gradient)
	}
	if e.bent != nil {
		e.warpGradient(gradient)
	}
	return value
}

// place warps numeric coordinates and divides them by their lengthscales.
func (e *evidence) place(k *kernel) {
	copy(e.placed, e.points)
	if e.bent != nil {
		e.warp(k)
	}
	for _, b := range k.blocks {
		for i := range e.n {
			row := e.row(i)
			for j := b.from; j < b.split; j++ {
				row[j] *= k.inverse[j]
			}
		}
	}
}

// covariance fills the matrix.
func (e *evidence) covariance(k *kernel, noise float64) {
	n := e.n
	for i := range n {
		x := e.row(i)
		for j := range i {
			if !k.plain {
				e.matrix[i*n+j] = k.at(x, e.active[i], e.row(j))
				continue
			}
			value, slope := matern(k.distance(k.blocks[0], x, e.row(j)))
			e.matrix[i*n+j] = k.scale*value + k.intercept
			e.matrix[j*n+i] = k.scale * slope
		}
		e.matrix[i*n+i] = k.variance(x, e.active[i]) + noise
	}
}

// The gradient of the log marginal likelihood with respect to a parameter p of the covariance K is half the trace of
// (alpha alpha' - K^-1) dK/dp (Rasmussen and Williams 2006, equation 5.9). The half cancels against counting each pair
// of different points once.

// plainGradient adds the gradient for a kernel of numeric, unconditional coordinates.
func (e *evidence) plainGradient(k *kernel, h Hyperparameters, gradient theta) {
	n, lengths := e.n, gradient.lengths()
	sums := make([]float64, len(lengths))
	total, trace, all := 0.0, 0.0, 0.0 // of coefficients: of the diagonal, and of all pairs
	for i := range n {
		x, inverse := e.row(i), e.matrix[i*n:i*n+i]
		for j, v := range inverse {
			c := e.alpha[i]*e.alpha[j] - v
			all += 2 * c
			c *= e.matrix[j*n+i]
			y := e.placed[j*e.width:][:len(x)]
			if e.bent != nil {
				e.pull(k.blocks[0], i, j, c)
			}
			for d, xd := range x {
				delta := xd - y[d]
				sums[d] += c * delta * delta
			}
		}
		trace += e.alpha[i]*e.alpha[i] - e.matrix[i*n+i]
	}
	total = floats.Dot(e.alpha, e.y) - float64(n) // of coefficient times covariance
	gradient.values[0] += (total - h.Noise*trace - k.intercept*(all+trace)) / 2
	gradient.values[1] += h.Noise * trace / 2
	for d, s := range sums {
		lengths[d] -= 2 * s
	}
}

// gradient adds the gradient for any kernel.
func (e *evidence) gradient(k *kernel, h Hyperparameters, gradient theta) {
	n := e.n
	for i := range n {
		for j := range i {
			e.pair(k, i, j, e.alpha[i]*e.alpha[j]-e.matrix[i*n+j], gradient)
		}
		c := (e.alpha[i]*e.alpha[i] - e.matrix[i*n+i]) / 2
		e.pair(k, i, i, c, gradient)
		gradient.values[1] += c * h.Noise
	}
}

// pair adds c times the derivatives of the kernel at points i and j.
func (e *evidence) pair(k *kernel, i, j int, c float64, gradient theta) {
	x, y := e.row(i), e.row(j)
	value, slope, product := k.factors(x, e.active[i], y)
	c0 := c * product
	gradient.values[0] += c0
	amplitudes, lengths, weights := gradient.amplitudes(), gradient.lengths(), gradient.weights()
	if value > 0 {
		e.distanceGradients(k, k.blocks[0], i, j, c0*slope/value, lengths)
	}
	for _, f := range k.shared {
		a := c0 * k.amplitude[f.block] / (1 + k.amplitude[f.block]*f.value)
		amplitudes[f.block-1] += a * f.value
		e.distanceGradients(k, k.blocks[f.block], i, j, a*f.slope, lengths)
	}
	for i, s := range k.slope {
		weights[i] += c * s * x[k.space+i] * y[k.space+i]
	}
}

// distanceGradients adds the derivatives by what the distance of points i and j over a block is made of, by whose square
// the derivative is outer: those by the logarithms of lengthscales, of which a longer one shrinks the distance, to
// lengths, and those by warped coordinates to what is bent.
func (e *evidence) distanceGradients(k *kernel, b block, i, j int, outer float64, lengths []float64) {
	k.lengthGradients(b, e.row(i), e.row(j), outer, lengths)
	if e.bent != nil {
		e.pull(b, i, j, outer)
	}
}

// lengthGradients adds the derivatives by the logarithms of a block's lengthscales.
func (k *kernel) lengthGradients(b block, x, y []float64, outer float64, lengths []float64) {
	for i := b.from; i < b.split; i++ {
		d := x[i] - y[i]
		lengths[i] -= 2 * outer * d * d
	}
	for i := b.split; i < b.to; i++ {
		if x[i] != y[i] {
			lengths[i] -= 2 * outer * k.weight[i]
		}
	}
}
