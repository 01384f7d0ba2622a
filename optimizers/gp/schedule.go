package gp

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/metaml/metaml/optimizers/surrogate/gaussian"
)

// The schedule of fits: with every loss up to eagerFits, then whenever there are a tenth more. A fit starts from the one
// before, except at the first, and wherever the number of points has doubled since the last fresh one: those search
// from scratch, so that whoever replays a log has only the fits since then to repeat.
const (
	eagerFits  = 50
	fitGrowth  = 1.1
	firstFresh = 10
)

// scheduled returns the last point of the schedule up to n.
func (m *model) scheduled(n int) int {
	if n <= eagerFits {
		return n
	}
	at := eagerFits
	for next := at; next <= n; next = int(math.Ceil(float64(next) * fitGrowth)) {
		at = next
	}
	return at
}

// fresh reports whether the fit at a point of the schedule is from scratch.
func fresh(at int) bool {
	if at < firstFresh {
		return true
	}
	before := at - 1
	if at > eagerFits {
		before = int(float64(at)/fitGrowth) - 1
	}
	// is there a doubling of firstFresh in (before, at]?
	for double := firstFresh; double <= at; double *= 2 {
		if double > before {
			return true
		}
	}
	return false
}

// refit fits at n, a point of the schedule, by all fits since the last fresh one that are not there yet.
func (m *model) refit(n int) error {
	chain := []int{n}
	for at := n; !fresh(at) && at != m.fit.n; {
		at = m.scheduled(at - 1)
		chain = append(chain, at)
	}
	slices.Reverse(chain)
	for _, at := range chain {
		if m.fit.n == at && at > 0 {
			continue
		}
		if err := m.fitAt(at); err != nil {
			return err
		}
	}
	return nil
}

// fitAt fits transformation and hyperparameters to the first n points.
func (m *model) fitAt(n int) error {
	var seen []float64
	for _, y := range m.loss[:n] {
		if !math.IsNaN(y) {
			seen = append(seen, y)
		}
	}
	transform := gaussian.FitTransform(seen)
	starts := m.starts(n)
	if !fresh(n) {
		starts[0] = m.fit.h
		if starts = starts[:min(len(starts), 2)]; n > eagerFits {
			starts = starts[:1]
		}
	}
	some := m.fitting(n)
	h, _, err := m.process.Fit(m.pick(some), m.outputs(transform, n, some), starts, gaussian.Descent{Iterations: 30})
	if err != nil {
		return err
	}
	m.fit = fit{n: n, h: h, transform: transform}
	return nil
}

// noisy is the noise variance of one of the starts: where losses are noisy, a fit that begins with little noise may end
// in a process that takes all of it for signal.
const noisy = 0.1

// mostStarting bounds the starts of a fresh fit times the dimensions: in many, each costs as much as a whole pick.
const mostStarting = 300

// starts are those of a fresh fit: the default, the default with noise, and one at random around it, or the first of these.
func (m *model) starts(n int) []gaussian.Hyperparameters {
	rng := rand.New(rand.NewPCG(uint64(n), 0x6770))
	calm, loud, other := m.process.Default(), m.process.Default(), m.process.Default()
	loud.Noise = noisy
	other.Noise *= math.Exp(2 * rng.NormFloat64())
	for i := range other.Lengthscales {
		other.Lengthscales[i] *= math.Exp(rng.NormFloat64())
	}
	list := []gaussian.Hyperparameters{calm, loud, other}
	return list[:min(len(list), max(1, mostStarting/m.dimensions()))]
}

// The most points of a posterior, and of a fit: hyperparameters need fewer points than predictions. In many dimensions
// they are so many fewer that points times dimensions stay in bounds, down to the least.
const (
	mostPoints       = 1000
	pointCoordinates = 100_000
	leastPoints      = 128
	mostFitted       = 400
	fitCoordinates   = 50_000
	leastFitted      = 64
)

// subset chooses the points of the posterior among the first n.
func (m *model) subset(n int) []int {
	return m.nearAndSpread(n, min(mostPoints, max(leastPoints, pointCoordinates/m.dimensions())))
}

// fitting chooses the points of a fit among the first n.
func (m *model) fitting(n int) []int {
	return m.nearAndSpread(n, min(mostFitted, max(leastFitted, fitCoordinates/m.dimensions())))
}

// dimensions is the number of the model's inputs, at least 1.
func (m *model) dimensions() int { return max(len(m.inputs.dimensions), 1) }

// nearAndSpread chooses at most that many of the first n points, in their order: half of them are the nearest to the best
// one, and half are spread over all others.
func (m *model) nearAndSpread(n, most int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	if n <= most {
		return all
	}
	incumbent := 0
	for i, y := range m.loss[:n] {
		if y < m.loss[incumbent] || math.IsNaN(m.loss[incumbent]) {
			incumbent = i
		}
	}
	distance := make([]float64, n)
	for i, x := range m.points[:n] {
		distance[i] = m.distance(x, m.points[incumbent])
	}
	slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(distance[a], distance[b]) })
	near := all[:most/2]
	rest := slices.Clone(all[most/2:])
	slices.Sort(rest)
	spread := make([]int, 0, most-most/2)
	for k := range most - most/2 {
		spread = append(spread, rest[k*len(rest)/(most-most/2)])
	}
	chosen := append(slices.Clone(near), spread...)
	slices.Sort(chosen)
	return chosen
}

// distance is a plain squared distance of two points: a difference of activity or category is 1.
func (m *model) distance(a, b []float64) float64 {
	sum := 0.0
	for i := range m.inputs.columns {
		switch d := a[i] - b[i]; {
		case math.IsNaN(d) || (m.inputs.dimensions[i].Kind == gaussian.Categorical && d != 0):
			if !(math.IsNaN(a[i]) && math.IsNaN(b[i])) {
				sum++
			}
		default:
			sum += d * d
		}
	}
	return sum
}
