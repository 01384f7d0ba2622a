//go:build !linux && !darwin

package resource

// totalMemory is not known on this system.
func totalMemory() int64 { return 0 }
