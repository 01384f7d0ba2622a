package optimizerbench

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Tolerance is the factor by which a method's regret may be greater, on average over runs in the logarithm, while it
// still counts as not worse.
const Tolerance = 1.25

// Verdict is what a difference with its interval says.
type Verdict string

// The verdicts: the whole interval is below 0; its end is below the tolerance; the whole interval is above 0; none of
// these, so that more runs are needed.
const (
	Better   Verdict = "better"
	NotWorse Verdict = "not worse"
	Worse    Verdict = "worse"
	Open     Verdict = "open"
)

// Difference is that of two methods on one problem: the mean of log10 regret over runs, paired by seed, with the 95 %
// interval of Student's t; negative where Method is better.
type Difference struct {
	Problem, Method, Reference string
	Mean, Low, High            float64
	Verdict                    Verdict
}

// Peers lists the methods among the cells that are other libraries'.
func Peers(cells []Cell) []string {
	var names []string
	for _, c := range cells {
		if _, ok := c.Versions[own]; !ok && !slices.Contains(names, c.Method) {
			names = append(names, c.Method)
		}
	}
	return names
}

// find returns the cell of a method on a problem.
func find(cells []Cell, problem, method string) (Cell, bool) {
	i := slices.IndexFunc(cells, func(c Cell) bool { return c.Problem == problem && c.Method == method })
	if i < 0 {
		return Cell{}, false
	}
	return cells[i], true
}

// Differences compares a method with a reference on every problem on which both have the same runs.
func Differences(cells []Cell, method, reference string) []Difference {
	var list []Difference
	for _, c := range cells {
		other, ok := find(cells, c.Problem, reference)
		if c.Method != method || !ok || !paired(c, other) {
			continue
		}
		a, b := c.logs(), other.logs()
		for i := range a {
			a[i] -= b[i]
		}
		d := Difference{Problem: c.Problem, Method: method, Reference: reference}
		d.Mean, d.Low, d.High = interval(a)
		d.Verdict = judge(d.Low, d.High)
		list = append(list, d)
	}
	return list
}

// paired says whether the runs of two cells belong together, one by one.
func paired(a, b Cell) bool {
	return len(a.Runs) > 0 && len(a.Runs) == len(b.Runs) && a.SeedBase == b.SeedBase && a.Budget == b.Budget
}

// interval returns the mean of values and Student's 95 % interval of it; with one value the interval is unbounded.
func interval(values []float64) (mean, low, high float64) {
	mean, sd := stat.MeanStdDev(values, nil)
	n := float64(len(values))
	if n < 2 {
		return mean, math.Inf(-1), math.Inf(1)
	}
	half := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(0.975) * sd / math.Sqrt(n)
	return mean, mean - half, mean + half
}

func judge(low, high float64) Verdict {
	switch {
	case high < 0:
		return Better
	case high < math.Log10(Tolerance):
		return NotWorse
	case low > 0:
		return Worse
	}
	return Open
}

// Rank is a method's average rank over the problems that all methods were run on: 1 is best, ties share their ranks.
// Difference is that from the reference, with a 95 % interval by a bootstrap over problems.
type Rank struct {
	Method                string
	Mean                  float64
	Difference, Low, High float64
	Verdict               Verdict
}

// rankResamples is the number of bootstrap samples of problems.
const rankResamples = 10_000

// Ranks ranks the methods on every problem by their runs, seed by seed, and averages over seeds and problems. It
// returns the methods in their order with the number of problems, which is 0 where none has all of them.
func Ranks(cells []Cell, reference string) (ranks []Rank, problems int) {
	var names, methods []string
	for _, c := range cells {
		if !slices.Contains(names, c.Problem) {
			names = append(names, c.Problem)
		}
		if !slices.Contains(methods, c.Method) {
			methods = append(methods, c.Method)
		}
	}
	var table [][]float64 // by problem and method
	for _, name := range names {
		if row := rankOn(cells, name, methods); row != nil {
			table = append(table, row)
		}
	}
	base := slices.Index(methods, reference)
	if len(table) == 0 || base < 0 {
		return nil, 0
	}
	for i, m := range methods {
		r := Rank{Method: m}
		differences := make([]float64, len(table))
		for p, row := range table {
			r.Mean += row[i] / float64(len(table))
			differences[p] = row[i] - row[base]
		}
		r.Difference = stat.Mean(differences, nil)
		r.Low, r.High = bootstrap(differences)
		r.Verdict = Open
		if r.High < 0 {
			r.Verdict = Better
		} else if r.Low > 0 {
			r.Verdict = Worse
		}
		ranks = append(ranks, r)
	}
	return ranks, len(table)
}

// rankOn returns the methods' mean ranks over seeds on a problem, nil if one was not run on it.
func rankOn(cells []Cell, problem string, methods []string) []float64 {
	logs := make([][]float64, len(methods))
	var first Cell
	for i, m := range methods {
		c, ok := find(cells, problem, m)
		if i == 0 {
			first = c
		}
		if !ok || !paired(first, c) {
			return nil
		}
		logs[i] = c.logs()
	}
	mean := make([]float64, len(methods))
	for seed := range logs[0] {
		for i := range methods {
			rank := 1.0
			for j := range methods {
				switch {
				case j == i:
				case logs[j][seed] < logs[i][seed]:
					rank++
				case logs[j][seed] == logs[i][seed]:
					rank += 0.5
				}
			}
			mean[i] += rank / float64(len(logs[0]))
		}
	}
	return mean
}

// bootstrap returns the 95 % interval of the mean by resampling, always the same.
func bootstrap(values []float64) (low, high float64) {
	rng := rand.New(rand.NewPCG(1, 0))
	means := make([]float64, rankResamples)
	for i := range means {
		for range values {
			means[i] += values[rng.IntN(len(values))] / float64(len(values))
		}
	}
	slices.Sort(means)
	return quantile(means, 0.025), quantile(means, 0.975)
}
