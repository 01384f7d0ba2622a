package regret

import (
	"slices"
	"strconv"
)

// SchemaVersion is the version of the report's JSON form.
const SchemaVersion = 1

// Report is what a cross-validation found. By-k tables have the decimal k as key.
type Report struct {
	SchemaVersion int    `json:"schema_version"`
	Split         string `json:"split"`
	Folds         int    `json:"folds"`
	Tasks         int    `json:"tasks"`   // tested, without the dropped ones
	Dropped       int    `json:"dropped"` // tasks all of whose configurations are the same
	Groups        int    `json:"groups"`  // among the tested tasks
	Configs       int    `json:"configs"`
	Metric        string `json:"metric"`
	Seed          uint64 `json:"seed"`
	Known         int    `json:"known,omitempty"` // results of each tested task that were known (Options.Known)
	// Strategies holds each strategy's regret by k, in the order asked for under Order.
	Strategies map[string]map[string]Score `json:"strategies"`
	Order      []string                    `json:"order"`
	K          []int                       `json:"k"`
	// Paired holds the difference first less second of every pair of strategies "first-second", by k.
	Paired map[string]map[string]Difference `json:"paired"`
	// Random is the exact expectation of k random draws without replacement.
	Random map[string]Score `json:"random"`
	// Shuffled holds, by strategy and k, what is left without the meta-features' help (Options.Shuffled).
	Shuffled map[string]map[string]Shuffling `json:"shuffled,omitempty"`
	// Limits say what holds strategies back (Options.Limits); nil: not asked for.
	Limits *Limits `json:"limits,omitempty"`
	// Seconds says how well the times of runs are foretold; nil where none is known.
	Seconds *Timing `json:"seconds,omitempty"`
	// Calibration holds how good the forecasts were, by strategy, quantity (regret, metric) and k.
	Calibration map[string]map[string]map[string]Calibration `json:"calibration,omitempty"`
	// BySize holds the mean regrets by the number of rows of the tasks.
	BySize []SizeClass `json:"by_size,omitempty"`
	Notes  []string    `json:"notes,omitempty"`
}

// Score is a strategy's regret at one k.
type Score struct {
	NR       float64 `json:"nr"`        // mean normalised regret over tasks
	SE       float64 `json:"se"`        // standard error of it, by bootstrap over groups
	NRGroups float64 `json:"nr_groups"` // with groups weighted equally
	// Regret is the mean on the knowledge base's own scale: spread of the reference set, floor at twice the noise.
	Regret float64 `json:"regret"`
}

// Difference compares two strategies at one k, task by task; negative means that the first has less regret.
type Difference struct {
	Diff float64 `json:"diff"`
	Lo   float64 `json:"lo"` // 95 % interval, cluster bootstrap by group
	Hi   float64 `json:"hi"`
	P    float64 `json:"p"` // two-sided, adjusted over the k's (Holm)
	// DiffGroups is the difference with groups weighted equally, LoGroups and HiGroups its 95 % interval.
	DiffGroups float64 `json:"diff_groups"`
	LoGroups   float64 `json:"lo_groups"`
	HiGroups   float64 `json:"hi_groups"`
	// Verdict is better (interval wholly below 0), not worse (difference at most .01 and interval not wholly above
	// 0), worse (interval wholly above 0), or undecided.
	Verdict string `json:"verdict"`
}

// SizeClass is the tasks with rows in [From, To), To 0 meaning without limit.
type SizeClass struct {
	From       int                           `json:"from"`
	To         int                           `json:"to,omitempty"`
	Tasks      int                           `json:"tasks"`
	Strategies map[string]map[string]float64 `json:"strategies"`
	Random     map[string]float64            `json:"random"`
}

// report summarises the evaluation.
func (e *evaluation) report() *Report {
	var tasks []int
	var groups []string
	for t := range e.m.Tasks {
		if e.baseline[t] != nil {
			tasks = append(tasks, t)
			groups = append(groups, e.split.Group[t])
		}
	}
	r := &Report{
		SchemaVersion: SchemaVersion, Split: e.split.Name, Folds: len(e.split.folds()), Tasks: len(tasks), Dropped: e.dropped,
		Configs: len(e.m.Configs), Metric: e.m.Metric.Name, Seed: e.opt.Seed, Known: e.opt.Known, Order: e.opt.Strategies, K: e.opt.K,
		Strategies: make(map[string]map[string]Score), Paired: make(map[string]map[string]Difference),
		Random: make(map[string]Score), Notes: e.notes,
	}
	if len(tasks) == 0 {
		return r
	}
	b := newBootstrap(groups, e.opt.Resamples, e.opt.Seed)
	r.Groups = len(b.size)
	for i, name := range e.opt.Strategies {
		r.Strategies[name] = make(map[string]Score)
		for j, k := range e.opt.K {
			values := column(e.reached[name], tasks, j)
			r.Strategies[name][strconv.Itoa(k)] = Score{
				NR: mean(values), SE: deviation(b.means(values)), NRGroups: b.overGroups(values), Regret: mean(column(e.scaled[i], tasks, j)),
			}
		}
	}
	for j, k := range e.opt.K {
		values := column(e.baseline, tasks, j)
		r.Random[strconv.Itoa(k)] = Score{NR: mean(values), SE: deviation(b.means(values)), NRGroups: b.overGroups(values)}
	}
	for _, first := range e.opt.Strategies {
		for _, second := range e.opt.Strategies {
			if first != second {
				r.Paired[first+"-"+second] = e.compare(b, columns(e.reached[first], tasks, len(e.opt.K)), columns(e.reached[second], tasks, len(e.opt.K)))
			}
		}
	}
	r.Shuffled = e.shuffling(b, tasks)
	r.Limits = e.limitsReport(b, tasks, r.Strategies)
	r.Seconds = e.timing()
	r.Calibration = e.calibration()
	r.BySize = e.bySize(tasks)
	return r
}

// compare returns the paired differences of two strategies' regrets, a column per k and a value per task.
func (e *evaluation) compare(b *bootstrap, first, second [][]float64) map[string]Difference {
	out := make([]Difference, len(e.opt.K))
	p := make([]float64, len(e.opt.K))
	for j := range e.opt.K {
		differences := make([]float64, len(first[j]))
		for t, v := range first[j] {
			differences[t] = v - second[j][t]
		}
		d := Difference{Diff: mean(differences), DiffGroups: b.overGroups(differences)}
		d.Lo, d.Hi, p[j] = interval(b.means(differences))
		d.LoGroups, d.HiGroups, _ = interval(b.groupMeans(differences))
		d.Verdict = verdict(d)
		out[j] = d
	}
	table := make(map[string]Difference, len(out))
	for j, adjusted := range holm(p) {
		out[j].P = adjusted
		table[strconv.Itoa(e.opt.K[j])] = out[j]
	}
	return table
}

// worthwhile is the difference in normalised regret that "not worse" allows.
const worthwhile = .01

func verdict(d Difference) string {
	switch {
	case d.Hi < 0:
		return "better"
	case d.Lo > 0:
		return "worse"
	case d.Diff <= worthwhile:
		return "not worse"
	}
	return "undecided"
}

// column returns the j-th value of each task.
func column(rows [][]float64, tasks []int, j int) []float64 {
	out := make([]float64, len(tasks))
	for i, t := range tasks {
		out[i] = rows[t][j]
	}
	return out
}

// columns returns the first n columns of the tasks' values.
func columns(rows [][]float64, tasks []int, n int) [][]float64 {
	out := make([][]float64, n)
	for j := range out {
		out[j] = column(rows, tasks, j)
	}
	return out
}

// bySize divides the tasks at 500 and 5,000 rows; nil if no task's rows are known.
func (e *evaluation) bySize(tasks []int) []SizeClass {
	classes := []SizeClass{{From: 0, To: 500}, {From: 500, To: 5000}, {From: 5000}}
	known := false
	for i := range classes {
		var members []int
		for _, t := range tasks {
			rows := e.m.SizeOf(t).Rows
			if rows > 0 && rows >= classes[i].From && (classes[i].To == 0 || rows < classes[i].To) {
				members = append(members, t)
			}
		}
		known = known || len(members) > 0
		classes[i].fill(e, members)
	}
	if !known {
		return nil
	}
	return slices.DeleteFunc(classes, func(c SizeClass) bool { return c.Tasks == 0 })
}

func (c *SizeClass) fill(e *evaluation, tasks []int) {
	c.Tasks = len(tasks)
	if c.Tasks == 0 {
		return
	}
	c.Strategies, c.Random = make(map[string]map[string]float64), make(map[string]float64)
	for _, name := range e.opt.Strategies {
		c.Strategies[name] = make(map[string]float64)
		for j, k := range e.opt.K {
			c.Strategies[name][strconv.Itoa(k)] = mean(column(e.reached[name], tasks, j))
		}
	}
	for j, k := range e.opt.K {
		c.Random[strconv.Itoa(k)] = mean(column(e.baseline, tasks, j))
	}
}
