package tunebench

import "math"

// arrivals are the trials at which the runs of one task reached a goal.
type arrivals struct {
	at  []float64 // by trial, from 1 at index 0: how many runs arrived then
	all float64   // runs, those that never arrived included
}

// arrive adds a run that reaches the goal at a trial, from 1; 0: never.
func (a *arrivals) arrive(trial int) {
	a.all++
	if trial > 0 {
		a.at[trial-1]++
	}
}

// firstAt is the first trial, from 1, at which a curve is at most the goal; 0: never.
func firstAt(values []float64, goal float64) int {
	for i, x := range values {
		if x <= goal {
			return i + 1
		}
	}
	return 0
}

// survival is a Kaplan-Meier curve (Kaplan and Meier 1958): by trial, the share of runs that have not arrived by its
// end. Runs that never arrive are censored at the last trial. Counts holds the arrivals by trial, then the number of
// runs.
func survival(counts []float64) []float64 {
	n := len(counts) - 1
	curve, atRisk, share := make([]float64, n), counts[n], 1.0
	for i, d := range counts[:n] {
		if atRisk > 0 {
			share *= 1 - d/atRisk
		}
		atRisk -= d
		curve[i] = max(share, 0)
	}
	return curve
}

// half is the trial by which half of the runs have arrived; +Inf: fewer do.
func half(curve []float64) float64 {
	for i, s := range curve {
		if s <= .5+1e-9 {
			return float64(i + 1)
		}
	}
	return math.Inf(1)
}

// restricted is the mean number of trials, those that never arrive counted as the last one: the area under the curve.
func restricted(curve []float64) float64 {
	sum := 1.0 // the first trial is always needed
	for _, s := range curve[:len(curve)-1] {
		sum += s
	}
	return sum
}

// Reach says how many trials runs need to reach a goal. Trials that are not reached by half of the runs are null.
type Reach struct {
	Runs    int      `json:"runs"`
	Reached float64  `json:"reached"` // share of the runs
	Median  *float64 `json:"median"`  // by Kaplan and Meier, as its 95 % interval
	Lo      *float64 `json:"lo"`
	Hi      *float64 `json:"hi"`
	// Mean is the restricted mean: runs that never arrive count as the last trial. MeanLo and MeanHi are its interval.
	Mean   float64 `json:"mean"`
	MeanLo float64 `json:"mean_lo"`
	MeanHi float64 `json:"mean_hi"`
}

// counts are the rows of clusters.sums.
func counts(tasks []arrivals) [][]float64 {
	rows := make([][]float64, len(tasks))
	for t, a := range tasks {
		rows[t] = append(append([]float64{}, a.at...), a.all)
	}
	return rows
}

// reach sums arrivals up, with intervals by drawing groups of tasks.
func (c *clusters) reach(tasks []arrivals) Reach {
	sums := c.sums(counts(tasks))
	total := make([]float64, len(sums[0]))
	resample(ones(c.groups), sums, total)
	all, curve := total[len(total)-1], survival(total)
	r := Reach{Runs: int(all), Reached: 1 - curve[len(curve)-1], Median: finite(half(curve)), Mean: restricted(curve)}
	halves, means := make([]float64, len(c.draws)), make([]float64, len(c.draws))
	for i, drawn := range c.draws {
		resample(drawn, sums, total)
		s := survival(total)
		halves[i], means[i] = half(s), restricted(s)
	}
	lo, hi := interval(halves)
	r.Lo, r.Hi = finite(lo), finite(hi)
	r.MeanLo, r.MeanHi = interval(means)
	return r
}

// Loss is how many more trials runs need than those they are compared with; negative: fewer.
type Loss struct {
	With Reach `json:"with"` // advice
	Cold Reach `json:"cold"`
	// Median is the difference of the medians, null where one is; Mean that of the restricted means, with its interval.
	Median *float64 `json:"median"`
	Mean   float64  `json:"mean"`
	Lo     float64  `json:"lo"`
	Hi     float64  `json:"hi"`
}

// lost compares the arrivals of two methods on the same tasks.
func (c *clusters) lost(method, cold []arrivals) Loss {
	l := Loss{With: c.reach(method), Cold: c.reach(cold)}
	if l.With.Median != nil && l.Cold.Median != nil {
		d := *l.With.Median - *l.Cold.Median
		l.Median = &d
	}
	l.Mean = l.With.Mean - l.Cold.Mean
	a, b := c.sums(counts(method)), c.sums(counts(cold))
	total, differences := make([]float64, len(a[0])), make([]float64, len(c.draws))
	for i, drawn := range c.draws {
		resample(drawn, a, total)
		differences[i] = restricted(survival(total))
		resample(drawn, b, total)
		differences[i] -= restricted(survival(total))
	}
	l.Lo, l.Hi = interval(differences)
	return l
}

func ones(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = 1
	}
	return list
}

// finite returns a number that JSON can hold, nil for an infinity.
func finite(x float64) *float64 {
	if math.IsInf(x, 0) {
		return nil
	}
	return &x
}
