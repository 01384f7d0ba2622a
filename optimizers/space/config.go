package space

import (
	"maps"
	"slices"

	"github.com/metaml/metaml/optimizers/space/canonical"
)

// Config is a configuration: a value for every active hyperparameter, and none for inactive ones.
type Config map[string]Value

// Clone returns a copy that shares nothing with c.
func (c Config) Clone() Config { return maps.Clone(c) }

// Equal reports whether c and d give the same values to the same hyperparameters (1 and 1.0 are the same).
func (c Config) Equal(d Config) bool {
	return maps.EqualFunc(c, d, Value.Equal)
}

// Names returns the names of the hyperparameters in c, sorted.
func (c Config) Names() []string { return slices.Sorted(maps.Keys(c)) }

// Canonical returns c as canonical JSON (RFC 8785).
func (c Config) Canonical() ([]byte, error) {
	if c == nil {
		return []byte("{}"), nil
	}
	return canonical.Marshal(map[string]Value(c))
}

// Hash returns the SHA-256 of c's canonical JSON in hexadecimal; it is the same for equal configurations.
func (c Config) Hash() (string, error) {
	b, err := c.Canonical()
	if err != nil {
		return "", err
	}
	return canonical.Sum(b), nil
}
