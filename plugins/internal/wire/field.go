// Package wire converts between metaml's domain types and the messages of the plugin protocol, both ways. It is
// strict: what the protocol does not allow (an unknown enum, a missing value, a number that is not finite, text that
// is not UTF-8) is an error that names the field, never a guess. Everything outside this package works on domain
// types alone.
package wire

import (
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

// errMissing reports a message or value that the protocol requires.
var errMissing = errors.New("is missing")

// FieldError says which field of a message is wrong, as a dotted path from the message's top.
type FieldError struct {
	Path string
	Err  error
}

// Error returns the path and what is wrong there.
func (e *FieldError) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap returns what is wrong.
func (e *FieldError) Unwrap() error { return e.Err }

// at puts a field in front of an error's path; nil stays nil.
func at(field string, err error) error {
	if err == nil {
		return nil
	}
	if inner, ok := err.(*FieldError); ok {
		return &FieldError{Path: field + "." + inner.Path, Err: inner.Err}
	}
	return &FieldError{Path: field, Err: err}
}

// index names an element of a repeated field.
func index(field string, i int) string { return fmt.Sprintf("%s[%d]", field, i) }

// firstError returns the first error that is not nil.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func checkFinite(field string, f float64) error {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return at(field, fmt.Errorf("%v is not a finite number", f))
	}
	return nil
}

// checkAmount refuses what cannot be a duration, a size or a count.
func checkAmount(field string, f float64) error {
	if f < 0 {
		return at(field, fmt.Errorf("%v is negative", f))
	}
	return checkFinite(field, f)
}

func checkText(field, s string) error {
	if !utf8.ValidString(s) {
		return at(field, fmt.Errorf("%q is not valid UTF-8", s))
	}
	return nil
}
