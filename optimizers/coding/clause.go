package coding

import (
	"slices"

	"github.com/metaml/metaml/optimizers/space"
)

// clause is a condition on rows.
type clause struct {
	op     space.Op
	parent int
	values []float64
	terms  []clause
}

func (c *Codec) compile(cond *space.Condition, params []space.Hyperparameter, singles []space.Space) *clause {
	if cond == nil {
		return nil
	}
	out := &clause{op: cond.Op}
	for i := range cond.Terms {
		out.terms = append(out.terms, *c.compile(&cond.Terms[i], params, singles))
	}
	if cond.Op != space.OpIn {
		return out
	}
	out.parent = c.space.Index(cond.Parent)
	for _, v := range cond.Values {
		u := singles[out.parent].Encode(space.Config{cond.Parent: v})[0]
		out.values = append(out.values, c.fromCube(out.parent, u))
	}
	return out
}

// holds reports whether the condition holds for a row; what asks for an inactive parent does not.
func (c *clause) holds(row []float64) bool {
	if c == nil {
		return true
	}
	switch c.op {
	case space.OpAnd:
		for i := range c.terms {
			if !c.terms[i].holds(row) {
				return false
			}
		}
		return true
	case space.OpOr:
		for i := range c.terms {
			if c.terms[i].holds(row) {
				return true
			}
		}
		return false
	}
	for _, v := range c.values {
		if v == row[c.parent] {
			return true
		}
	}
	return false
}

// asked appends the values of a parent that the condition asks for.
func (c *clause) asked(parent int, values []float64) []float64 {
	if c == nil {
		return values
	}
	if c.op == space.OpIn && c.parent == parent {
		values = append(values, c.values...)
	}
	for i := range c.terms {
		values = c.terms[i].asked(parent, values)
	}
	return values
}

// parents appends the dimensions that the condition asks about, each once.
func (c *clause) parents(list []int) []int {
	if c == nil {
		return list
	}
	if c.op == space.OpIn && !slices.Contains(list, c.parent) {
		list = append(list, c.parent)
	}
	for i := range c.terms {
		list = c.terms[i].parents(list)
	}
	return list
}
