package transfer

import (
	"math"
	"slices"

	"github.com/metaml/metaml/optimizers/study"
)

// scale puts task t's losses on the scale of normalised regret:
//
//	r = min(MaxRegret, max(0, (loss - b) / max(d, 2 sigma)))
//
// where b (Task.Best) is the task's best loss, shrunken towards the better half by what noise explains, sigma
// (Task.Noise) the standard error of a loss, and d (with the floor: Task.Spread) the distance from b to the median
// over the reference configurations, or over all if fewer than half of the reference was run. So 0 is the best
// that is known and 1 the median. Runs without a result are censored at MaxRegret. Where all losses are equal
// every regret is 0.
func (m *Matrix) scale(t int) {
	task := &m.Tasks[t]
	losses := m.finite(t, func(Config) bool { return true })
	reference := m.finite(t, func(c Config) bool { return c.Reference })
	wanted := 0
	for _, c := range m.Configs {
		if c.Reference {
			wanted++
		}
	}
	if 2*len(reference) < wanted || len(reference) == 0 {
		reference = losses
	}
	if len(losses) > 0 {
		task.Best = shrunkenBest(losses, task.Noise)
		task.Spread = max(Median(reference)-task.Best, 2*task.Noise)
	}
	for c, loss := range m.Loss[t] {
		if m.Status[t][c] != study.Pending {
			m.Regret[t][c] = regret(loss, task.Best, task.Spread)
		}
	}
}

// regret returns the normalised regret of a loss; +Inf gives MaxRegret.
func regret(loss, best, spread float64) float64 {
	switch {
	case loss <= best:
		return 0
	case loss-best >= MaxRegret*spread: // also where spread is 0
		return MaxRegret
	}
	return (loss - best) / spread
}

// finite returns the sorted results of task t on the configurations that keep admits.
func (m *Matrix) finite(t int, keep func(Config) bool) []float64 {
	var losses []float64
	if m.aside != nil {
		losses = m.aside.finite(t, keep)
	}
	for c, loss := range m.Loss[t] {
		if m.Status[t][c] == study.Complete && keep(m.Configs[c]) {
			losses = append(losses, loss)
		}
	}
	slices.Sort(losses)
	return losses
}

// shrunkenBest is the posterior mean of the least of the sorted losses, which noise makes look better than it is,
// under a normal prior fitted to the better half.
func shrunkenBest(losses []float64, noise float64) float64 {
	best := losses[0]
	if noise == 0 {
		return best
	}
	better := losses[:(len(losses)+1)/2]
	centre := mean(better)
	variance := 0.0
	for _, l := range better {
		variance += (l - centre) * (l - centre)
	}
	variance /= float64(len(better))
	signal := max(0, variance-noise*noise)
	return centre + (best-centre)*signal/(signal+noise*noise)
}

// Median returns the median of sorted values, the mean of the middle two if their number is even; NaN for none.
func Median(sorted []float64) float64 {
	n := len(sorted)
	if n == 0 {
		return math.NaN()
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// degenerate is the distance from best to median under which a task's configurations are all the same.
const degenerate = 1e-6

// Plain returns the scale of task t by its own table alone, without floor or reference set: its best loss, and the
// distance from there to its median one. ok is false for a task whose configurations are all the same.
func (m *Matrix) Plain(t int) (best, spread float64, ok bool) {
	losses := m.finite(t, func(Config) bool { return true })
	if len(losses) == 0 || Median(losses)-losses[0] < degenerate {
		return 0, 0, false
	}
	return losses[0], Median(losses) - losses[0], true
}

// Normalised returns task t's regrets on its plain scale: (loss - best) / (median - best) over all configurations that
// were run, at most MaxRegret, which is also that of a run without result; NaN where never run. It is how
// recommendations are judged. ok is as of Plain.
func (m *Matrix) Normalised(t int) (regrets []float64, ok bool) {
	best, spread, ok := m.Plain(t)
	if !ok {
		return nil, false
	}
	regrets = make([]float64, len(m.Configs))
	for c, loss := range m.Loss[t] {
		regrets[c] = min(MaxRegret, (loss-best)/spread) // NaN stays NaN
	}
	return regrets, true
}
