package optimizerbench

import (
	"time"

	"golang.org/x/sys/windows"
)

// processCPU is the user and kernel time of this process so far.
func processCPU() time.Duration {
	var created, exited, kernel, user windows.Filetime
	if windows.GetProcessTimes(windows.CurrentProcess(), &created, &exited, &kernel, &user) != nil {
		return 0
	}
	return ticks(kernel) + ticks(user)
}

// ticks turns a duration in steps of 100 ns into a time.Duration.
func ticks(f windows.Filetime) time.Duration {
	return time.Duration(int64(f.HighDateTime)<<32|int64(f.LowDateTime)) * 100
}

// childrenCPU is not known on Windows: the times of ended processes are not kept.
func childrenCPU() time.Duration { return 0 }
