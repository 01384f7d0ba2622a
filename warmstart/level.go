package warmstart

import (
	"cmp"
	"math"
	"slices"

	"github.com/metaml/metaml/transfer"
)

// levelTrees is the size of the forest that predicts how hard a task is.
const levelTrees = 100

// level predicts what a regret means in the metric: a forest predicts the loss of the task's best configuration and
// the loss per unit of regret from meta-features, and its errors on prior tasks that it had not seen give the
// interval. It exists only for metrics on a scale of their own, whose values all lie in [-1, 1]: what depends on the
// unit of the target cannot be told from meta-features that do not.
type level struct {
	m      *transfer.Matrix
	forest *taskForest // nil: no metric
	errors map[int][]float64
	least  float64 // losses seen
	most   float64
}

func newLevel(m *transfer.Matrix, c *calibration, seed uint64) (*level, error) {
	l := &level{m: m, least: math.Inf(1), most: math.Inf(-1)}
	for t := range m.Tasks {
		for _, loss := range m.Loss[t] {
			if !math.IsNaN(loss) && !math.IsInf(loss, 0) {
				l.least, l.most = min(l.least, loss), max(l.most, loss)
			}
		}
	}
	if l.least < -1 || l.most > 1 {
		return l, nil
	}
	targets := make([][]float64, len(m.Tasks))
	for t := range m.Tasks {
		targets[t] = []float64{m.Tasks[t].Best, m.Tasks[t].Spread}
	}
	f, err := growForest(m, targets, levelTrees, forestLeaf, seed+1)
	if err != nil {
		return nil, err
	}
	l.forest, l.errors = f, make(map[int][]float64)
	for _, h := range c.cases {
		p := f.unseen(h.task, m.Tasks[h.task].Features)
		if p == nil {
			continue
		}
		best, spread := l.scale(p)
		for rank, loss := range h.loss {
			l.errors[h.task] = append(l.errors[h.task], loss-(best+h.expected[rank]*spread))
		}
	}
	return l, nil
}

// bounds returns what no loss is below or above, by all that was seen.
func (l *level) bounds() (low, high float64) {
	switch {
	case l.forest != nil:
		return l.least, l.most
	case l.least >= 0: // as errors in the target's unit
		return 0, math.Inf(1)
	}
	return math.Inf(-1), math.Inf(1)
}

// scale returns the best loss and the spread that the weights predict.
func (l *level) scale(weights []float64) (best, spread float64) {
	for t, w := range weights {
		best += w * l.m.Tasks[t].Best
		spread += w * l.m.Tasks[t].Spread
	}
	return best, spread
}

// metric returns the metric expected at a rank with its quantiles, nil where that cannot be told.
func (l *level) metric(x []float64, rank int, regret float64, near []held) *Prediction {
	if l.forest == nil {
		return nil
	}
	p := l.forest.proximity(x)
	if p == nil {
		return nil
	}
	var errors distribution
	for _, h := range near {
		if e := l.errors[h.task]; rank < len(e) {
			errors = append(errors, weighted{e[rank], h.weight})
		}
	}
	if len(errors) < fewestCases {
		return nil
	}
	slices.SortFunc(errors, func(x, y weighted) int { return cmp.Compare(x.value, y.value) })
	best, spread := l.scale(p)
	clip := func(loss float64) float64 { return min(max(loss, l.least), l.most) }
	loss := best + regret*spread
	spare := errors.spare()
	out := Prediction{Expected: clip(loss)}
	for i := range out.Quantiles {
		out.Quantiles[i] = clip(loss + errors.quantile(spare(Level(i))))
	}
	if l.m.Metric.Maximize {
		out = out.negated()
	}
	out = out.consistent()
	return &out
}
