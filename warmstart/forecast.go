package warmstart

import (
	"slices"

	"github.com/metaml/metaml/transfer"
)

// quantiles is how many quantiles a Prediction has.
const quantiles = 19

// Level is the probability of a Prediction's quantile i, from 0: .05, .1, … .95.
func Level(i int) float64 { return float64(i+1) / (quantiles + 1) }

// Prediction is a distribution of what will be found.
type Prediction struct {
	Expected  float64
	Quantiles [quantiles]float64 // rising; see Level
	bounded   bool               // no outcome is below 0
}

// Interval returns the ends between which the outcome lies with 80 % probability: a tenth of it on either side
// outside, or, where that is shorter for an outcome that cannot lie below 0, from there with a fifth above. Expected is
// inside.
func (p Prediction) Interval() [2]float64 {
	low, high := p.Quantiles[1], p.Quantiles[quantiles-2]
	if most := max(p.Quantiles[quantiles-4], p.Expected); p.bounded && most < high-low {
		return [2]float64{0, most}
	}
	return [2]float64{low, high}
}

// CRPS approximates the continuous ranked probability score of an outcome, in its unit: twice the mean pinball loss
// of the quantiles (Gneiting and Raftery 2007). Lower is better; a point prediction's is its absolute error.
func (p Prediction) CRPS(outcome float64) float64 {
	sum := 0.0
	for i, q := range p.Quantiles {
		if outcome < q {
			sum += (1 - Level(i)) * (q - outcome)
		} else {
			sum += Level(i) * (outcome - q)
		}
	}
	return 2 * sum / quantiles
}

// atMost returns p with no value above that of q.
func (p Prediction) atMost(q Prediction) Prediction {
	p.Expected = min(p.Expected, q.Expected)
	for i := range p.Quantiles {
		p.Quantiles[i] = min(p.Quantiles[i], q.Quantiles[i])
	}
	return p
}

// consistent returns p with rising quantiles and an interval that holds what is expected.
func (p Prediction) consistent() Prediction {
	for _, i := range []int{0, 1} {
		p.Quantiles[i] = min(p.Quantiles[i], p.Expected)
		p.Quantiles[quantiles-1-i] = max(p.Quantiles[quantiles-1-i], p.Expected)
	}
	slices.Sort(p.Quantiles[:])
	return p
}

// asFarAsKnown returns p with the greatest regret for every quantile that n groups of prior tasks cannot bound: the
// next one's regret lies above all of theirs with probability 1/(n+1), whatever its distribution (conformal prediction,
// Vovk et al. 2005). From 19 groups on that is none.
func (p Prediction) asFarAsKnown(n int) Prediction {
	for i := range p.Quantiles {
		if Level(i) > float64(n)/float64(n+1) {
			p.Quantiles[i] = transfer.MaxRegret
		}
	}
	return p
}

// negated returns the prediction of the negative outcome.
func (p Prediction) negated() Prediction {
	out := Prediction{Expected: -p.Expected}
	for i, q := range p.Quantiles {
		out.Quantiles[quantiles-1-i] = -q
	}
	return out
}

// Forecast is what the best of some recommendations is expected to reach.
type Forecast struct {
	Regret Prediction  // normalised
	Metric *Prediction // in its own direction; nil for metrics that depend on the target's unit
}

// Forecaster says what a strategy's recommendations will reach on a new task, calibrated by what they would have
// reached on the prior tasks, each recommended for as if its group were unknown.
type Forecaster struct {
	belief      *transfer.Belief
	novelty     *novelty
	calibration *calibration
	level       *level
}

// NewForecaster holds every task of m out. The recommender is what the strategy has learned from m; opt says how many
// configurations will be asked for.
func NewForecaster(m *transfer.Matrix, s Strategy, r Recommender, opt Options) (*Forecaster, error) {
	belief, err := m.Believe(opt.Seed)
	if err != nil {
		return nil, err
	}
	return newForecaster(m, belief, newNovelty(m), s, r, opt)
}

func newForecaster(m *transfer.Matrix, b *transfer.Belief, n *novelty, s Strategy, r Recommender, opt Options) (*Forecaster, error) {
	f := &Forecaster{belief: b, novelty: n}
	var err error
	if f.calibration, err = calibrate(m, b, n, s, r, opt); err != nil {
		return nil, err
	}
	f.level, err = newLevel(m, f.calibration, opt.Seed)
	return f, err
}

// Forecast says, for every rank of a ranking for a task with meta-features x, what the best up to that rank reaches.
func (f *Forecaster) Forecast(x []float64, ranking Ranking) []Forecast {
	alike, near := f.calibration.alike(x), f.calibration.near(f.novelty.nearest(x))
	nearest := near[:min(len(near), max(fewestCases, len(near)/3))] // the level depends more on the distance
	out := make([]Forecast, len(ranking.Configs))
	for rank := range out {
		p := f.calibration.predict(f.calibration.distribution(alike, rank, "", f.level.m))
		if rank > 0 {
			p = p.atMost(out[rank-1].Regret)
		}
		p = p.asFarAsKnown(f.level.m.Groups()).consistent()
		out[rank] = Forecast{Regret: p, Metric: f.level.metric(x, rank, p.Expected, nearest)}
	}
	return out
}

// Unconditional is what would be forecast at a rank, from 0, for any task without looking at it: the distribution
// over the prior tasks. False if none could be held out.
func (f *Forecaster) Unconditional(rank int) (Forecast, bool) {
	var regrets, losses distribution
	for _, h := range f.calibration.cases {
		if rank < len(h.reached) {
			regrets = append(regrets, weighted{h.reached[rank], h.weight})
			losses = append(losses, weighted{h.loss[rank], h.weight})
		}
	}
	if len(regrets) == 0 {
		return Forecast{}, false
	}
	out := Forecast{Regret: regrets.prediction().asFarAsKnown(f.level.m.Groups())}
	out.Regret.bounded = true
	if f.level.forest != nil {
		metric := losses.prediction()
		if f.level.m.Metric.Maximize {
			metric = metric.negated()
		}
		out.Metric = &metric
	}
	return out, true
}
