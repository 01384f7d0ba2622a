package gaussian

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/lapack/lapack64"
)

// Posterior is a Gaussian process given data. Points are added to it one at a time in O(n²); every other method costs
// O(n) for means and O(n²) for variances.
type Posterior struct {
	model  *Model
	kernel kernel
	noise  float64
	n      int
	width  int
	placed []float64 // n x width: points in their inside layout
	prior  []float64 // variance of each observation before any data
	stride int
	factor []float64 // stride x stride: the Cholesky factor of the covariance in its lower triangle
	y      []float64
	white  []float64 // factor^-1 y
	alpha  []float64 // covariance^-1 y

	members         []members // by block
	x, across, back []float64 // of a prediction: the placed point, its covariances, and those solved for
	active          []int     // its active blocks
	block           []float64 // of predictions in blocks
	byMean, byLeft  []float64 // of gradients, in the inside layout
	product, outer  []float64 // of gradients: covariances without their linear part, and what is made of them
}

// jitters are added to the diagonal, relative to it, until the covariance is positive definite.
var jitters = [...]float64{0, 1e-10, 1e-8, 1e-6, 1e-4, 1e-2}

// Condition returns the posterior of data under given hyperparameters.
func (m *Model) Condition(points [][]float64, y []float64, h Hyperparameters) (*Posterior, error) {
	if err := m.checkPoints(points); err != nil {
		return nil, err
	}
	if err := checkOutputs(points, y); err != nil {
		return nil, err
	}
	if err := m.check(h); err != nil {
		return nil, err
	}
	p := &Posterior{model: m, kernel: newKernel(&m.layout, h), noise: h.Noise, width: len(m.dims)}
	p.x, p.byMean, p.byLeft = make([]float64, p.width), make([]float64, p.width), make([]float64, p.width)
	p.members = make([]members, len(m.layout.blocks))
	p.grow(len(points))
	for _, x := range points {
		p.add(x)
	}
	p.y = append(p.y, y...)
	for _, jitter := range jitters {
		p.covariance(jitter)
		if p.n == 0 {
			break
		}
		if _, ok := lapack64.Potrf(blas64.Symmetric{Uplo: blas.Lower, N: p.n, Stride: p.stride, Data: p.factor}); ok {
			break
		}
		if jitter == jitters[len(jitters)-1] {
			return nil, fmt.Errorf("the covariance of %d points is not positive definite: %w", p.n, ErrInput)
		}
	}
	p.whiten()
	p.solve()
	return p, nil
}

// add places a point behind the others.
func (p *Posterior) add(x []float64) {
	p.kernel.place(p.placed[p.n*p.width:(p.n+1)*p.width], x)
	p.activate(p.placed[p.n*p.width : (p.n+1)*p.width])
	p.prior = append(p.prior[:p.n], p.kernel.variance(p.point(p.n), p.active)+p.noise)
	p.enlist(p.n, p.active)
	p.n++
}

// activate lists the active blocks of a placed point.
func (p *Posterior) activate(x []float64) { p.active = p.kernel.activeBlocks(p.active[:0], x) }

// grow makes room for n points.
func (p *Posterior) grow(n int) {
	if n <= p.stride && p.stride > 0 {
		return
	}
	stride := max(n+16, p.stride+p.stride/2)
	factor, placed := make([]float64, stride*stride), make([]float64, stride*p.width)
	for i := range p.n {
		copy(factor[i*stride:], p.row(i))
	}
	copy(placed, p.placed[:p.n*p.width])
	p.factor, p.placed, p.stride = factor, placed, stride
	p.across, p.back = make([]float64, stride), make([]float64, stride)
	p.product, p.outer = make([]float64, stride), make([]float64, stride)
}

// row is row i of the factor up to its diagonal.
func (p *Posterior) row(i int) []float64 { return p.factor[i*p.stride : i*p.stride+i+1] }

func (p *Posterior) point(i int) []float64 { return p.placed[i*p.width : (i+1)*p.width] }

func (p *Posterior) triangle() blas64.Triangular {
	return blas64.Triangular{Uplo: blas.Lower, Diag: blas.NonUnit, N: p.n, Stride: p.stride, Data: p.factor}
}

// covariance fills the lower triangle.
func (p *Posterior) covariance(jitter float64) {
	for i := range p.n {
		x, row := p.point(i), p.row(i)
		p.activate(x)
		for j := range i {
			row[j] = p.kernel.at(x, p.active, p.point(j))
		}
		row[i] = p.prior[i] * (1 + jitter)
	}
}

// solve computes alpha from the whitened outputs.
func (p *Posterior) solve() {
	p.alpha = append(p.alpha[:0], p.white...)
	if p.n > 0 {
		blas64.Trsv(blas.Trans, p.triangle(), blas64.Vector{N: p.n, Inc: 1, Data: p.alpha})
	}
}

// Len returns the number of points.
func (p *Posterior) Len() int { return p.n }

// Append adds an observation.
func (p *Posterior) Append(x []float64, y float64) error {
	if err := checkOutputs([][]float64{x}, []float64{y}); err != nil {
		return err
	}
	if err := p.extend(x); err != nil {
		return err
	}
	last := p.n - 1
	row := p.row(last)
	p.y = append(p.y, y)
	p.white = append(p.white, (y-floats.Dot(row[:last], p.white))/row[last])
	p.solve()
	return nil
}

// Update adds points and replaces the outputs of all, of which there is one for each point then. The posterior is the
// same whether points are added together or one by one.
func (p *Posterior) Update(more [][]float64, y []float64) error {
	if len(y) != p.n+len(more) {
		return fmt.Errorf("%d outputs for %d points: %w", len(y), p.n+len(more), ErrInput)
	}
	for i, v := range y {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("output %d is %v: %w", i, v, ErrInput)
		}
	}
	for _, x := range more {
		if err := p.extend(x); err != nil {
			p.n = len(p.y)
			p.dismiss(p.n)
			return err
		}
	}
	p.y = append(p.y[:0], y...)
	p.whiten()
	p.solve()
	return nil
}

// whiten computes the whitened outputs.
func (p *Posterior) whiten() {
	p.white = append(p.white[:0], p.y...)
	if p.n > 0 {
		blas64.Trsv(blas.NoTrans, p.triangle(), blas64.Vector{N: p.n, Inc: 1, Data: p.white})
	}
}

// Fantasise adds an observation that turns out as the posterior mean says: means stay as they are, and variances
// shrink. It stands for an evaluation that still runs.
func (p *Posterior) Fantasise(x []float64) error {
	if err := p.extend(x); err != nil {
		return err
	}
	last := p.n - 1
	mean := floats.Dot(p.across[:last], p.alpha)
	row := p.row(last)
	p.y = append(p.y, mean)
	p.white = append(p.white, (mean-floats.Dot(row[:last], p.white))/row[last])
	p.alpha = append(p.alpha, 0)
	return nil
}

// extend adds a point, and its row to the factor; the covariances stay in across.
func (p *Posterior) extend(x []float64) error {
	if err := p.model.checkPoints([][]float64{x}); err != nil {
		return err
	}
	p.grow(p.n + 1)
	last := p.n
	p.kernel.place(p.x, x)
	p.activate(p.x)
	p.cross(p.across[:last], p.x, p.active)
	p.add(x)
	row := p.row(last)
	p.forward(row[:last], p.across)
	// what is left of the variance is never less than the noise, but for rounding
	row[last] = math.Sqrt(max(p.prior[last]-floats.Dot(row[:last], row[:last]), p.noise))
	return nil
}

// forward writes factor^-1 b to to, over as many points as that has.
func (p *Posterior) forward(to, b []float64) {
	for i := range to {
		row := p.factor[i*p.stride : i*p.stride+i+1]
		to[i] = (b[i] - floats.Dot(row[:i], to[:i])) / row[i]
	}
}

// Truncate takes the last points away until n are left, in O(1) after fantasies only.
func (p *Posterior) Truncate(n int) {
	if n >= p.n {
		return
	}
	fantasies := true
	for _, a := range p.alpha[n:] {
		fantasies = fantasies && a == 0
	}
	p.n, p.y, p.white, p.alpha = n, p.y[:n], p.white[:n], p.alpha[:n]
	p.dismiss(n)
	if !fantasies {
		p.solve()
	}
}

// Fitted writes the posterior mean at each of the points the process was given, and returns to, which is grown where
// it is too short.
func (p *Posterior) Fitted(to []float64) []float64 {
	to = append(to[:0], p.y...)
	floats.AddScaled(to, -p.noise, p.alpha)
	return to
}
