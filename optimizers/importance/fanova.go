package importance

import (
	"cmp"
	"math"
	"slices"

	"github.com/metaml/metaml/optimizers/study"
)

// Effect is the share of the losses' variance over the space that one hyperparameter explains alone, or that two
// explain together beyond what each does.
type Effect struct {
	// Names are the one or two hyperparameters.
	Names []string
	// Share is the mean over the forest's trees, in [0, 1].
	Share float64
	// SD is the standard deviation of the share over the trees.
	SD float64
}

// FANOVA divides the variance of the predicted loss over the space among hyperparameters and pairs of them, the largest
// shares first (Hutter, Hoos and Leyton-Brown 2014). The trials' losses teach a forest; the marginals of its trees are
// exact integrals over the boxes of their leaves, not samples. What the pairs looked at leave of the variance is of
// higher order.
//
// The space is weighted as Space.Sample draws from it, forbidden clauses aside. Where hyperparameters have conditions,
// each has a value all the same, which counts where the others make it active: the share of one that is seldom active
// is small for that reason, too. The error is ErrTooFew without enough trials, and errors.ErrUnsupported where
// conditions ask for too many combinations of values.
func FANOVA(p study.Problem, trials []study.Trial, opt Options) ([]Effect, error) {
	s, err := learn(p, trials, opt)
	if err != nil {
		return nil, err
	}
	states, err := activity(s.codec)
	if err != nil {
		return nil, err
	}
	trees := make([]*integral, s.forest.Trees())
	for i := range trees {
		trees[i] = newIntegral(s.codec, states, leafBoxes(s.forest, i, s.codec))
	}
	var effects []Effect
	for j := range s.names {
		effects = append(effects, effect(trees, []string{s.names[j]}, func(t *integral) float64 { return t.single(j) }))
	}
	order := make([]int, len(s.names))
	for j := range order {
		order[j] = j
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(effects[b].Share, effects[a].Share) })
	for k, j := range order[:min(max(s.opt.Pairs, 0), len(order))] {
		for _, i := range order[:k] {
			pair := []string{s.names[i], s.names[j]}
			effects = append(effects, effect(trees, pair, func(t *integral) float64 { return t.pair(i, j) }))
		}
	}
	slices.SortStableFunc(effects, func(a, b Effect) int { return cmp.Compare(b.Share, a.Share) })
	return effects, nil
}

// effect is the mean and standard deviation over trees of a share of their variance; trees without any say nothing.
func effect(trees []*integral, names []string, variance func(*integral) float64) Effect {
	var shares []float64
	for _, t := range trees {
		if t.variance > 0 {
			shares = append(shares, min(1, max(0, variance(t)/t.variance)))
		}
	}
	e := Effect{Names: names}
	for _, x := range shares {
		e.Share += x / float64(len(shares))
	}
	for _, x := range shares {
		e.SD += (x - e.Share) * (x - e.Share) / float64(len(shares))
	}
	e.SD = math.Sqrt(e.SD)
	return e
}
