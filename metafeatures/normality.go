package metafeatures

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// shapiroWilk holds the weights of the test for one sample size.
type shapiroWilk struct {
	n      int
	prefix []float64 // prefix[k]: sum of the weights of the k smallest values
}

// newShapiroWilk computes the weights by Royston's approximation (1995, algorithm AS R94). It needs 3 values.
func newShapiroWilk(n int) *shapiroWilk {
	weights := make([]float64, n) // of the order statistics; odd around the middle
	set := func(i int, w float64) { weights[i], weights[n-1-i] = -w, w }
	if n == 3 {
		set(0, math.Sqrt(0.5))
	} else {
		score := make([]float64, n/2)
		var squares float64
		for i := range score {
			score[i] = -distuv.UnitNormal.Quantile((float64(i+1) - 0.375) / (float64(n) + 0.25))
			squares += 2 * score[i] * score[i]
		}
		u, length := 1/math.Sqrt(float64(n)), math.Sqrt(squares)
		first := polynomial(u, 0, 0.221157, -0.147981, -2.07119, 4.434685, -2.706056) + score[0]/length
		rest, used := squares-2*score[0]*score[0], 1-2*first*first
		set(0, first)
		start := 1
		if n > 5 {
			second := polynomial(u, 0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633) + score[1]/length
			rest, used = rest-2*score[1]*score[1], used-2*second*second
			set(1, second)
			start = 2
		}
		scale := math.Sqrt(rest / used)
		for i := start; i < len(score); i++ {
			set(i, score[i]/scale)
		}
	}
	s := &shapiroWilk{n: n, prefix: make([]float64, n+1)}
	for i, w := range weights {
		s.prefix[i+1] = s.prefix[i] + w
	}
	return s
}

func polynomial(x float64, coefficients ...float64) float64 {
	var sum float64
	for i := len(coefficients) - 1; i >= 0; i-- {
		sum = sum*x + coefficients[i]
	}
	return sum
}

// statistic is W, the squared correlation of the order statistics with the weights; NaN for constant values.
func (s *shapiroWilk) statistic(d distribution) float64 {
	m := d.moments()
	if m.constant {
		return math.NaN()
	}
	var sum float64
	var start int32
	for i, v := range d.values {
		sum += (v - m.mean) * (s.prefix[d.ends[i]] - s.prefix[start])
		start = d.ends[i]
	}
	return min(1, sum*sum/m.m2)
}

// pValue is the probability of a smaller W under normality (Royston 1995); unreliable above 5,000 values.
func (s *shapiroWilk) pValue(w float64) float64 {
	n := float64(s.n)
	if s.n == 3 {
		return min(max(0, 6/math.Pi*(math.Asin(math.Sqrt(w))-math.Asin(math.Sqrt(0.75)))), 1)
	}
	y := math.Log1p(-w)
	var mean, sd float64
	if s.n <= 11 {
		g := polynomial(n, -2.273, 0.459)
		if y >= g {
			return 0
		}
		y = -math.Log(g - y)
		mean = polynomial(n, 0.544, -0.39978, 0.025054, -6.714e-4)
		sd = math.Exp(polynomial(n, 1.3822, -0.77857, 0.062767, -0.0020322))
	} else {
		l := math.Log(n)
		mean = polynomial(l, -1.5861, -0.31082, -0.083751, 0.0038915)
		sd = math.Exp(polynomial(l, -0.4803, -0.082676, 0.0030302))
	}
	return distuv.UnitNormal.Survival((y - mean) / sd)
}
