// Package resource finds out what a machine has (cores, memory, GPUs), divides it into slots that run one evaluation
// each, and measures what a process and its descendants use.
package resource

import (
	"context"
	"runtime"
)

// Machine is what evaluations may use.
type Machine struct {
	// Cores is how many threads may run at once: the processors that this process may use, or fewer where a
	// container's quota or GOMAXPROCS says so.
	Cores int
	// Memory is the memory in bytes, or less where a container's limit says so; 0 if unknown.
	Memory int64
	GPUs   []GPU
}

// Detect finds out what the machine has. A machine without GPUs, or without nvidia-smi, has none and is no error; if
// there is an nvidia-smi that fails, the error says why, and the Machine holds everything else.
func Detect(ctx context.Context) (Machine, error) {
	m := Machine{Cores: runtime.GOMAXPROCS(0), Memory: totalMemory()}
	var err error
	m.GPUs, err = detectGPUs(ctx)
	return m, err
}
