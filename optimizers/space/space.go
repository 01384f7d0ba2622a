// Package space describes search spaces: hyperparameters of every usual type, conditions that make some of them
// active, forbidden combinations, and the configurations they admit. It samples them, encodes them in the unit
// cube, walks their neighbourhoods, and writes them as canonical JSON, which is how spaces and configurations
// travel and are identified everywhere in metaml.
package space

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Space is an immutable search space. The zero Space has no hyperparameters. Copying it is cheap.
type Space struct {
	params    []Hyperparameter
	forbidden []Condition
	index     map[string]int
	order     []int // indices with every parent before its children
}

// New checks the hyperparameters and forbidden clauses and returns their space. Names must be unique, parents
// exist, conditions have no cycle and can hold. Hyperparameters keep the order given; parents may follow children.
func New(params []Hyperparameter, forbidden ...Condition) (Space, error) {
	s := Space{index: make(map[string]int, len(params))}
	for i, h := range params {
		if err := h.validate(); err != nil {
			return Space{}, declarationError{name: h.Name, reason: err}
		}
		if _, twice := s.index[h.Name]; twice {
			return Space{}, declarationError{name: h.Name, reason: errors.New("it is declared twice")}
		}
		s.index[h.Name] = i
		s.params = append(s.params, h.copy())
	}
	for i := range s.params {
		h := &s.params[i]
		if h.When == nil {
			continue
		}
		if err := h.When.normalize(&s); err != nil {
			return Space{}, declarationError{name: h.Name, reason: err}
		}
	}
	for i := range forbidden {
		f := forbidden[i].clone()
		if err := f.normalize(&s); err != nil {
			return Space{}, declarationError{clause: i + 1, reason: err}
		}
		s.forbidden = append(s.forbidden, *f)
	}
	if err := s.sortByParents(); err != nil {
		return Space{}, err
	}
	if err := s.checkSatisfiable(); err != nil {
		return Space{}, err
	}
	return s, nil
}

// sortByParents fills order by depth-first search and refuses cycles.
func (s *Space) sortByParents() error {
	const visiting, done = 1, 2
	state := make([]uint8, len(s.params))
	var visit func(i int, path []string) error
	visit = func(i int, path []string) error {
		path = append(path, s.params[i].Name)
		switch state[i] {
		case done:
			return nil
		case visiting:
			return declarationError{name: s.params[i].Name, reason: fmt.Errorf("conditions form a cycle: %s", strings.Join(path, " -> "))}
		}
		state[i] = visiting
		for _, parent := range s.params[i].When.Parents() {
			if err := visit(s.index[parent], path); err != nil {
				return err
			}
		}
		state[i] = done
		s.order = append(s.order, i)
		return nil
	}
	for i := range s.params {
		if err := visit(i, nil); err != nil {
			return err
		}
	}
	return nil
}

// Len returns the number of hyperparameters.
func (s Space) Len() int { return len(s.params) }

// Parameters returns the hyperparameters in their order. The slice is the caller's; conditions are shared and
// must not be changed.
func (s Space) Parameters() []Hyperparameter { return slices.Clone(s.params) }

// Parameter returns the hyperparameter of that name.
func (s Space) Parameter(name string) (Hyperparameter, bool) {
	i, ok := s.index[name]
	if !ok {
		return Hyperparameter{}, false
	}
	return s.params[i], true
}

// Index returns the position of the hyperparameter of that name, -1 if there is none.
func (s Space) Index(name string) int {
	if i, ok := s.index[name]; ok {
		return i
	}
	return -1
}

// Names returns the names of the hyperparameters in their order.
func (s Space) Names() []string {
	names := make([]string, len(s.params))
	for i := range s.params {
		names[i] = s.params[i].Name
	}
	return names
}

// Forbidden returns the forbidden clauses.
func (s Space) Forbidden() []Condition { return slices.Clone(s.forbidden) }

// Conditional reports whether any hyperparameter can be inactive.
func (s Space) Conditional() bool {
	return slices.ContainsFunc(s.params, func(h Hyperparameter) bool { return h.When != nil })
}

// newConfig returns an empty configuration with room for about as many values as are active at once.
func (s Space) newConfig() Config { return make(Config, min(len(s.params), 48)) }

// Default returns the configuration of all defaults. It may be forbidden; Validate tells.
func (s Space) Default() Config {
	c := s.newConfig()
	for _, i := range s.order {
		if h := s.params[i]; h.When.Holds(c) {
			c[h.Name] = h.DefaultValue()
		}
	}
	return c
}

// Normalize returns c with every value in its hyperparameter's kind (2 becomes 2.0 for a float), or an error
// wrapping ErrInvalid that names the first hyperparameter that is unknown, missing, inactive, out of its range or
// part of a forbidden combination. Nothing is repaired.
func (s Space) Normalize(c Config) (Config, error) {
	out := make(Config, len(c))
	for _, i := range s.order {
		h := s.params[i]
		v, given := c[h.Name]
		switch active := h.When.Holds(out); {
		case active && !given:
			return nil, invalidf("hyperparameter %q is missing", h.Name)
		case !active && given:
			return nil, invalidf("hyperparameter %q is given but inactive", h.Name)
		case active:
			n, err := h.normalize(v)
			if err != nil {
				return nil, invalidf("hyperparameter %q: %w", h.Name, err)
			}
			out[h.Name] = n
		}
	}
	if len(out) != len(c) {
		for _, name := range c.Names() {
			if s.Index(name) < 0 {
				return nil, s.errUnknown(name)
			}
		}
	}
	for i := range s.forbidden {
		if s.forbidden[i].Holds(out) {
			return nil, invalidf("configuration is excluded by forbidden clause %d", i+1)
		}
	}
	return out, nil
}

func (s Space) errUnknown(name string) error {
	return invalidf("hyperparameter %q does not exist in this space%s", name, didYouMean(name, s.Names()))
}

// Validate reports whether c is a configuration of this space, as Normalize does.
func (s Space) Validate(c Config) error {
	_, err := s.Normalize(c)
	return err
}

// Complete returns the active part of c with defaults filled in for what is missing: it drops values of inactive
// hyperparameters and unknown names are an error, as Normalize's.
func (s Space) Complete(c Config) (Config, error) {
	out := s.newConfig()
	for _, i := range s.order {
		h := s.params[i]
		if !h.When.Holds(out) {
			continue
		}
		out[h.Name] = h.DefaultValue()
		if v, ok := c[h.Name]; ok {
			n, err := h.normalize(v)
			if err != nil {
				return nil, invalidf("hyperparameter %q: %w", h.Name, err)
			}
			out[h.Name] = n
		}
	}
	for _, name := range c.Names() {
		if s.Index(name) < 0 {
			return nil, s.errUnknown(name)
		}
	}
	return out, s.Validate(out)
}
