package transfer

import (
	"cmp"
	"math"
	"slices"

	"github.com/metaml/metaml/optimizers/study"
)

// Settings of the rank likelihood, by grouped cross-validation.
const (
	rankPower = 4.   // weight of a configuration's comparisons with all others: a in Log
	rankScale = .5   // tau: how far normal scores of one configuration differ between alike tasks
	rankError = .05  // e: the probability that a comparison says nothing
	sameLoss  = 1e-9 // differences of loss, relative to the larger, that count as none
)

// RankLikelihood says how well the prior tasks explain results on a new one, by the order of the results alone: the
// level and the scale of losses on the new task need not be known.
type RankLikelihood struct {
	scores [][]float64 // by task and column
}

// NewRankLikelihood prepares the comparison with the tasks of m. Cells never run are as b believes.
func NewRankLikelihood(m *Matrix, b *Belief) *RankLikelihood {
	l := &RankLikelihood{scores: make([][]float64, len(m.Tasks))}
	for t := range m.Tasks {
		l.scores[t] = normalScores(m.Believed(b, t))
	}
	return l
}

// Believed returns the losses of task t, those never run as b believes.
func (m *Matrix) Believed(b *Belief, t int) []float64 {
	losses := slices.Clone(m.Loss[t])
	for c := range losses {
		if m.Status[t][c] == study.Pending {
			losses[c] = m.Tasks[t].Best + b.Mean[t][c]*m.Tasks[t].Spread
		}
	}
	return losses
}

// normalScores replaces every value by the normal quantile of its rank (Blom 1958), equal values by the quantile of
// the mean of their ranks.
func normalScores(values []float64) []float64 {
	order := ascending(len(values), func(i, j int) int { return cmp.Compare(values[i], values[j]) })
	out := make([]float64, len(values))
	for start := 0; start < len(order); {
		end := start + 1
		for end < len(order) && values[order[end]] == values[order[start]] {
			end++
		}
		rank := float64(start+end+1) / 2 // from 1
		z := math.Sqrt2 * math.Erfinv(2*(rank-.375)/(float64(len(values))+.25)-1)
		for _, i := range order[start:end] {
			out[i] = z
		}
		start = end
	}
	return out
}

// Log returns, for every prior task, the logarithm of the likelihood of results on a new task: losses found for
// distinct columns, +Inf for a run without result. It is tempered, since the comparisons are not independent, and
// rests on pairwise ranks:
//
//	a/(k-1) sum_{i<j} log[(1-2e) Phi(sgn(l_j - l_i) (z_tj - z_ti) / (sqrt2 tau)) + e]
//
// where z are the normal scores of the ranks of the losses within the task. Equal losses say nothing, nor does a
// single result.
func (l *RankLikelihood) Log(columns []int, losses []float64) []float64 {
	out := make([]float64, len(l.scores))
	if len(columns) < 2 {
		return out
	}
	power := rankPower / float64(len(columns)-1)
	for i, c := range columns {
		for j := range i {
			sign := compareLosses(losses[i], losses[j])
			if sign == 0 {
				continue
			}
			for t, z := range l.scores {
				// Phi(x / sqrt2) is erfc(-x / 2) / 2.
				agreement := math.Erfc(-sign*(z[c]-z[columns[j]])/(2*rankScale)) / 2
				out[t] += power * math.Log((1-2*rankError)*agreement+rankError)
			}
		}
	}
	return out
}

// compareLosses is 1 if a is the larger, -1 if b is, 0 if they are as good as equal.
func compareLosses(a, b float64) float64 {
	switch {
	case a == b: // as two runs without result are
		return 0
	case !math.IsInf(a-b, 0) && math.Abs(a-b) <= sameLoss*max(math.Abs(a), math.Abs(b)):
		return 0
	case a > b:
		return 1
	}
	return -1
}

// Posterior returns prior weights updated by a log-likelihood, which is tempered by the largest power of at most one
// that leaves the effective number of groups at no less than fewest, or than it was. Weights sum to one, as the
// prior's must.
func Posterior(prior, log []float64, groups []int, fewest float64) []float64 {
	fewest = min(fewest, EffectiveGroups(prior, groups))
	at := func(power float64) []float64 { return reweigh(prior, log, power) }
	w := at(1)
	if EffectiveGroups(w, groups) >= fewest {
		return w
	}
	low, high := 0., 1.
	const halvings = 20
	for range halvings {
		middle := (low + high) / 2
		if EffectiveGroups(at(middle), groups) >= fewest {
			low = middle
		} else {
			high = middle
		}
	}
	return at(low)
}

func reweigh(prior, log []float64, power float64) []float64 {
	most := math.Inf(-1)
	for t, l := range log {
		if prior[t] > 0 {
			most = max(most, power*l)
		}
	}
	w, sum := make([]float64, len(prior)), 0.0
	for t, p := range prior {
		w[t] = p * math.Exp(power*log[t]-most)
		sum += w[t]
	}
	for t := range w {
		w[t] /= sum
	}
	return w
}

// EffectiveGroups is the number of equally weighted groups that would be as concentrated as the weights are:
// 1 / sum_g W_g^2 (Kish 1965), with W_g the sum of the weights of a group.
func EffectiveGroups(weights []float64, groups []int) float64 {
	var sums []float64
	for t, g := range groups {
		for len(sums) <= g {
			sums = append(sums, 0)
		}
		sums[g] += weights[t]
	}
	square := 0.0
	for _, w := range sums {
		square += w * w
	}
	return 1 / square
}

// GroupNumbers numbers the groups of the tasks from 0, in the order they come.
func (m *Matrix) GroupNumbers() []int {
	number := make(map[string]int)
	out := make([]int, len(m.Tasks))
	for t := range m.Tasks {
		g, seen := number[m.Tasks[t].Group]
		if !seen {
			g = len(number)
			number[m.Tasks[t].Group] = g
		}
		out[t] = g
	}
	return out
}
