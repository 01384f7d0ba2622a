package space

import (
	"math/rand/v2"
)

// maxDraws bounds how often a forbidden configuration is drawn anew.
const maxDraws = 10_000

// Sample draws a configuration at random: choices by their weights, numbers uniformly over the unit interval that
// Decode maps to them. Forbidden configurations are drawn anew; the error, which is ErrInvalid, says that none of
// 10,000 draws was allowed.
func (s Space) Sample(rng *rand.Rand) (Config, error) {
	draw := func(int) float64 { return rng.Float64() }
	for range maxDraws {
		if c := s.quantiles(draw); s.allowed(c) {
			return c, nil
		}
	}
	return nil, s.errForbidden()
}

func (s Space) errForbidden() error {
	return invalidf("none of %d configurations drawn is allowed: the %d forbidden clauses exclude almost the whole space; loosen them or express them as conditions", maxDraws, len(s.forbidden))
}

// allowed reports whether no forbidden clause holds for c.
func (s Space) allowed(c Config) bool {
	for i := range s.forbidden {
		if s.forbidden[i].Holds(c) {
			return false
		}
	}
	return true
}

// quantiles returns the configuration whose active hyperparameter i is at quantile at(i) of its distribution. It
// asks for active hyperparameters only, parents first.
func (s Space) quantiles(at func(i int) float64) Config {
	c := s.newConfig()
	for _, i := range s.order {
		if h := &s.params[i]; h.When.Holds(c) {
			c[h.Name] = h.quantile(at(i))
		}
	}
	return c
}

// quantile returns the value at quantile u in [0, 1) of the distribution Sample draws from.
func (h *Hyperparameter) quantile(u float64) Value {
	if h.Weights == nil {
		return h.decode(u)
	}
	total := 0.0
	for _, w := range h.Weights {
		total += w
	}
	last, sum, target := 0, 0.0, u*total
	for i, w := range h.Weights {
		if w == 0 {
			continue
		}
		if sum += w; target < sum {
			return h.Values()[i]
		}
		last = i
	}
	return h.Values()[last]
}
