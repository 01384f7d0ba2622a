package transfer

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space/canonical"
	"github.com/metaml/metaml/optimizers/study"
)

// New builds the matrix of the runs in set that opt admits. Runs at a lower fidelity and pruned runs are left out;
// repetitions are averaged. It fails with ErrEmpty when nothing is left and with ErrNotFound when opt names what
// set does not hold.
func New(set *record.Set, opt Options) (*Matrix, error) {
	same := sameEvaluations(set, opt)
	chosen, err := choose(set, opt, same)
	if err != nil {
		return nil, err
	}
	m := &Matrix{
		Type: chosen.taskType, Protocol: chosen.protocol, Space: chosen.space, Metric: chosen.metric, Notes: chosen.notes,
		RowCap: set.Protocols[chosen.protocol].RowCap,
	}
	b := builder{m: m, set: set, opt: opt, same: same, row: make(map[record.ID]int)}
	results := b.collect()
	if len(results) == 0 {
		return nil, fmt.Errorf("%w: %s", ErrEmpty, b.refusal())
	}
	results, err = b.arrange(results)
	if err != nil {
		return nil, err
	}
	b.fill(results)
	if err := b.describe(); err != nil {
		return nil, err
	}
	for t := range m.Tasks {
		m.scale(t)
	}
	return m, nil
}

// builder carries one matrix from records to rows.
type builder struct {
	m    *Matrix
	set  *record.Set
	opt  Options
	same evaluations
	row  map[record.ID]int
}

// result is a run's contribution to a cell.
type result struct {
	task, config int
	loss         float64 // NaN unless complete
	test         float64
	cost         float64
	status       study.Status
	folds        []float64 // validation values, in the metric's direction
}

// collect returns the admitted runs, with tasks and configurations numbered as they come.
func (b *builder) collect() []result {
	known := newDictionary()
	var admitted []bool
	var ids []record.ID
	results := make([]result, 0, len(b.set.Runs))
	objective := study.Objective{Metric: b.m.Metric.Name, Maximize: b.m.Metric.Maximize}
	protocols := b.assignProtocols()
	for _, run := range b.set.Runs {
		if run.Space != b.m.Space || b.same.of(run.Protocol) != protocols[run.Task] || !counts(run) {
			continue
		}
		task, ok := b.set.Tasks[run.Task]
		if !ok || task.Type != b.m.Type {
			continue
		}
		c := known.number(run.Config)
		if c == len(admitted) {
			admitted = append(admitted, b.admits(Learner(run.Config)))
		}
		if !admitted[c] {
			continue
		}
		r := resultOf(run, objective)
		if r.status == study.Complete && math.IsNaN(r.loss) {
			continue // measured under another metric only
		}
		t, ok := b.row[run.Task]
		if !ok {
			t = len(ids)
			b.row[run.Task] = t
			ids = append(ids, run.Task)
		}
		r.task, r.config = t, c
		results = append(results, r)
	}
	for _, id := range ids {
		b.m.Tasks = append(b.m.Tasks, Task{ID: id, Rows: b.set.Tasks[id].Rows, Columns: b.set.Tasks[id].Columns, RowCap: b.set.Protocols[protocols[id]].RowCap})
	}
	for _, c := range known.configs {
		b.m.Configs = append(b.m.Configs, Config{Values: c, Learner: Learner(c)})
	}
	return results
}

// counts reports whether a run says what its configuration does at full fidelity.
func counts(run *record.Run) bool {
	return len(run.Fidelity) == 0 && run.Status.Final() && run.Status != study.Pruned
}

func (b *builder) admits(learner string) bool {
	return b.opt.Learners == nil || slices.Contains(b.opt.Learners, learner)
}

func resultOf(run *record.Run, objective study.Objective) result {
	r := result{status: run.Status, loss: math.NaN(), test: math.NaN(), cost: math.NaN()}
	switch {
	case run.Cost.CPU > 0:
		r.cost = run.Cost.CPU
	case run.Cost.Wall > 0:
		r.cost = run.Cost.Wall
	case run.Cost.Fit+run.Cost.Predict > 0:
		r.cost = run.Cost.Fit + run.Cost.Predict
	}
	if run.Status != study.Complete {
		return r
	}
	for i := range run.Measures {
		if run.Measures[i].Metric == objective.Metric {
			r.folds = run.Measures[i].Validation
			r.loss = objective.Loss(mean(r.folds))
			r.test = objective.Loss(mean(run.Measures[i].Test))
		}
	}
	return r
}

// arrange puts tasks and configurations in an order that does not depend on that of the records, drops
// configurations without results, and sorts the results by cell and content.
func (b *builder) arrange(results []result) ([]result, error) {
	taskOrder := ascending(len(b.m.Tasks), func(i, j int) int { return cmp.Compare(b.m.Tasks[i].ID, b.m.Tasks[j].ID) })
	used := make([]bool, len(b.m.Configs))
	for _, r := range results {
		used[r.config] = true
	}
	var kept []int
	for i := range b.m.Configs {
		if !used[i] {
			continue
		}
		text, err := b.m.Configs[i].Values.Canonical()
		if err != nil {
			return nil, fmt.Errorf("transfer: configuration: %w", err)
		}
		b.m.Configs[i].Hash = canonical.Sum(text)
		kept = append(kept, i)
	}
	slices.SortFunc(kept, func(i, j int) int { return compareConfigs(b.m.Configs[i], b.m.Configs[j]) })
	newTask, newConfig := inverse(taskOrder, len(b.m.Tasks)), inverse(kept, len(b.m.Configs))
	b.m.Tasks, b.m.Configs = pick(b.m.Tasks, taskOrder), pick(b.m.Configs, kept)
	for t := range b.m.Tasks {
		b.row[b.m.Tasks[t].ID] = t
	}
	for i := range results {
		results[i].task, results[i].config = newTask[results[i].task], newConfig[results[i].config]
	}
	return byCell(results, len(b.m.Tasks), len(b.m.Configs)), nil
}

// byCell returns the results sorted by task, configuration and content: by counting, in two rounds, and the few of a
// cell among themselves.
func byCell(results []result, tasks, configs int) []result {
	byConfig := counted(results, configs, func(r *result) int { return r.config })
	sorted := counted(byConfig, tasks, func(r *result) int { return r.task })
	for start := 0; start < len(sorted); {
		end := start + 1
		for end < len(sorted) && sorted[end].task == sorted[start].task && sorted[end].config == sorted[start].config {
			end++
		}
		if end > start+1 {
			slices.SortFunc(sorted[start:end], func(x, y result) int {
				return cmp.Or(cmp.Compare(x.loss, y.loss), cmp.Compare(x.test, y.test), cmp.Compare(x.cost, y.cost),
					cmp.Compare(x.status, y.status))
			})
		}
		start = end
	}
	return sorted
}

// counted returns the results in the order of a key from 0 to n-1, those of one key in their own order.
func counted(results []result, n int, key func(*result) int) []result {
	next := make([]int, n+1)
	for i := range results {
		next[key(&results[i])+1]++
	}
	for k := range n {
		next[k+1] += next[k]
	}
	out := make([]result, len(results))
	for i := range results {
		at := &next[key(&results[i])]
		out[*at] = results[i]
		*at++
	}
	return out
}

// fill sets the cells from results sorted by cell.
func (b *builder) fill(results []result) {
	m := b.m
	n := len(m.Configs)
	for range m.Tasks {
		m.Loss, m.Test = append(m.Loss, undefined(n)), append(m.Test, undefined(n))
		m.Cost, m.Regret = append(m.Cost, undefined(n)), append(m.Regret, undefined(n))
		m.Status = append(m.Status, make([]study.Status, n))
	}
	for c := range m.Configs {
		m.Configs[c].Reference = b.opt.Reference == nil || b.opt.Reference(m.Configs[c].Values)
	}
	for start := 0; start < len(results); {
		end := start + 1
		for end < len(results) && results[end].task == results[start].task && results[end].config == results[start].config {
			end++
		}
		m.setCell(results[start:end])
		start = end
	}
	for start := 0; start < len(results); {
		end := start
		for end < len(results) && results[end].task == results[start].task {
			end++
		}
		m.Tasks[results[start].task].Noise = noise(results[start:end])
		start = end
	}
}

// setCell sets a cell from its runs: the mean of those that gave a result; without any, how the first ended.
func (m *Matrix) setCell(runs []result) {
	t, c := runs[0].task, runs[0].config
	loss, test, cost := make([]float64, 0, 4), make([]float64, 0, 4), make([]float64, 0, 4)
	for _, r := range runs {
		if !math.IsNaN(r.cost) {
			cost = append(cost, r.cost)
		}
		if r.status != study.Complete {
			continue
		}
		loss = append(loss, r.loss)
		if !math.IsNaN(r.test) {
			test = append(test, r.test)
		}
	}
	m.Cost[t][c] = mean(cost)
	if len(loss) == 0 {
		m.Loss[t][c], m.Status[t][c] = math.Inf(1), runs[0].status
		return
	}
	m.Loss[t][c], m.Test[t][c], m.Status[t][c] = mean(loss), mean(test), study.Complete
}

func mean(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

func undefined(n int) []float64 {
	row := make([]float64, n)
	for i := range row {
		row[i] = math.NaN()
	}
	return row
}

// ascending returns 0..n-1 in the order of compare.
func ascending(n int, compare func(i, j int) int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, compare)
	return order
}

// inverse returns where each of n numbers stands in order, -1 for those that do not.
func inverse(order []int, n int) []int {
	at := make([]int, n)
	for i := range at {
		at[i] = -1
	}
	for i, j := range order {
		at[j] = i
	}
	return at
}
