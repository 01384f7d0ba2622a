package gaussian

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
)

// Predict returns mean and variance of the function, without noise, at a point. Like the other predictions it takes
// points as Condition does, but does not check them.
func (p *Posterior) Predict(x []float64) (mean, variance float64) {
	mean = p.covariances(x)
	p.forward(p.back[:p.n], p.across)
	return mean, remaining(p.kernel.variance(p.x, p.active), floats.Dot(p.back[:p.n], p.back[:p.n]))
}

// covariances places x, fills across, and returns the mean.
func (p *Posterior) covariances(x []float64) float64 {
	p.kernel.place(p.x, x)
	p.activate(p.x)
	p.cross(p.across[:p.n], p.x, p.active)
	return p.mean(p.across)
}

// mean is the posterior mean at a point of given covariances.
func (p *Posterior) mean(across []float64) float64 {
	mean := 0.0
	for i, a := range p.alpha {
		mean += across[i] * a
	}
	return mean
}

// remaining is what is left of a variance of which data explains a part.
func remaining(prior, explained float64) float64 { return max(prior-explained, leastVariance*prior) }

// leastVariance is what rounding can leave of a variance of 1.
const leastVariance = 1e-14

// Gradient returns mean and variance as Predict does and writes their derivatives by coordinate; those by categorical
// and inactive coordinates are 0.
func (p *Posterior) Gradient(x, byMean, byVariance []float64) (mean, variance float64) {
	p.kernel.place(p.x, x)
	p.activate(p.x)
	n := p.n
	p.crossSlopes(p.across[:n], p.x, p.active)
	mean = p.mean(p.across)
	back := p.back[:n]
	p.forward(back, p.across)
	variance = remaining(p.kernel.variance(p.x, p.active), floats.Dot(back, back))
	// back becomes covariance^-1 across
	for i := n - 1; i >= 0; i-- {
		row := p.row(i)
		back[i] /= row[i]
		floats.AddScaled(back[:i], -back[i], row[:i])
	}
	inside, spread := p.byMean, p.byLeft
	clear(inside)
	clear(spread)
	floats.Scale(-2, back)
	p.gradients(p.x, p.alpha, back, inside, spread)
	for i, s := range p.kernel.slope {
		spread[p.kernel.space+i] += 2 * s * p.x[p.kernel.space+i]
	}
	p.outside(byMean, inside, x)
	p.outside(byVariance, spread, x)
	return mean, variance
}

// outside writes derivatives by the coordinates inside as ones by those of the point x.
func (p *Posterior) outside(to, inside, x []float64) {
	k := &p.kernel
	for i, j := range k.order {
		to[j] = inside[i]
	}
	for _, i := range k.warped {
		if j := k.order[i]; !math.IsNaN(x[j]) {
			to[j] *= k.warps[j].slope(x[j])
		}
	}
}

// MeanGradient returns the mean at a point and writes its derivatives as Gradient does, in O(n).
func (p *Posterior) MeanGradient(x, byMean []float64) float64 {
	p.kernel.place(p.x, x)
	p.activate(p.x)
	p.crossSlopes(p.across[:p.n], p.x, p.active)
	mean := p.mean(p.across)
	clear(p.byMean)
	p.gradients(p.x, p.alpha, p.alpha, p.byMean, p.byLeft)
	p.outside(byMean, p.byMean, x)
	return mean
}

// Mean returns the mean at a point, in O(n).
func (p *Posterior) Mean(x []float64) float64 { return p.covariances(x) }

// Screen writes the mean at each of many points and a bound that its variance does not exceed: that which the one
// observation with the most to say about the point leaves. It costs O(n) for each.
func (p *Posterior) Screen(points [][]float64, mean, bound []float64) {
	for q, x := range points {
		mean[q] = p.covariances(x)
		bound[q] = remaining(p.kernel.variance(p.x, p.active), p.most(p.across))
	}
}

// most is how much the one observation with the most to say explains of the variance at a point of given covariances.
func (p *Posterior) most(across []float64) float64 {
	most := 0.0
	for i, prior := range p.prior[:p.n] {
		most = max(most, across[i]*across[i]/prior)
	}
	return most
}

// Variances writes the variance at each of several points, together faster than one by one.
func (p *Posterior) Variances(points [][]float64, variance []float64) {
	m := len(points)
	if m == 0 {
		return
	}
	variance = variance[:m]
	if len(p.block) < p.n*m {
		p.block = make([]float64, p.stride*m)
	}
	for q, x := range points {
		p.kernel.place(p.x, x)
		p.activate(p.x)
		variance[q] = p.kernel.variance(p.x, p.active)
		p.cross(p.across[:p.n], p.x, p.active)
		for i, c := range p.across[:p.n] {
			p.block[i*m+q] = c
		}
	}
	if p.n == 0 {
		return
	}
	block := blas64.General{Rows: p.n, Cols: m, Stride: m, Data: p.block}
	blas64.Trsm(blas.Left, blas.NoTrans, 1, p.triangle(), block)
	least := make([]float64, m)
	for q, v := range variance {
		least[q] = leastVariance * v
	}
	for i := range p.n {
		for q, v := range p.block[i*m : (i+1)*m] {
			variance[q] -= v * v
		}
	}
	for q := range variance {
		variance[q] = math.Max(variance[q], least[q])
	}
}
