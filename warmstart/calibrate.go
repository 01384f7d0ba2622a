package warmstart

import (
	"cmp"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/metaml/metaml/transfer"
)

// calibration is what the strategy's recommendations reach on the prior tasks, each recommended for as if its group
// were unknown: group-wise cross-validation inside the knowledge base. From that it predicts what they reach on a new
// task. Two thirds of a predicted distribution are all cases alike, each group with the same weight; the other third are
// the cases that a forest on meta-features holds for alike, whose targets are what was reached at every rank (a quantile
// regression forest, Meinshausen 2006). Its levels are then set by where the cases' own outcomes lay in the
// distributions that were predicted of them.
//
// The mixture never scores worse than its parts do on average, and so is never much worse than the forecast that is the
// same for any task. Its shares are fixed: those with the least score on the held-out cases, rank by rank, were worse on
// other divisions of the oboe table, as estimated weights of forecasts often are (Genre et al. 2013). With fewer than two
// thirds alike, groups weighted equally gain more, but the oboe table's largest family, of which no other task tells,
// makes the mean over tasks worse at k = 1, 3 and 5.
//
// Continuous ranked probability score and interval score relative to the forecast that is the same for any task, in per
// cent, means over k = 1, 3, 5, 10, 25, by `metaml bench recommend --strategy posterior` with the setting changed; on the
// oboe table with groups and, in brackets, tasks weighted equally, on the seed's tasks with tasks:
//
//	                                  oboe table              classification  regression
//	none alike                        -4.1 -7.4 (+5.1 -2.0)   -2.0  -2.7      -3.9 -10.2
//	a third alike                     -4.9 -8.5 (+1.2 -5.1)   -4.3  -5.0      -4.2  -7.8
//	half alike                        -4.2 -7.3 (+0.4 -4.6)   -3.8  -4.1      -3.9  -6.4
//	two thirds alike (as it is)       -3.6 -5.0 (-0.4 -3.4)   -2.8  -2.9      -2.9  -4.1
//	leaves of 2 tasks                 -4.1 -5.6 (-0.5 -3.5)   -2.9  -2.9      -2.9  -4.1
//	leaves of 5                       -3.5 -4.9 (-0.4 -3.4)   -2.6  -2.0      -2.7  -3.7
//	levels as they are predicted      -3.6 -6.5 (+0.1 -3.8)   -3.0  -3.0      -2.9  -4.8
type calibration struct {
	cases    []held
	outcomes *taskForest  // on what was reached by rank; nil where it says nothing, see alike
	places   distribution // where outcomes lay in the distributions predicted of them, in [0, 1]

	order [][]int // by rank: the cases that reach it by rising regret
}

// held is one prior task that was held out. Slices are by rank of the recommendations.
type held struct {
	task     int
	distance float64   // from the nearest task of another group
	weight   float64   // 1 / size of its group
	reached  []float64 // the regret found
	loss     []float64 // the loss found
	expected []float64 // the regret that was predicted
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
	}
	c.sort()
	return c, c.learn(m, opt.Seed)
}

// sort sets order.
func (c *calibration) sort() {
	c.order = nil
	for rank := range c.ranks() {
		var order []int
		for i, h := range c.cases {
			if rank < len(h.reached) {
				order = append(order, i)
			}
		}
		slices.SortStableFunc(order, func(i, j int) int {
			return cmp.Compare(c.cases[i].reached[rank], c.cases[j].reached[rank])
		})
		c.order = append(c.order, order)
	}
}

func (c *calibration) ranks() int {
	ranks := 0
	for _, h := range c.cases {
		ranks = max(ranks, len(h.reached))
	}
	return ranks
}

// Settings of the forest on what was reached, by grouped cross-validation; see calibration.
const (
	outcomeTrees = 300
	outcomeLeaf  = 3      // fewest tasks in a leaf
	usualShare   = 2. / 3 // of all cases alike in a predicted distribution
)

// learn grows the forest on what was reached and sees how good its predictions of the cases are, each without its group.
func (c *calibration) learn(m *transfer.Matrix, seed uint64) error {
	ranks := c.ranks()
	targets := make([][]float64, len(m.Tasks))
	for _, h := range c.cases {
		if len(h.reached) == ranks {
			targets[h.task] = h.reached
		}
	}
	var err error
	if c.outcomes, err = growForest(m, targets, outcomeTrees, outcomeLeaf, seed+2); err != nil {
		return err
	}
	alike := make([][]float64, len(c.cases))
	for i, h := range c.cases {
		alike[i] = c.outcomes.unseen(h.task, m.Tasks[h.task].Features)
	}
	if !c.telling(alike, m) {
		c.outcomes = nil
		clear(alike)
	}
	for i := range c.cases {
		h := &c.cases[i]
		for rank, reached := range h.reached {
			d := c.distribution(alike[i], rank, m.Tasks[h.task].Group, m)
			h.expected = append(h.expected, d.mean())
			c.places = append(c.places, weighted{d.place(reached), h.weight / float64(rank+1)})
		}
	}
	c.places.sort()
	return nil
}

// telling reports whether predictions by the weights of prior tasks, a row per case, score better than one for all cases,
// by more than the standard error of that over groups. Ranks weigh as their share of the logarithm of k.
func (c *calibration) telling(alike [][]float64, m *transfer.Matrix) bool {
	own := make(map[string]float64)
	var groups []string
	for i, h := range c.cases {
		group, gain := m.Tasks[h.task].Group, 0.0
		for rank, reached := range h.reached {
			usual, given := c.distribution(nil, rank, group, m), c.distribution(alike[i], rank, group, m)
			gain += (usual.crps(reached) - given.crps(reached)) / float64(rank+1)
		}
		if _, seen := own[group]; !seen {
			groups = append(groups, group)
		}
		own[group] += h.weight * gain
	}
	sum, square := 0.0, 0.0
	for _, group := range groups {
		sum += own[group]
	}
	mean := sum / float64(len(groups))
	for _, group := range groups {
		square += (own[group] - mean) * (own[group] - mean)
	}
	return sum > math.Sqrt(square)
}

// alike returns how much the prior tasks resemble a new one in what is reached on them; nil if that is not known.
func (c *calibration) alike(x []float64) []float64 {
	if c.outcomes == nil {
		return nil
	}
	return c.outcomes.proximity(x)
}

// distribution predicts the regret reached at a rank: what was reached on the cases outside the group, all alike and, for
// the rest, as the weights of their tasks (nil: unknown) say, a group's tasks weighing less the more they are.
func (c *calibration) distribution(weights []float64, rank int, group string, m *transfer.Matrix) distribution {
	if rank >= len(c.order) {
		return nil
	}
	all, told := 0.0, 0.0
	d := make(distribution, 0, len(c.order[rank]))
	for _, i := range c.order[rank] {
		h := c.cases[i]
		if m.Tasks[h.task].Group == group {
			continue
		}
		all += h.weight
		if weights != nil {
			told += h.weight * weights[h.task]
		}
		d = append(d, weighted{h.reached[rank], h.weight})
	}
	if told == 0 {
		return d
	}
	next := 0
	for _, i := range c.order[rank] {
		if h := c.cases[i]; m.Tasks[h.task].Group != group {
			d[next].weight = h.weight * (usualShare/all + (1-usualShare)*weights[h.task]/told)
			next++
		}
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
		each(sample(len(m.Tasks)), func(t int) {
			rankings[t] = fitted.unseen(t, Query{K: opt.K, Seconds: opt.Seconds, Size: m.SizeOf(t)})
		})
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

// each calls f with every row, on all cores.
func each(rows []int, f func(row int)) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(rows)) {
		wait.Go(func() {
			for i := next.Add(1); i <= int64(len(rows)); i = next.Add(1) {
				f(rows[i-1])
			}
		})
	}
	wait.Wait()
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

// predict returns the mean of a distribution and its quantiles, each taken at the place below which its share of the
// held-out cases' outcomes lay: mixtures of forecasts that are right by themselves are too wide (Gneiting and Ranjan
// 2013). The places of all ranks are taken together, their weights falling with the rank: those of one rank are few and
// move with the luck of some groups.
func (c *calibration) predict(d distribution) Prediction {
	if len(d) == 0 {
		p := Prediction{Expected: transfer.MaxRegret, bounded: true}
		for i := range p.Quantiles {
			p.Quantiles[i] = transfer.MaxRegret
		}
		return p
	}
	p := Prediction{Expected: d.mean(), bounded: true}
	for i := range p.Quantiles {
		at := Level(i)
		if len(c.cases) >= fewestCases {
			at = c.places.quantile(at)
		}
		p.Quantiles[i] = d.quantile(at)
	}
	return p
}
