package space

import "iter"

// Enumerate returns the allowed configurations of a finite space, in lexicographic order of its hyperparameters, parents
// before children. It reports false for an infinite one: a float without step that is more than a point. Configurations
// are made as they are asked for, so that the first of a huge space cost little.
func (s Space) Enumerate() (iter.Seq[Config], bool) {
	for i := range s.params {
		if s.params[i].Count() == 0 {
			return nil, false
		}
	}
	return func(yield func(Config) bool) { s.enumerate(0, Config{}, yield) }, true
}

// enumerate yields the configurations that agree with c in the first depth hyperparameters, parents first.
func (s Space) enumerate(depth int, c Config, yield func(Config) bool) bool {
	if depth == len(s.order) {
		return !s.allowed(c) || yield(c.Clone())
	}
	h := &s.params[s.order[depth]]
	if !h.When.Holds(c) {
		return s.enumerate(depth+1, c, yield)
	}
	defer delete(c, h.Name)
	for k := range h.Count() {
		c[h.Name] = h.Point(k)
		if !s.enumerate(depth+1, c, yield) {
			return false
		}
	}
	return true
}
