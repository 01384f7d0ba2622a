//go:build !linux

package metafeatures

import "time"

// cpuTime is the wall clock where a thread's own time cannot be asked for: an upper bound of it.
func cpuTime() time.Duration { return wallTime() }
