package tunebench

import (
	"math"
	"slices"
	"strconv"
)

// summary is a report under way.
type summary struct {
	tasks    []*Task
	trials   int
	seed     uint64
	samples  map[string]*sample // by which tasks they are
	entrants []Entrant
	curves   map[string][]map[uint64]curve     // by method and task, by seed
	regrets  map[string]map[string][][]float64 // by method and score: the mean over seeds, by task and trial
}

// sample is some of the tasks, by number.
type sample struct {
	tasks    []int
	clusters *clusters
}

// sample returns the tasks that belong, made once.
func (s *summary) sample(belongs func(task int) bool) *sample {
	out, name := &sample{}, make([]byte, len(s.tasks))
	var list []*Task
	for i, t := range s.tasks {
		if belongs(i) {
			out.tasks, list, name[i] = append(out.tasks, i), append(list, t), 1
		}
	}
	if known := s.samples[string(name)]; known != nil {
		return known
	}
	if len(list) > 0 {
		out.clusters = newClusters(list, s.seed)
	}
	s.samples[string(name)] = out
	return out
}

// both are the tasks on which two methods have runs.
func (s *summary) both(a, b string) *sample {
	return s.sample(func(i int) bool { return len(s.curves[a][i]) > 0 && len(s.curves[b][i]) > 0 })
}

// add traces the runs of an entrant.
func (s *summary) add(e Entrant, runs Runs) {
	list := make([]map[uint64]curve, len(s.tasks))
	number := map[string]int{}
	for i, t := range s.tasks {
		list[i], number[string(t.ID)] = map[uint64]curve{}, i
	}
	any := false
	for key, rows := range runs {
		if i, ok := number[key.Task]; ok && key.Method == e.Name {
			list[i][key.Seed] = follow(s.tasks[i], rows, s.trials)
			any = true
		}
	}
	if any {
		s.entrants, s.curves[e.Name] = append(s.entrants, e), list
	}
}

func (s *summary) has(name string) bool { return s.curves[name] != nil }

// opponents are those that a method is compared with trial by trial: the cold runs of the same optimizer and, for warm
// runs, the peers.
func (s *summary) opponents(e Entrant) []string {
	var list []string
	if e.Start == Cold {
		return nil
	}
	if cold := Label(e.Optimizer, Cold); s.has(cold) {
		list = append(list, cold)
	}
	for _, other := range s.entrants {
		if e.Start == Warm && other.Optimizer == "" {
			list = append(list, other.Name)
		}
	}
	return list
}

// baseline is the optimizer that everything is compared with beside its own cold runs.
const baseline = "random"

// twins are those whose results a method is to reach.
func (s *summary) twins(e Entrant) []string {
	list := s.opponents(e)
	if cold := Label(baseline, Cold); e.Start == Warm && e.Optimizer != baseline && s.has(cold) {
		list = append(list, cold)
	}
	return list
}

// losses are a curve's losses by a score, and the scale of their regrets.
func losses(t *Task, c curve, score string) ([]float64, scale) {
	if score == OnTest {
		return c.test, t.test
	}
	return c.validation, t.validation
}

// seedsOf lists the seeds of a method's runs on a task.
func (s *summary) seedsOf(method string, task int) []uint64 {
	var list []uint64
	for seed := range s.curves[method][task] {
		list = append(list, seed)
	}
	slices.Sort(list)
	return list
}

// regret is the mean over seeds of a method's regrets, by task and trial.
func (s *summary) regret(method, score string) [][]float64 {
	rows := make([][]float64, len(s.tasks))
	for i, t := range s.tasks {
		rows[i] = make([]float64, s.trials)
		seeds := s.seedsOf(method, i)
		for _, seed := range seeds {
			values, sc := losses(t, s.curves[method][i][seed], score)
			for n, loss := range values {
				rows[i][n] += sc.regret(loss) / float64(len(seeds))
			}
		}
	}
	return rows
}

// score sums a method up.
func (s *summary) score(method string) Score {
	on := s.both(method, method)
	out := Score{Method: method, Tables: len(on.tasks), Test: map[string]Regret{}, Validation: map[string]Regret{}, Curves: map[string][]float64{}}
	for i := range s.tasks {
		out.Runs += len(s.curves[method][i])
	}
	for score, into := range map[string]map[string]Regret{OnTest: out.Test, OnValidation: out.Validation} {
		rows := on.pick(s.regrets[method][score])
		for n := range s.trials {
			out.Curves[score] = append(out.Curves[score], round(columnMean(rows, n)))
		}
		for _, n := range Checkpoints(s.trials) {
			into[strconv.Itoa(n)] = Regret{columnMean(rows, n-1), on.clusters.standardError(rows, n-1)}
		}
	}
	return out
}

// pick returns the rows of the sample's tasks.
func (x *sample) pick(rows [][]float64) [][]float64 {
	out := make([][]float64, len(x.tasks))
	for k, i := range x.tasks {
		out[k] = rows[i]
	}
	return out
}

// columnMean is the mean over rows of a column.
func columnMean(rows [][]float64, n int) float64 {
	sum := 0.0
	for _, row := range rows {
		sum += row[n]
	}
	return sum / float64(len(rows))
}

// standardError is that of the mean of a column, by drawing groups.
func (c *clusters) standardError(rows [][]float64, n int) float64 {
	column := make([][]float64, len(rows))
	for t, row := range rows {
		column[t] = []float64{row[n], 1}
	}
	sums, total := c.sums(column), make([]float64, 2)
	mean, square := 0.0, 0.0
	for _, drawn := range c.draws {
		resample(drawn, sums, total)
		x := total[0] / total[1]
		mean += x / float64(len(c.draws))
		square += x * x / float64(len(c.draws))
	}
	return math.Sqrt(max(0, square-mean*mean))
}

// difference compares two methods trial by trial.
func (s *summary) difference(both *sample, method, against, score string) Difference {
	a, b := both.pick(s.regrets[method][score]), both.pick(s.regrets[against][score])
	rows := make([][]float64, len(a))
	for i := range rows {
		for n := range s.trials {
			rows[i] = append(rows[i], a[i][n]-b[i][n])
		}
	}
	band := both.clusters.band(rows)
	d := Difference{method, against, len(rows), score, band, band.Above(), band.Below()}
	for _, list := range [][]float64{d.Mean, d.Lo, d.Hi} {
		for i := range list {
			list[i] = round(list[i])
		}
	}
	return d
}

// toTwin is when runs of a method reach what those of another with the same seeds end with.
func (s *summary) toTwin(on *sample, method, twin, score string, tolerance float64) []arrivals {
	return s.arrivals(on, method, twin, score, tolerance, func(mine, theirs uint64) bool { return mine == theirs })
}

// toOthers is when runs of a method reach what those of another with any other seed end with.
func (s *summary) toOthers(on *sample, method, others, score string, tolerance float64) []arrivals {
	return s.arrivals(on, method, others, score, tolerance, func(mine, theirs uint64) bool { return mine != theirs })
}

// arrivals is when runs of a method reach what runs of others end with, for all pairs of seeds that count.
func (s *summary) arrivals(on *sample, method, others, score string, tolerance float64, counts func(mine, theirs uint64) bool) []arrivals {
	out := make([]arrivals, len(on.tasks))
	for k, i := range on.tasks {
		t := s.tasks[i]
		out[k].at = make([]float64, s.trials)
		for _, mine := range s.seedsOf(method, i) {
			values, _ := losses(t, s.curves[method][i][mine], score)
			for _, theirs := range s.seedsOf(others, i) {
				if !counts(mine, theirs) {
					continue
				}
				goal, _ := losses(t, s.curves[others][i][theirs], score)
				out[k].arrive(firstAt(values, goal[s.trials-1]+tolerance*t.Noise))
			}
		}
	}
	return out
}

// arrived says whether there is any run that could arrive.
func arrived(list []arrivals) bool {
	return slices.ContainsFunc(list, func(a arrivals) bool { return a.all > 0 })
}

// taskScores describes the tables.
func (s *summary) taskScores() []TaskScore {
	var list []TaskScore
	for i, t := range s.tasks {
		d := TaskScore{Name: t.Name, Group: t.Group, Type: t.Type, Metric: t.Metric.Name, Rows: t.tabulated, Noise: round(t.Noise),
			Best: t.test.best, Median: t.test.best + t.test.spread, Regret: map[string]float64{}}
		all := make([]int, t.tabulated)
		for row, r := range t.Rows[:t.tabulated] {
			if all[row] = row; math.IsInf(r.Loss, 1) {
				d.Failed++
			}
		}
		d.Chosen = round(t.test.regret(follow(t, all, len(all)).test[len(all)-1]))
		for _, e := range s.entrants {
			if len(s.curves[e.Name][i]) == 0 {
				continue
			}
			d.Regret[e.Name] = round(s.regrets[e.Name][OnTest][i][s.trials-1])
		}
		list = append(list, d)
	}
	return list
}

// round keeps five significant digits, which is more than there are.
func round(x float64) float64 {
	y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 5, 64), 64)
	if err != nil {
		return x // an infinity
	}
	return y
}
