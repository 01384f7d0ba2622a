package cmaes

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack"
	"gonum.org/v1/gonum/lapack/lapack64"
)

// distribution is the normal distribution N(mean, sigma² C) that points are drawn from, with the evolution paths by
// which it adapts. Matrices are row-major.
type distribution struct {
	parameters
	mean   []float64
	sigma  float64
	c      []float64 // covariance, n x n
	pSigma []float64 // path of the step size
	pC     []float64 // path of the covariance

	generation int
	// b and d are eigenvectors (columns) and the roots of the eigenvalues of c as it was at generation decomposed.
	b, d       []float64
	decomposed int

	y, z, work []float64 // scratch
}

// newDistribution returns the isotropic distribution of step size sigma around mean, which it keeps.
func newDistribution(p parameters, mean []float64, sigma float64) *distribution {
	n := p.n
	s := &distribution{
		parameters: p, mean: mean, sigma: sigma,
		c: make([]float64, n*n), b: make([]float64, n*n), d: make([]float64, n),
		pSigma: make([]float64, n), pC: make([]float64, n),
		y: make([]float64, p.lambda*n), z: make([]float64, n),
	}
	for i := range n {
		s.c[i*n+i], s.b[i*n+i], s.d[i] = 1, 1, 1
	}
	return s
}

// place writes into x the point that a standard normal vector z stands for: mean + sigma B D z.
func (s *distribution) place(z, x []float64) {
	copy(s.z, z)
	for j, d := range s.d {
		s.z[j] *= s.sigma * d
	}
	for i, m := range s.mean {
		for j, b := range s.b[i*s.n : (i+1)*s.n] {
			m += b * s.z[j]
		}
		x[i] = m
	}
}

// whiten writes D^-1 B' y into z: y in coordinates in which the distribution, but for sigma, is standard normal.
func (s *distribution) whiten(y, z []float64) {
	for j := range z {
		z[j] = 0
	}
	for i, v := range y {
		for j, b := range s.b[i*s.n : (i+1)*s.n] {
			z[j] += b * v
		}
	}
	for j := range z {
		z[j] /= s.d[j]
	}
}

// norm returns the length of y in the coordinates of whiten: its Mahalanobis distance but for sigma.
func (s *distribution) norm(y []float64) float64 {
	s.whiten(y, s.z)
	return blas64.Nrm2(blas64.Vector{N: s.n, Inc: 1, Data: s.z})
}

// shorten moves a point that was not drawn from this distribution toward the mean, at most as far from it as a point
// that was is likely to lie (Hansen 2011, "Injecting external solutions into CMA-ES").
func (s *distribution) shorten(x []float64) {
	y := s.y[:s.n]
	for i := range y {
		y[i] = (x[i] - s.mean[i]) / s.sigma
	}
	n := float64(s.n)
	if length, limit := s.norm(y), math.Sqrt(n)+2*n/(n+2); length > limit {
		for i := range x {
			x[i] = s.mean[i] + s.sigma*y[i]*limit/length
		}
	}
}

// update adapts the distribution to the lambda points of a generation, best first.
func (s *distribution) update(points [][]float64) {
	s.generation++
	n := s.n
	shift := make([]float64, n)
	for k, x := range points {
		y := s.y[k*n : (k+1)*n]
		for i := range y {
			y[i] = (x[i] - s.mean[i]) / s.sigma
			if k < s.mu {
				shift[i] += s.weights[k] * y[i]
			}
		}
	}
	for i := range s.mean {
		s.mean[i] += s.sigma * shift[i]
	}
	length := s.walk(shift)
	s.adapt(length, shift)
	s.sigma *= math.Exp(min(1, s.cSigma/s.dSigma*(length/s.chiN-1)))
	s.decompose()
}

// walk prolongs the path of the step size by C^-1/2 shift and returns its length.
func (s *distribution) walk(shift []float64) float64 {
	s.whiten(shift, s.z)
	step := math.Sqrt(s.cSigma * (2 - s.cSigma) * s.muEff)
	for i := range s.pSigma {
		turned := 0.0
		for j, b := range s.b[i*s.n : (i+1)*s.n] {
			turned += b * s.z[j]
		}
		s.pSigma[i] = (1-s.cSigma)*s.pSigma[i] + step*turned
	}
	return blas64.Nrm2(blas64.Vector{N: s.n, Inc: 1, Data: s.pSigma})
}

// adapt prolongs the path of the covariance, but for the moments at which the step size grows fast, and updates the
// covariance by it (rank one) and by the population (rank mu, negative weights scaled to the expected length).
func (s *distribution) adapt(length float64, shift []float64) {
	n := s.n
	known := 1 - math.Pow(1-s.cSigma, 2*float64(s.generation)) // part of the path's stationary variance reached by now
	stalled := length*length/known >= float64(n)*(2+4/float64(n+1))
	step, lost := math.Sqrt(s.cC*(2-s.cC)*s.muEff), 0.0
	if stalled {
		step, lost = 0, s.c1*s.cC*(2-s.cC)
	}
	for i := range s.pC {
		s.pC[i] = (1-s.cC)*s.pC[i] + step*shift[i]
	}
	c := blas64.Symmetric{N: n, Stride: n, Uplo: blas.Upper, Data: s.c}
	keep := 1 + lost - s.c1 - s.cMu*s.sum
	for i := range s.c {
		s.c[i] *= keep
	}
	blas64.Syr(s.c1, blas64.Vector{N: n, Inc: 1, Data: s.pC}, c)
	for k, w := range s.weights {
		y := s.y[k*n : (k+1)*n]
		if w < 0 {
			size := s.norm(y) + 1e-9
			w *= float64(n) / (size * size)
		}
		blas64.Syr(s.cMu*w, blas64.Vector{N: n, Inc: 1, Data: y}, c)
	}
}

// conditionLimit is the largest quotient of eigenvalues of the covariance; smaller ones are raised.
const conditionLimit = 1e14

// decompose brings b and d up to date, once the covariance has changed enough to be worth it: Hansen's rule, every
// 1 / (10 n (c1 + cMu)) generations, makes its cost quadratic in n for each point.
func (s *distribution) decompose() {
	if float64(s.generation-s.decomposed)*(s.c1+s.cMu)*float64(10*s.n) < 1 {
		return
	}
	s.factorize()
}

// factorize computes b and d.
func (s *distribution) factorize() {
	n := s.n
	s.decomposed = s.generation
	copy(s.b, s.c)
	b := blas64.Symmetric{N: n, Stride: n, Uplo: blas.Upper, Data: s.b}
	if s.work == nil {
		size := []float64{0}
		lapack64.Syev(lapack.EVCompute, b, s.d, size, -1)
		s.work = make([]float64, int(size[0]))
	}
	if !lapack64.Syev(lapack.EVCompute, b, s.d, s.work, len(s.work)) || !(s.d[n-1] > 0) {
		s.forget()
		return
	}
	floor := s.d[n-1] / conditionLimit
	for j, v := range s.d {
		s.d[j] = math.Sqrt(max(v, floor))
	}
}

// forget makes the covariance isotropic again, where rounding has left nothing of it.
func (s *distribution) forget() {
	for i := range s.c {
		s.c[i], s.b[i] = 0, 0
	}
	for i := range s.n {
		s.c[i*s.n+i], s.b[i*s.n+i], s.d[i] = 1, 1, 1
	}
}

// deviation returns the standard deviation of coordinate i.
func (s *distribution) deviation(i int) float64 { return s.sigma * math.Sqrt(max(s.c[i*s.n+i], 0)) }

// widen enlarges the step size, after a generation whose losses tell nothing (Hansen's "escape flat fitness").
func (s *distribution) widen() { s.sigma *= math.Exp(0.2 + s.cSigma/s.dSigma) }
