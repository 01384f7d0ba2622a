package space

import (
	"errors"
	"fmt"
	"math"
)

// FidelityRange is the range of one fidelity of a space file: from the cheapest evaluation, Low > 0, to the full
// one, High.
type FidelityRange struct {
	Name    string  `json:"name"`
	Low     float64 `json:"low"`
	High    float64 `json:"high"`
	Log     bool    `json:"log,omitempty"`
	Integer bool    `json:"integer,omitempty"`
}

func readFidelities(t tree) ([]FidelityRange, error) {
	if err := t.expect(treeMapping, "fidelities"); err != nil {
		return nil, err
	}
	ranges := make([]FidelityRange, len(t.keys))
	for i, name := range t.keys {
		r, err := readFidelity(name, t.items[i])
		if err != nil {
			return nil, within(err, "fidelity %q", name)
		}
		ranges[i] = r
	}
	return ranges, nil
}

func readFidelity(name string, t tree) (FidelityRange, error) {
	r := FidelityRange{Name: name}
	if err := t.expect(treeMapping, "a fidelity"); err != nil {
		return r, err
	}
	if err := t.onlyKeys("a fidelity", fidelityKeys...); err != nil {
		return r, err
	}
	low, hasLow := t.get("low")
	high, hasHigh := t.get("high")
	if !hasLow || !hasHigh {
		return r, t.errorf("a fidelity needs low and high")
	}
	var err error
	if r.Low, err = readNumber(low, "low"); err != nil {
		return r, err
	}
	if r.High, err = readNumber(high, "high"); err != nil {
		return r, err
	}
	r.Integer = low.scalar.Kind() == KindInt && high.scalar.Kind() == KindInt
	for _, flag := range []struct {
		key string
		to  *bool
	}{{"log", &r.Log}, {"integer", &r.Integer}} {
		if item, ok := t.get(flag.key); ok {
			if *flag.to, err = readBool(item, flag.key); err != nil {
				return r, err
			}
		}
	}
	if err := r.validate(); err != nil {
		return r, t.errorf("%w", err)
	}
	return r, nil
}

func (r FidelityRange) validate() error {
	switch {
	case r.Name == "":
		return errors.New("a fidelity needs a name")
	case !(r.Low > 0):
		return fmt.Errorf("low must be above 0, not %g", r.Low)
	case r.Low > r.High:
		return fmt.Errorf("low %g is above high %g", r.Low, r.High)
	case r.Integer && (r.Low != math.Trunc(r.Low) || r.High != math.Trunc(r.High)):
		return errors.New("an integer fidelity needs whole low and high")
	}
	return nil
}
