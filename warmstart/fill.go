package warmstart

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/transfer"
)

// drawsPerConfig bounds how often the space is sampled for each configuration that is lacking.
const drawsPerConfig = 1000

// fillFromSpace appends random configurations of the space where the knowledge base has tried fewer than are asked
// for. Nothing is expected to be gained by them.
func (a *adviser) fillFromSpace(out *Advice, searched *space.Space) error {
	if searched == nil || searched.Len() == 0 {
		return nil
	}
	rng := rand.New(rand.NewPCG(a.opt.Seed, 2))
	seen := func(c space.Config) bool {
		return slices.ContainsFunc(out.Recommendations, func(r Recommendation) bool { return r.Config.Equal(c) })
	}
	for range drawsPerConfig * a.opt.K {
		if len(out.Recommendations) >= a.opt.K {
			return nil
		}
		c, err := searched.Sample(rng)
		if err != nil {
			return fmt.Errorf("warmstart: further configurations: %w", err)
		}
		learner := transfer.Learner(c)
		if seen(c) || (a.opt.Learners != nil && !slices.Contains(a.opt.Learners, learner)) {
			continue
		}
		r := Recommendation{
			Rank: len(out.Recommendations) + 1, Config: c, Learner: learner, ExpectedRegret: transfer.MaxRegret,
			Interval: [2]float64{0, transfer.MaxRegret}, Alone: transfer.MaxRegret,
			Reasons: []string{"drawn at random: the knowledge base has tried no further configurations"},
		}
		if last := len(out.Recommendations); last > 0 {
			before := out.Recommendations[last-1]
			r.ExpectedRegret, r.Interval = before.ExpectedRegret, before.Interval
			r.ExpectedMetric, r.MetricInterval = before.ExpectedMetric, before.MetricInterval
		}
		out.Recommendations = append(out.Recommendations, r)
		for i := range out.Neighbors {
			out.Neighbors[i].Regrets = append(out.Neighbors[i].Regrets, nil)
		}
	}
	return nil
}
