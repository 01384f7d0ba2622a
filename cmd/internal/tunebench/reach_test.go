package tunebench

import (
	"math"
	"slices"
	"testing"
)

// TestSurvival compares with the product limit by hand: of 5 runs one arrives at trial 1, two at 3, none at 2 and 4, two
// never.
func TestSurvival(t *testing.T) {
	s := survival([]float64{1, 0, 2, 0, 5})
	if want := []float64{.8, .8, .4, .4}; !slices.EqualFunc(s, want, near) {
		t.Errorf("%v, want %v", s, want)
	}
	if half(s) != 3 || !near(restricted(s), 1+.8+.8+.4) {
		t.Errorf("half %v, restricted %v", half(s), restricted(s))
	}
	if never := survival([]float64{1, 0, 0, 0, 5}); !math.IsInf(half(never), 1) || finite(half(never)) != nil {
		t.Errorf("half %v", half(never))
	}
	all := survival([]float64{4, 4})
	if all[0] != 0 || restricted(all) != 1 {
		t.Errorf("%v", all)
	}
}

func TestFirstAt(t *testing.T) {
	values := []float64{math.Inf(1), .5, .3, .4}
	for goal, want := range map[float64]int{.5: 2, .45: 3, .3: 3, .2: 0} {
		if got := firstAt(values, goal); got != want {
			t.Errorf("to %v: %d, want %d", goal, got, want)
		}
	}
}

// tasksOf are tasks in groups of two.
func tasksOf(n int) []*Task {
	var list []*Task
	for i := range n {
		list = append(list, &Task{Group: string(rune('a' + i/2))})
	}
	return list
}

// TestReach sums up tasks whose runs all arrive at the task's own trial.
func TestReach(t *testing.T) {
	const tasks, trials = 20, 40
	list := make([]arrivals, tasks)
	for i := range list {
		list[i].at = make([]float64, trials)
		for range 3 {
			list[i].arrive(i + 1) // 1 … 20
		}
	}
	list[19] = arrivals{at: make([]float64, trials), all: 3} // never
	c := newClusters(tasksOf(tasks), 1)
	r := c.reach(list)
	if r.Runs != 60 || !near(r.Reached, .95) || r.Median == nil || *r.Median != 10 || !near(r.Mean, (19*20/2+40)/20.) {
		t.Errorf("%+v", r)
	}
	if *r.Lo < 3 || *r.Lo > 9 || *r.Hi < 11 || *r.Hi > 18 || r.MeanLo > r.Mean || r.MeanHi < r.Mean {
		t.Errorf("%+v: medians %v to %v", r, *r.Lo, *r.Hi)
	}
	// Against the same runs nothing is lost; against runs that need two trials more, -2.
	if l := c.lost(list, list); l.Mean != 0 || l.Lo != 0 || l.Hi != 0 || *l.Median != 0 {
		t.Errorf("%+v", l)
	}
	late := slices.Clone(list)
	for i := range 19 {
		late[i].at = make([]float64, trials)
		late[i].at[i+2] = 3
	}
	if l := c.lost(list, late); !near(l.Mean, -1.9) || *l.Median != -2 || l.Lo > -1.9 || l.Hi < -1.9 || l.Hi >= -1 {
		t.Errorf("%+v", l)
	}
}
