package cmaes

import "math"

// parameters are the constants of a run, as functions of its dimension and population, by Hansen's tutorial (2016,
// table 1), with its names.
type parameters struct {
	n      int // dimensions
	lambda int // points of a generation
	mu     int // of them with a positive weight
	// weights are those of the ranks, best first: the positive ones sum to one, the negative ones (active CMA) are as
	// large as keeps the covariance positive definite.
	weights []float64
	sum     float64 // of all weights
	muEff   float64 // variance-effective selection mass
	c1, cMu float64 // learning rates of the covariance: the path's, the population's
	cC      float64 // of the path of the covariance
	cSigma  float64 // of the path of the step size
	dSigma  float64 // damping of the step size
	chiN    float64 // expected length of a standard normal vector
}

// defaultPopulation is the number of points in a generation that suits n dimensions: 4 + 3 ln n.
func defaultPopulation(n int) int { return 4 + int(3*math.Log(float64(n))) }

// newParameters returns the constants for n >= 1 dimensions and lambda >= 2 points in a generation.
func newParameters(n, lambda int) parameters {
	p := parameters{n: n, lambda: lambda, mu: lambda / 2, weights: make([]float64, lambda)}
	for i := range p.weights {
		p.weights[i] = math.Log(float64(lambda+1)/2) - math.Log(float64(i+1))
	}
	positive, muEff := mass(p.weights[:p.mu])
	negative, muEffMinus := mass(p.weights[p.mu:])
	p.muEff = muEff

	d := float64(n)
	p.c1 = 2 / ((d+1.3)*(d+1.3) + muEff)
	p.cMu = min(1-p.c1-1e-8, 2*(0.25+muEff-2+1/muEff)/((d+2)*(d+2)+muEff))
	p.cC = (4 + muEff/d) / (d + 4 + 2*muEff/d)
	p.cSigma = min(0.5, (muEff+2)/(d+muEff+3))
	p.dSigma = 1 + 2*max(0, math.Sqrt((muEff-1)/(d+1))-1) + p.cSigma
	upper, _ := math.Lgamma((d + 1) / 2)
	lower, _ := math.Lgamma(d / 2)
	p.chiN = math.Sqrt2 * math.Exp(upper-lower)

	// With fewer than four points cMu can be zero, and the negative weights then count for nothing.
	alpha := 0.0
	if p.cMu > 0 {
		alpha = min(1+p.c1/p.cMu, 1+2*muEffMinus/(muEff+2), (1-p.c1-p.cMu)/(d*p.cMu))
	}
	for i, w := range p.weights {
		if i < p.mu {
			p.weights[i] = w / positive
		} else if negative > 0 {
			p.weights[i] = min(w, 0) * alpha / negative
		}
		p.sum += p.weights[i]
	}
	return p
}

// mass returns the sum of the sizes of raw weights, and their variance-effective number.
func mass(weights []float64) (sum, effective float64) {
	squares := 0.0
	for _, w := range weights {
		sum += w
		squares += w * w
	}
	if squares == 0 {
		return 0, 0
	}
	return math.Abs(sum), sum * sum / squares
}
