package warmstart

import (
	"cmp"
	"slices"

	"github.com/metaml/metaml/transfer"
)

// averageRank orders configurations by their mean rank over all tasks (Brazdil and Soares 2000). Equal losses share
// the mean of their ranks; a cell that was never run takes the rank of its predicted loss.
type averageRank struct{}

func (averageRank) Learn(m *transfer.Matrix, seed uint64) (Recommender, error) {
	belief, err := m.Believe(seed)
	if err != nil {
		return nil, err
	}
	total := make([]float64, len(m.Configs))
	for t := range m.Tasks {
		for c, r := range ranks(m.Believed(belief, t)) {
			total[c] += r
		}
	}
	order := m.Candidates()
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(total[a], total[b]) })
	return fixed{order: order, weights: transfer.Uniform(len(m.Tasks))}, nil
}

// ranks returns the rank of each value, 0 for the least, the mean of the ranks among equals.
func ranks(values []float64) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	out := make([]float64, len(values))
	for start := 0; start < len(order); {
		end := start + 1
		for end < len(order) && values[order[end]] == values[order[start]] {
			end++
		}
		for _, i := range order[start:end] {
			out[i] = float64(start+end-1) / 2
		}
		start = end
	}
	return out
}
