package problem

import "math"

// ackley10 is Ackley's function (1987) in ten dimensions: a funnel with a grid of dimples, its minimum at the origin.
func ackley10() (Problem, error) {
	s, err := box(10, -15, 30)
	f := func(x []float64) float64 {
		squares, waves, n := 0.0, 0.0, float64(len(x))
		for _, xi := range x {
			squares += xi * xi
			waves += math.Cos(2 * math.Pi * xi)
		}
		return -20*math.Exp(-0.2*math.Sqrt(squares/n)) - math.Exp(waves/n) + 20 + math.E
	}
	return onBox(s, err, f, 0, repeat(0, 10))
}
