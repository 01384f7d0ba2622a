package warmstart

import (
	"slices"

	"github.com/metaml/metaml/transfer"
)

// activeTesting is active testing with the similarity AT1 (Leite, Brazdil and Vanschoren 2012). It starts with the
// best configuration by average rank. Each further test is of the competitor with the largest sum of relative
// landmarkers, by how much it beat the current best on those prior tasks that are alike: AT1 takes those for alike
// that agree with the new task in who won the last test. Regret stands in for the paper's success rates, which only
// compare losses of one scale.
type activeTesting struct{}

func (activeTesting) Learn(m *transfer.Matrix, seed uint64) (Recommender, error) {
	r, err := averageRank{}.Learn(m, seed)
	if err != nil {
		return nil, err
	}
	belief, err := m.Believe(seed)
	if err != nil {
		return nil, err
	}
	return &tester{fixed: r.(fixed), belief: belief}, nil
}

// tester recommends by average rank as long as there are no results.
type tester struct {
	fixed
	belief *transfer.Belief
}

func (a *tester) Next(_ Query, results []Result) (int, bool) {
	tried, columns, losses := split(results)
	if len(tried) == len(a.order) {
		return 0, false
	}
	if len(columns) == 0 {
		return a.untried(tried)[0], true
	}
	best, loser := 0, -1 // positions among the results
	for i := 1; i < len(columns); i++ {
		if losses[i] < losses[best] {
			best, loser = i, best
		} else {
			loser = i
		}
	}
	alike := make([]bool, len(a.belief.Mean))
	for t, regret := range a.belief.Mean {
		alike[t] = loser < 0 || regret[columns[best]] < regret[columns[loser]]
	}
	return a.competitor(a.untried(tried), columns[best], alike), true
}

// untried returns the columns that were not tried, by average rank.
func (a *tester) untried(tried []int) []int {
	return slices.DeleteFunc(slices.Clone(a.order), func(c int) bool { return slices.Contains(tried, c) })
}

// competitor returns the column that beat the best by most on the tasks alike, the first by average rank among
// equals.
func (a *tester) competitor(open []int, best int, alike []bool) int {
	winner, most := open[0], 0.0
	for _, c := range open {
		sum := 0.0
		for t, regret := range a.belief.Mean {
			if alike[t] {
				sum += max(0, regret[best]-regret[c])
			}
		}
		if sum > most {
			winner, most = c, sum
		}
	}
	return winner
}
