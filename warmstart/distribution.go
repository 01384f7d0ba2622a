package warmstart

import (
	"cmp"
	"slices"
)

// distribution is a weighted sample of outcomes, sorted by value where a method does not say otherwise.
type distribution []weighted

type weighted struct{ value, weight float64 }

func (d distribution) sort() {
	slices.SortFunc(d, func(x, y weighted) int { return cmp.Compare(x.value, y.value) })
}

// prediction sorts the distribution and returns its mean and quantiles.
func (d distribution) prediction() Prediction {
	d.sort()
	p := Prediction{Expected: d.mean()}
	for i := range p.Quantiles {
		p.Quantiles[i] = d.quantile(Level(i))
	}
	return p
}

// mean is the weighted mean, in whatever order.
func (d distribution) mean() float64 {
	sum, total := 0.0, 0.0
	for _, x := range d {
		sum += x.value * x.weight
		total += x.weight
	}
	return sum / total
}

// crps is the continuous ranked probability score of an outcome, the integral of (F(x) - [outcome <= x])^2.
func (d distribution) crps(outcome float64) float64 {
	total := 0.0
	for _, x := range d {
		total += x.weight
	}
	score, below := 0.0, 0.0
	for i, x := range d {
		if i > 0 {
			low, high, p := d[i-1].value, x.value, below/total
			score += p * p * (min(max(outcome, low), high) - low)
			score += (1 - p) * (1 - p) * (high - max(min(outcome, high), low))
		}
		below += x.weight
	}
	score += max(0, d[0].value-outcome) + max(0, outcome-d[len(d)-1].value)
	return score
}

// place is the share of the distribution below v, half of what equals v counted as below, in whatever order.
func (d distribution) place(v float64) float64 {
	below, total := 0.0, 0.0
	for _, x := range d {
		switch {
		case x.value < v:
			below += x.weight
		case x.value == v:
			below += x.weight / 2
		}
		total += x.weight
	}
	return below / total
}

// quantile returns the least value up to which the share p of the weight lies.
func (d distribution) quantile(p float64) float64 {
	total := 0.0
	for _, x := range d {
		total += x.weight
	}
	sum := 0.0
	for _, x := range d {
		if sum += x.weight; sum >= p*total {
			return x.value
		}
	}
	return d[len(d)-1].value
}

// spare returns the levels of quantiles to take from a sample of this size so that intervals hold new values with
// their nominal probability: (n+1)/n farther out from the median, n the effective number of values (conformal
// prediction, Vovk et al. 2005).
func (d distribution) spare() func(p float64) float64 {
	sum, square := 0.0, 0.0
	for _, x := range d {
		sum += x.weight
		square += x.weight * x.weight
	}
	n := sum * sum / square
	return func(p float64) float64 { return min(1, max(0, .5+(p-.5)*(n+1)/n)) }
}
