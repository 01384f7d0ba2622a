package tunebench

import (
	"math"
	"math/rand/v2"
	"slices"
)

// resamples is how many resamples intervals rest on.
const resamples = 10_000

// clusters draws groups of tasks with replacement, siblings staying together.
type clusters struct {
	group  []int   // by task
	groups int     // how many
	draws  [][]int // by resample: how often each group was drawn
}

// newClusters numbers the groups of the tasks in the order they come.
func newClusters(tasks []*Task, seed uint64) *clusters {
	c := &clusters{}
	number := map[string]int{}
	for _, t := range tasks {
		if _, seen := number[t.Group]; !seen {
			number[t.Group] = len(number)
		}
		c.group = append(c.group, number[t.Group])
	}
	c.groups = len(number)
	rng := rand.New(rand.NewPCG(seed, 1))
	for range resamples {
		drawn := make([]int, c.groups)
		for range c.groups {
			drawn[rng.IntN(c.groups)]++
		}
		c.draws = append(c.draws, drawn)
	}
	return c
}

// sums adds the values of tasks, a row per task, up by group.
func (c *clusters) sums(rows [][]float64) [][]float64 {
	out := make([][]float64, c.groups)
	for t, row := range rows {
		g := c.group[t]
		if out[g] == nil {
			out[g] = make([]float64, len(row))
		}
		for i, x := range row {
			out[g][i] += x
		}
	}
	return out
}

// resample adds the groups' sums up as often as one resample drew them.
func resample(drawn []int, sums [][]float64, into []float64) {
	clear(into)
	for g, times := range drawn {
		if times == 0 {
			continue
		}
		for i, x := range sums[g] {
			into[i] += float64(times) * x
		}
	}
}

// Band is a mean curve over tasks with a simultaneous 95 % band: the whole true curve lies inside with that
// probability.
type Band struct {
	Mean []float64 `json:"mean"`
	Lo   []float64 `json:"lo"`
	Hi   []float64 `json:"hi"`
}

// band returns the mean over tasks of their curves, a row per task, with its simultaneous band by the greatest
// studentised deviation of resamples of groups from the mean (max-t). Trials where all resamples agree have no width.
func (c *clusters) band(rows [][]float64) Band {
	n := len(rows[0])
	withCount := make([][]float64, len(rows))
	for t, row := range rows {
		withCount[t] = append(slices.Clone(row), 1)
	}
	sums := c.sums(withCount)
	b := Band{Mean: make([]float64, n), Lo: make([]float64, n), Hi: make([]float64, n)}
	for _, s := range sums {
		for i := range n {
			b.Mean[i] += s[i] / float64(len(rows))
		}
	}
	means, total := make([][]float64, len(c.draws)), make([]float64, n+1)
	variance := make([]float64, n)
	for r, drawn := range c.draws {
		resample(drawn, sums, total)
		means[r] = make([]float64, n)
		for i := range n {
			means[r][i] = total[i]/total[n] - b.Mean[i]
			variance[i] += means[r][i] * means[r][i] / float64(len(c.draws))
		}
	}
	greatest := make([]float64, len(means))
	for r, row := range means {
		for i, d := range row {
			if sd := math.Sqrt(variance[i]); sd > 1e-12 {
				greatest[r] = max(greatest[r], math.Abs(d)/sd)
			}
		}
	}
	slices.Sort(greatest)
	q := percentile(greatest, .95)
	for i := range n {
		width := q * math.Sqrt(variance[i])
		b.Lo[i], b.Hi[i] = b.Mean[i]-width, b.Mean[i]+width
	}
	return b
}

// Above lists the trials, from 1, at which the band lies wholly above 0.
func (b Band) Above() []int { return trialsWhere(b.Lo, func(x float64) bool { return x > 0 }) }

// Below lists the trials, from 1, at which the band lies wholly below 0.
func (b Band) Below() []int { return trialsWhere(b.Hi, func(x float64) bool { return x < 0 }) }

func trialsWhere(values []float64, holds func(float64) bool) []int {
	list := []int{}
	for i, x := range values {
		if holds(x) {
			list = append(list, i+1)
		}
	}
	return list
}

// percentile of sorted values.
func percentile(sorted []float64, q float64) float64 {
	return sorted[int(math.Round(q*float64(len(sorted)-1)))]
}

// interval returns the 95 % percentile interval of values, which it sorts.
func interval(values []float64) (lo, hi float64) {
	slices.Sort(values)
	return percentile(values, .025), percentile(values, .975)
}
