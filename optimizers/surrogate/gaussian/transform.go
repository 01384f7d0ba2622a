package gaussian

import (
	"math"
	"slices"
)

// Transform makes outputs as normal as a power allows: centred and scaled, then by the power of Yeo and Johnson (2000)
// that makes them most likely normal, then standardised. It rises strictly.
type Transform struct {
	// Centre and Width are the median and a robust standard deviation of the outputs.
	Centre, Width float64
	// Power is Yeo and Johnson's lambda; 1 leaves the outputs as they are.
	Power float64
	// Mean and Deviation are those of the outputs after the power.
	Mean, Deviation float64
}

// The range of powers that FitTransform chooses from, and the largest distance of an output from the median in
// Widths that the power is told: beyond, outputs are equally far.
const (
	leastPower, mostPower = -2, 2
	farthest              = 1e6
)

// FitTransform returns the transform for outputs, with a power between -2 and 2. Outputs that are all equal are only
// centred.
func FitTransform(y []float64) Transform {
	t := Transform{Width: 1, Power: 1, Deviation: 1}
	if len(y) == 0 {
		return t
	}
	sorted := slices.Clone(y)
	slices.Sort(sorted)
	t.Centre = quantile(sorted, 0.5)
	t.Width = width(sorted)
	scaled := make([]float64, len(y))
	for i, v := range y {
		scaled[i] = t.scaled(v)
	}
	t.Power = likeliest(scaled)
	t.Mean, t.Deviation = 0, 0
	for _, v := range scaled {
		t.Mean += yeoJohnson(v, t.Power) / float64(len(y))
	}
	for _, v := range scaled {
		d := yeoJohnson(v, t.Power) - t.Mean
		t.Deviation += d * d / float64(len(y))
	}
	if t.Deviation = math.Sqrt(t.Deviation); !(t.Deviation > 1e-12) {
		t.Deviation = 1
	}
	return t
}

// quantile is the p-quantile of sorted values, halfway sums that do not overflow.
func quantile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	i := int(at)
	share := at - float64(i)
	return sorted[i]*(1-share) + sorted[min(i+1, len(sorted)-1)]*share
}

// width is the interquartile range of sorted values in standard deviations of a normal distribution; where half of
// the values are equal, a fifth of the whole range, and where all are, 1.
func width(sorted []float64) float64 {
	const quartiles = 1.349
	w := quantile(sorted, 0.75)/quartiles - quantile(sorted, 0.25)/quartiles
	whole := sorted[len(sorted)-1]/5 - sorted[0]/5
	if w < 1e-3*whole {
		w = whole
	}
	if !(w > 0) || math.IsInf(w, 1) {
		return math.Max(math.Abs(sorted[0]), math.SmallestNonzeroFloat64)
	}
	return w
}

func (t Transform) scaled(y float64) float64 {
	return min(max(y/t.Width-t.Centre/t.Width, -farthest), farthest)
}

// Apply transforms an output.
func (t Transform) Apply(y float64) float64 {
	return (yeoJohnson(t.scaled(y), t.Power) - t.Mean) / t.Deviation
}

// yeoJohnson is the power transformation of Yeo and Johnson (2000).
func yeoJohnson(y, power float64) float64 {
	switch {
	case y >= 0 && power == 0:
		return math.Log1p(y)
	case y >= 0:
		return math.Expm1(power*math.Log1p(y)) / power
	case power == 2:
		return -math.Log1p(-y)
	}
	return -math.Expm1((2-power)*math.Log1p(-y)) / (2 - power)
}

// likeliest returns the power under which values are most likely from one normal distribution, by golden sections.
func likeliest(y []float64) float64 {
	logs := 0.0 // the Jacobian's logarithm is (power-1) times this
	for _, v := range y {
		logs += math.Copysign(math.Log1p(math.Abs(v)), v)
	}
	n := float64(len(y))
	unlikely := func(power float64) float64 {
		mean, squares := 0.0, 0.0
		for _, v := range y {
			mean += yeoJohnson(v, power) / n
		}
		for _, v := range y {
			d := yeoJohnson(v, power) - mean
			squares += d * d / n
		}
		if !(squares > 0) || math.IsInf(squares, 1) {
			return math.Inf(1)
		}
		return n/2*math.Log(squares) - (power-1)*logs
	}
	const golden = 0.6180339887498949
	low, high := float64(leastPower), float64(mostPower)
	a, b := high-golden*(high-low), low+golden*(high-low)
	fa, fb := unlikely(a), unlikely(b)
	for range 30 {
		if fa <= fb {
			high, b, fb = b, a, fa
			a = high - golden*(high-low)
			fa = unlikely(a)
		} else {
			low, a, fa = a, b, fb
			b = low + golden*(high-low)
			fb = unlikely(b)
		}
	}
	best := (low + high) / 2
	if math.IsInf(unlikely(best), 1) {
		return 1
	}
	return best
}
