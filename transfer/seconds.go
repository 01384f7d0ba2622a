package transfer

import (
	"math"
	"slices"
	"sync"
)

// Size is the size of a table: its rows and its columns without the target; 0 is unknown.
type Size struct{ Rows, Columns int }

// Names that meta-features of different sources have for the size of a table.
var (
	rowNames    = [...]string{"NumberOfInstances", "nr_inst"}
	columnNames = [...]string{"NumberOfFeatures", "nr_attr"}
)

// SizeOf returns the size of task t, by its meta-features where the record does not say.
func (m *Matrix) SizeOf(t int) Size {
	size := m.SizeBy(m.Tasks[t].Features)
	if m.Tasks[t].Rows > 0 {
		size.Rows = m.Tasks[t].Rows
	}
	if m.Tasks[t].Columns > 0 {
		size.Columns = m.Tasks[t].Columns
	}
	return size
}

// SizeBy returns the size that meta-features, in the order of FeatureNames, tell of.
func (m *Matrix) SizeBy(x []float64) Size {
	value := func(names []string) int {
		for _, name := range names {
			if i, ok := slices.BinarySearch(m.FeatureNames, name); ok && x[i] >= 1 {
				return int(x[i])
			}
		}
		return 0
	}
	return Size{value(rowNames[:]), value(columnNames[:])}
}

// Stopwatch predicts how long a run of a configuration takes on a table of any size: the times of the prior tasks, each
// scaled by a power of the ratio of rows and by one of the ratio of columns,
//
//	log seconds = sum_t w_t (log seconds_tc + b_rows log(rows / rows_t) + b_columns log(columns / columns_t))
//
// with weights w over the prior tasks where the configuration was run, so that it is the typical time rather than the
// mean. The powers are those of the configuration's learner, fitted to all prior tasks by least squares within
// configurations and shrunken to those of all learners together. Rows beyond the protocol's cap are not trained on and
// do not count. Times that ran out are taken as they are, so that predictions near a limit are too short.
// A Stopwatch is safe for concurrent use.
//
// Held out by groups, all prior tasks weighted alike (`metaml bench recommend`; in brackets without scaling to size):
//
//	                                     oboe table    seed, classification    seed, regression
//	median of foretold / real            1.04 (1.60)   1.03 (1.07)             1.02 (1.06)
//	median factor off                    1.51 (2.48)   1.25 (1.34)             1.24 (1.41)
//	share within a factor of 2           .68 (.41)     .84 (.76)               .87 (.74)
//	median factor off, all runs together 1.51 (2.71)   1.25 (1.54)             1.26 (1.52)
type Stopwatch struct {
	m      *Matrix
	sizes  [][2]float64 // by task: log rows, log columns; NaN is unknown
	powers map[string][2]float64

	once sync.Once
	logs [][]float64 // by task and column: log seconds, NaN where not known; of All
}

// stopwatchTasks is how many tasks the powers are fitted to at most: they are no better from more.
const stopwatchTasks = 200

// shrunkenTo is the number of runs that the powers of all learners together count for in those of one.
const shrunkenTo = 50

// NewStopwatch fits the powers.
func NewStopwatch(m *Matrix) *Stopwatch {
	s := &Stopwatch{m: m, powers: make(map[string][2]float64)}
	for t := range m.Tasks {
		s.sizes = append(s.sizes, s.logSize(m.SizeOf(t), m.Tasks[t].RowCap))
	}
	fits := make(map[string]*powerFit)
	var all powerFit
	step := (len(m.Tasks) + stopwatchTasks - 1) / stopwatchTasks
	for c := range m.Configs {
		fit := fits[m.Configs[c].Learner]
		if fit == nil {
			fit = &powerFit{}
			fits[m.Configs[c].Learner] = fit
		}
		own := s.within(c, step)
		fit.add(own, 1)
		all.add(own, 1)
	}
	usual := all.powers()
	for learner, fit := range fits {
		if all.runs > 0 {
			fit.add(all, shrunkenTo/all.runs)
		}
		s.powers[learner] = fit.powers()
		if fit.runs == 0 {
			s.powers[learner] = usual
		}
	}
	return s
}

// logSize returns the logarithms of the rows trained on and of the columns.
func (s *Stopwatch) logSize(size Size, rowCap int) [2]float64 {
	if rowCap > 0 {
		size.Rows = min(size.Rows, rowCap)
	}
	out := [2]float64{math.NaN(), math.NaN()}
	if size.Rows > 0 {
		out[0] = math.Log(float64(size.Rows))
	}
	if size.Columns > 0 {
		out[1] = math.Log(float64(size.Columns))
	}
	return out
}

// leastSeconds is the shortest time that is told from none.
const leastSeconds = 1e-3

// logSeconds is the logarithm of the time of a cell, NaN if it is not known.
func (s *Stopwatch) logSeconds(t, c int) float64 { return math.Log(max(leastSeconds, s.m.Cost[t][c])) }

// within returns the sums of squares and products of a configuration's times and sizes, about their means.
func (s *Stopwatch) within(c, step int) powerFit {
	var rows [][3]float64 // log rows, log columns, log seconds
	var centre [3]float64
	for t := 0; t < len(s.m.Tasks); t += step {
		row := [3]float64{s.sizes[t][0], s.sizes[t][1], s.logSeconds(t, c)}
		if math.IsNaN(row[0] + row[1] + row[2]) {
			continue
		}
		rows = append(rows, row)
		for i, v := range row {
			centre[i] += v
		}
	}
	out := powerFit{runs: float64(len(rows))}
	for _, row := range rows {
		for i := range row {
			row[i] -= centre[i] / float64(len(rows))
		}
		out.rr += row[0] * row[0]
		out.rc += row[0] * row[1]
		out.cc += row[1] * row[1]
		out.rs += row[0] * row[2]
		out.cs += row[1] * row[2]
	}
	return out
}

// powerFit is the normal equations of the two powers: sums over runs of products of log rows, columns and seconds.
type powerFit struct{ runs, rr, rc, cc, rs, cs float64 }

func (f *powerFit) add(g powerFit, weight float64) {
	f.runs += weight * g.runs
	f.rr += weight * g.rr
	f.rc += weight * g.rc
	f.cc += weight * g.cc
	f.rs += weight * g.rs
	f.cs += weight * g.cs
}

// powers solves the equations. A power is 0 where sizes do not vary, and between 0 and 3 in any case: no learner is
// faster on more data, and what is steeper is the work of few runs.
func (f *powerFit) powers() [2]float64 {
	const least, most = 0, 3
	ridge := 1e-9 * (1 + f.rr + f.cc)
	rr, cc := f.rr+ridge, f.cc+ridge
	det := rr*cc - f.rc*f.rc
	rows, columns := (f.rs*cc-f.cs*f.rc)/det, (f.cs*rr-f.rs*f.rc)/det
	return [2]float64{min(most, max(least, rows)), min(most, max(least, columns))}
}

// Seconds predicts the time of a run of column c on a table of that size by the prior tasks with positive weight; NaN if
// its time is known of none.
func (s *Stopwatch) Seconds(c int, weights []float64, size Size) float64 {
	own, powers := s.logSize(size, s.m.RowCap), s.powers[s.m.Configs[c].Learner]
	sum, total := 0.0, 0.0
	for t, w := range weights {
		if w > 0 && !math.IsNaN(s.m.Cost[t][c]) {
			sum += w * (s.logSeconds(t, c) + s.growth(t, own, powers))
			total += w
		}
	}
	return math.Exp(sum / total) // NaN without weight
}

// growth is what the difference in size from task t adds to the logarithm of a time; unknown sizes add nothing.
func (s *Stopwatch) growth(t int, own, powers [2]float64) float64 {
	growth := 0.0
	for i, power := range powers {
		if d := own[i] - s.sizes[t][i]; !math.IsNaN(d) {
			growth += power * d
		}
	}
	return growth
}

// All returns what Seconds does of every column, for less.
func (s *Stopwatch) All(weights []float64, size Size) []float64 {
	s.once.Do(func() {
		for t := range s.m.Tasks {
			row := make([]float64, len(s.m.Configs))
			for c := range row {
				row[c] = s.logSeconds(t, c)
			}
			s.logs = append(s.logs, row)
		}
	})
	own, learner := s.logSize(size, s.m.RowCap), make([]int, len(s.m.Configs))
	number, powers := make(map[string]int), [][2]float64(nil)
	for c, config := range s.m.Configs {
		n, seen := number[config.Learner]
		if !seen {
			n = len(powers)
			number[config.Learner], powers = n, append(powers, s.powers[config.Learner])
		}
		learner[c] = n
	}
	sum, total, growth := make([]float64, len(learner)), make([]float64, len(learner)), make([]float64, len(powers))
	for t, w := range weights {
		if w <= 0 {
			continue
		}
		for n := range growth {
			growth[n] = s.growth(t, own, powers[n])
		}
		for c, log := range s.logs[t] {
			if log == log { // not NaN
				sum[c] += w * (log + growth[learner[c]])
				total[c] += w
			}
		}
	}
	for c := range sum {
		sum[c] = math.Exp(sum[c] / total[c])
	}
	return sum
}
