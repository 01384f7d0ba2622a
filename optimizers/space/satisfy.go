package space

import (
	"errors"
	"slices"
)

// searchSteps bounds the searches below, which are exponential at worst; a space they cannot decide is accepted.
const searchSteps = 10_000

// checkSatisfiable refuses what can never be: a hyperparameter that no values of its ancestors activate, a forbidden
// clause that no configuration meets, and clauses that together forbid every configuration.
func (s *Space) checkSatisfiable() error {
	for i := range s.params {
		if h := &s.params[i]; h.When != nil && !s.satisfiable(h.When) {
			return declarationError{name: h.Name, reason: errors.New("it can never be active: its condition contradicts itself or those of its parents")}
		}
	}
	for i := range s.forbidden {
		if !s.satisfiable(&s.forbidden[i]) {
			return declarationError{clause: i + 1, reason: errors.New("no configuration can meet it: it contradicts itself or the conditions of its parameters")}
		}
	}
	if len(s.forbidden) > 0 && !s.anyAllowed() {
		return invalidf("the forbidden clauses together exclude every configuration")
	}
	return nil
}

// satisfiable reports whether some configuration meets the condition, forbidden clauses aside.
func (s *Space) satisfiable(cond *Condition) bool {
	budget := searchSteps
	return s.meet([]*Condition{cond}, map[string][]Value{}, &budget)
}

// meet reports whether all goals can hold at once where each parent in open is left the values listed. Conditions
// never ask for a parent to be inactive or to differ from a value, so it is enough that every parent asked about
// keeps a value and is active itself.
func (s *Space) meet(goals []*Condition, open map[string][]Value, budget *int) bool {
	if *budget--; len(goals) == 0 || *budget < 0 {
		return true
	}
	goal, rest := goals[0], goals[1:]
	switch goal.Op {
	case OpAnd:
		return s.meet(append(pointers(goal.Terms), rest...), open, budget)
	case OpOr:
		return slices.ContainsFunc(pointers(goal.Terms), func(t *Condition) bool {
			return s.meet(append([]*Condition{t}, rest...), open, budget)
		})
	}
	before, asked := open[goal.Parent]
	left := goal.Values
	if asked {
		left = nil
		for _, v := range before {
			if slices.ContainsFunc(goal.Values, v.Equal) {
				left = append(left, v)
			}
		}
	} else if when := s.params[s.index[goal.Parent]].When; when != nil {
		rest = append([]*Condition{when}, rest...)
	}
	if len(left) == 0 {
		return false
	}
	open[goal.Parent] = left
	met := s.meet(rest, open, budget)
	if delete(open, goal.Parent); asked {
		open[goal.Parent] = before
	}
	return met
}

func pointers(terms []Condition) []*Condition {
	out := make([]*Condition, len(terms))
	for i := range terms {
		out[i] = &terms[i]
	}
	return out
}

// anyAllowed reports whether some configuration meets no forbidden clause.
func (s *Space) anyAllowed() bool {
	if s.allowed(s.Default()) {
		return true
	}
	asked := map[string][]Value{} // every value that a clause or condition asks for, by hyperparameter
	for i := range s.forbidden {
		s.forbidden[i].collect(asked)
	}
	for i := range s.params {
		s.params[i].When.collect(asked)
	}
	budget := searchSteps
	return s.place(0, Config{}, asked, &budget)
}

// place reports whether the hyperparameters from position k of the parents-first order on can be given values, after
// those in c, so that no clause holds. A clause that holds for part of a configuration holds for the whole.
func (s *Space) place(k int, c Config, asked map[string][]Value, budget *int) bool {
	if *budget--; k == len(s.order) || *budget < 0 {
		return true
	}
	h := &s.params[s.order[k]]
	if _, relevant := asked[h.Name]; !relevant || !h.When.Holds(c) {
		return s.place(k+1, c, asked, budget)
	}
	defer delete(c, h.Name)
	for _, v := range h.representatives(asked[h.Name]) {
		if c[h.Name] = v; s.allowed(c) && s.place(k+1, c, asked, budget) {
			return true
		}
	}
	return false
}

// representatives returns values that stand for all others of the hyperparameter where only the asked ones matter.
func (h *Hyperparameter) representatives(asked []Value) []Value {
	if h.Discrete() {
		return h.Values()
	}
	values := slices.Clone(asked)
	for i := range len(asked) + 1 {
		other := h.decode((float64(i) + 0.5) / float64(len(asked)+1))
		if !slices.ContainsFunc(values, other.Equal) {
			return append(values, other)
		}
	}
	return values
}

// collect adds the values the condition asks for to those in asked.
func (cond *Condition) collect(asked map[string][]Value) {
	if cond == nil {
		return
	}
	for _, v := range cond.Values {
		if !slices.ContainsFunc(asked[cond.Parent], v.Equal) {
			asked[cond.Parent] = append(asked[cond.Parent], v)
		}
	}
	for i := range cond.Terms {
		cond.Terms[i].collect(asked)
	}
}
