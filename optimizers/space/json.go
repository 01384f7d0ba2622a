package space

import (
	"fmt"

	"github.com/metaml/metaml/optimizers/space/canonical"
)

// Parse reads a space from JSON as MarshalJSON writes it: the form of ParseYAML without fidelities, where the list
// "order" keeps the order of the parameters, which else is the document's. Every error is ErrInvalid and names
// the line.
func Parse(data []byte) (Space, error) {
	t, err := parseJSONTree(data)
	if err != nil {
		return Space{}, err
	}
	if at, ok := t.get("fidelities"); ok {
		return Space{}, at.errorf("fidelities belong to a space file, not to a space")
	}
	f, err := readFile(t)
	return f.Space, err
}

// UnmarshalJSON reads a space as Parse does.
func (s *Space) UnmarshalJSON(data []byte) error {
	parsed, err := Parse(data)
	if err != nil {
		return fmt.Errorf("space: %w", err)
	}
	*s = parsed
	return nil
}

// MarshalJSON writes the space as canonical JSON (RFC 8785), the same bytes for the same space.
func (s Space) MarshalJSON() ([]byte, error) {
	order := make([]string, len(s.params))
	params := make(map[string]any, len(s.params))
	for i := range s.params {
		order[i] = s.params[i].Name
		params[order[i]] = s.params[i].document()
	}
	doc := map[string]any{"order": order, "parameters": params}
	if len(s.forbidden) > 0 {
		clauses := make([]map[string]any, len(s.forbidden))
		for i := range s.forbidden {
			clauses[i] = s.forbidden[i].document()
		}
		doc["forbidden"] = clauses
	}
	return canonical.Marshal(doc)
}

// Hash returns the SHA-256 of the space's canonical JSON in lower-case hexadecimal, which identifies it.
func (s Space) Hash() (string, error) {
	b, err := s.MarshalJSON()
	if err != nil {
		return "", err
	}
	return canonical.Sum(b), nil
}

// document returns what a space file says of the hyperparameter, without what it would assume anyway.
func (h *Hyperparameter) document() map[string]any {
	doc := map[string]any{"type": h.Type.String()}
	if !h.Discrete() {
		doc["low"], doc["high"] = h.Low, h.High
	}
	if h.Log {
		doc["log"] = true
	}
	if h.Step != 0 {
		doc["step"] = h.Step
	}
	if h.Choices != nil {
		doc["choices"] = h.Choices
	}
	if h.Weights != nil {
		doc["weights"] = h.Weights
	}
	if h.HasDefault {
		doc["default"] = h.Default
	}
	if h.When != nil {
		doc["when"] = h.When.document()
	}
	return doc
}
