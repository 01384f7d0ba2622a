package resource

import (
	"strconv"
	"strings"
)

// Slot is the share of a machine that one evaluation at a time uses.
type Slot struct {
	Threads int   // at least 1
	Memory  int64 // bytes; 0 if the machine's is unknown
	GPUs    []GPU // empty on a machine without
	// NoGPU hides the machine's GPUs from the evaluation.
	NoGPU bool
}

// Slots divides the machine into n equal slots. GPUs are dealt out one by one; where there are more slots than GPUs,
// several slots share one. A n below 1 counts as 1.
func (m Machine) Slots(n int) []Slot {
	n = max(n, 1)
	slots := make([]Slot, n)
	for i := range slots {
		slots[i].Threads = max(m.Cores/n, 1)
		slots[i].Memory = m.Memory / int64(n)
	}
	for i := range max(n, len(m.GPUs)) {
		if len(m.GPUs) > 0 {
			slot := &slots[i%n]
			slot.GPUs = append(slot.GPUs, m.GPUs[i%len(m.GPUs)])
		}
	}
	return slots
}

// Env returns the variables (NAME=value) that keep an evaluation within its slot: the threads of OpenMP and of the
// usual linear algebra libraries, and which GPUs CUDA sees.
func (s Slot) Env() []string {
	threads := strconv.Itoa(s.Threads)
	var env []string
	for _, name := range []string{
		"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "NUMEXPR_NUM_THREADS",
		"VECLIB_MAXIMUM_THREADS", "LOKY_MAX_CPU_COUNT",
	} {
		env = append(env, name+"="+threads)
	}
	if s.NoGPU {
		return append(env, visibleDevices+"=")
	}
	if len(s.GPUs) == 0 {
		return env
	}
	var uuids []string
	for _, gpu := range s.GPUs {
		uuids = append(uuids, gpu.UUID)
	}
	return append(env, visibleDevices+"="+strings.Join(uuids, ","))
}
