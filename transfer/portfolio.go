package transfer

import (
	"cmp"
	"container/heap"
	"slices"
)

// Pick is a configuration chosen for a portfolio.
type Pick struct {
	Config int     // column
	Gain   float64 // by how much it lowers the expected least regret of what was chosen before it
}

// Portfolio chooses k of the columns, one after the other, each the one that lowers the weighted expected
// least regret of all chosen so far the most:
//
//	maximise sum_t w_t E[(cur_t - r_tc)+],  cur_t = the least regret on t of what was chosen, MaxRegret before
//
// so the first pick minimises the expected regret. The objective is monotone and submodular, so the greedy choice
// is within 1 - 1/e of the best portfolio, and a gain once computed bounds the later ones, which spares most of
// them (Minoux 1978). Among equal gains the least weighted mean regret, then the least column, wins. Columns of
// chosen count as chosen already. The result is shorter than k when the columns run out.
func (b *Belief) Portfolio(weights []float64, columns, chosen []int, k int) []Pick {
	g := newGreedy(b, weights)
	for _, c := range chosen {
		g.choose(c)
	}
	mean := b.Expected(weights)
	total := 0.0
	for _, w := range weights {
		total += w
	}
	for _, c := range columns {
		if !slices.Contains(chosen, c) {
			// Its gain if nothing were chosen, and a little more, lest rounding put the bound below a gain.
			most := total*(MaxRegret+1e-9) - mean[c]
			g.queue = append(g.queue, bound{config: c, gain: most, tie: mean[c]})
		}
	}
	heap.Init(&g.queue)
	var picks []Pick
	for len(picks) < k && len(g.queue) > 0 {
		p := g.next()
		g.choose(p.Config)
		picks = append(picks, p)
	}
	return picks
}

// Least returns for every task the expected least regret of the columns, MaxRegret for none.
func (b *Belief) Least(columns []int) []float64 {
	g := newGreedy(b, nil)
	for _, c := range columns {
		g.choose(c)
	}
	return g.current
}

// Expected returns the weighted mean regret of every column.
func (b *Belief) Expected(weights []float64) []float64 {
	if len(b.Mean) == 0 {
		return nil
	}
	sum := make([]float64, len(b.Mean[0]))
	for t, w := range weights {
		if w == 0 {
			continue
		}
		for c, r := range b.Mean[t] {
			sum[c] += w * r
		}
	}
	return sum
}

// greedy is the state of one portfolio.
type greedy struct {
	belief  *Belief
	weights []float64
	current []float64
	queue   candidates
	round   int // how many picks were asked for
}

// bound is a candidate with its gain as computed in some round, an upper bound on what it is now.
type bound struct {
	config    int
	gain, tie float64
	round     int
}

func newGreedy(b *Belief, weights []float64) *greedy {
	g := &greedy{belief: b, weights: weights, current: make([]float64, len(b.Mean))}
	for t := range g.current {
		g.current[t] = MaxRegret
	}
	return g
}

// next removes the best candidate from the queue: the first whose gain, computed now, is still ahead of all bounds.
func (g *greedy) next() Pick {
	g.round++
	for {
		top := &g.queue[0]
		if top.round == g.round {
			best := heap.Pop(&g.queue).(bound)
			return Pick{Config: best.config, Gain: best.gain}
		}
		top.gain, top.round = g.gain(top.config), g.round
		heap.Fix(&g.queue, 0)
	}
}

// candidates is a heap with the best bound on top.
type candidates []bound

func (q candidates) Len() int           { return len(q) }
func (q candidates) Less(i, j int) bool { return better(q[i], q[j]) < 0 }
func (q candidates) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *candidates) Push(x any)        { *q = append(*q, x.(bound)) }
func (q *candidates) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// better orders candidates: the larger gain first.
func better(x, y bound) int {
	return cmp.Or(cmp.Compare(y.gain, x.gain), cmp.Compare(x.tie, y.tie), cmp.Compare(x.config, y.config))
}

func (g *greedy) gain(c int) float64 {
	sum := 0.0
	if g.belief.SD == nil { // the usual case, without a call per cell
		for t, w := range g.weights {
			sum += w * max(0, g.current[t]-g.belief.Mean[t][c])
		}
		return sum
	}
	for t, w := range g.weights {
		sum += w * g.belief.improvement(t, c, g.current[t])
	}
	return sum
}

func (g *greedy) choose(c int) {
	for t := range g.current {
		if g.belief.certain(t, c) {
			g.current[t] = min(g.current[t], g.belief.Mean[t][c])
		} else {
			g.current[t] -= g.belief.improvement(t, c, g.current[t])
		}
	}
}

func (b *Belief) certain(t, c int) bool { return b.SD == nil || b.SD[t][c] == 0 }

// improvement is E[(current - r)+] for the regret r of a cell. An uncertain regret is taken to be one standard
// deviation above or below its mean, with equal probability and within [0, MaxRegret]: so it has the mean believed,
// and being unknown is no advantage by itself.
func (b *Belief) improvement(t, c int, current float64) float64 {
	mean := b.Mean[t][c]
	if b.certain(t, c) {
		return max(0, current-mean)
	}
	sd := min(b.SD[t][c], mean, MaxRegret-mean)
	return (max(0, current-mean-sd) + max(0, current-mean+sd)) / 2
}
