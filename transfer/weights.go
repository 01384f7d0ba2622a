package transfer

// Uniform weighs all n tasks equally; the weights sum to one.
func Uniform(n int) []float64 {
	w := make([]float64, n)
	for i := range w {
		w[i] = 1 / float64(n)
	}
	return w
}

// Mix returns (1-share) a + share b.
func Mix(a, b []float64, share float64) []float64 {
	w := make([]float64, len(a))
	for i := range w {
		w[i] = (1-share)*a[i] + share*b[i]
	}
	return w
}
