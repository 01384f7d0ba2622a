package gaussian

import "math"

// Prior is the prior of the hyperparameters. The zero Prior means the documented defaults. Densities are those of the
// hyperparameters themselves, not of their logarithms.
type Prior struct {
	// Lengthscales are log-normal: their logarithm has mean Lengthscale + ln(d)/2 in d dimensions, so that the
	// function stays as complex whatever their number, and standard deviation LengthscaleSpread (Hvarfner et al.
	// 2024); 0: √2 and √3.
	Lengthscale, LengthscaleSpread float64
	// Categorical is how many times as long lengthscales of Categorical dimensions are expected to be: any two categories
	// are at distance 1, where numbers are only at the ends of their range; 0: 5.
	Categorical float64
	// Noise is log-normal: the mean and standard deviation of its logarithm; 0: -4 and 1.
	Noise, NoiseSpread float64
	// NoiseFloor is the least noise variance; 0: 1e-6.
	NoiseFloor float64
	// NoiseStart is the noise variance that a fit begins with; 0: 1e-3.
	NoiseStart float64
	// ScaleSpread is the standard deviation of the logarithm of Scale, whose mean is 0; 0: 1.
	ScaleSpread float64
	// Intercept is the prior variance of the mean; 0: the mean is 0.
	Intercept float64
	// Warp is the standard deviation of the logarithms of both parameters of each numeric coordinate's Warp, which are
	// normal with mean 0; 0: coordinates are not warped.
	Warp float64
}

func (p Prior) withDefaults(dims int) Prior {
	set := func(v *float64, to float64) {
		if *v == 0 {
			*v = to
		}
	}
	set(&p.Lengthscale, math.Sqrt2)
	set(&p.LengthscaleSpread, math.Sqrt(3))
	set(&p.Categorical, 5)
	set(&p.Noise, -4)
	set(&p.NoiseSpread, 1)
	set(&p.NoiseFloor, 1e-6)
	set(&p.NoiseStart, 1e-3)
	set(&p.ScaleSpread, 1)
	return p
}

// lengthscaleStart is the mode of the prior of a lengthscale.
func (p Prior) lengthscaleStart(dims int, kind Kind) float64 {
	return math.Exp(p.lengthscaleMean(dims, kind) - p.LengthscaleSpread*p.LengthscaleSpread)
}

func (p Prior) lengthscaleMean(dims int, kind Kind) float64 {
	mean := p.Lengthscale + math.Log(float64(max(dims, 1)))/2
	if kind == Categorical {
		mean += math.Log(p.Categorical)
	}
	return mean
}

// logNormal returns the logarithm of a log-normal density at exp(x), less a constant, and its derivative with respect
// to x.
func logNormal(x, mean, spread float64) (value, slope float64) {
	z := (x - mean) / spread
	return -x - z*z/2, -1 - z/spread
}

// add adds the logarithm of the prior density at the parameters theta, and its gradient.
func (p Prior) add(t theta, gradient theta) float64 {
	total := 0.0
	at := func(x float64, g *float64, mean, spread float64) {
		v, s := logNormal(x, mean, spread)
		total += v
		*g += s
	}
	at(t.scale(), &gradient.values[0], 0, p.ScaleSpread)
	at(t.noise(), &gradient.values[1], p.Noise, p.NoiseSpread)
	for _, b := range t.layout.blocks {
		for i := b.from; i < b.to; i++ {
			kind := Numeric
			if i >= b.split {
				kind = Categorical
			}
			at(t.lengths()[i], &gradient.lengths()[i], p.lengthscaleMean(t.layout.space, kind), p.LengthscaleSpread)
		}
	}
	for i, x := range t.amplitudes() {
		at(x, &gradient.amplitudes()[i], 0, 1)
	}
	for i, x := range t.weights() {
		// a half-Cauchy-like pull to 0: a useless basis loses its weight
		total -= math.Log1p(math.Exp(x))
		gradient.weights()[i] -= 1 / (1 + math.Exp(-x))
	}
	for i, x := range t.warps() {
		z := x / p.Warp
		total -= z * z / 2
		gradient.warps()[i] -= z / p.Warp
	}
	return total
}
