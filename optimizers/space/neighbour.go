package space

import (
	"iter"
	"math"
	"math/rand/v2"
)

// The neighbourhood of SMAC (Hutter, Hoos and Leyton-Brown 2011): four neighbours of a number, at steps drawn from a
// normal distribution with this standard deviation in the unit cube.
const (
	numericNeighbours = 4
	neighbourStep     = 0.2
)

// Neighbours yields, in random order of hyperparameters, the configurations that differ from c, a valid
// configuration, in one active hyperparameter: every other choice of a categorical or bool, the choices before and
// after of an ordinal, four values of a number (all others, if it has no more) at normal steps of standard deviation
// 0.2 in the unit cube. What the change makes inactive is left out, what it makes active is drawn at random.
// Forbidden configurations are left out. The same state of rng gives the same neighbours.
func (s Space) Neighbours(c Config, rng *rand.Rand) iter.Seq[Config] {
	return func(yield func(Config) bool) {
		for _, i := range rng.Perm(len(s.params)) {
			h := &s.params[i]
			v, active := c[h.Name]
			if !active {
				continue
			}
			for _, w := range h.neighbours(v, rng) {
				if n := s.exchange(c, i, w, rng); s.allowed(n) && !yield(n) {
					return
				}
			}
		}
	}
}

// exchange returns c with hyperparameter i at v and its descendants active or not as that asks.
func (s Space) exchange(c Config, i int, v Value, rng *rand.Rand) Config {
	n := make(Config, len(c))
	for _, k := range s.order {
		h := &s.params[k]
		if !h.When.Holds(n) {
			continue
		}
		old, kept := c[h.Name]
		switch {
		case k == i:
			n[h.Name] = v
		case kept:
			n[h.Name] = old
		default:
			n[h.Name] = h.quantile(rng.Float64())
		}
	}
	return n
}

// neighbours returns the values next to v.
func (h *Hyperparameter) neighbours(v Value, rng *rand.Rand) []Value {
	if !h.Discrete() {
		return h.numericNeighbours(v, rng)
	}
	values := h.Values()
	var near []Value
	for i, w := range values {
		beside := (i > 0 && values[i-1].Equal(v)) || (i+1 < len(values) && values[i+1].Equal(v))
		if !w.Equal(v) && (beside || h.Type != TypeOrdinal) {
			near = append(near, w)
		}
	}
	return near
}

func (h *Hyperparameter) numericNeighbours(v Value, rng *rand.Rand) []Value {
	if g := h.grid(); g > 0 && h.lastStep() <= numericNeighbours {
		return h.otherSteps(v)
	}
	near := make([]Value, 0, numericNeighbours)
	seen := map[float64]bool{v.Float(): true}
	u := h.encode(v)
	// A grid so coarse that steps rarely leave v must not hold the search up: there are other neighbours.
	for range 100 {
		step := u + float64(neighbourStep*rng.NormFloat64())
		if step < 0 || step > 1 || math.IsNaN(step) {
			continue
		}
		if w := h.decode(step); !seen[w.Float()] {
			seen[w.Float()] = true
			if near = append(near, w); len(near) == numericNeighbours {
				break
			}
		}
	}
	return near
}

// otherSteps returns all values of a short grid but v.
func (h *Hyperparameter) otherSteps(v Value) []Value {
	var others []Value
	for k := range h.Count() {
		if w := h.Point(k); !w.Equal(v) {
			others = append(others, w)
		}
	}
	return others
}
