package transfer

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/study"
)

// crossValidation is the Resampling of protocols by which metaml evaluates. What others mean by their own words is not
// known.
const crossValidation = "cv"

// evaluations names, for a protocol, another one that says the same but for the metrics that are kept: a knowledge base
// grown with all metrics and one grown with some of them measured the same. Protocols that are not in it are themselves.
type evaluations map[record.ID]record.ID

func (e evaluations) of(id record.ID) record.ID {
	if other, ok := e[id]; ok {
		return other
	}
	return id
}

// sameEvaluations finds protocols of cross-validation that differ in nothing but their metrics; the one with the most runs
// stands for those that have its metric, its primary one or that which the options name. Where the options name a protocol,
// only that counts.
func sameEvaluations(set *record.Set, opt Options) evaluations {
	type evaluation struct {
		folds, repeats, rowCap int
		test                   float64
		seed                   uint64
	}
	if opt.Protocol != "" {
		return nil
	}
	alike := make(map[evaluation][]record.ID)
	for _, id := range slices.SortedFunc(maps.Keys(set.Protocols), compareIDs) {
		if p := set.Protocols[id]; p.Resampling == crossValidation {
			if _, err := metricOf(p, opt.Metric); err == nil {
				e := evaluation{p.Folds, p.Repeats, p.RowCap, p.TestFraction, p.SplitSeed}
				alike[e] = append(alike[e], id)
			}
		}
	}
	maps.DeleteFunc(alike, func(_ evaluation, ids []record.ID) bool { return len(ids) == 1 })
	if len(alike) == 0 {
		return nil
	}
	runs := make(map[record.ID]int)
	for _, run := range set.Runs {
		if counts(run) {
			runs[run.Protocol]++
		}
	}
	out := make(evaluations)
	for _, ids := range alike {
		stands := ids[0]
		for _, id := range ids {
			if runs[id] > runs[stands] {
				stands = id
			}
		}
		metric, _ := metricOf(set.Protocols[stands], opt.Metric) // known from above
		for _, id := range ids {
			if m, err := metricOf(set.Protocols[id], metric.Name); err == nil && m == metric {
				out[id] = stands
			}
		}
	}
	return out
}

// measuring tells the protocols that runs may be of: those that measure the metric which the options name, all where they
// name none, or where no run measures it, which is refused later.
func measuring(set *record.Set, opt Options) func(record.ID) bool {
	measures := func(id record.ID) bool {
		_, err := metricOf(set.Protocols[id], opt.Metric)
		return err == nil
	}
	if opt.Metric == "" || opt.Protocol != "" || !slices.ContainsFunc(set.Runs, func(r *record.Run) bool { return measures(r.Protocol) }) {
		return func(record.ID) bool { return true }
	}
	return measures
}

// fewestOther is how many results another protocol must have on a task to speak for it: the best and the median of fewer
// say little.
const fewestOther = 10

// assignProtocols says by which protocol each task is known, for tasks of the type and runs in the space of the matrix:
// its own, unless another one that measures the same metric has more results, fewestOther at least.
// So a task that was tuned with other rows or folds is not lost, and no task mixes losses of two protocols; regrets are
// relative to the task, and so comparable. What was taken in and what was left out is noted. Where the options name a
// protocol, only that counts.
func (b *builder) assignProtocols() map[record.ID]record.ID {
	results, runs := b.resultsByProtocol()
	own := b.m.Protocol
	assigned := make(map[record.ID]record.ID)
	taken, takenRuns, left := 0, 0, 0
	others := make(map[record.ID]bool)
	for task, counts := range results {
		best := own
		for _, p := range slices.SortedFunc(maps.Keys(counts), compareIDs) {
			if p != own && counts[p] >= fewestOther && counts[p] > counts[best] && b.opt.Protocol == "" && b.sameMetric(p) {
				best = p
			}
		}
		assigned[task] = best
		for p, n := range runs[task] {
			others[p] = others[p] || p != own
			if p != best {
				left += n
			}
		}
		if best != own {
			taken++
			takenRuns += runs[task][best]
		}
	}
	delete(others, own)
	if b.opt.Protocol != "" || len(others) == 0 {
		return assigned
	}
	note := fmt.Sprintf("protocol %s was chosen of %d", brief(string(own)), len(others)+1)
	if taken > 0 {
		note += fmt.Sprintf("; %s of others taken in for %s, compared within the task only", plural(takenRuns, "run"), plural(taken, "task"))
	}
	if left > 0 {
		note += fmt.Sprintf("; %s of others not comparable and left out", plural(left, "run"))
	}
	b.m.Notes = append(b.m.Notes, note)
	return assigned
}

func compareIDs(a, b record.ID) int { return cmp.Compare(a, b) }

// resultsByProtocol counts the results and the runs by task and protocol.
func (b *builder) resultsByProtocol() (results, runs map[record.ID]map[record.ID]int) {
	results, runs = make(map[record.ID]map[record.ID]int), make(map[record.ID]map[record.ID]int)
	for _, run := range b.set.Runs {
		task, ok := b.set.Tasks[run.Task]
		if !ok || task.Type != b.m.Type || run.Space != b.m.Space || !counts(run) {
			continue
		}
		if runs[run.Task] == nil {
			results[run.Task], runs[run.Task] = make(map[record.ID]int), make(map[record.ID]int)
		}
		protocol := b.same.of(run.Protocol)
		runs[run.Task][protocol]++
		if run.Status == study.Complete {
			results[run.Task][protocol]++
		}
	}
	return results, runs
}

// sameMetric reports whether a protocol measures the metric of the matrix, in the same direction.
func (b *builder) sameMetric(id record.ID) bool {
	p := b.set.Protocols[id]
	if p == nil {
		return false
	}
	metric, err := metricOf(p, b.m.Metric.Name)
	return err == nil && metric.Maximize == b.m.Metric.Maximize
}
