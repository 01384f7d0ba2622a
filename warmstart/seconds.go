package warmstart

import (
	"math"
	"slices"
	"sync"

	"github.com/metaml/metaml/transfer"
)

// stopwatch fits transfer.Stopwatch the first time it is asked for: mostly time does not matter.
func stopwatch(m *transfer.Matrix) func() *transfer.Stopwatch {
	return sync.OnceValue(func() *transfer.Stopwatch { return transfer.NewStopwatch(m) })
}

// expectedSeconds returns the time that a run of each configuration takes on a table of that size, see
// transfer.Stopwatch; the median over the configurations where it is known of no task, 1 where none is.
func expectedSeconds(watch *transfer.Stopwatch, w []float64, size transfer.Size) []float64 {
	seconds := watch.All(w, size)
	known := slices.DeleteFunc(slices.Clone(seconds), math.IsNaN)
	slices.Sort(known)
	usual := transfer.Median(known)
	if len(known) == 0 {
		usual = 1
	}
	for c := range seconds {
		if math.IsNaN(seconds[c]) {
			seconds[c] = usual
		}
	}
	return seconds
}
