package warmstart

import (
	"cmp"
	"math"
	"slices"

	"github.com/metaml/metaml/transfer"
)

// calibration is how predictions about prior tasks, made as if their groups were unknown, compared with what was
// found: group-wise cross-validation inside the knowledge base.
type calibration struct {
	cases []held
}

// held is one prior task that was held out. Slices are by rank of the recommendations.
type held struct {
	task     int
	distance float64   // from the nearest task of another group
	weight   float64   // 1 / size of its group
	place    []float64 // where the regret found lies in the predicted distribution, in [0, 1]
	bias     []float64 // regret found less its predicted mean
	reached  []float64 // the regret found
}

// crossFitter is a recommender that can answer about a prior task as if its group were unknown. Others learn
// again without it.
type crossFitter interface {
	unseen(t, k int) Ranking
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
		if ranking.Configs == nil {
			continue
		}
		h := held{task: t, distance: n.own[t], weight: 1 / size[m.Tasks[t].Group]}
		found := transfer.MaxRegret
		for rank, p := range prediction(b, ranking.Weights, ranking.Configs) {
			found = min(found, b.Mean[t][ranking.Configs[rank]])
			h.place = append(h.place, p.place(found))
			h.bias = append(h.bias, found-p.mean())
			h.reached = append(h.reached, found)
		}
		c.cases = append(c.cases, h)
	}
	return c, nil
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
		for t := range m.Tasks {
			rankings[t] = fitted.unseen(t, opt.K)
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
			ranking := again.Recommend(Query{Features: m.Tasks[t].Features, K: opt.K})
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

// prediction returns the weighted distributions over prior tasks of the least regret of the first 1, 2, …
// configurations.
func prediction(b *transfer.Belief, weights []float64, configs []int) []distribution {
	current := make([]float64, len(weights))
	for t := range current {
		current[t] = transfer.MaxRegret
	}
	out := make([]distribution, len(configs))
	for rank, c := range configs {
		d := make(distribution, 0, len(weights))
		for t, w := range weights {
			current[t] = min(current[t], b.Mean[t][c])
			if w > 0 {
				d = append(d, weighted{current[t], w})
			}
		}
		slices.SortFunc(d, func(x, y weighted) int { return cmp.Compare(x.value, y.value) })
		out[rank] = d
	}
	return out
}

func (d distribution) mean() float64 {
	sum, total := 0.0, 0.0
	for _, x := range d {
		sum += x.value * x.weight
		total += x.weight
	}
	return sum / total
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

// Intervals leave tail on either side. They are calibrated on the third of the held-out tasks whose distance from
// what is known resembles the new task's most, on fewestCases at least.
const (
	tail        = .1
	fewestCases = 25
)

// near returns the held-out tasks that a task at that distance is compared with, in no particular order.
func (c *calibration) near(distance float64) []held {
	order := slices.Clone(c.cases)
	gap := func(h held) float64 {
		if d := math.Abs(h.distance - distance); !math.IsNaN(d) {
			return d
		}
		return 0 // both infinitely far
	}
	slices.SortStableFunc(order, func(x, y held) int { return cmp.Compare(gap(x), gap(y)) })
	return order[:min(max(len(order)/3, fewestCases), len(order))]
}

// outlook is a calibrated prediction of one rank.
type outlook struct {
	expected float64
	interval [2]float64
}

// predict calibrates the predicted distributions by the held-out cases: the mean by their mean bias, the ends of
// the interval by the places in their predicted distributions below and above which a tenth of their regrets lay.
func (c *calibration) predict(predicted []distribution, near []held) []outlook {
	out := make([]outlook, len(predicted))
	for rank, d := range predicted {
		var bias, places distribution
		for _, h := range near {
			if rank < len(h.place) {
				bias = append(bias, weighted{h.bias[rank], h.weight})
				places = append(places, weighted{h.place[rank], h.weight})
			}
		}
		low, high, shift := tail, 1-tail, 0.0
		if len(places) >= fewestCases {
			slices.SortFunc(places, func(x, y weighted) int { return cmp.Compare(x.value, y.value) })
			low, high, shift = places.quantile(tail), places.quantile(1-tail), bias.mean()
		}
		o := outlook{expected: min(transfer.MaxRegret, max(0, d.mean()+shift))}
		if rank > 0 {
			o.expected = min(o.expected, out[rank-1].expected)
		}
		o.interval = [2]float64{min(d.quantile(low), o.expected), max(d.quantile(high), o.expected)}
		if rank > 0 {
			o.interval[0] = min(o.interval[0], out[rank-1].interval[0])
			o.interval[1] = min(o.interval[1], out[rank-1].interval[1])
		}
		out[rank] = o
	}
	return out
}
