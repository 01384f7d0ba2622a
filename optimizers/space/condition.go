package space

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Op is a condition's operator.
type Op uint8

// The operators: In (equality is In with one value) tests one parent, And and Or join Terms.
const (
	OpIn Op = iota
	OpAnd
	OpOr
)

// Condition says when a hyperparameter is active, or, as a forbidden clause, which combinations are excluded. A
// condition on an inactive parent does not hold.
type Condition struct {
	Op     Op
	Parent string
	Values []Value
	Terms  []Condition
}

// Equals is the condition that parent has the value v.
func Equals(parent string, v Value) *Condition { return In(parent, v) }

// In is the condition that parent has one of the values.
func In(parent string, values ...Value) *Condition {
	return &Condition{Op: OpIn, Parent: parent, Values: values}
}

// And is the condition that all terms hold.
func And(terms ...Condition) *Condition { return &Condition{Op: OpAnd, Terms: terms} }

// Or is the condition that at least one term holds.
func Or(terms ...Condition) *Condition { return &Condition{Op: OpOr, Terms: terms} }

// Holds reports whether the condition holds for c; a parent absent from c is inactive.
func (cond *Condition) Holds(c Config) bool {
	if cond == nil {
		return true
	}
	switch cond.Op {
	case OpAnd:
		return !slices.ContainsFunc(cond.Terms, func(t Condition) bool { return !t.Holds(c) })
	case OpOr:
		return slices.ContainsFunc(cond.Terms, func(t Condition) bool { return t.Holds(c) })
	}
	v, ok := c[cond.Parent]
	return ok && slices.ContainsFunc(cond.Values, v.Equal)
}

// Parents returns the names the condition asks about, in the order they appear, with repetitions.
func (cond *Condition) Parents() []string {
	if cond == nil {
		return nil
	}
	if cond.Op == OpIn {
		return []string{cond.Parent}
	}
	var names []string
	for i := range cond.Terms {
		names = append(names, cond.Terms[i].Parents()...)
	}
	return names
}

// normalize checks the condition against the hyperparameters it names and puts it in the one form that conditions
// of the same meaning share: values in their parent's kinds, sorted as the parent has them and without repetition;
// terms sorted and without repetition, none of them joined as the condition itself is; no joint of a single term.
func (cond *Condition) normalize(s *Space) error {
	switch cond.Op {
	case OpIn:
		return cond.normalizeValues(s)
	case OpAnd, OpOr:
	default:
		return fmt.Errorf("condition with unknown operator %d", cond.Op)
	}
	if len(cond.Terms) == 0 {
		return errors.New("a condition without terms")
	}
	var terms []Condition
	for i := range cond.Terms {
		term := cond.Terms[i]
		if err := term.normalize(s); err != nil {
			return err
		}
		if term.Op == cond.Op {
			terms = append(terms, term.Terms...)
		} else {
			terms = append(terms, term)
		}
	}
	slices.SortStableFunc(terms, Condition.compare)
	cond.Terms = slices.CompactFunc(terms, func(a, b Condition) bool { return a.compare(b) == 0 })
	if len(cond.Terms) == 1 {
		*cond = cond.Terms[0]
	}
	return nil
}

func (cond *Condition) normalizeValues(s *Space) error {
	parent, ok := s.Parameter(cond.Parent)
	if !ok {
		return fmt.Errorf("condition on %q, which is no hyperparameter of this space%s", cond.Parent, didYouMean(cond.Parent, s.Names()))
	}
	if len(cond.Values) == 0 {
		return fmt.Errorf("condition on %q lists no value", cond.Parent)
	}
	for i, v := range cond.Values {
		n, err := parent.normalize(v)
		if err != nil {
			return fmt.Errorf("condition on %q can never hold: %w", cond.Parent, err)
		}
		cond.Values[i] = n
	}
	slices.SortFunc(cond.Values, parent.compare)
	cond.Values = slices.Compact(cond.Values)
	return nil
}

// compare orders conditions of normal form: by operator, then parent and values, or terms.
func (cond Condition) compare(other Condition) int {
	return cmp.Or(
		cmp.Compare(cond.Op, other.Op),
		cmp.Compare(cond.Parent, other.Parent),
		slices.CompareFunc(cond.Values, other.Values, func(v, w Value) int { return cmp.Compare(v.String(), w.String()) }),
		slices.CompareFunc(cond.Terms, other.Terms, Condition.compare),
	)
}

// clone copies the condition so that a Space shares nothing with its maker.
func (cond *Condition) clone() *Condition {
	if cond == nil {
		return nil
	}
	out := &Condition{Op: cond.Op, Parent: cond.Parent, Values: slices.Clone(cond.Values)}
	for i := range cond.Terms {
		out.Terms = append(out.Terms, *cond.Terms[i].clone())
	}
	return out
}
