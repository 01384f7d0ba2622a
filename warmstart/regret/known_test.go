package regret

import (
	"math"
	"slices"
	"testing"

	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/transfer"
	"github.com/metaml/metaml/warmstart"
)

// knower notes what it learns from, and recommends its columns.
type knower struct {
	t    *testing.T
	want int // results known of the task itself
	seen *int
}

func (k knower) Learn(m *transfer.Matrix, _ uint64) (warmstart.Recommender, error) {
	return knowing{k, m}, nil
}

type knowing struct {
	knower
	m *transfer.Matrix
}

func (k knowing) Recommend(q warmstart.Query) warmstart.Ranking {
	*k.seen++
	if q.Own == nil || *q.Own != len(k.m.Tasks)-1 || !slices.Equal(q.Features, k.m.Tasks[*q.Own].Features) {
		k.t.Fatalf("own row %v of %d tasks", q.Own, len(k.m.Tasks))
	}
	known := 0
	for _, s := range k.m.Status[*q.Own] {
		if s != study.Pending {
			known++
		}
	}
	if known != k.want {
		k.t.Errorf("%d results are known, want %d", known, k.want)
	}
	return warmstart.Ranking{Configs: []int{0, 1, 2, 3}[:min(q.K, 4)]}
}

// Of a tested task as many results are known as asked for, of its fold nothing else.
func TestKnownResults(t *testing.T) {
	losses := [][]float64{{.1, .2, .3, .5}, {.2, .1, .3, .4}, {.3, .2, .1, .4}, {.1, .2, .3, .4}}
	m := table(t, losses, [][]float64{{1}, {2}, {3}, {4}})
	split := Split{Fold: []int{0, 0, 1, Always}, Group: []string{"a", "a", "b", "c"}}
	seen := 0
	r := evaluate(t, m, split, Options{Strategies: []string{"knower"}, K: []int{1, 4}, Known: 2}, map[string]warmstart.Strategy{
		"knower": knower{t, 2, &seen},
	})
	if seen != 3 || r.Tasks != 3 {
		t.Errorf("asked %d times about %d tasks", seen, r.Tasks)
	}
	if r.Calibration != nil || r.Shuffled != nil {
		t.Error("forecasts were judged")
	}
}

// The best known result comes first, the others do not come again, and what was not run follows as for anyone.
func TestKnownFirst(t *testing.T) {
	losses := [][]float64{{.1, .2, .3, .4}, {.1, .2, .3, .4}, {.1, .2, .3, .4}, {.4, .3, .2, .1}}
	m := table(t, losses, nil)
	itself := m.Rows([]int{3}).Knowing(0, []int{1, 2})
	known := m.Without(3).And(itself)
	r, err := knownFirst{}.Learn(known, 1)
	if err != nil {
		t.Fatal(err)
	}
	own := 3
	for k, want := range map[int][]int{1: {2}, 2: {2, 0}, 9: {2, 0, 3}} {
		if got := r.Recommend(warmstart.Query{K: k, Own: &own}).Configs; !slices.Equal(got, want) {
			t.Errorf("k = %d: %v, want %v", k, got, want)
		}
	}
	if got := r.Recommend(warmstart.Query{K: 1}).Configs; !slices.Equal(got, []int{0}) {
		t.Errorf("nothing known: %v", got)
	}
}

// What is drawn was run, is as many as asked for, and another set for another seed.
func TestDrawn(t *testing.T) {
	status := make([]study.Status, 30)
	for c := range status {
		if c%3 > 0 {
			status[c] = study.Complete
		}
	}
	a, b := drawn(status, 8, 1), drawn(status, 8, 2)
	if len(a) != 8 || slices.Equal(a, b) || !slices.Equal(a, drawn(status, 8, 1)) || len(drawn(status, 99, 1)) != 20 {
		t.Errorf("%v %v", a, b)
	}
	for _, c := range append(a, b...) {
		if status[c] == study.Pending {
			t.Errorf("column %d was never run", c)
		}
	}
}

// Knowing some results of a task helps the posterior more than putting the best of them first does.
func TestKnownResultsHelp(t *testing.T) {
	if testing.Short() {
		t.Skip("learns once for every task")
	}
	losses, features := make([][]float64, 60), make([][]float64, 60)
	for i := range losses { // three kinds of task, each with other good configurations; meta-features say nothing
		for c := range 24 {
			loss := .5 + .3*math.Sin(float64(7*i+3*c))
			if c%3 == i%3 {
				loss = .1 + .05*math.Sin(float64(i+5*c))
			}
			losses[i] = append(losses[i], loss)
		}
		features[i] = []float64{math.Sin(float64(i * i))}
	}
	m := table(t, losses, features)
	r, err := Evaluate(t.Context(), m, Grouped(m), Options{K: []int{1, 3}, Known: 6, Resamples: 50})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(r.Order, []string{warmstart.Posterior, KnownFirst, warmstart.Greedy}) {
		t.Fatal(r.Order)
	}
	for _, k := range []string{"1", "3"} {
		own, first, greedy := r.Strategies[warmstart.Posterior][k].NR, r.Strategies[KnownFirst][k].NR, r.Strategies[warmstart.Greedy][k].NR
		if own > first+.01 || own > greedy+.01 {
			t.Errorf("k = %s: posterior %.3f, known first %.3f, greedy %.3f", k, own, first, greedy)
		}
	}
}
