package space

import (
	"bytes"
	"encoding/json"
	"errors"
)

// File is what a space file declares: a search space, and the fidelities at which it can be evaluated.
type File struct {
	Space      Space
	Fidelities []FidelityRange
}

// The keys of a space file, in the order in which messages and the schema list them.
var (
	fileKeys      = []string{"parameters", "forbidden", "fidelities", "order", "schema_version"}
	parameterKeys = []string{"type", "low", "high", "log", "step", "choices", "weights", "default", "when"}
	fidelityKeys  = []string{"low", "high", "log", "integer"}
)

// schemaVersion is the version of the space file's form that this package reads and that its schema describes.
const schemaVersion = 1

// ParseYAML reads a space file, in YAML or JSON:
//
//	parameters:
//	  kernel: {type: categorical, choices: [rbf, linear]}
//	  gamma:  {type: float, low: 1e-4, high: 10, log: true, when: {kernel: rbf}}
//	forbidden:
//	  - {kernel: linear, C: [0.1, 1]}
//	fidelities:
//	  epochs: {low: 1, high: 81, log: true}
//
// Parameters keep the order of the file, or that of the list "order" where there is one. A condition (when) and a
// forbidden clause map a parameter to a value or a list of values; several parameters must all hold, and
// {and: […]} and {or: […]} nest to any depth. A constant takes one choice or a default alone. A fidelity whose
// bounds are written as integers takes integers only, unless it says otherwise. There must be a parameter. Every error
// is ErrInvalid and names the line.
func ParseYAML(data []byte) (File, error) {
	t, err := parseFileTree(data)
	if err != nil {
		return File{}, err
	}
	f, err := readFile(t)
	if err == nil && f.Space.Len() == 0 {
		at, _ := t.get("parameters")
		return File{}, at.errorf("there are no parameters to search; declare at least one")
	}
	return f, err
}

// parseFileTree reads JSON as JSON, so that its errors are JSON's, and anything else as YAML.
func parseFileTree(data []byte) (tree, error) {
	if trimmed := bytes.TrimSpace(data); len(trimmed) > 0 && trimmed[0] == '{' && json.Valid(data) {
		return parseJSONTree(data)
	}
	return parseYAMLTree(data)
}

func readFile(t tree) (File, error) {
	if err := t.expect(treeMapping, "a space file"); err != nil {
		return File{}, err
	}
	if err := t.onlyKeys("a space file", fileKeys...); err != nil {
		return File{}, err
	}
	if v, ok := t.get("schema_version"); ok && !v.scalar.Equal(Int(schemaVersion)) {
		return File{}, v.errorf("schema_version %s is not %d, the one this version of metaml reads", v.scalar, schemaVersion)
	}
	params, err := readParameters(t)
	if err != nil {
		return File{}, err
	}
	var forbidden []Condition
	if list, ok := t.get("forbidden"); ok {
		if forbidden, err = readTerms(list, "forbidden"); err != nil {
			return File{}, err
		}
	}
	f := File{}
	if f.Space, err = newAt(t, params, forbidden); err != nil {
		return File{}, err
	}
	if fidelities, ok := t.get("fidelities"); ok {
		if f.Fidelities, err = readFidelities(fidelities); err != nil {
			return File{}, err
		}
	}
	return f, nil
}

// readParameters reads the parameters in the order of the list "order", else of the document.
func readParameters(t tree) ([]Hyperparameter, error) {
	declared, ok := t.get("parameters")
	if !ok {
		return nil, t.errorf("the key \"parameters\" is missing")
	}
	if err := declared.expect(treeMapping, "parameters"); err != nil {
		return nil, err
	}
	order := make([]int, len(declared.keys))
	for i := range order {
		order[i] = i
	}
	if list, ok := t.get("order"); ok {
		var err error
		if order, err = readOrder(list, declared.keys); err != nil {
			return nil, err
		}
	}
	params := make([]Hyperparameter, len(order))
	for i, k := range order {
		name := declared.keys[k]
		h, err := readParameter(name, declared.items[k])
		if err != nil {
			return nil, within(err, "parameter %q", name)
		}
		params[i] = h
	}
	return params, nil
}

// readOrder reads a list that must name every declared parameter once, as positions among the declared.
func readOrder(list tree, declared []string) ([]int, error) {
	if err := list.expect(treeList, "order"); err != nil {
		return nil, err
	}
	position := make(map[string]int, len(declared))
	for i, name := range declared {
		position[name] = i
	}
	order, listed := make([]int, len(list.items)), make([]bool, len(declared))
	for i, item := range list.items {
		name := item.scalar.Text()
		k, known := position[name]
		switch {
		case !known || item.scalar.Kind() != KindString:
			return nil, item.errorf("order lists %s, which is no parameter%s", item.scalar, didYouMean(name, declared))
		case listed[k]:
			return nil, item.errorf("order lists %q twice", name)
		}
		order[i], listed[k] = k, true
	}
	if len(order) != len(declared) {
		return nil, list.errorf("order lists %d of the %d parameters", len(order), len(declared))
	}
	return order, nil
}

func readParameter(name string, t tree) (Hyperparameter, error) {
	h := Hyperparameter{Name: name}
	if err := t.expect(treeMapping, "a parameter"); err != nil {
		return h, err
	}
	if err := t.onlyKeys("a parameter", parameterKeys...); err != nil {
		return h, err
	}
	typ, ok := t.get("type")
	if !ok {
		return h, t.errorf("type is missing (one of %v)", typeNames)
	}
	var err error
	if h.Type, err = ParseType(typ.scalar.Text()); err != nil {
		return h, typ.errorf("%w%s", err, didYouMean(typ.scalar.Text(), typeNames[:]))
	}
	for i, key := range t.keys {
		if err := h.read(key, t.items[i]); err != nil {
			return h, err
		}
	}
	for _, bound := range []string{"low", "high"} {
		if _, ok := t.get(bound); !ok && !h.Discrete() {
			return h, t.errorf("type %s needs %q", h.Type, bound)
		}
	}
	if h.Type == TypeConstant && len(h.Choices) == 0 && h.HasDefault {
		h.Choices = []Value{h.Default}
	}
	if err := h.validate(); err != nil {
		return h, t.errorf("%w", err)
	}
	return h, nil
}

// read sets what one key of a parameter declares.
func (h *Hyperparameter) read(key string, t tree) (err error) {
	switch key {
	case "low":
		h.Low, err = readNumber(t, key)
	case "high":
		h.High, err = readNumber(t, key)
	case "step":
		h.Step, err = readNumber(t, key)
	case "log":
		h.Log, err = readBool(t, key)
	case "choices":
		h.Choices, err = readValues(t, key)
	case "weights":
		var weights []Value
		weights, err = readValues(t, key)
		h.Weights = make([]float64, len(weights))
		for i, w := range weights {
			h.Weights[i] = w.Float()
		}
	case "default":
		h.Default, h.HasDefault, err = t.scalar, true, t.expect(treeScalar, key)
	case "when":
		h.When, err = readCondition(t)
	}
	return err
}

func readNumber(t tree, key string) (float64, error) {
	if t.kind != treeScalar || !t.scalar.IsNumber() {
		return 0, t.errorf("%s must be a number", key)
	}
	return t.scalar.Float(), nil
}

func readBool(t tree, key string) (bool, error) {
	if t.kind != treeScalar || t.scalar.Kind() != KindBool {
		return false, t.errorf("%s must be true or false", key)
	}
	return t.scalar.Bool(), nil
}

// readValues reads a list of single values.
func readValues(t tree, key string) ([]Value, error) {
	if err := t.expect(treeList, key); err != nil {
		return nil, err
	}
	values := make([]Value, len(t.items))
	for i, item := range t.items {
		if err := item.expect(treeScalar, "an entry of "+key); err != nil {
			return nil, err
		}
		values[i] = item.scalar
	}
	return values, nil
}

// newAt makes the space a document declares; errors name the document's line.
func newAt(t tree, params []Hyperparameter, forbidden []Condition) (Space, error) {
	s, err := New(params, forbidden...)
	var wrong declarationError
	if errors.As(err, &wrong) {
		at, _ := t.get("parameters")
		if wrong.clause > 0 {
			at, _ = t.get("forbidden")
			at = at.items[wrong.clause-1]
		} else {
			at, _ = at.get(wrong.name)
		}
		return Space{}, at.errorf("%w", err)
	}
	return s, err
}
