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
	moves      pool
	climbers   []climber
	ranking    []int
	arm        arm     // that the rows are in
	target     float64 // the best one in it, which is to be improved on
}

// climber is a row on its way up.
type climber struct {
	row   []float64
	score float64
	first int // its moves are those from here
	last  int // up to but without this one, in the pool
	done  bool
}

func newSearch(c *coding.Codec, candidates int) *search {
	d := len(c.Dimensions())
	return &search{codec: c, candidates: candidates, random: pool{width: d}, moves: pool{width: d}}
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
	s.start(m, near)
	for range maxMoves {
		if !s.climb(m, near, rng) {
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
func (s *search) start(m *model, near *forest.Neighbourhood) {
	s.climbers = s.climbers[:0]
	s.moves.clear()
	s.rank(&s.random)
	for _, i := range s.ranking[:min(startsRandom, len(s.ranking))] {
		copy(s.moves.grow(), s.random.row(i))
	}
	s.ranking = s.ranking[:0]
	for i := range m.target {
		if s.arm.holds(m.rows[i]) {
			s.ranking = append(s.ranking, i)
		}
	}
	slices.SortStableFunc(s.ranking, func(a, b int) int { return cmp.Compare(m.target[a], m.target[b]) })
	for _, i := range s.ranking[:min(startsTold, len(s.ranking))] {
		copy(s.moves.grow(), m.rows[i])
	}
	s.moves.ready()
	m.judge(&s.moves, near, s.target)
	for i, score := range s.moves.score {
		s.climbers = append(s.climbers, climber{row: slices.Clone(s.moves.row(i)), score: score})
	}
}

// climb moves every climber to the best of its neighbours, unless none is better, and reports whether any moved.
func (s *search) climb(m *model, near *forest.Neighbourhood, rng *rand.Rand) bool {
	s.moves.clear()
	for i := range s.climbers {
		c := &s.climbers[i]
		c.first = s.moves.len()
		if !c.done {
			s.neighbours(c.row, rng)
		}
		c.last = s.moves.len()
	}
	s.moves.ready()
	m.judge(&s.moves, near, s.target)
	moved := false
	for i := range s.climbers {
		c := &s.climbers[i]
		to := -1
		for k := c.first; k < c.last; k++ {
			if s.moves.score[k] > c.score {
				to, c.score = k, s.moves.score[k]
			}
		}
		if c.done = to < 0; !c.done {
			copy(c.row, s.moves.row(to))
			moved = true
		}
	}
	return moved
}

// neighbours adds the rows that differ from a row in one of its hyperparameters: every other choice, and random steps
// of a number.
func (s *search) neighbours(row []float64, rng *rand.Rand) {
	for i, d := range s.codec.Dimensions() {
		switch {
		case math.IsNaN(row[i]):
		case d.Nominal:
			for _, level := range d.Levels {
				if level != row[i] {
					s.move(row, i, level, rng)
				}
			}
		default:
			for _, sd := range numericSteps {
				if to := d.Nearest(row[i] + sd*rng.NormFloat64()); to != row[i] && to >= 0 && to <= 1 {
					s.move(row, i, to, rng)
				}
			}
		}
	}
}

// move adds the row with one value changed.
func (s *search) move(row []float64, i int, to float64, rng *rand.Rand) {
	moved := s.moves.grow()
	copy(moved, row)
	moved[i] = to
	if s.codec.SettleBelow(i, moved, rng); !s.codec.Allowed(moved) || !s.arm.holds(moved) {
		s.moves.drop()
	}
}
