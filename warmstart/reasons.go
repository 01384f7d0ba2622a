package warmstart

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/metaml/metaml/transfer"
)

// nearBest is the regret up to which a configuration counts as near a task's best.
const nearBest = .1

// reasons says why the configuration at a rank is recommended.
func (a *adviser) reasons(rank int) []string {
	c := a.ranking.Configs[rank]
	var out []string
	if own := a.ranking.own; own != nil {
		if known := own.reason(c); known != "" {
			return []string{known}
		}
		out = append(out, fmt.Sprintf("not tried on these data, where it is expected to leave a regret of %.2f", a.view.Expected(a.likely)[c]))
	}
	if covers := a.covers(rank); covers != "" {
		out = append(out, covers)
	}
	if rank == 0 && a.nearest > a.novelty.limit() {
		out = append(out, fmt.Sprintf("a safe all-round choice: mean regret %.2f over %d tasks, the median configuration having 1",
			mean(a.belief.Mean, c), len(a.m.Tasks)))
	}
	if lead := a.lead(rank); lead != "" {
		out = append(out, lead)
	}
	if nearest := a.onNearest(c); nearest != "" {
		out = append(out, nearest)
	}
	if len(out) == 0 {
		out = append(out, fmt.Sprintf("expected regret %.2f on tasks like this, the median configuration having 1",
			a.view.Expected(a.likely)[c]))
	}
	return out
}

// lead says what speaks for a configuration against the all-round choice, empty where it is that.
func (a *adviser) lead(rank int) string {
	if rank >= len(a.ranking.Leads) || a.ranking.Leads[rank].Mean == 0 || a.opt.Seconds > 0 {
		return ""
	}
	l := a.ranking.Leads[rank]
	return fmt.Sprintf("on tasks like this ahead of the all-round choice by %.2f ± %.2f of regret", l.Mean, l.SE)
}

// onNearest counts the nearest tasks on which a configuration is the best or near it.
func (a *adviser) onNearest(c int) string {
	nearest := a.order[:min(shownNeighbours, len(a.order))]
	best, near := 0, 0
	for _, t := range nearest {
		r := a.belief.Mean[t][c]
		if r <= nearBest {
			near++
		}
		if r <= slices.Min(a.belief.Mean[t]) {
			best++
		}
	}
	of := "the " + strconv.Itoa(len(nearest)) + " nearest tasks"
	if len(nearest) == 1 {
		of = "the one task known"
	}
	switch {
	case near > best && best > 0:
		return fmt.Sprintf("best on %d and near the best on %d of %s", best, near, of)
	case best > 0:
		return fmt.Sprintf("best on %d of %s", best, of)
	case near > 0:
		return fmt.Sprintf("near the best on %d of %s", near, of)
	}
	return ""
}

// namedTasks is how many tasks a reason names at most.
const namedTasks = 3

// covers names the tasks on which the configuration at a rank gains most over those before it.
func (a *adviser) covers(rank int) string {
	if rank == 0 {
		return ""
	}
	before := a.view.Least(a.ranking.Configs[:rank])
	gain := make([]float64, len(before))
	var gaining []int
	for t, r := range before {
		gain[t] = a.likely[t] * max(0, r-a.view.Mean[t][a.ranking.Configs[rank]])
		if gain[t] > 0 {
			gaining = append(gaining, t)
		}
	}
	if len(gaining) == 0 {
		return ""
	}
	slices.SortStableFunc(gaining, func(s, t int) int { return cmp.Compare(gain[t], gain[s]) })
	var names []string
	for _, t := range gaining[:min(namedTasks, len(gaining))] {
		names = append(names, a.m.Tasks[t].Name)
	}
	who, verb := "1", "misses"
	if rank > 1 {
		who, verb = "1-"+strconv.Itoa(rank), "miss"
	}
	trait := a.trait(gaining, gain)
	if trait != "" {
		trait += " such as "
	}
	return fmt.Sprintf("covers what %s %s: %s%s", who, verb, trait, strings.Join(names, ", "))
}

// trait says in what the tasks that gain differ from the others, empty if nothing stands out: their weighted mean
// of log rows or columns lies more than ln 2 from the mean of all.
func (a *adviser) trait(gaining []int, gain []float64) string {
	describe := func(size func(transfer.Task) int, small, large string) string {
		all, known, own, weight := 0.0, 0.0, 0.0, 0.0
		for t, task := range a.m.Tasks {
			if size(task) > 0 {
				all += math.Log(float64(size(task)))
				known++
				if slices.Contains(gaining, t) {
					own += gain[t] * math.Log(float64(size(task)))
					weight += gain[t]
				}
			}
		}
		switch apart := own/weight - all/known; {
		case apart > math.Ln2:
			return large
		case apart < -math.Ln2:
			return small
		}
		return ""
	}
	if rows := describe(func(t transfer.Task) int { return t.Rows }, "small tasks", "large tasks"); rows != "" {
		return rows
	}
	return describe(func(t transfer.Task) int { return t.Columns }, "tasks of few columns", "tasks of many columns")
}

// mean is the mean of a column.
func mean(rows [][]float64, c int) float64 {
	sum := 0.0
	for _, row := range rows {
		sum += row[c]
	}
	return sum / float64(len(rows))
}
