package warmstart

import (
	"slices"
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/transfer"
)

// adviserOf stands on a belief, with equal weights and tasks as near as their order.
func adviserOf(mean [][]float64, configs ...int) *adviser {
	a := &adviser{insight: &insight{m: &transfer.Matrix{Loss: mean}, belief: &transfer.Belief{Mean: mean}, novelty: &novelty{usual: []float64{1}}}}
	a.view = a.belief
	a.ranking = Ranking{Configs: configs, Weights: transfer.Uniform(len(mean))}
	a.likely = a.ranking.Weights
	for t := range mean {
		a.m.Tasks = append(a.m.Tasks, transfer.Task{Name: string(rune('a' + t)), Rows: 100, Columns: 10})
		a.m.Status = append(a.m.Status, slices.Repeat([]study.Status{study.Complete}, len(mean[t])))
		a.plain = append(a.plain, plainScale{Best: 0, Spread: 1})
		a.order = append(a.order, t)
	}
	return a
}

func TestReasonsByHand(t *testing.T) {
	// Configuration 0 is best on a, near the best on b, bad on c and d; 1 is best on b and c; 2 saves d.
	mean := [][]float64{{0, .5, 1}, {.1, 0, 1}, {1.5, 0, 1}, {1.5, 1.2, .3}}
	for rank, want := range []string{
		"best on 1 of the 4 tasks that weigh most",
		"covers what 1 misses: c, d, b; best on 2 of the 4 tasks that weigh most",
		"covers what 1-2 miss: d; best on 1 of the 4 tasks that weigh most",
	} {
		if got := strings.Join(adviserOf(mean, 0, 1, 2).reasons(rank), "; "); got != want {
			t.Errorf("rank %d: %q, want %q", rank+1, got, want)
		}
	}
	far := adviserOf(mean, 0)
	far.nearest = 2
	if got := far.reasons(0)[0]; got != "a safe all-round choice: mean regret 0.78 over 4 tasks, the median configuration having 1" {
		t.Errorf("far away: %q", got)
	}
	if got := adviserOf([][]float64{{.7, 0}}, 0).reasons(0); len(got) != 1 || got[0] != "mean regret 0.70 on tasks like this, the median configuration having 1" {
		t.Errorf("nothing to say for it: %q", got)
	}
	if got := adviserOf([][]float64{{0, 1}}, 0).reasons(0); got[0] != "best on 1 of the one task known" {
		t.Errorf("one task: %q", got)
	}
}

// TestAmongTheBestTenth of the configurations that were run on a task; those that were not, or that failed, do not count.
func TestAmongTheBestTenth(t *testing.T) {
	row := make([]float64, 20)
	for c := range row {
		row[c] = float64(c)
	}
	a := adviserOf([][]float64{row, row, row}, 0)
	for c, want := range []string{"best on 3 of the 3 tasks that weigh most", "among the best tenth on 3 of the 3 tasks that weigh most", ""} {
		if got := a.onWeightiest(c); got != want {
			t.Errorf("configuration %d: %q, want %q", c, got, want)
		}
	}
	a.m.Status[0][0], a.m.Status[1][0] = study.Pending, study.Failed // the second best is now the best there
	if got, want := a.onWeightiest(1), "among the best tenth on 3 of the 3 tasks that weigh most, the best on 2"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := a.onWeightiest(0), "best on 1 of the 3 tasks that weigh most"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestTraits: what is missed is called small, large, narrow or wide where it is by a factor of two.
func TestTraits(t *testing.T) {
	mean := [][]float64{{0, 1}, {0, 1}, {0, 1}, {1, 0}, {1, 0}}
	for _, c := range []struct {
		name          string
		rows, columns [5]int
		want          string
	}{
		{"small", [5]int{4000, 4000, 4000, 200, 300}, [5]int{9, 9, 9, 9, 9}, "covers what 1 misses: small tasks such as d, e"},
		{"large", [5]int{200, 300, 250, 4000, 3000}, [5]int{9, 9, 9, 9, 9}, "covers what 1 misses: large tasks such as d, e"},
		{"wide", [5]int{100, 100, 100, 100, 100}, [5]int{5, 6, 7, 200, 300}, "covers what 1 misses: tasks of many columns such as d, e"},
		{"narrow", [5]int{100, 100, 100, 100, 100}, [5]int{90, 60, 70, 3, 4}, "covers what 1 misses: tasks of few columns such as d, e"},
		{"alike", [5]int{100, 150, 100, 120, 100}, [5]int{5, 6, 7, 5, 6}, "covers what 1 misses: d, e"},
		{"unknown", [5]int{}, [5]int{}, "covers what 1 misses: d, e"},
	} {
		a := adviserOf(mean, 0, 1)
		for t := range a.m.Tasks {
			a.m.Tasks[t].Rows, a.m.Tasks[t].Columns = c.rows[t], c.columns[t]
		}
		if got := a.covers(1); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestNothingIsCoveredTwice(t *testing.T) {
	a := adviserOf([][]float64{{0, .1}, {0, .2}}, 0, 1)
	if got := a.covers(1); got != "" {
		t.Errorf("gains nothing, but %q", got)
	}
	a = adviserOf([][]float64{{0, 1}, {1, 0}}, 0, 1)
	a.ranking.Weights = []float64{1, 0}
	a.likely = a.ranking.Weights
	if got := a.covers(1); got != "" {
		t.Errorf("gains only where no weight is, but %q", got)
	}
}

// TestLeadIsAReason only for what departs from the all-round choice, and not where gains are per second.
func TestLeadIsAReason(t *testing.T) {
	a := adviserOf([][]float64{{0, .1}, {0, .2}}, 0, 1)
	a.ranking.Leads = []Lead{{Mean: .123, SE: .051}, {}}
	for rank, want := range []string{"on tasks like this ahead of the all-round choice by 0.12 ± 0.05 of regret", "", ""} {
		if got := a.lead(rank); got != want {
			t.Errorf("rank %d: %q, want %q", rank+1, got, want)
		}
	}
	a.opt.Seconds = 10
	if got := a.lead(0); got != "" {
		t.Errorf("per second: %q", got)
	}
}
