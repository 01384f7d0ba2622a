// Package acquisition holds acquisition functions of Bayesian optimization: how much an evaluation is worth whose
// outcome is believed to be normal. Losses are minimised, so that improving means falling below the best loss.
package acquisition

import "math"

// EI is the expected improvement E[max(0, best - y)] over the loss best, for y normal with the given mean and standard
// deviation (Jones, Schonlau and Welch 1998). Where sd is 0 it is max(0, best - mean).
func EI(mean, sd, best float64) float64 {
	if sd <= 0 {
		return max(0, best-mean)
	}
	return sd * math.Exp(logH((best-mean)/sd))
}

// LogEI is the logarithm of EI, exact to rounding where EI itself has long been 0, so that it can be climbed from
// anywhere (Ament et al. 2023). Where sd is 0 and there is no improvement it is minus infinity.
func LogEI(mean, sd, best float64) float64 {
	if sd <= 0 {
		return math.Log(max(0, best-mean))
	}
	return math.Log(sd) + logH((best-mean)/sd)
}

// LogEIGradient returns LogEI and its derivatives by mean and sd, for sd > 0.
func LogEIGradient(mean, sd, best float64) (value, byMean, bySD float64) {
	z := (best - mean) / sd
	h := logH(z)
	// With h(z) = phi(z) + z Phi(z): h' = Phi, so that dEI/dmean = -Phi and dEI/dsd = phi.
	value = math.Log(sd) + h
	byMean = -math.Exp(logCDF(z)-h) / sd
	bySD = math.Exp(logPDF(z)-h) / sd
	return value, byMean, bySD
}

// PI is the probability of improvement P(y < best) (Kushner 1964). Where sd is 0 it is 0 or 1.
func PI(mean, sd, best float64) float64 {
	if sd <= 0 {
		if mean < best {
			return 1
		}
		return 0
	}
	return math.Erfc(-(best-mean)/sd/math.Sqrt2) / 2
}

// LCB is the lower confidence bound mean - beta sd, which is to be minimised (Srinivas et al. 2010 maximise its
// mirror image, UCB).
func LCB(mean, sd, beta float64) float64 { return mean - beta*sd }

// logSqrt2Pi is log sqrt(2 pi).
const logSqrt2Pi = 0.91893853320467274178

func logPDF(z float64) float64 { return -z*z/2 - logSqrt2Pi }

// logCDF is the logarithm of the standard normal distribution function.
func logCDF(z float64) float64 {
	if z > -tail {
		return math.Log(math.Erfc(-z/math.Sqrt2) / 2)
	}
	return logPDF(z) - math.Log(-z+fraction(-z))
}

// logH is log(phi(z) + z Phi(z)): of the expected improvement in units of the standard deviation. In the tail, for
// x = -z, Phi(z)/phi(z) = 1/(x + r) makes it phi r/(x + r), which nothing cancels in.
func logH(z float64) float64 {
	switch {
	case z > -1:
		return math.Log(math.Exp(logPDF(z)) + z*math.Erfc(-z/math.Sqrt2)/2)
	case z > -tail:
		return logPDF(z) + math.Log1p(z*math.Erfc(-z/math.Sqrt2)/2*math.Exp(-logPDF(z)))
	}
	r := fraction(-z)
	return logPDF(z) + math.Log(r/(-z+r))
}

// tail is from where on the continued fraction of Mills' ratio is used, and fractionTerms are enough for it to be exact
// to rounding there.
const (
	tail          = 5
	fractionTerms = 60
)

// fraction is r = 1/(x + 2/(x + 3/(x + …))), with which Mills' ratio (1 - Phi(x))/phi(x) is 1/(x + r) (Laplace).
func fraction(x float64) float64 {
	f := x
	for k := float64(fractionTerms); k >= 2; k-- {
		f = x + k/f
	}
	return 1 / f
}
