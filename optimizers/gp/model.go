package gp

import (
	"math"
	"slices"

	"github.com/metaml/metaml/optimizers/coding"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/optimizers/surrogate/gaussian"
)

// leastLosses is how many losses it takes to fit a process.
const leastLosses = 3

// model is what was learned of the losses: a process on the rows of the trials that ended.
type model struct {
	inputs  *inputs
	process *gaussian.Model
	points  [][]float64
	loss    []float64    // by point; NaN where there is none
	losses  int          // how many are not NaN
	ended   *coding.Rows // the rows of all trials that ended, other searches' included
	running coding.Rows  // those of fantasies
	fit     fit
	// posterior is that of the points in used, then of fantasies.
	posterior *gaussian.Posterior
	used      []int // points of the posterior; those since the fit at the end
	known     int   // how many points it was offered
	best      float64
}

// fit is what was adjusted to the first n points.
type fit struct {
	n         int
	h         gaussian.Hyperparameters
	transform gaussian.Transform
}

func newModel(in *inputs, warp bool) (*model, error) {
	process, err := gaussian.New(in.dimensions, prior(warp))
	if err != nil {
		return nil, err
	}
	return &model{inputs: in, process: process, ended: &coding.Rows{}}, nil
}

// warpSpread is the standard deviation of the logarithms of the warps' parameters.
const warpSpread = 0.75

// prior is that of package gaussian but for the mean, which is a constant with a wide prior instead of 0, and for the
// noise, whose prior is weaker: see the package's documentation.
func prior(warp bool) gaussian.Prior {
	p := gaussian.Prior{Intercept: 10, Noise: -6, NoiseSpread: 3, NoiseFloor: 1e-8, ScaleSpread: 2}
	if warp {
		p.Warp = warpSpread
	}
	return p
}

// add takes in a trial that ended.
func (m *model) add(row []float64, t study.Trial) {
	loss := math.NaN()
	if len(t.Losses) > 0 && !math.IsInf(t.Losses[0], 0) {
		loss = t.Losses[0]
	}
	if !math.IsNaN(loss) {
		m.losses++
	}
	m.points, m.loss = append(m.points, m.inputs.point(nil, row)), append(m.loss, loss)
}

// outputs returns the transformed losses of some points; those without a loss are as bad as the worst of the first n.
func (m *model) outputs(t gaussian.Transform, n int, of []int) []float64 {
	worst := math.Inf(-1)
	for _, y := range m.loss[:n] {
		if y > worst {
			worst = y
		}
	}
	out := make([]float64, len(of))
	for i, at := range of {
		y := m.loss[at]
		if math.IsNaN(y) {
			y = worst
		}
		out[i] = t.Apply(y)
	}
	return out
}

// condition brings the posterior up to all points. It depends on them and their order alone, whenever it was called
// before: hyperparameters are those of the last point of the schedule, whose posterior is computed at once, and later
// points are added one by one.
func (m *model) condition() error {
	n := len(m.points)
	if m.posterior != nil && m.known == n {
		return nil
	}
	if last := m.scheduled(n); m.posterior == nil || m.fit.n != last {
		if err := m.refit(last); err != nil {
			return err
		}
		m.used = m.subset(last)
		posterior, err := m.process.Condition(m.pick(m.used), m.outputs(m.fit.transform, last, m.used), m.fit.h)
		if err != nil {
			return err
		}
		m.posterior, m.known = posterior, last
	}
	var more [][]float64
	for i := m.known; i < n; i++ {
		m.used = append(m.used, i)
		more = append(more, m.points[i])
	}
	if err := m.posterior.Update(more, m.outputs(m.fit.transform, n, m.used)); err != nil {
		return err
	}
	m.known = n
	m.best = slices.Min(m.posterior.Fitted(nil))
	return nil
}

func (m *model) pick(indices []int) [][]float64 {
	out := make([][]float64, len(indices))
	for i, at := range indices {
		out[i] = m.points[at]
	}
	return out
}

// tried reports whether a row needs no other trial, as one that ended, runs or was proposed just now.
func (m *model) tried(row []float64) bool { return m.ended.Has(row) || m.running.Has(row) }

// fantasise adds a running trial, if there is a posterior.
func (m *model) fantasise(row []float64) error {
	if m.posterior == nil {
		return nil
	}
	m.running.Add(row)
	return m.posterior.Fantasise(m.inputs.point(nil, row))
}

// forget drops the fantasies.
func (m *model) forget() {
	m.running.Clear()
	if m.posterior != nil {
		m.posterior.Truncate(len(m.used))
	}
}
