package gp

import (
	"cmp"
	"iter"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/metaml/metaml/optimizers/acquisition"
)

// Normal steps are tried around so many of the best trials, so many of each, of these standard deviations.
const (
	stepsFrom = 5
	stepsEach = 50
)

var stepSizes = [...]float64{0.1, 0.01, 0.001}

// Candidates are fewer than the default where judging one costs more: their number times that of the trials is at most
// mostWork, but there are at least fewest.
const (
	defaultCandidates = 2048
	fewest            = 512
	mostWork          = 512_000
	defaultStarts     = 10
)

// search maximises the acquisition function.
type search struct {
	inputs   *inputs
	settings Settings
	lattice  []float64 // the steps of a quasi-random sequence, by column
	climb    climb
}

func newSearch(in *inputs, s Settings) *search {
	if s.Starts == 0 {
		s.Starts = defaultStarts
	}
	return &search{inputs: in, settings: s, lattice: lattice(len(in.smooth)), climb: newClimb(in)}
}

// lattice returns the steps of the additive recurrence R_d (Roberts 2018): the powers of the inverse of the root of
// x^(d+1) = x + 1, which generalises the golden ratio.
func lattice(d int) []float64 {
	root := 2.0
	for range 100 {
		root = math.Pow(1+root, 1/float64(d+1))
	}
	steps, step := make([]float64, d), 1.0
	for i := range steps {
		step /= root
		steps[i] = step
	}
	return steps
}

// candidate is a row with what the model expects of it.
type candidate struct {
	made  int // how many were made before
	row   []float64
	point []float64
	mean  float64
	score float64 // the logarithm of the expected improvement, or a bound of it
}

// best yields rows from the best on.
func (s *search) best(m *model, rng *rand.Rand) iter.Seq[[]float64] {
	found := s.candidates(m, rng)
	s.screen(m, found)
	starts := s.judge(m, found)
	for i := range starts {
		top := s.climb.from(m, starts[i], rng)
		top.made = len(found) + i
		starts = append(starts, top)
	}
	byScore(starts)
	return func(yield func([]float64) bool) {
		for _, list := range [][]candidate{starts, found} {
			for _, c := range list {
				if !yield(c.row) {
					return
				}
			}
		}
	}
}

// byScore orders candidates from the best on, those made first before equals.
func byScore(list []candidate) {
	slices.SortFunc(list, func(a, b candidate) int {
		if c := cmp.Compare(b.score, a.score); c != 0 {
			return c
		}
		return cmp.Compare(a.made, b.made)
	})
}

// candidates makes the rows to choose from.
func (s *search) candidates(m *model, rng *rand.Rand) []candidate {
	n := s.settings.Candidates
	if n == 0 {
		n = min(defaultCandidates, max(fewest, mostWork/m.posterior.Len()))
	}
	var list []candidate
	keep := func(row []float64) {
		if s.inputs.codec.Allowed(row) {
			list = append(list, candidate{made: len(list), row: row, point: s.inputs.point(nil, row)})
		}
	}
	shift := make([]float64, len(s.lattice))
	for i := range shift {
		shift[i] = rng.Float64()
	}
	for range n {
		row := make([]float64, len(shift))
		for _, i := range s.inputs.codec.Order() {
			shift[i] += s.lattice[i]
			shift[i] -= math.Floor(shift[i])
			row[i] = math.NaN()
			if s.inputs.codec.Active(i, row) {
				row[i] = s.inputs.codec.Dimensions()[i].Quantile(shift[i])
			}
		}
		keep(row)
	}
	for _, at := range m.leaders(stepsFrom) {
		for k := range stepsEach {
			row := s.row(m.points[at])
			s.step(row, stepSizes[k%len(stepSizes)], rng)
			keep(row)
		}
	}
	return list
}

// row returns the row of a point; constants are their only value.
func (s *search) row(point []float64) []float64 {
	row := make([]float64, len(s.lattice))
	for i, d := range s.inputs.codec.Dimensions() {
		row[i] = math.NaN()
		if len(d.Levels) == 1 {
			row[i] = d.Levels[0]
		}
	}
	for i, c := range s.inputs.columns {
		row[c] = point[i]
	}
	return row
}

// step moves the numbers of a row by normal steps, and now and then exchanges a value without order or on a coarse grid.
func (s *search) step(row []float64, size float64, rng *rand.Rand) {
	coarse := 0
	for i, v := range row {
		if !math.IsNaN(v) && !s.inputs.smooth[i] {
			coarse++
		}
	}
	for i, v := range row {
		if math.IsNaN(v) {
			continue
		}
		d := &s.inputs.codec.Dimensions()[i]
		if s.inputs.smooth[i] {
			row[i] = d.Nearest(min(max(v+size*rng.NormFloat64(), 0), 1))
		} else if rng.Float64() < 0.5/float64(coarse) {
			row[i] = d.Levels[rng.IntN(len(d.Levels))]
		}
	}
	s.inputs.codec.Settle(row, rng)
}

// leaders returns the points of the k least losses.
func (m *model) leaders(k int) []int {
	order := make([]int, 0, len(m.loss))
	for i, y := range m.loss {
		if !math.IsNaN(y) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(m.loss[a], m.loss[b]) })
	return order[:min(k, len(order))]
}

// screen gives every candidate its mean and a bound of its score, and orders them by that.
func (s *search) screen(m *model, list []candidate) {
	points := make([][]float64, len(list))
	for i := range list {
		points[i] = list[i].point
	}
	means, bounds := make([]float64, len(list)), make([]float64, len(list))
	m.posterior.Screen(points, means, bounds)
	for i := range list {
		list[i].mean = means[i]
		list[i].score = acquisition.LogEI(means[i], math.Sqrt(bounds[i]), m.best)
	}
	byScore(list)
}

// chunk is how many candidates are judged together.
const chunk = 32

// judge replaces the bounds of candidates by their scores, from the best bound on, until no other can be among the
// best. It orders the list and returns copies of the best.
func (s *search) judge(m *model, list []candidate) []candidate {
	starts := s.settings.Starts
	var top []candidate
	points, variances := make([][]float64, 0, chunk), make([]float64, chunk)
	for from := 0; from < len(list); from += chunk {
		part := list[from:min(from+chunk, len(list))]
		if len(top) == starts && part[0].score <= top[starts-1].score {
			break
		}
		points = points[:0]
		for _, c := range part {
			points = append(points, c.point)
		}
		m.posterior.Variances(points, variances)
		for i := range part {
			part[i].score = acquisition.LogEI(part[i].mean, math.Sqrt(variances[i]), m.best)
		}
		top = append(top, part...)
		byScore(top)
		top = top[:min(starts, len(top))]
	}
	byScore(list)
	return slices.Clone(top)
}
