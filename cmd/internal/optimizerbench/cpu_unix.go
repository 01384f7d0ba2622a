//go:build unix

package optimizerbench

import (
	"time"

	"golang.org/x/sys/unix"
)

// processCPU is the user and system time of this process so far.
func processCPU() time.Duration { return cpuOf(unix.RUSAGE_SELF) }

// childrenCPU is that of its child processes that have ended.
func childrenCPU() time.Duration { return cpuOf(unix.RUSAGE_CHILDREN) }

func cpuOf(who int) time.Duration {
	var u unix.Rusage
	if unix.Getrusage(who, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
