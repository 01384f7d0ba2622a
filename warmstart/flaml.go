package warmstart

import (
	"cmp"
	"math"
	"slices"

	"github.com/metaml/metaml/transfer"
)

// flaml is FLAML's zero-shot rule (Wang et al. 2022): a greedy portfolio which is to leave every prior task within a
// bound of its best loss; the one nearest task by four robust-scaled meta-features in L2; the portfolio in the
// order of that task's losses. Configurations beyond the portfolio follow in the order of the greedy portfolio, which
// also serves a task without those meta-features.
type flaml struct{}

// flamlBound is the loss above a task's best that the portfolio tolerates, FLAML's regret bound.
const flamlBound = .01

func (flaml) Learn(m *transfer.Matrix, seed uint64) (Recommender, error) {
	blind, err := greedy{}.Learn(m, seed)
	if err != nil {
		return nil, err
	}
	belief, err := m.Believe(seed)
	if err != nil {
		return nil, err
	}
	r := &zeroShot{m: m, blind: blind}
	for t := range m.Tasks {
		r.losses = append(r.losses, m.Believed(belief, t))
	}
	r.portfolio = r.construct(m.Candidates())
	rows := make([][]float64, len(m.Tasks))
	for t := range m.Tasks {
		rows[t] = flamlFeatures(m.FeatureNames, m.Tasks[t].Features)
	}
	r.scale = robust(rows)
	r.scaled = r.scale.applyAll(rows)
	return r, nil
}

type zeroShot struct {
	m         *transfer.Matrix
	losses    [][]float64
	portfolio []int
	blind     Recommender // the greedy portfolio
	scale     scaling
	scaled    [][]float64
}

func (z *zeroShot) Recommend(q Query) Ranking {
	x := flamlFeatures(z.m.FeatureNames, q.Features)
	if transfer.Undefined(x) {
		return z.blind.Recommend(q)
	}
	t := byDistance(z.scale.apply(x), z.scaled, squaredEuclid)[0]
	order := slices.Clone(z.portfolio)
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(z.losses[t][a], z.losses[t][b]) })
	weights := make([]float64, len(z.m.Tasks))
	weights[t] = 1
	return Ranking{Configs: fillUp(order, z.blind.Recommend(Query{K: len(z.m.Configs)}).Configs, q.K), Weights: weights}
}

// tolerance is the difference of losses that FLAML's construction takes for none.
const tolerance = 1e-5

// construct adds the configuration which leaves the least sum of losses beyond the bound, and among equals the least
// mean loss above the tasks' best, until nothing lies beyond the bound or only the mean could still fall but does not.
func (z *zeroShot) construct(candidates []int) []int {
	gap := z.gaps()
	current := make([]float64, len(gap))
	for t := range current {
		current[t] = math.Inf(1)
	}
	var chosen []int
	previous := math.Inf(1)
	for len(chosen) < len(candidates) {
		c, excess, average, tied := choose(gap, current, candidates, chosen)
		if tied {
			if average > previous-tolerance {
				break
			}
			previous = average
		}
		chosen = append(chosen, c)
		for t := range current {
			current[t] = min(current[t], gap[t][c])
		}
		if excess <= tolerance {
			break
		}
	}
	return chosen
}

// choose returns the next configuration of the portfolio, what it leaves beyond the bound, the mean gap it leaves,
// and whether others leave as little beyond the bound.
func choose(gap [][]float64, current []float64, candidates, chosen []int) (best int, excess, average float64, tied bool) {
	type candidate struct {
		config          int
		excess, average float64
	}
	var all []candidate
	excess = math.Inf(1)
	for _, c := range candidates {
		if slices.Contains(chosen, c) {
			continue
		}
		next := candidate{config: c}
		for t := range gap {
			g := min(current[t], gap[t][c])
			next.excess += max(0, g-flamlBound)
			next.average += g / float64(len(gap))
		}
		excess = min(excess, next.excess)
		all = append(all, next)
	}
	best, average = -1, math.Inf(1)
	equal := 0
	for _, c := range all {
		if c.excess-excess >= tolerance {
			continue
		}
		equal++
		if best < 0 || c.average < average {
			best, average = c.config, c.average
		}
	}
	return best, excess, average, equal > 1
}

// gaps returns losses above each task's best; a run without a result counts as far beyond any other.
func (z *zeroShot) gaps() [][]float64 {
	gap := make([][]float64, len(z.losses))
	for t, row := range z.losses {
		least, greatest := math.Inf(1), math.Inf(-1)
		for _, l := range row {
			if !math.IsInf(l, 0) {
				least, greatest = min(least, l), max(greatest, l)
			}
		}
		gap[t] = make([]float64, len(row))
		for c, l := range row {
			if math.IsInf(l, 1) {
				l = least + 2*(greatest-least)
			}
			gap[t][c] = max(0, l-least)
		}
	}
	return gap
}

// flamlFeatures returns the four meta-features of FLAML: rows, columns, classes, share of numeric columns, from
// whichever names the features have. What cannot be derived is missing.
func flamlFeatures(names []string, x []float64) []float64 {
	value := func(candidates ...string) float64 {
		for _, name := range candidates {
			if i, ok := slices.BinarySearch(names, name); ok && !math.IsNaN(x[i]) {
				return x[i]
			}
		}
		return math.NaN()
	}
	exp := func(name string) float64 { return math.Exp(value(name)) }
	rows := first(value("NumberOfInstances", "nr_inst"), exp("log_nr_inst"))
	columns := first(value("NumberOfFeatures", "nr_attr"), exp("log_nr_attr"))
	classes := first(value("NumberOfClasses", "nr_class"), exp("log_nr_class"))
	numeric := first(value("NumberOfNumericFeatures", "nr_num")/columns, 1-value("cat_share"))
	return []float64{rows, columns, classes, numeric}
}

// first returns the first value that is known, NaN if none is.
func first(values ...float64) float64 {
	for _, v := range values {
		if !math.IsNaN(v) {
			return v
		}
	}
	return math.NaN()
}
