package suggestbench

import (
	"fmt"
	"maps"
	"slices"
	"sort"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/warmstart/regret"
)

// resamples is how many resamples the intervals rest on.
const resamples = 10_000

// Report is what a contest found.
type Report struct {
	Datasets []Dataset
	// Paired are differences in loss, in units of the constant prediction's loss, between two contestants, the first
	// minus the second: negative means the first is better. Keys are "suggest@5-single_best" and the like.
	Paired   map[string]Paired
	Unusable int // files that could not be used
	Failures map[study.Status]int
}

// Dataset is one dataset's test losses, means over the splits; lower is better.
type Dataset struct {
	Name, Group, Task, Metric string
	Suggest                   map[int]float64    // by number of recommendations tried
	Named                     map[string]float64 // by contestant
	Dummy                     float64            // the constant prediction
}

// Paired is a mean difference over datasets with its interval.
type Paired struct {
	Diff, Lo, Hi float64
	Datasets     int
}

// report gathers the rounds by dataset.
func (c *contest) report() *Report {
	rep := &Report{Paired: map[string]Paired{}, Unusable: c.unusable, Failures: map[study.Status]int{}}
	byEntry := map[int][]*round{}
	for _, r := range c.rounds {
		byEntry[r.entry] = append(byEntry[r.entry], r)
		for _, o := range r.lineup {
			if o.status != study.Complete {
				rep.Failures[o.status]++
			}
		}
	}
	for _, entry := range slices.Sorted(maps.Keys(byEntry)) {
		rep.Datasets = append(rep.Datasets, c.summarise(byEntry[entry]))
	}
	c.compare(rep)
	return rep
}

func (c *contest) summarise(rounds []*round) Dataset {
	first := rounds[0]
	d := Dataset{Name: first.name, Group: first.group, Task: first.task, Metric: lossName(first.metric),
		Suggest: map[int]float64{}, Named: map[string]float64{}}
	share := 1 / float64(len(rounds))
	for _, r := range rounds {
		d.Dummy += share * r.dummy
		for _, k := range []int{1, c.opt.K} {
			d.Suggest[k] += share * r.best(k)
			if c.opt.K == 1 {
				break
			}
		}
		for name := range r.named {
			d.Named[name] += share * r.lossOf(name)
		}
	}
	return d
}

// lossName is the name of what loss returns: balanced_error for balanced_accuracy.
func lossName(m record.Metric) string {
	switch {
	case m.Name == "balanced_accuracy":
		return "balanced_error"
	case m.Maximize:
		return "1-" + m.Name
	}
	return m.Name
}

// compare fills Paired for every k against every named contestant, over all datasets and by type of task.
func (c *contest) compare(rep *Report) {
	for _, k := range slices.Compact([]int{1, c.opt.K}) {
		for _, name := range sortedNames(rep.Datasets[0].Named) {
			for _, task := range []string{"", record.Classification, record.Regression} {
				key := fmt.Sprintf("suggest@%d-%s", k, name)
				if task != "" {
					key += "/" + task
				}
				if p := c.pair(rep.Datasets, k, name, task); p.Datasets > 0 {
					rep.Paired[key] = p
				}
			}
		}
	}
}

// pair compares the best of k recommendations with a contestant on the datasets of a type, all if it is empty.
func (c *contest) pair(datasets []Dataset, k int, name, task string) Paired {
	var diffs []float64
	var groups []string
	for _, d := range datasets {
		if (task == "" || d.Task == task) && d.Dummy > 0 {
			diffs = append(diffs, (d.Suggest[k]-d.Named[name])/d.Dummy)
			groups = append(groups, d.Group)
		}
	}
	if len(diffs) == 0 {
		return Paired{}
	}
	p := regret.PairedMean(diffs, groups, resamples, c.opt.Seed)
	return Paired{Diff: p.Mean, Lo: p.Lo, Hi: p.Hi, Datasets: len(diffs)}
}

func sortedNames(m map[string]float64) []string {
	names := slices.Collect(maps.Keys(m))
	sort.Strings(names)
	return names
}
