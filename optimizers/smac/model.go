package smac

import (
	"math"
	"slices"

	"github.com/metaml/metaml/optimizers/acquisition"
	"github.com/metaml/metaml/optimizers/coding"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/optimizers/surrogate/forest"
)

// model is what was learned of the losses: a forest on the rows of the trials that ended.
type model struct {
	forest *forest.Rolling
	rows   [][]float64
	loss   []float64 // by row; NaN where there is none
	losses int       // how many are not NaN
	target []float64 // by row, as the forest sees them; shorter where it has not seen all
	best   float64   // the least target
}

// featureShare is the share of the features tried at each split, as in SMAC.
const featureShare = 5.0 / 6

// The rows up to which all trees are grown anew for every pick, where usualWidth hyperparameters are active: so many
// fewer where more are, but not below leastFresh. Hyperparameters that are inactive have to be looked at near the root
// only, and count inactiveShare.
const (
	mostFresh     = 128
	leastFresh    = 8
	usualWidth    = 16
	inactiveShare = 1.0 / 4
)

// newModel returns a model that knows nothing. active is about how many hyperparameters are active at once.
func newModel(c *coding.Codec, trees int, active float64, seed uint64) (*model, error) {
	width := max(active, inactiveShare*float64(len(c.Dimensions())), 1)
	fresh := min(mostFresh, max(leastFresh, int(mostFresh*usualWidth/width)))
	f, err := forest.NewRolling(forest.RollingOptions{
		Trees: trees, MaxFeatures: featureShare, Cut: forest.CutRandom, Nominal: c.Nominal(), Fresh: fresh, Seed: seed,
	})
	return &model{forest: f}, err
}

// add takes in a trial that ended.
func (m *model) add(row []float64, t study.Trial) {
	loss := math.NaN()
	if len(t.Losses) > 0 {
		loss = t.Losses[0]
	}
	if !math.IsNaN(loss) {
		m.losses++
	}
	m.rows, m.loss = append(m.rows, row), append(m.loss, loss)
}

// fit brings the forest up to what was told.
func (m *model) fit() error {
	if len(m.target) == len(m.rows) {
		return nil
	}
	if err := m.forest.Follow(m.rows, m.targets); err != nil {
		return err
	}
	m.target = m.targets(len(m.rows))
	m.best = slices.Min(m.target)
	return nil
}

// targets returns what the forest learns of the first n trials.
func (m *model) targets(n int) []float64 { return logExcess(imputed(m.loss[:n])) }

// imputed gives trials without a loss the worst of the others'.
func imputed(loss []float64) []float64 {
	worst := math.Inf(-1)
	for _, y := range loss {
		if y > worst {
			worst = y
		}
	}
	out := slices.Clone(loss)
	for i, y := range out {
		if math.IsNaN(y) {
			out[i] = worst
		}
	}
	return out
}

// excessUnit is the share of the median excess over the least loss below which targets are linear in the loss.
const excessUnit = 0.02

// logExcess replaces losses by log(1 + excess/unit), the excess over the least of them, in place. It spreads the good
// losses and gathers the bad ones whatever their sign and size, and differences far below the median excess, which
// may be noise, are not blown up.
func logExcess(y []float64) []float64 {
	least := slices.Min(y)
	var positive []float64
	for i := range y {
		y[i] = y[i]/2 - least/2 // halves, so that no difference overflows
		if y[i] > 0 {
			positive = append(positive, y[i])
		}
	}
	if len(positive) == 0 {
		return y
	}
	slices.Sort(positive)
	unit := max(excessUnit*positive[len(positive)/2], math.SmallestNonzeroFloat64)
	for i := range y {
		y[i] = math.Log1p(min(y[i]/unit, math.MaxFloat64))
	}
	return y
}

// bestIn returns the least target in an arm.
func (m *model) bestIn(a arm) float64 {
	if a == nil {
		return m.best
	}
	best := math.Inf(1)
	for i, y := range m.target {
		if y < best && a.holds(m.rows[i]) {
			best = y
		}
	}
	return best
}

// count returns how many trials ended in an arm, and how many of them have a loss.
func (m *model) count(a arm) (trials, losses int) {
	for i, row := range m.rows {
		if !a.holds(row) {
			continue
		}
		trials++
		if !math.IsNaN(m.loss[i]) {
			losses++
		}
	}
	return trials, losses
}

// judge writes the acquisition function of a pool of candidates: the logarithm of the expected improvement over the
// target best, the variance reduced by the share of trees in which a candidate is in one leaf with what is pending.
func (m *model) judge(p *pool, pending *forest.Neighbourhood, best float64) {
	n := len(p.score)
	m.forest.Predict(p.rows, p.mean[:n], p.variance[:n])
	if pending != nil {
		m.forest.Share(pending, p.rows, p.share[:n])
	}
	for i := range p.score {
		share := 0.0
		if pending != nil {
			share = p.share[i]
		}
		p.score[i] = logEI(p.mean[i], p.variance[i], share, best)
	}
}

// logEI is the acquisition function of a candidate that shares so many of its leaves with what is pending.
func logEI(mean, variance, share, best float64) float64 {
	return acquisition.LogEI(mean, math.Sqrt(variance*max(0, 1-share)), best)
}
