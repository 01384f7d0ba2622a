package regret

import (
	"math"
	"math/rand/v2"
	"slices"
)

// bootstrap resamples groups with replacement, siblings staying together, and recomputes means over tasks.
type bootstrap struct {
	draws [][]int // by resample: how often each group was drawn
	size  []int   // tasks by group
	group []int   // by task
}

// newBootstrap numbers the groups of the tasks in the order they come.
func newBootstrap(groups []string, resamples int, seed uint64) *bootstrap {
	b := &bootstrap{}
	number := make(map[string]int)
	for _, g := range groups {
		n, seen := number[g]
		if !seen {
			n = len(b.size)
			number[g] = n
			b.size = append(b.size, 0)
		}
		b.size[n]++
		b.group = append(b.group, n)
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	for range resamples {
		drawn := make([]int, len(b.size))
		for range b.size {
			drawn[rng.IntN(len(b.size))]++
		}
		b.draws = append(b.draws, drawn)
	}
	return b
}

// means returns the mean over tasks of each resample.
func (b *bootstrap) means(values []float64) []float64 {
	sum := make([]float64, len(b.size))
	for t, v := range values {
		sum[b.group[t]] += v
	}
	out := make([]float64, len(b.draws))
	for r, drawn := range b.draws {
		total, n := 0.0, 0
		for g, times := range drawn {
			total += float64(times) * sum[g]
			n += times * b.size[g]
		}
		out[r] = total / float64(n)
	}
	return out
}

// groupMeans returns the mean over groups of each resample, every group counting the same.
func (b *bootstrap) groupMeans(values []float64) []float64 {
	own := make([]float64, len(b.size))
	for t, v := range values {
		own[b.group[t]] += v / float64(b.size[b.group[t]])
	}
	out := make([]float64, len(b.draws))
	for r, drawn := range b.draws {
		for g, times := range drawn {
			out[r] += float64(times) * own[g] / float64(len(own))
		}
	}
	return out
}

// overGroups returns the mean with groups weighted equally.
func (b *bootstrap) overGroups(values []float64) float64 {
	sum := 0.0
	for t, v := range values {
		sum += v / float64(b.size[b.group[t]])
	}
	return sum / float64(len(b.size))
}

// interval returns the 95 % percentile interval of resampled means and the two-sided p-value of zero.
func interval(means []float64) (lo, hi, p float64) {
	sorted := slices.Sorted(slices.Values(means))
	n := len(sorted)
	below, above := 0, 0
	for _, m := range sorted {
		if m <= 0 {
			below++
		}
		if m >= 0 {
			above++
		}
	}
	p = min(1, 2*float64(min(below, above)+1)/float64(n+1))
	const tail = .025
	at := func(q float64) float64 { return sorted[int(math.Round(q*float64(n-1)))] }
	return at(tail), at(1 - tail), p
}

// holm adjusts p-values of one family (Holm 1979).
func holm(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		}
		return 0
	})
	out := make([]float64, len(p))
	running := 0.0
	for rank, i := range order {
		running = max(running, min(1, float64(len(p)-rank)*p[i]))
		out[i] = running
	}
	return out
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// deviation is the standard deviation of resampled means: the standard error of the mean.
func deviation(means []float64) float64 {
	centre, sum := mean(means), 0.0
	for _, m := range means {
		sum += (m - centre) * (m - centre)
	}
	return math.Sqrt(sum / float64(len(means)))
}
