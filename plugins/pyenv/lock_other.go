//go:build !unix

package pyenv

import "context"

// lock does nothing where there are no such locks: evaluators fork, so they do not run on such systems anyway.
func lock(context.Context, string, func()) (unlock func(), err error) { return func() {}, nil }
