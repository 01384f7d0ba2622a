package problem

import (
	"math"

	"github.com/metaml/metaml/optimizers/space"
)

// braninOptimum is 10/(8 pi), the loss at each of the three minima.
const braninOptimum = 0.39788735772973816

// braninAt is Branin's function (Dixon and Szegő 1978) on [-5, 10] x [0, 15], which has three equal minima.
func braninAt(x, y float64) float64 {
	bowl := y - 5.1/(4*math.Pi*math.Pi)*x*x + 5/math.Pi*x - 6
	return bowl*bowl + 10*(1-1/(8*math.Pi))*math.Cos(x) + 10
}

func branin() (Problem, error) {
	s, err := space.New([]space.Hyperparameter{{Name: "x0", Low: -5, High: 10}, {Name: "x1", Low: 0, High: 15}})
	return onBox(s, err, func(x []float64) float64 { return braninAt(x[0], x[1]) }, braninOptimum,
		[]float64{-math.Pi, 12.275}, []float64{math.Pi, 2.275}, []float64{3 * math.Pi, 2.475})
}

// branin25 hides Branin's function in two of 25 dimensions of the unit cube: a problem of low effective dimension.
func branin25() (Problem, error) {
	s, err := box(25, 0, 1)
	minimum := repeat(0.5, 25)
	minimum[0], minimum[1] = (math.Pi+5)/15, 2.275/15
	return onBox(s, err, func(x []float64) float64 { return braninAt(-5+15*x[0], 15*x[1]) }, braninOptimum, minimum)
}
