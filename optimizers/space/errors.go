package space

import (
	"errors"
	"fmt"
)

// ErrInvalid is what every error about a space or configuration that contradicts itself or its space is, by
// errors.Is. Messages do not repeat it.
var ErrInvalid = errors.New("invalid search space or configuration")

// invalidError makes an error one that is ErrInvalid.
type invalidError struct{ error }

func (e invalidError) Is(target error) bool { return target == ErrInvalid }
func (e invalidError) Unwrap() error        { return e.error }

// invalidf is fmt.Errorf for an error that is ErrInvalid.
func invalidf(format string, args ...any) error { return invalidError{fmt.Errorf(format, args...)} }

// declarationError is what is wrong with one hyperparameter or forbidden clause of a space.
type declarationError struct {
	name   string // of the hyperparameter; empty for a clause
	clause int    // of the forbidden clause, counted from 1
	reason error
}

func (e declarationError) Error() string {
	if e.clause > 0 {
		return fmt.Sprintf("forbidden clause %d: %v", e.clause, e.reason)
	}
	return fmt.Sprintf("hyperparameter %q: %v", e.name, e.reason)
}

func (e declarationError) Is(target error) bool { return target == ErrInvalid }
func (e declarationError) Unwrap() error        { return e.reason }
