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

// topShare is the share of a task's configurations that count as among the best on it.
const topShare = 10

// reasons says why the configuration at a rank is recommended.
func (a *adviser) reasons(rank int) []string {
	c := a.ranking.Configs[rank]
	var out []string
	if own := a.ranking.own; own != nil {
		if known := own.reason(c); known != "" {
			return []string{known}
		}
		out = append(out, a.untried(rank))
	} else if covers := a.covers(rank); covers != "" {
		out = append(out, covers)
	}
	if rank == 0 && a.nearest > a.novelty.limit() {
		out = append(out, fmt.Sprintf("a safe all-round choice: mean regret %.2f over %d tasks, the median configuration having 1",
			a.meanTold(transfer.Uniform(len(a.m.Tasks)), c), len(a.m.Tasks)))
	}
	if lead := a.lead(rank); lead != "" {
		out = append(out, lead)
	}
	if weighty := a.onWeightiest(c); weighty != "" {
		out = append(out, weighty)
	}
	if len(out) == 0 {
		out = append(out, fmt.Sprintf("mean regret %.2f on tasks like this, the median configuration having 1", a.meanTold(a.ranking.Weights, c)))
	}
	return out
}

// untried says why to try a configuration that was not tried on the data themselves: on tasks that they may be like it is
// better than all that was.
func (a *adviser) untried(rank int) string {
	regret := a.view.Expected(a.likely)[a.ranking.Configs[rank]]
	if covers := a.covers(rank); covers != "" {
		return fmt.Sprintf("not tried on these data (regret %.2f expected); %s", regret, covers)
	}
	return fmt.Sprintf("not tried on these data, where it is expected to leave a regret of %.2f", regret)
}

// lead says what speaks for a configuration against the all-round choice, empty where it is that.
func (a *adviser) lead(rank int) string {
	if rank >= len(a.ranking.Leads) || a.ranking.Leads[rank].Mean == 0 || a.opt.Seconds > 0 {
		return ""
	}
	l := a.ranking.Leads[rank]
	return fmt.Sprintf("on tasks like this ahead of the all-round choice by %.2f ± %.2f of regret", l.Mean, l.SE)
}

// onWeightiest counts the tasks of most weight on which a configuration is the best or among the best tenth.
func (a *adviser) onWeightiest(c int) string {
	weightiest := a.order[:min(shownNeighbours, len(a.order))]
	best, top := 0, 0
	for _, t := range weightiest {
		better, run, ok := a.place(t, c)
		if ok && better < (run+topShare-1)/topShare {
			top++
		}
		if ok && better == 0 {
			best++
		}
	}
	of := fmt.Sprintf("the %d tasks that weigh most", len(weightiest))
	if len(weightiest) == 1 {
		of = "the one task known"
	}
	switch {
	case top > best && best > 0:
		return fmt.Sprintf("among the best tenth on %d of %s, the best on %d", top, of, best)
	case best > 0:
		return fmt.Sprintf("best on %d of %s", best, of)
	case top > 0:
		return fmt.Sprintf("among the best tenth on %d of %s", top, of)
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
	gain := make([]float64, len(a.m.Tasks))
	var gaining []int
	for t := range gain {
		before := transfer.MaxRegret
		for _, c := range a.ranking.Configs[:rank] {
			before = min(before, a.left(t, c))
		}
		gain[t] = a.likely[t] * max(0, before-a.left(t, a.ranking.Configs[rank]))
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
