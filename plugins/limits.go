package plugins

import (
	"fmt"
	"time"

	pb "github.com/metaml/metaml/plugins/proto/metaml/v1"
)

// defaultGrace is how long the host waits for an evaluator to enforce the wall limit by itself.
const defaultGrace = 5 * time.Second

// Limits bound one evaluation; zero means no limit. Evaluators enforce them from inside, where they know most; the
// host watches wall time and memory from outside, in case they cannot.
type Limits struct {
	// Wall bounds the whole evaluation, Fit the training of one model.
	Wall, Fit time.Duration
	// Memory, in bytes, is what the evaluation may add to what the evaluator's processes hold with the table loaded.
	Memory int64
	// Threads is how many threads the evaluation should use.
	Threads int
	// Grace is how far beyond Wall the host goes before it ends the evaluator itself; 0 means 5 s. A killed
	// evaluator has to be started and loaded again, so it is given the chance.
	Grace time.Duration
}

func (l Limits) validate() error {
	if l.Wall < 0 || l.Fit < 0 || l.Grace < 0 || l.Memory < 0 || l.Threads < 0 {
		return fmt.Errorf("limits %+v: a limit must not be negative; 0 means none", l)
	}
	return nil
}

// patience is how long the host waits for an evaluation, 0 for ever.
func (l Limits) patience() time.Duration {
	switch {
	case l.Wall == 0:
		return 0
	case l.Grace == 0:
		return l.Wall + defaultGrace
	}
	return l.Wall + l.Grace
}

func encodeLimits(l Limits) *pb.Limits {
	return &pb.Limits{
		WallSeconds: l.Wall.Seconds(), FitSeconds: l.Fit.Seconds(), MemoryBytes: float64(l.Memory), Threads: uint32(l.Threads),
	}
}

// decodeLimits is lenient about what no limit could mean: anything that is not positive means none.
func decodeLimits(m *pb.Limits) Limits {
	return Limits{
		Wall: seconds(m.GetWallSeconds()), Fit: seconds(m.GetFitSeconds()), Memory: int64(positive(m.GetMemoryBytes(), 1<<62)),
		Threads: int(m.GetThreads()),
	}
}

func seconds(s float64) time.Duration {
	const century = 100 * 365 * 24 * 3600
	return time.Duration(positive(s, century) * float64(time.Second))
}

// positive returns f within [0, most], 0 for NaN.
func positive(f, most float64) float64 {
	if f > 0 {
		return min(f, most)
	}
	return 0
}
