package metafeatures

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/metaml/metaml/metafeatures/dataset"
)

// extraction is one dataset on its way through the groups: the rows and columns that are looked at, and what
// several groups need, computed once by the first that asks.
type extraction struct {
	ctx     context.Context
	data    *dataset.Dataset
	opt     Options
	columns []int   // features looked at by statistical and info-theory, ascending
	rows    []int32 // rows looked at by them, ascending
	notes   []string

	profiled []profile // by position in columns, see profiles
	encoded  *encoding
	paired   *numericSample // see pairSample

	start               time.Duration // on the clock of cpuTime
	operations, checked int64         // see spend
}

// Streams of random numbers, so that no group's values depend on which others are computed.
const (
	streamRows = iota
	streamColumns
	streamEncoding
	streamProducts
	streamLandmarkRows
	streamFolds
	streamNode
	streamConcentration
	streamTreeRows
	streamPairRows
	streamItemsets
	streamClassPairs
	streamSolver
	streamInterpolation
	streamSubsample
)

func newExtraction(ctx context.Context, d *dataset.Dataset, opt Options) *extraction {
	x := &extraction{ctx: ctx, data: d, opt: opt, start: cpuTime()}
	x.sample()
	return x
}

func (x *extraction) rng(stream uint64) *rand.Rand {
	return rand.New(rand.NewPCG(x.opt.Seed, stream))
}

// leastRows is how many rows a sample keeps before columns are left out as well.
const leastRows = 1000

// sample chooses rows and columns such that at most MaxCells cells are looked at.
func (x *extraction) sample() {
	rows, columns := x.data.Rows, len(x.data.Features)
	if x.opt.MaxCells/columns < rows {
		rows = min(rows, max(leastRows, x.opt.MaxCells/columns))
	}
	if rows < x.data.Rows {
		x.note("statistical and info-theory look at %d of %d rows", rows, x.data.Rows)
	}
	if x.opt.MaxCells/rows < columns {
		columns = max(1, x.opt.MaxCells/rows)
		x.note("statistical and info-theory look at %d of %d columns", columns, len(x.data.Features))
	}
	for _, r := range chosen(x.rng(streamRows), x.data.Rows, rows) {
		x.rows = append(x.rows, int32(r))
	}
	x.columns = chosen(x.rng(streamColumns), len(x.data.Features), columns)
}

// note records a fact about samples; facts of the whole dataset are not noted.
func (x *extraction) note(format string, args ...any) {
	if n := fmt.Sprintf(format, args...); !slices.Contains(x.notes, n) {
		x.notes = append(x.notes, n)
	}
}

// errSpent says that the budget is spent.
var errSpent = errors.New("the time budget is spent")

// spend counts cells visited and multiplications made, and every so often asks whether the time is over.
func (x *extraction) spend(operations int) error {
	const often = 100_000
	x.operations += int64(operations)
	if x.operations-x.checked < often {
		return nil
	}
	x.checked = x.operations
	return x.over()
}

// over returns why the work must end, nil if it need not.
func (x *extraction) over() error {
	if err := context.Cause(x.ctx); err != nil {
		return err
	}
	if x.opt.Budget > 0 && cpuTime()-x.start > x.opt.Budget {
		return errSpent
	}
	return nil
}

// wallTime is the time since 1970.
func wallTime() time.Duration { return time.Duration(time.Now().UnixNano()) }

// chosen returns k of the numbers below n, ascending, every subset being equally likely.
func chosen(rng *rand.Rand, n, k int) []int {
	if k >= n {
		all := make([]int, n)
		for i := range all {
			all[i] = i
		}
		return all
	}
	// Floyd's algorithm: k draws, none of them in vain.
	taken := make([]bool, n)
	for j := n - k; j < n; j++ {
		v := rng.IntN(j + 1)
		if taken[v] {
			v = j
		}
		taken[v] = true
	}
	subset := make([]int, 0, k)
	for v, is := range taken {
		if is {
			subset = append(subset, v)
		}
	}
	return subset
}

// classification says whether the target is a class.
func (x *extraction) classification() bool { return x.data.Task == dataset.Classification }

// categorical says whether a column holds level codes.
func categorical(c *dataset.Column) bool {
	return c.Kind == dataset.Categorical || c.Kind == dataset.Boolean
}

// gathered returns a column's values at rows.
func gathered(values []float64, rows []int32) []float64 {
	if len(rows) == len(values) {
		return values // rows are ascending and distinct, hence all
	}
	out := make([]float64, len(rows))
	for i, r := range rows {
		out[i] = values[r]
	}
	return out
}
