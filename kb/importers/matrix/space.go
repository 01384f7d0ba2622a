package matrix

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/metaml/metaml/optimizers/space"
)

// logFrom is the ratio of largest to smallest value from which a range is taken to be logarithmic.
const logFrom = 50

// inferSpace returns the smallest space that holds all configurations. Numbers become ranges, logarithmic where
// they span a factor of 50; booleans, texts, nulls and mixtures become categories. A hyperparameter that only some
// configurations have is active where another one has certain values.
func inferSpace(configs []space.Config) (space.Space, error) {
	if len(configs) == 0 {
		return space.Space{}, errors.New("there are no configurations")
	}
	in := &inference{configs: configs, values: map[string][]space.Value{}, count: map[string]int{}}
	for _, c := range configs {
		for name, v := range c {
			in.count[name]++
			in.values[name] = append(in.values[name], v)
		}
	}
	in.names = slices.Sorted(maps.Keys(in.values))
	// Parents first, and what all have before what some have.
	slices.SortStableFunc(in.names, func(a, b string) int { return in.count[b] - in.count[a] })
	params := make([]space.Hyperparameter, len(in.names))
	for i, name := range in.names {
		params[i] = parameterOf(name, in.values[name])
	}
	for i, name := range in.names {
		if in.count[name] == len(configs) {
			continue
		}
		when, err := in.condition(name, params)
		if err != nil {
			return space.Space{}, err
		}
		params[i].When = when
	}
	return space.New(params)
}

// inference is what is known about the configurations.
type inference struct {
	configs []space.Config
	names   []string
	values  map[string][]space.Value
	count   map[string]int
}

// parameterOf describes a hyperparameter by its values.
func parameterOf(name string, values []space.Value) space.Hyperparameter {
	h := space.Hyperparameter{Name: name}
	numbers, whole, booleans := true, true, true
	low, high := values[0].Float(), values[0].Float()
	for _, v := range values {
		numbers = numbers && v.IsNumber()
		booleans = booleans && v.Kind() == space.KindBool
		whole = whole && v.Kind() == space.KindInt
		low, high = min(low, v.Float()), max(high, v.Float())
	}
	switch {
	case numbers:
		h.Low, h.High = low, high
		h.Type = space.TypeFloat
		if whole {
			h.Type = space.TypeInt
		}
		h.Log = low > 0 && high/low >= logFrom
	case booleans:
		h.Type = space.TypeBool
	default:
		h.Type = space.TypeCategorical
		h.Choices = distinct(values)
	}
	return h
}

// distinct returns the different values, ordered by their JSON text.
func distinct(values []space.Value) []space.Value {
	first := map[string]space.Value{} // by JSON text, which is the same for 1 and 1.0, and never for another kind
	for _, v := range values {
		text := v.String()
		if _, there := first[text]; !there {
			first[text] = v
		}
	}
	list := make([]space.Value, 0, len(first))
	for _, text := range slices.Sorted(maps.Keys(first)) {
		list = append(list, first[text])
	}
	return list
}

// condition finds a discrete hyperparameter whose value decides whether name is there. A parent must be there more
// often than its child, which rules out cycles.
func (in *inference) condition(name string, params []space.Hyperparameter) (*space.Condition, error) {
	for i, parent := range in.names {
		if !params[i].Discrete() || in.count[parent] <= in.count[name] {
			continue
		}
		if values, ok := in.decides(parent, name); ok {
			return space.In(parent, values...), nil
		}
	}
	return nil, fmt.Errorf("hyperparameter %q is in %d of %d configurations, and no other one says in which",
		name, in.count[name], len(in.configs))
}

// decides returns the values of parent with which name is there, if it never is there or not with the same value.
func (in *inference) decides(parent, name string) ([]space.Value, bool) {
	with, without := map[space.Value]bool{}, map[space.Value]bool{}
	for _, c := range in.configs {
		v, active := c[parent]
		_, there := c[name]
		switch {
		case there && !active:
			return nil, false
		case there:
			with[v] = true
		case active:
			without[v] = true
		}
	}
	var values []space.Value
	for v := range with {
		if without[v] {
			return nil, false
		}
		values = append(values, v)
	}
	return distinct(values), true
}
