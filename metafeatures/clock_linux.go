package metafeatures

import (
	"time"

	"golang.org/x/sys/unix"
)

// cpuTime is the CPU time, user and system, that the calling thread has used. The goroutine must be locked to it.
func cpuTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		return wallTime()
	}
	return time.Duration(t.Nano())
}
