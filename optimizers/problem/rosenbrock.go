package problem

// rosenbrock10 is Rosenbrock's curved valley (1960) in ten dimensions, its minimum at (1, …, 1).
func rosenbrock10() (Problem, error) {
	s, err := box(10, -5, 10)
	f := func(x []float64) float64 {
		sum := 0.0
		for i := range len(x) - 1 {
			across, along := x[i+1]-x[i]*x[i], 1-x[i]
			sum += 100*across*across + along*along
		}
		return sum
	}
	return onBox(s, err, f, 0, repeat(1, 10))
}
