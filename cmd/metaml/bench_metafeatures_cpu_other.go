//go:build !unix

package main

import "time"

// processCPU is the wall clock where the CPU time is not asked for: an upper bound of it for one thread.
func processCPU() time.Duration { return time.Duration(time.Now().UnixNano()) }

// peakMemory is not known.
func peakMemory() int64 { return 0 }
