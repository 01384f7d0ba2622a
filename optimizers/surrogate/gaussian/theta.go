package gaussian

import "math"

// theta is the logarithms of what a fit adjusts, or their gradient: scale, noise, lengthscales by inside position,
// amplitudes, weights, and the two parameters of each warp in turn.
type theta struct {
	values []float64
	layout *layout
}

func newTheta(l *layout) theta {
	return theta{make([]float64, 2+l.space+len(l.blocks)-1+l.basis()+2*len(l.warped)), l}
}

func (t theta) scale() float64        { return t.values[0] }
func (t theta) noise() float64        { return t.values[1] }
func (t theta) lengths() []float64    { return t.values[2 : 2+t.layout.space] }
func (t theta) amplitudes() []float64 { return t.values[2+t.layout.space:][:len(t.layout.blocks)-1] }
func (t theta) weights() []float64 {
	return t.values[2+t.layout.space+len(t.layout.blocks)-1:][:t.layout.basis()]
}
func (t theta) warps() []float64 { return t.values[len(t.values)-2*len(t.layout.warped):] }

// set takes the logarithms of h. Weights of 0 become the least there are.
func (t theta) set(h Hyperparameters) {
	t.values[0], t.values[1] = math.Log(h.Scale), math.Log(h.Noise)
	for i := range t.lengths() {
		t.lengths()[i] = math.Log(h.Lengthscales[t.layout.order[i]])
	}
	for i, a := range h.Amplitudes {
		t.amplitudes()[i] = math.Log(a)
	}
	for i, w := range h.Weights {
		t.weights()[i] = math.Log(max(w, leastWeight))
	}
	for k, i := range t.layout.warped {
		w := h.Warps[t.layout.order[i]]
		t.warps()[2*k], t.warps()[2*k+1] = math.Log(w.A), math.Log(w.B)
	}
}

// hyperparameters returns what t is the logarithms of. Lengthscales of basis dimensions are 1.
func (t theta) hyperparameters(intercept float64) Hyperparameters {
	h := Hyperparameters{
		Scale: math.Exp(t.scale()), Noise: math.Exp(t.noise()), Intercept: intercept,
		Lengthscales: make([]float64, len(t.layout.order)),
		Amplitudes:   make([]float64, len(t.amplitudes())), Weights: make([]float64, len(t.weights())),
	}
	for i := range h.Lengthscales {
		h.Lengthscales[i] = 1
	}
	for i, x := range t.lengths() {
		h.Lengthscales[t.layout.order[i]] = math.Exp(x)
	}
	for i, x := range t.amplitudes() {
		h.Amplitudes[i] = math.Exp(x)
	}
	for i, x := range t.weights() {
		h.Weights[i] = math.Exp(x)
	}
	h.Warps = t.layout.straight()
	for k, i := range t.layout.warped {
		h.Warps[t.layout.order[i]] = Warp{A: math.Exp(t.warps()[2*k]), B: math.Exp(t.warps()[2*k+1])}
	}
	return h
}

// The range of what a fit adjusts. A weight at its least means that the basis is useless.
const (
	leastScale, mostScale         = 1e-3, 1e3
	leastLength, mostLength       = 1e-3, 1e4
	leastAmplitude, mostAmplitude = 1e-3, 1e3
	leastWeight, mostWeight       = 1e-6, 1e3
	leastWarp, mostWarp           = 0.1, 10
	mostNoise                     = 1.0
)

// bounds returns the box of a fit.
func bounds(l *layout, floor float64) (lower, upper theta) {
	lower, upper = newTheta(l), newTheta(l)
	fill := func(low, high []float64, least, most float64) {
		for i := range low {
			low[i], high[i] = math.Log(least), math.Log(most)
		}
	}
	fill(lower.values[:1], upper.values[:1], leastScale, mostScale)
	fill(lower.values[1:2], upper.values[1:2], floor, max(mostNoise, floor))
	fill(lower.lengths(), upper.lengths(), leastLength, mostLength)
	fill(lower.amplitudes(), upper.amplitudes(), leastAmplitude, mostAmplitude)
	fill(lower.weights(), upper.weights(), leastWeight, mostWeight)
	fill(lower.warps(), upper.warps(), leastWarp, mostWarp)
	return lower, upper
}
