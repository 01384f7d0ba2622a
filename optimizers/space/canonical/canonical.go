// Package canonical writes values as canonical JSON (RFC 8785), the one byte form in which metaml hashes,
// compares, stores and sends spaces, configurations and records.
package canonical

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/gowebpki/jcs"
)

// MaxInteger is the largest magnitude of an integer that every JSON reader holds exactly: 2^53.
const MaxInteger = 1 << 53

// ErrNumber reports a number that canonical JSON cannot carry: NaN, an infinity, or an integer beyond MaxInteger.
var ErrNumber = errors.New("number outside canonical JSON")

// Marshal returns v as canonical JSON: keys sorted by UTF-16 code units, numbers in the shortest form that
// reads back to the same float64, no white space. It fails with ErrNumber for a number that does not survive.
func Marshal(v any) ([]byte, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		var bad *json.UnsupportedValueError
		if errors.As(err, &bad) {
			return nil, fmt.Errorf("canonical: %s: %w", bad.Str, ErrNumber)
		}
		return nil, fmt.Errorf("canonical: %w", err)
	}
	return Transform(raw)
}

// Transform rewrites any JSON text in canonical form.
func Transform(raw []byte) ([]byte, error) {
	out, err := jcs.Transform(raw)
	if err != nil {
		return nil, fmt.Errorf("canonical: %w", err)
	}
	return out, nil
}

// Sum returns the SHA-256 of b in lower-case hexadecimal, 64 characters.
func Sum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// CheckNumber returns ErrNumber unless f can be carried exactly: finite and, when integral, within MaxInteger.
func CheckNumber(f float64) error {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return fmt.Errorf("%v: %w", f, ErrNumber)
	case f == math.Trunc(f) && math.Abs(f) > MaxInteger:
		return fmt.Errorf("integer %v beyond 2^53: %w", f, ErrNumber)
	}
	return nil
}
