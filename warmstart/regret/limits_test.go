package regret

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/metaml/metaml/transfer"
	"github.com/metaml/metaml/warmstart"
)

// TestLimitsSeeTheAnswers: features say nothing of which of three kinds a task is, its own regrets do. So a portfolio of
// the tasks that correlate with it starts with the best configuration, which greedy reaches third.
func TestLimitsSeeTheAnswers(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var losses [][]float64
	for i := range 60 {
		row := []float64{.5, .5, .5, .45, .6, .7, .8}
		row[i%3] = .1 + .01*rng.Float64()
		losses = append(losses, row)
	}
	m := table(t, losses, random(rng, 60, 3))
	opt := Options{Strategies: []string{warmstart.Greedy, warmstart.AverageRank}, K: []int{1, 3}, Limits: true}
	r := evaluate(t, m, LeaveOneOut(m), opt, nil)
	l := r.Limits
	if l == nil || !l.SeesAnswers || !near(l.TrueCorrelation["1"].NR, 0) || !near(l.TrueCorrelationGroups["1"].NR, 0) {
		t.Fatalf("%+v", l)
	}
	if l.NoiseTasks != 0 || l.NoiseFloor != nil {
		t.Errorf("nothing was measured twice: %+v", l)
	}
	if r.Strategies[warmstart.Greedy]["1"].NR < .5 {
		t.Fatalf("greedy: %+v", r.Strategies[warmstart.Greedy]["1"])
	}
	want := (r.Strategies[warmstart.Greedy]["1"].NR - r.Strategies[warmstart.AverageRank]["1"].NR) / r.Strategies[warmstart.Greedy]["1"].NR
	if got, ok := l.GapClosed[warmstart.AverageRank]["1"]; !ok || !near(got, want) {
		t.Errorf("average rank closes %v of the gap, want %v", got, want)
	}
	if _, ok := l.GapClosed[warmstart.Greedy]; ok {
		t.Error("greedy is where the gap starts")
	}
	opt.Limits = false
	if r := evaluate(t, m, LeaveOneOut(m), opt, nil); r.Limits != nil {
		t.Error("limits that were not asked for")
	}
}

// TestAlikeCountsGroupsOnce: the eleven tasks most like the new one are ten siblings and another; of the groups each has
// one voice.
func TestAlikeCountsGroupsOnce(t *testing.T) {
	b := &transfer.Belief{}
	var groups []int
	for i := range 30 {
		row := []float64{0, 1, 2, 1}
		if i >= 11 {
			row = []float64{2, 1, 0, float64(i % 2)}
		}
		b.Mean = append(b.Mean, row)
		groups = append(groups, max(0, i-9)) // 0 ten times, then 1, 2, …
	}
	tasks, whole := alike(b, []float64{0, 1, 2, math.NaN()}, groups)
	for i := range 30 {
		if want := map[bool]float64{true: .1}[i < 10]; !near(tasks[i], want) {
			t.Errorf("task %d weighs %v, want %v", i, tasks[i], want)
		}
	}
	sum := 0.0
	for i, w := range whole {
		sum += w
		if i > 0 && i < 10 && w != 0 {
			t.Errorf("sibling %d weighs %v", i, w)
		}
	}
	if !near(sum, 1) || !near(whole[0], .1) || !near(whole[10], .1) {
		t.Errorf("by groups %v", whole)
	}
}

// TestNoiseFloorRises with the noise, is nothing without any, and falls with k.
func TestNoiseFloorRises(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	m := table(t, random(rng, 2, 100), nil)
	ks := []int{1, 5, 25}
	before := []float64{0, 0, 0}
	for _, noise := range []float64{.001, .05, .2} {
		m.Tasks[0].Noise = noise
		got := floor(m, 0, ks, 1)
		for j := range ks {
			if !(got[j] >= before[j]) || j > 0 && !(got[j] < got[j-1] || got[j] == 0) {
				t.Errorf("noise %v: %v after %v", noise, got, before)
			}
		}
		before = got
	}
	if !(before[0] > .2) {
		t.Errorf("the noise of a fifth of the range leaves %v", before)
	}
	if got := floor(m, 1, ks, 1); got != nil {
		t.Errorf("no noise is known: %v", got)
	}
}
