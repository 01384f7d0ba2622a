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
	Seeds                      int // the runs that both have
}

// Peers lists the methods among the cells that are other libraries'.
func Peers(cells []Cell) []string {
	others := slices.DeleteFunc(slices.Clone(cells), func(c Cell) bool { _, ok := c.Versions[own]; return ok })
	return distinct(others, func(c Cell) string { return c.Method })
}

// find returns the cell of a method on a problem with its budget.
func find(cells []Cell, on, method string) (Cell, bool) {
	i := slices.IndexFunc(cells, func(c Cell) bool { return c.On() == on && c.Method == method })
	if i < 0 {
		return Cell{}, false
	}
	return cells[i], true
}

// Differences compares a method with a reference on every problem on which both have been run with the same budget.
func Differences(cells []Cell, method, reference string) []Difference {
	var list []Difference
	for _, c := range cells {
		other, ok := find(cells, c.On(), reference)
		if c.Method != method || !ok || common(c, other) == 0 {
			continue
		}
		list = append(list, Compare(c, other))
	}
	return list
}

// Compare compares a cell with a reference by the runs that both have, also where their budgets or methods differ.
// Both must be of one problem.
func Compare(c, reference Cell) Difference {
	d := Difference{Problem: c.On(), Method: c.Method, Reference: reference.Method, Seeds: common(c, reference)}
	if d.Seeds == 0 {
		d.Low, d.High, d.Verdict = math.Inf(-1), math.Inf(1), Open
		return d
	}
	a, b := c.logs()[:d.Seeds], reference.logs()
	for i := range a {
		a[i] -= b[i]
	}
	d.Mean, d.Low, d.High = interval(a)
	d.Verdict = judge(d.Low, d.High)
	return d
}

// common is the number of runs of two cells that belong together, one by one: those of the same seeds.
func common(a, b Cell) int {
	if a.SeedBase != b.SeedBase {
		return 0
	}
	return min(len(a.Runs), len(b.Runs))
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

// Rank is a method's average rank among all methods: 1 is best, ties share their ranks.
type Rank struct {
	Method string
	Mean   float64
}

// Ranks ranks the methods seed by seed on the problems that all of them were run on, and averages over seeds and
// problems. It returns the methods in their order, and the number of problems.
func Ranks(cells []Cell) (ranks []Rank, problems int) {
	methods := distinct(cells, func(c Cell) string { return c.Method })
	table := rankTable(cells, methods)
	for i, m := range methods {
		ranks = append(ranks, Rank{Method: m})
		for _, row := range table {
			ranks[i].Mean += row[i] / float64(len(table))
		}
	}
	return ranks, len(table)
}

// RankDifference is the difference of two methods' ranks among each other, from -1, always better, to 1, averaged over
// the problems both were run on, with a 95 % interval by a bootstrap over problems.
type RankDifference struct {
	Method, Reference string
	Problems          int
	Mean, Low, High   float64
	Verdict           Verdict
}

// rankResamples is the number of bootstrap samples of problems.
const rankResamples = 10_000

// CompareRanks compares a method with a reference by rank.
func CompareRanks(cells []Cell, method, reference string) RankDifference {
	d := RankDifference{Method: method, Reference: reference, Verdict: Open}
	var differences []float64
	for _, row := range rankTable(cells, []string{method, reference}) {
		differences = append(differences, row[0]-row[1])
	}
	if d.Problems = len(differences); d.Problems == 0 {
		return d
	}
	d.Mean = stat.Mean(differences, nil)
	d.Low, d.High = bootstrap(differences)
	switch {
	case d.High < 0:
		d.Verdict = Better
	case d.Low > 0:
		d.Verdict = Worse
	}
	return d
}

// rankTable is the methods' mean ranks over seeds on each problem that all of them were run on.
func rankTable(cells []Cell, methods []string) [][]float64 {
	var table [][]float64
	for _, name := range distinct(cells, Cell.On) {
		if row := rankOn(cells, name, methods); row != nil {
			table = append(table, row)
		}
	}
	return table
}

// distinct lists what the cells have, in their order.
func distinct(cells []Cell, of func(Cell) string) []string {
	var list []string
	for _, c := range cells {
		if !slices.Contains(list, of(c)) {
			list = append(list, of(c))
		}
	}
	return list
}

// rankOn returns the methods' mean ranks over the seeds that all have on a problem, nil if one was not run on it.
func rankOn(cells []Cell, on string, methods []string) []float64 {
	logs := make([][]float64, len(methods))
	var first Cell
	seeds := 0
	for i, m := range methods {
		c, ok := find(cells, on, m)
		if i == 0 {
			first, seeds = c, len(c.Runs)
		}
		if seeds = min(seeds, common(first, c)); !ok || seeds == 0 {
			return nil
		}
		logs[i] = c.logs()
	}
	mean := make([]float64, len(methods))
	for seed := range seeds {
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
			mean[i] += rank / float64(seeds)
		}
	}
	return mean
}

// fewest is the number of problems below which nothing is said about problems in general.
const fewest = 3

// bootstrap returns the 95 % interval of the mean by resampling, always the same; unbounded for few values.
func bootstrap(values []float64) (low, high float64) {
	if len(values) < fewest {
		return math.Inf(-1), math.Inf(1)
	}
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
