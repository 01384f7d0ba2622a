package gaussian

import "math"

// Warp bends a coordinate by the distribution function of Kumaraswamy (1980), 1 - (1 - x^A)^B, before distances are
// taken, so that a function that changes fast at one end of a coordinate and slowly at the other is as smooth everywhere
// (Snoek et al. 2014, who bend by the beta distribution; Cowen-Rivers et al. 2022). A = B = 1 bends nothing.
type Warp struct{ A, B float64 }

// warpInset is how far coordinates are kept from 0 and 1, where the slope may be 0 or infinite.
const warpInset = 1e-6

// at returns the bent coordinate.
func (w Warp) at(x float64) float64 {
	return -math.Expm1(w.B * math.Log(-math.Expm1(w.A*math.Log(inset(x)))))
}

// slope returns the derivative of at by x.
func (w Warp) slope(x float64) float64 {
	u := inset(x)
	power := w.A * math.Log(u)
	rest := math.Log(-math.Expm1(power))
	return (1 - 2*warpInset) * w.A * w.B / u * math.Exp(power+(w.B-1)*rest)
}

// parameters returns at, and its derivatives by the logarithms of A and B.
func (w Warp) parameters(x float64) (value, byA, byB float64) {
	power := w.A * math.Log(inset(x))
	rest := math.Log(-math.Expm1(power))
	value = -math.Expm1(w.B * rest)
	return value, w.B * power * math.Exp(power+(w.B-1)*rest), (value - 1) * w.B * rest
}

func inset(x float64) float64 { return warpInset + (1-2*warpInset)*x }

// bent is what the gradient by the parameters of warps is made of, each n x width as points are placed.
type bent struct {
	byA, byB []float64 // derivatives of placed coordinates by the logarithms of their warp's parameters
	pull     []float64 // derivatives of the evidence by placed coordinates
}

func newBent(size int) *bent {
	return &bent{byA: make([]float64, size), byB: make([]float64, size), pull: make([]float64, size)}
}

// warp bends the coordinates that are placed so far, and prepares the gradient.
func (e *evidence) warp(k *kernel) {
	clear(e.bent.pull)
	for _, at := range k.warped {
		w := k.warps[k.order[at]]
		for to := at; to < len(e.placed); to += e.width {
			if math.IsNaN(e.placed[to]) {
				continue // inactive, and nothing pulls
			}
			value, byA, byB := w.parameters(e.placed[to])
			e.placed[to], e.bent.byA[to], e.bent.byB[to] = value, byA*k.inverse[at], byB*k.inverse[at]
		}
	}
}

// pull adds the derivatives of the evidence by the placed coordinates of points i and j over a block, by whose squared
// distance its derivative is outer.
func (e *evidence) pull(b block, i, j int, outer float64) {
	x, y := e.placed[i*e.width+b.from:i*e.width+b.split], e.placed[j*e.width+b.from:]
	from, to := e.bent.pull[i*e.width+b.from:], e.bent.pull[j*e.width+b.from:]
	for d, v := range x {
		force := 2 * outer * (v - y[d])
		from[d] += force
		to[d] -= force
	}
}

// warpGradient adds the gradient by the logarithms of the warps' parameters.
func (e *evidence) warpGradient(gradient theta) {
	warps := gradient.warps()
	for i, at := range e.layout.warped {
		for from := at; from < len(e.placed); from += e.width {
			warps[2*i] += e.bent.pull[from] * e.bent.byA[from]
			warps[2*i+1] += e.bent.pull[from] * e.bent.byB[from]
		}
	}
}
