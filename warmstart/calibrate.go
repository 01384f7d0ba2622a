package warmstart

import (
	"cmp"
	"math"
	"slices"

	"github.com/metaml/metaml/transfer"
)

// calibration is what the strategy's recommendations reach on the prior tasks, each recommended for as if its group
// were unknown: group-wise cross-validation inside the knowledge base.
type calibration struct {
	cases []held
	total float64   // of the cases' weights
	alike []float64 // by rank: the share of all cases alike in a predicted distribution
}

// held is one prior task that was held out. Slices are by rank of the recommendations.
type held struct {
	task     int
	distance float64   // from the nearest task of another group
	weight   float64   // 1 / size of its group
	reached  []float64 // the regret found
	loss     []float64 // the loss found
	expected []float64 // the regret that was predicted
	place    []float64 // where the regret found lies in the distribution that was predicted, in [0, 1]
}

// crossFitter is a recommender that can answer about a prior task as if its group were unknown. Others learn
// again without it.
type crossFitter interface {
	unseen(t int, q Query) Ranking
}

// calibrate holds every prior task out.
func calibrate(m *transfer.Matrix, b *transfer.Belief, n *novelty, s Strategy, r Recommender, opt Options) (*calibration, error) {
	rankings, err := heldOut(m, s, r, opt)
	if err != nil {
		return nil, err
	}
	size := make(map[string]float64)
	for t := range m.Tasks {
		size[m.Tasks[t].Group]++
	}
	c := &calibration{}
	for t, ranking := range rankings {
		regrets, ok := m.Normalised(t)
		if ranking.Configs == nil || !ok {
			continue
		}
		losses := m.Believed(b, t)
		h := held{task: t, distance: n.own[t], weight: 1 / size[m.Tasks[t].Group]}
		regret, loss := transfer.MaxRegret, math.Inf(1)
		for _, config := range ranking.Configs {
			if math.IsNaN(regrets[config]) { // never run
				regrets[config] = b.Mean[t][config]
			}
			regret, loss = min(regret, regrets[config]), min(loss, losses[config])
			h.reached, h.loss = append(h.reached, regret), append(h.loss, loss)
		}
		c.cases = append(c.cases, h)
		c.total += h.weight
	}
	c.share(rankings, m)
	for i := range c.cases {
		h := &c.cases[i]
		for rank, reached := range h.reached {
			d := c.distribution(rankings[h.task].Weights, rank, m.Tasks[h.task].Group, m)
			h.place, h.expected = append(h.place, d.place(reached)), append(h.expected, d.mean())
		}
	}
	return c, nil
}

// shares are the shares of all cases alike that are tried; the rest is weighted as the choice was.
var shares = [...]float64{.25, .5, .75, 1}

// share sets for every rank the share of all cases alike with which predictions of the cases, each without its group,
// have the least continuous ranked probability score; among equals the largest.
//
// Scores at k = 1, 3, 5, 10 with groups weighted equally, in brackets those of the forecast that is the same for every
// task; on the oboe table its largest family, of which nothing like it tells, raises both with tasks weighted equally:
//
//	CRPS, oboe table              .276 (.280)    .144 (.151)   .119 (.125)   .093 (.098)
//	interval score, oboe table    1.732 (1.745)  .864 (.884)   .739 (.769)   .609 (.651)
//	the same, tasks equally       1.562 (1.571)  .790 (.791)   .663 (.671)   .514 (.531)
//	with half of all cases alike  1.642 (1.571)  .777 (.784)   .699 (.708)   .470 (.480)  (all of predict's mapping, no blur)
//
// On the seed's tasks both scores are better at each of these k.
func (c *calibration) share(rankings []Ranking, m *transfer.Matrix) {
	ranks := 0
	for _, h := range c.cases {
		ranks = max(ranks, len(h.reached))
	}
	for rank := range ranks {
		var scores [len(shares)]float64
		c.alike = append(c.alike, 0)
		for _, h := range c.cases {
			if rank >= len(h.reached) {
				continue
			}
			for i, share := range shares {
				c.alike[rank] = share
				d := c.distribution(rankings[h.task].Weights, rank, m.Tasks[h.task].Group, m)
				if len(d) > 0 {
					scores[i] += h.weight * d.crps(h.reached[rank])
				}
			}
		}
		best := len(shares) - 1
		for i := range scores {
			if scores[i] < scores[best] {
				best = i
			}
		}
		c.alike[rank] = shares[best]
	}
}

// distribution predicts the regret reached at a rank: what the strategy reached on the cases outside the group, those
// weighing more that the weights hold for alike. It is not sorted.
func (c *calibration) distribution(weights []float64, rank int, group string, m *transfer.Matrix) distribution {
	alike := 0.0
	for _, h := range c.cases {
		alike += weights[h.task]
	}
	var d distribution
	for _, h := range c.cases {
		if rank >= len(h.reached) || m.Tasks[h.task].Group == group {
			continue
		}
		w := c.alike[rank] * h.weight / c.total
		if alike > 0 {
			w += (1 - c.alike[rank]) * weights[h.task] / alike
		}
		d = append(d, weighted{h.reached[rank], w})
	}
	return d
}

// mostHeld is how many prior tasks are held out at most: more would make what is learned from them little better.
const mostHeld = 200

// sample returns the rows of n tasks that are held out: all, or every second, third, …; rows are in the order of the
// tasks' ids, which are hashes.
func sample(n int) []int {
	step := (n + mostHeld - 1) / mostHeld
	var rows []int
	for t := 0; t < n; t += step {
		rows = append(rows, t)
	}
	return rows
}

// relearnFolds is how many times a strategy learns again for its calibration if it is no crossFitter.
const relearnFolds = 10

// heldOut returns for every prior task what would be recommended if its group were unknown; without Configs where
// nothing would be left to learn from.
func heldOut(m *transfer.Matrix, s Strategy, r Recommender, opt Options) ([]Ranking, error) {
	rankings := make([]Ranking, len(m.Tasks))
	if m.Groups() < 2 {
		return rankings, nil
	}
	if fitted, ok := r.(crossFitter); ok {
		for _, t := range sample(len(m.Tasks)) {
			rankings[t] = fitted.unseen(t, Query{K: opt.K, Seconds: opt.Seconds, Size: m.SizeOf(t)})
		}
		return rankings, nil
	}
	folds := transfer.Folds(m.Tasks, relearnFolds)
	for f := range slices.Max(folds) + 1 {
		var learn, test []int
		for t := range m.Tasks {
			if folds[t] == f {
				test = append(test, t)
			} else {
				learn = append(learn, t)
			}
		}
		known := m.Rows(learn)
		if len(known.Candidates()) == 0 {
			continue
		}
		again, err := s.Learn(known, opt.Seed)
		if err != nil {
			return nil, err
		}
		for _, t := range test {
			ranking := again.Recommend(Query{Features: m.Tasks[t].Features, K: opt.K, Seconds: opt.Seconds, Size: m.SizeOf(t)})
			weights := make([]float64, len(m.Tasks))
			for i, row := range learn {
				weights[row] = ranking.Weights[i]
			}
			rankings[t] = Ranking{Configs: ranking.Configs, Weights: weights}
		}
	}
	return rankings, nil
}

// distribution is a weighted sample of regrets, sorted.
type distribution []weighted

type weighted struct{ value, weight float64 }

// prediction sorts the distribution and returns its mean and quantiles.
func (d distribution) prediction() Prediction {
	slices.SortFunc(d, func(x, y weighted) int { return cmp.Compare(x.value, y.value) })
	p := Prediction{Expected: d.mean()}
	for i := range p.Quantiles {
		p.Quantiles[i] = d.quantile(Level(i))
	}
	return p
}

func (d distribution) mean() float64 {
	sum, total := 0.0, 0.0
	for _, x := range d {
		sum += x.value * x.weight
		total += x.weight
	}
	return sum / total
}

// crps is the continuous ranked probability score of an outcome, the integral of (F(x) - [outcome <= x])^2. It sorts the
// distribution.
func (d distribution) crps(outcome float64) float64 {
	slices.SortFunc(d, func(x, y weighted) int { return cmp.Compare(x.value, y.value) })
	total := 0.0
	for _, x := range d {
		total += x.weight
	}
	score, below := 0.0, 0.0
	for i, x := range d {
		if i > 0 {
			low, high, p := d[i-1].value, x.value, below/total
			score += p * p * (min(max(outcome, low), high) - low)
			score += (1 - p) * (1 - p) * (high - max(min(outcome, high), low))
		}
		below += x.weight
	}
	score += max(0, d[0].value-outcome) + max(0, outcome-d[len(d)-1].value)
	return score
}

// place is the share of the distribution below v, half of what equals v counted as below.
func (d distribution) place(v float64) float64 {
	below, total := 0.0, 0.0
	for _, x := range d {
		switch {
		case x.value < v:
			below += x.weight
		case x.value == v:
			below += x.weight / 2
		}
		total += x.weight
	}
	return below / total
}

// quantile returns the least value up to which the share p of the weight lies.
func (d distribution) quantile(p float64) float64 {
	total := 0.0
	for _, x := range d {
		total += x.weight
	}
	sum := 0.0
	for _, x := range d {
		if sum += x.weight; sum >= p*total {
			return x.value
		}
	}
	return d[len(d)-1].value
}

// fewestCases is how many held-out tasks a calibration needs.
const fewestCases = 25

// near returns the held-out tasks with weights that say how much they resemble a task at that distance: the half whose
// distance from what is known differs less counts double.
func (c *calibration) near(distance float64) []held {
	order := slices.Clone(c.cases)
	gap := func(h held) float64 {
		if d := math.Abs(h.distance - distance); !math.IsNaN(d) {
			return d
		}
		return 0 // both infinitely far
	}
	slices.SortStableFunc(order, func(x, y held) int { return cmp.Compare(gap(x), gap(y)) })
	for i := range (len(order) + 1) / 2 {
		order[i].weight *= 2
	}
	return order
}

// mapped is how far towards the places of the held-out cases predict moves a level: they are few, and the largest
// families of tasks move them most. Interval scores at k = 1, 3, 5, 10, tasks weighted equally, on the oboe table and on
// the seed's tasks of classification and regression; below, those of the forecast that is the same for every task:
//
//	all the way  1.613 .758 .655 .510   .826 .575 .535 .446   .804 .560 .361 .332
//	.45          1.574 .786 .661 .513
//	.35          1.564 .790 .663 .514   .832 .582 .533 .441   .785 .552 .352 .340
//	.25          1.555 .795 .661 .515
//	not at all   1.526 .811 .657 .518
//	the same     1.571 .791 .671 .531   .834 .610 .546 .446   .872 .592 .399 .390
const mapped = 1. / 3

// predict calibrates a distribution by the held-out cases near the new task: every quantile by the place in their
// predicted distributions below which that share of their regrets lay (see mapped).
func (c *calibration) predict(d distribution, rank int, near []held) Prediction {
	if len(d) == 0 {
		return Prediction{Expected: transfer.MaxRegret}.atMost(Prediction{Expected: transfer.MaxRegret})
	}
	var places distribution
	for _, h := range near {
		if rank < len(h.place) {
			places = append(places, weighted{h.place[rank], h.weight})
		}
	}
	at := func(p float64) float64 { return p }
	if len(places) >= fewestCases {
		slices.SortFunc(places, func(x, y weighted) int { return cmp.Compare(x.value, y.value) })
		spare := places.spare()
		at = func(p float64) float64 { return mapped*places.quantile(spare(p)) + (1-mapped)*p }
	}
	slices.SortFunc(d, func(x, y weighted) int { return cmp.Compare(x.value, y.value) })
	p := Prediction{Expected: d.mean(), bounded: true}
	for i := range p.Quantiles {
		p.Quantiles[i] = d.quantile(at(Level(i)))
	}
	return p
}

// spare returns the levels of quantiles to take from a sample of this size so that intervals hold new values with
// their nominal probability: (n+1)/n farther out from the median, n the effective number of values (conformal
// prediction, Vovk et al. 2005).
func (d distribution) spare() func(p float64) float64 {
	sum, square := 0.0, 0.0
	for _, x := range d {
		sum += x.weight
		square += x.weight * x.weight
	}
	n := sum * sum / square
	return func(p float64) float64 { return min(1, max(0, .5+(p-.5)*(n+1)/n)) }
}
