package gp

import (
	"cmp"
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

// Candidates are fewer than the default where one costs more: their number times that of the trials is at most mostWork,
// and times that of the hyperparameters mostCoordinates, but there are at least fewest.
const (
	defaultCandidates = 2048
	fewest            = 256
	mostWork          = 512_000
	mostCoordinates   = 200_000
)

// Climbs are from so many of the best candidates: fewer in more than 100 hyperparameters, where each has more to exchange.
const (
	defaultStarts = 10
	fewestStarts  = 2
	mostClimbing  = 1000 // starts times hyperparameters
)

// search maximises the acquisition function.
type search struct {
	inputs   *inputs
	settings Settings
	width    int // of rows
	climb    climb
}

func newSearch(in *inputs, s Settings) *search {
	if s.Starts == 0 {
		s.Starts = min(defaultStarts, max(fewestStarts, mostClimbing/max(len(in.smooth), 1)))
	}
	return &search{inputs: in, settings: s, width: len(in.smooth), climb: newClimb(in)}
}

// candidate is a row with what the model expects of it.
type candidate struct {
	made  int // how many were made before
	row   []float64
	point []float64
	mean  float64
	score float64 // the logarithm of the expected improvement, or a bound of it
}

// best returns candidates from the best on.
func (s *search) best(m *model, rng *rand.Rand) []candidate {
	found := s.candidates(m, rng)
	s.screen(m, found)
	starts := s.judge(m, found)
	for i := range starts {
		top := s.climb.from(m, starts[i], rng)
		top.made = len(found) + i
		starts = append(starts, top)
	}
	byScore(starts)
	return append(starts, found...)
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

// count is the number of candidates from everywhere where the model has so many points.
func (s *search) count(points int) int {
	if s.settings.Candidates > 0 {
		return s.settings.Candidates
	}
	return min(defaultCandidates, max(fewest, min(mostWork/points, mostCoordinates/s.width)))
}

// candidates makes the rows to choose from, all in two pieces of memory.
func (s *search) candidates(m *model, rng *rand.Rand) []candidate {
	leaders, n := m.leaders(stepsFrom), s.count(m.posterior.Len())
	total := n + stepsEach*len(leaders)
	list := make([]candidate, 0, total)
	width, dims := s.width, len(s.inputs.dimensions)
	rows, points := make([]float64, total*width), make([]float64, total*dims)
	room := func() []float64 { return rows[len(list)*width:][:width:width] }
	keep := func(row []float64) {
		if s.inputs.codec.Allowed(row) && !m.tried(row) {
			point := s.inputs.point(points[len(list)*dims:][:0:dims], row)
			list = append(list, candidate{made: len(list), row: row, point: point})
		}
	}
	cube := hypercube(n, width, rng)
	for k := range n {
		row, quantiles := room(), cube[k*width:(k+1)*width]
		s.inputs.codec.Fill(row, func(i int) float64 { return quantiles[i] })
		keep(row)
	}
	for _, leader := range leaders {
		for k := range stepsEach {
			row := room()
			s.row(row, m.points[leader])
			s.step(row, stepSizes[k%len(stepSizes)], rng)
			keep(row)
		}
	}
	return list
}

// hypercube returns the n points of a Latin hypercube (McKay, Beckman and Conover 1979), one after another.
func hypercube(n, width int, rng *rand.Rand) []float64 {
	cube := make([]float64, n*width)
	for i := range width {
		for k := range n {
			j := rng.IntN(k + 1) // a shuffle that is written as it goes
			cube[k*width+i] = cube[j*width+i]
			cube[j*width+i] = (float64(k) + rng.Float64()) / float64(n)
		}
	}
	return cube
}

// row writes the row of a point; constants are their only value.
func (s *search) row(row, point []float64) {
	for i, d := range s.inputs.codec.Dimensions() {
		row[i] = math.NaN()
		if len(d.Levels) == 1 {
			row[i] = d.Levels[0]
		}
	}
	for i, c := range s.inputs.columns {
		row[c] = point[i]
	}
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
