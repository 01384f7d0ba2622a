package problem

// styblinski5 is the function of Styblinski and Tang (1990) in five dimensions, with 32 local minima.
func styblinski5() (Problem, error) {
	s, err := box(5, -5, 5)
	f := func(x []float64) float64 {
		sum := 0.0
		for _, xi := range x {
			sum += xi*xi*xi*xi - 16*xi*xi + 5*xi
		}
		return sum / 2
	}
	return onBox(s, err, f, -195.83082851885708, repeat(-2.9035340277711771, 5))
}
