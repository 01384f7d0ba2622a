package history

import (
	"math/rand/v2"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// draws is how many random configurations are looked at before a finite space is searched one by one.
const draws = 200

// Batch is one call of Ask: what it takes counts as tried for the rest of the call, while the history stays as it is.
type Batch struct {
	history *History
	taken   map[string]bool
}

// Batch begins a call of Ask.
func (h *History) Batch() *Batch { return &Batch{history: h, taken: map[string]bool{}} }

// Take takes a configuration at a fidelity (empty: the full one) and reports whether it was new: neither tried nor
// taken before.
func (b *Batch) Take(c space.Config, f study.Fidelity) bool {
	key := b.history.key(c, f)
	if b.taken[key] || b.history.tried[key] > 0 {
		return false
	}
	b.taken[key] = true
	return true
}

// Draw takes a new configuration at random. Where chance finds none, a finite space is searched in the order of
// space.Enumerate; optimizers.ErrExhausted says that everything was tried. In an infinite space that repeats itself
// nevertheless (all but a few values forbidden) the last draw is returned, new or not.
func (b *Batch) Draw(rng *rand.Rand, f study.Fidelity) (space.Config, error) {
	s := b.history.problem.Space
	var last space.Config
	for range draws {
		c, err := s.Sample(rng)
		if err != nil {
			return nil, err
		}
		if b.Take(c, f) {
			return c, nil
		}
		last = c
	}
	all, finite := s.Enumerate()
	if !finite {
		return last, nil
	}
	for c := range all {
		if b.Take(c, f) {
			return c, nil
		}
	}
	return nil, optimizers.ErrExhausted
}
