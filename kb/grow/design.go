package grow

import (
	"fmt"

	"github.com/metaml/metaml/optimizers/space"
)

// Design returns n configurations of s: first, for each choice of the hyperparameter named arm, the configuration
// of all defaults under that choice; then points of a scrambled Sobol sequence, in its order. Where arm is empty
// or no hyperparameter of s, the only default is the space's. The first points of the sequence are common to
// designs of every size with the same seed.
func Design(s space.Space, arm string, n int, seed uint64) ([]space.Config, error) {
	var design []space.Config
	for _, start := range armDefaults(s, arm) {
		c, err := s.Complete(start)
		if err != nil {
			return nil, fmt.Errorf("default of %v: %w", start, err)
		}
		design = append(design, c)
	}
	if n <= len(design) {
		return design[:max(n, 0)], nil
	}
	points, err := s.Design(space.Sobol, n-len(design), seed)
	if err != nil {
		return nil, err
	}
	return append(design, points...), nil
}

func armDefaults(s space.Space, arm string) []space.Config {
	h, ok := s.Parameter(arm)
	if !ok || !h.Discrete() {
		return []space.Config{{}}
	}
	var starts []space.Config
	for _, v := range h.Values() {
		starts = append(starts, space.Config{arm: v})
	}
	return starts
}
