package cmaes

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Constants of warm-starting CMA-ES (Nomura et al. 2021): the share of earlier points that count as promising, and the
// width, in the unit cube, of the normal distribution around each.
const (
	promisingShare = 0.1
	promisingWidth = 0.1
)

// manyEarlier is how many earlier points there must be for their spread to say anything.
const manyEarlier = 20

// start returns the first descent: from the settings, or from what was evaluated before it. The best of a few earlier
// points counts in the first generation, too; one of many is one of those the distribution is made of.
func (o *Optimizer) start() *run {
	axes := o.coordinates.axes
	constants := newParameters(len(axes), o.settings.Population)
	sigma := cmp.Or(o.settings.Sigma0, defaultSigma)
	switch {
	case o.settings.X0 == Uniform:
		return o.restarts.begin(newDistribution(constants, slices.Clone(o.uniform), sigma), axes)
	case o.settings.X0 == "" && len(o.earlier) >= manyEarlier:
		return o.restarts.begin(promising(constants, o.earlier), axes)
	case o.settings.X0 == "" && len(o.earlier) > 0:
		best := slices.MinFunc(o.earlier, func(a, b point) int { return cmp.Compare(a.loss, b.loss) })
		sigma = cmp.Or(o.settings.Sigma0, promisingWidth)
		r := o.restarts.begin(newDistribution(constants, slices.Clone(best.x), sigma), axes)
		r.tell(point{x: slices.Clone(best.x), loss: best.loss}, true)
		return r
	}
	center := make([]float64, len(axes))
	for i := range center {
		center[i] = 0.5
	}
	return o.restarts.begin(newDistribution(constants, center, sigma), axes)
}

// promising returns the normal distribution nearest, by Kullback-Leibler divergence, to the mixture of one around each
// of the best earlier points.
func promising(p parameters, earlier []point) *distribution {
	sorted := slices.SortedStableFunc(slices.Values(earlier), func(a, b point) int { return cmp.Compare(a.loss, b.loss) })
	sorted = sorted[:int(math.Ceil(promisingShare*float64(len(sorted))))]
	n, share := p.n, 1/float64(len(sorted))
	mean := make([]float64, n)
	for _, q := range sorted {
		for i, x := range q.x {
			mean[i] += share * x
		}
	}
	c := mat.NewSymDense(n, nil)
	for i := range n {
		c.SetSym(i, i, promisingWidth*promisingWidth)
	}
	for _, q := range sorted {
		y := mat.NewVecDense(n, nil)
		y.SubVec(mat.NewVecDense(n, q.x), mat.NewVecDense(n, mean))
		c.SymRankOne(c, share, y)
	}
	logDet, _ := mat.LogDet(c)
	sigma := math.Exp(logDet / float64(2*n))
	d := newDistribution(p, mean, sigma)
	for i := range n {
		for j := range n {
			d.c[i*n+j] = c.At(i, j) / (sigma * sigma)
		}
	}
	d.factorize()
	return d
}
