package tunebench

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/transfer"
)

// pool is a table as one run sees it: the rows that it can still evaluate.
//
// A configuration that is no row is moved to the nearest row that the run has not evaluated. Rows of the same learner
// are always nearer than those of another one. Among them the distance is Euclidean in the unit cube, over the
// parameters that both configurations have: choices differ by 0 or 1, numbers, also of ordinal parameters, by their
// distance in coordinates. A parameter that one of the two lacks adds nothing, because the choice on which it hangs
// differs already. Among equally near rows an order drawn from the run's seed decides, the same for all methods.
type pool struct {
	task  *Task
	order []int // of the rows
	taken []bool
	left  int
}

// index is what finding rows takes.
type index struct {
	byHash  map[string]int
	coded   [][]float64
	learner []string
	choice  []bool // by parameter: a choice without order
}

// newIndex looks at the rows of a task.
func newIndex(t *Task) (index, error) {
	x := index{byHash: map[string]int{}}
	for _, h := range t.Space.Parameters() {
		x.choice = append(x.choice, h.Discrete() && h.Type != space.TypeOrdinal)
	}
	for i, r := range t.Rows {
		hash, err := r.Config.Hash()
		if err != nil {
			return x, err
		}
		x.byHash[hash] = i
		x.coded = append(x.coded, t.Space.Encode(r.Config))
		x.learner = append(x.learner, transfer.Learner(r.Config))
	}
	return x, nil
}

// orderStream is the random stream of the order among equally near rows.
const orderStream = 0x7ab1e

// newPool makes the pool of a run.
func newPool(t *Task, seed uint64) *pool {
	return &pool{task: t, taken: make([]bool, len(t.Rows)), left: len(t.Rows),
		order: rand.New(rand.NewPCG(seed, orderStream)).Perm(len(t.Rows))}
}

// row returns the row of a configuration.
func (p *pool) row(c space.Config) (int, bool) {
	hash, err := c.Hash()
	if err != nil {
		return 0, false
	}
	i, ok := p.task.index.byHash[hash]
	return i, ok
}

// take marks a row as evaluated.
func (p *pool) take(row int) {
	if !p.taken[row] {
		p.taken[row] = true
		p.left--
	}
}

// nearest returns the nearest row that is not evaluated, false if none is left.
func (p *pool) nearest(c space.Config) (int, bool) {
	if p.left == 0 {
		return 0, false
	}
	u, learner := p.task.Space.Encode(c), transfer.Learner(c)
	best, foreign, least := -1, false, math.Inf(1)
	for _, i := range p.order {
		if p.taken[i] {
			continue
		}
		other, d := p.task.index.learner[i] != learner, p.distance(u, p.task.index.coded[i])
		if best < 0 || cmp.Or(compareBools(other, foreign), cmp.Compare(d, least)) < 0 {
			best, foreign, least = i, other, d
		}
	}
	return best, true
}

// distance is the squared distance over the parameters that both have.
func (p *pool) distance(u, v []float64) float64 {
	sum := 0.0
	for j := range u {
		switch d := u[j] - v[j]; {
		case math.IsNaN(d) || d == 0:
		case p.task.index.choice[j]:
			sum++
		default:
			sum += d * d
		}
	}
	return sum
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// known returns those of the configurations that are rows.
func (p *pool) known(configs []space.Config) []space.Config {
	return slices.DeleteFunc(slices.Clone(configs), func(c space.Config) bool { _, ok := p.row(c); return !ok })
}
