package warmstart

import (
	"math/rand/v2"
	"slices"

	"github.com/metaml/metaml/transfer"
)

// random draws configurations without replacement: the baseline that knows nothing.
type random struct{}

func (random) Learn(m *transfer.Matrix, seed uint64) (Recommender, error) {
	order := m.Candidates()
	rng := rand.New(rand.NewPCG(seed, 0))
	rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	return fixed{order: order, weights: transfer.Uniform(len(m.Tasks))}, nil
}

// ExpectedLeast returns the exact expectation of the least of k values drawn without replacement.
//
// The i-th least value (from 0) is the least drawn with probability C(n-1-i, k-1) / C(n, k).
func ExpectedLeast(values []float64, k int) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	k = min(k, n)
	p := float64(k) / float64(n) // of i = 0; each next is this times (n-i-k)/(n-1-i)
	sum := 0.0
	for i, v := range sorted {
		if p <= 0 {
			break
		}
		sum += p * v
		p *= float64(n-i-k) / float64(max(n-1-i, 1))
	}
	return sum
}
