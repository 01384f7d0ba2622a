package cmaes

import (
	"math"
	"math/rand/v2"
)

// restarts decide how the next descent begins, by BIPOP (Hansen 2009, "Benchmarking a BI-population CMA-ES on the
// BBOB-2009 function testbed"): large populations, which double each time, alternate with small ones of small step size
// so that both regimes spend about as many evaluations. Every restart begins at a random point.
type restarts struct {
	strategy   string
	sigma      float64
	population int
	plain      bool       // descents have no model
	rng        *rand.Rand // the study's own stream

	large, small int  // evaluations spent in each regime
	doublings    int  // of the population
	inSmall      bool // the present regime
	runs         int
}

// next returns the descent after one that took some evaluations.
func (s *restarts) next(evaluations int, axes []axis) *run {
	switch {
	case s.runs == 0: // the first descent belongs to no regime
	case s.inSmall:
		s.small += evaluations
	default:
		s.large += evaluations
	}
	s.runs++
	s.inSmall = s.strategy == BIPOP && s.doublings > 0 && s.small < s.large
	lambda, sigma := 0, s.sigma
	if s.inSmall {
		u, v := s.rng.Float64(), s.rng.Float64()
		ratio := 0.5 * math.Pow(2, float64(s.doublings))
		lambda = int(float64(s.population) * math.Pow(ratio, u*u))
		sigma *= math.Pow(10, -2*v)
	} else {
		s.doublings++
		lambda = s.population << min(s.doublings, maxDoublings)
	}
	return s.begin(newDistribution(newParameters(len(axes), lambda), randomPoint(s.rng, len(axes)), sigma), axes)
}

// begin returns the present descent before its first trial.
func (s *restarts) begin(d *distribution, axes []axis) *run {
	var model quadratic
	if !s.plain {
		model = newQuadratic(axes)
	}
	return newRun(s.runs, d, axes, model)
}

// maxDoublings bounds the population at a thousand times the first one.
const maxDoublings = 10

// randomPoint returns a uniform point of the unit cube.
func randomPoint(rng *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = rng.Float64()
	}
	return x
}
