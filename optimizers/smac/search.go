package smac

import (
	"cmp"
	"iter"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/metaml/metaml/optimizers/coding"
	"github.com/metaml/metaml/optimizers/surrogate/forest"
)

// The local search: from how many of the best told rows and of the best random ones it starts, and how many times each
// moves at most.
const (
	startsTold   = 5
	startsRandom = 5
	maxMoves     = 30
)

// numericSteps are the standard deviations of the moves of a number, in the unit interval. SMAC's is .2 alone; the
// finer ones find the optimum of what the forest says near the incumbent.
var numericSteps = [...]float64{0.2, 0.05, 0.01, 0.2}

// search maximises the acquisition function. It keeps its memory from one pick to the next.
type search struct {
	codec      *coding.Codec
	candidates int
	random     pool
	climbers   []climber
	ranking    []int
	arm        arm     // that the rows are in
	target     float64 // the best one in it, which is to be improved on
	around     *forest.Around
	row        []float64 // the neighbour of a climber at hand
}

// climber is a row on its way up.
type climber struct {
	row, better []float64 // where it is, and the best of its neighbours if that is better
	score       float64   // of the better of the two
	moves, done bool      // whether a neighbour is better, and whether none was the last time
}

func newSearch(c *coding.Codec, candidates int) *search {
	d := len(c.Dimensions())
	return &search{codec: c, candidates: candidates, random: pool{width: d}, row: make([]float64, d)}
}

// best yields rows of an arm from the best on: those where the climbers ended and the random ones. They are valid until
// the next. What counts is the improvement over the best trial of the arm.
func (s *search) best(m *model, within arm, pending [][]float64, rng *rand.Rand) iter.Seq[[]float64] {
	var near *forest.Neighbourhood
	if len(pending) > 0 {
		near = m.forest.Neighbourhood(pending)
	}
	s.arm, s.target = within, m.bestIn(within)
	s.random.clear()
	for range s.candidates {
		row := s.random.grow()
		if s.codec.Sample(row, rng); !s.codec.Allowed(row) || !s.arm.holds(row) {
			s.random.drop()
		}
	}
	s.random.ready()
	m.judge(&s.random, near, s.target)
	s.around = m.forest.Around(near)
	s.start(m)
	for range maxMoves {
		if !s.climb(rng) {
			break
		}
	}
	for _, c := range s.climbers {
		copy(s.random.grow(), c.row)
		s.random.score = append(s.random.score, c.score)
	}
	s.rank(&s.random)
	return func(yield func([]float64) bool) {
		for _, i := range s.ranking {
			if !yield(s.random.row(i)) {
				return
			}
		}
	}
}

// rank orders a pool from the highest score on, the first of equals first.
func (s *search) rank(p *pool) {
	s.ranking = s.ranking[:0]
	for i := range p.score {
		s.ranking = append(s.ranking, i)
	}
	slices.SortFunc(s.ranking, func(a, b int) int {
		if c := cmp.Compare(p.score[b], p.score[a]); c != 0 {
			return c
		}
		return cmp.Compare(a, b)
	})
}

// start places the climbers: on the trials of the lowest losses and on the best of the random rows.
func (s *search) start(m *model) {
	s.climbers = s.climbers[:0]
	s.rank(&s.random)
	for _, i := range s.ranking[:min(startsRandom, len(s.ranking))] {
		s.place(s.random.row(i))
	}
	s.ranking = s.ranking[:0]
	for i := range m.target {
		if s.arm.holds(m.rows[i]) {
			s.ranking = append(s.ranking, i)
		}
	}
	slices.SortStableFunc(s.ranking, func(a, b int) int { return cmp.Compare(m.target[a], m.target[b]) })
	for _, i := range s.ranking[:min(startsTold, len(s.ranking))] {
		s.place(m.rows[i])
	}
}

// place adds a climber.
func (s *search) place(row []float64) {
	score := s.score(s.around.Point(row))
	s.climbers = append(s.climbers, climber{row: slices.Clone(row), better: slices.Clone(row), score: score})
}

// score is the acquisition function.
func (s *search) score(mean, variance, share float64) float64 {
	return logEI(mean, variance, share, s.target)
}

// climb moves every climber to the best of its neighbours, unless none is better, and reports whether any moved.
func (s *search) climb(rng *rand.Rand) bool {
	moved := false
	for i := range s.climbers {
		c := &s.climbers[i]
		if c.done {
			continue
		}
		copy(s.row, c.row)
		s.around.Point(c.row)
		c.moves = false
		s.neighbours(c, rng)
		s.judge(c)
		copy(c.row, c.better)
		c.done = !c.moves
		moved = moved || c.moves
	}
	return moved
}

// neighbours tries the rows that differ from a climber's in one of its hyperparameters: every other choice, and random
// steps of a number.
func (s *search) neighbours(c *climber, rng *rand.Rand) {
	for i, d := range s.codec.Dimensions() {
		switch at := c.row[i]; {
		case math.IsNaN(at):
		case d.Nominal:
			for _, level := range d.Levels {
				if level != at {
					s.move(c, i, level, rng)
				}
			}
		default:
			for _, sd := range numericSteps {
				if to := d.Nearest(at + sd*rng.NormFloat64()); to != at && to >= 0 && to <= 1 {
					s.move(c, i, to, rng)
				}
			}
		}
	}
}

// together is how many neighbours are judged at a time.
const together = 16

// move tries a climber's row with one value changed, which is the row at hand until then and afterwards.
func (s *search) move(c *climber, i int, to float64, rng *rand.Rand) {
	changed := s.codec.Change(s.row, i, to, rng)
	if s.codec.Allowed(s.row) && s.arm.holds(s.row) && s.around.Enqueue(s.row, changed) == together {
		s.judge(c)
	}
	for _, j := range changed {
		s.row[j] = c.row[j]
	}
}

// judge remembers the best of the neighbours that were tried.
func (s *search) judge(c *climber) {
	s.around.Predict(func(row []float64, mean, variance, share float64) {
		if score := s.score(mean, variance, share); score > c.score {
			c.score, c.moves = score, true
			copy(c.better, row)
		}
	})
}
