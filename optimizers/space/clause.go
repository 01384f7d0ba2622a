package space

// The words that join conditions in files, and so cannot name hyperparameters.
const (
	wordAnd = "and"
	wordOr  = "or"
)

// readCondition reads a condition: a mapping from parents to a value or a list of values, all of which must hold,
// with {and: […]} and {or: […]} to any depth.
func readCondition(t tree) (*Condition, error) {
	if err := t.expect(treeMapping, "a condition"); err != nil {
		return nil, err
	}
	terms := make([]Condition, len(t.keys))
	for i, key := range t.keys {
		term, err := readTerm(key, t.items[i])
		if err != nil {
			return nil, err
		}
		terms[i] = term
	}
	switch len(terms) {
	case 0:
		return nil, t.errorf("a condition names no parameter")
	case 1:
		return &terms[0], nil
	}
	return And(terms...), nil
}

func readTerm(key string, t tree) (Condition, error) {
	if key == wordAnd || key == wordOr {
		terms, err := readTerms(t, key)
		if err == nil && len(terms) == 0 {
			err = t.errorf("%q joins no conditions", key)
		}
		if key == wordOr {
			return *Or(terms...), err
		}
		return *And(terms...), err
	}
	switch t.kind {
	case treeScalar:
		return *Equals(key, t.scalar), nil
	case treeList:
		values, err := readValues(t, key)
		return *In(key, values...), err
	}
	return Condition{}, t.errorf("the condition on %q must be a value or a list of values", key)
}

// readTerms reads a list of conditions.
func readTerms(t tree, what string) ([]Condition, error) {
	if err := t.expect(treeList, what); err != nil {
		return nil, err
	}
	terms := make([]Condition, len(t.items))
	for i, item := range t.items {
		term, err := readCondition(item)
		if err != nil {
			return nil, err
		}
		terms[i] = *term
	}
	return terms, nil
}

// document returns the condition in the form readCondition reads, ready for canonical JSON.
func (cond *Condition) document() map[string]any {
	if cond.Op == OpIn {
		if len(cond.Values) == 1 {
			return map[string]any{cond.Parent: cond.Values[0]}
		}
		return map[string]any{cond.Parent: cond.Values}
	}
	terms := make([]map[string]any, len(cond.Terms))
	for i := range cond.Terms {
		terms[i] = cond.Terms[i].document()
	}
	if cond.Op == OpOr {
		return map[string]any{wordOr: terms}
	}
	return map[string]any{wordAnd: terms}
}
