//go:build !linux

package resource

import "errors"

// TreeMemory is not available on this system: the evaluator has to watch its memory itself.
func TreeMemory(int) (int64, error) { return 0, errors.ErrUnsupported }

// TreeResident is not available on this system either.
func TreeResident(int) (int64, error) { return 0, errors.ErrUnsupported }

// Tree is not available on this system either.
func Tree(int) ([]int, error) { return nil, errors.ErrUnsupported }
