package warmstart

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/transfer"
)

// ownTable has 60 tasks of four kinds, with 40 configurations; on the first task, of kind 0, only those of keep were run.
func ownTable(keep func(c int) bool) table {
	rng := rand.New(rand.NewPCG(5, 5))
	tb := kinds(rng, 60, 40, 4)
	for i := range tb.features {
		for range 9 { // enough to tell near-duplicates, which every task is of itself
			tb.features[i] = append(tb.features[i], rng.NormFloat64())
		}
	}
	for c := range tb.losses[0] {
		if !keep(c) {
			tb.losses[0][c] = math.NaN()
		}
	}
	return tb
}

// askOwn asks about the first task of a table, as one that is known or as a new one of the same meta-features.
func askOwn(t *testing.T, tb table, strategy string, id record.ID) *Advice {
	t.Helper()
	m := tb.matrix(t)
	a, err := Advise(m, nil, Task{ID: id, Features: named(m.FeatureNames, m.Tasks[0].Features)}, Options{K: 5, Strategy: strategy})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func numberOf(r Recommendation) int { return int(r.Config["number"].Int()) }

// TestWhatIsBestOnTheVeryDataComesFirst, in the order of its results, with what they were as the expectation.
func TestWhatIsBestOnTheVeryDataComesFirst(t *testing.T) {
	tb := ownTable(func(int) bool { return true })
	order := columnsUpTo(40)
	slices.SortFunc(order, func(a, b int) int {
		if tb.losses[0][a] < tb.losses[0][b] {
			return -1
		}
		return 1
	})
	for _, strategy := range []string{Posterior, PosteriorSeq} {
		a := askOwn(t, tb, strategy, "task000")
		if a.Own != 40 || a.Neighbors[0].Task != "task000" || a.Neighbors[0].Weight < kinShare {
			t.Errorf("%s: %d results on these data, of weight %+v", strategy, a.Own, a.Neighbors[0])
		}
		for i, r := range a.Recommendations {
			if numberOf(r) != order[i] {
				t.Errorf("%s: rank %d is configuration %d, want %d", strategy, i+1, numberOf(r), order[i])
			}
			if math.Abs(*r.ExpectedMetric-tb.losses[0][order[0]]) > 1e-9 || r.ExpectedRegret > 1e-9 {
				t.Errorf("%s: rank %d expects %v, regret %v", strategy, i+1, *r.ExpectedMetric, r.ExpectedRegret)
			}
			if low, high := r.MetricInterval[0], r.MetricInterval[1]; !(low < *r.ExpectedMetric && *r.ExpectedMetric < high && high-low < .2) {
				t.Errorf("%s: interval %v", strategy, *r.MetricInterval)
			}
		}
		if why := a.Recommendations[0].Reasons[0]; !strings.HasPrefix(why, "the best of 40 results on these very data: error 0.") {
			t.Errorf("%s: %s", strategy, why)
		}
		if why := a.Recommendations[2].Reasons[0]; !strings.HasPrefix(why, "number 3 of 40 results on these very data") {
			t.Errorf("%s: %s", strategy, why)
		}
	}
}

// TestOneResultProvesLittle: it is the best of what was run, but other configurations are expected to be better.
func TestOneResultProvesLittle(t *testing.T) {
	const bad = 5 // good on tasks of kind 1
	a := askOwn(t, ownTable(func(c int) bool { return c == bad }), Posterior, "task000")
	first := a.Recommendations[0]
	if a.Own != 1 || numberOf(first)%4 != 0 {
		t.Errorf("%d result; first is configuration %d: %v", a.Own, numberOf(first), first.Reasons)
	}
	if !strings.HasPrefix(first.Reasons[0], "not tried on these data, where it is expected to leave a regret of 0.") {
		t.Errorf("reasons %v", first.Reasons)
	}
}

// TestHalfTheResultsSayWhatElseToTry: the best of what was run, and what was not and is good on tasks of its kind.
func TestHalfTheResultsSayWhatElseToTry(t *testing.T) {
	tb := ownTable(func(c int) bool { return c < 20 })
	a := askOwn(t, tb, Posterior, "task000")
	best := 0
	for c := range 20 {
		if tb.losses[0][c] < tb.losses[0][best] {
			best = c
		}
	}
	tried, others := 0, 0
	for i, r := range a.Recommendations {
		if n := numberOf(r); n == best {
			tried++
		} else if n >= 20 {
			if n%4 != 0 || !strings.HasPrefix(r.Reasons[0], "not tried on these data") {
				t.Errorf("rank %d is configuration %d: %v", i+1, n, r.Reasons)
			}
			others++
		}
	}
	if tried != 1 || others < 1 {
		t.Errorf("the best so far is recommended %d times, %d that were not tried", tried, others)
	}
}

// TestDataThatAreNotKnown are advised as if nobody had said who they are; so are those that only failed.
func TestDataThatAreNotKnown(t *testing.T) {
	tb := ownTable(func(int) bool { return true })
	if got, want := askOwn(t, tb, Posterior, "another"), askOwn(t, tb, Posterior, ""); !reflect.DeepEqual(got, want) || got.Own != 0 {
		t.Errorf("an unknown id changes the advice: %+v", got)
	}
	for c := range tb.losses[0] {
		tb.losses[0][c] = math.Inf(1)
	}
	if got, want := askOwn(t, tb, Posterior, "task000"), askOwn(t, tb, Posterior, ""); !reflect.DeepEqual(got, want) {
		t.Errorf("failures alone change the advice: %+v", got)
	}
}

// TestOwnRegretsByHand: three of four configurations were run on the task itself, with losses 5, 7 and a failure. On
// prior task A they have regrets .2, .6 and 1, on B .4, .6 and 0: the best of what was run leaves .2 or .4. The median of
// 5 and 7, 6, is expected at (.2 + .6) / 2 = .4 or (.4 + .6) / 2 = .5, so .2 or .1 above, .15 with equal weights: a unit of
// regret is 1 / .15 of loss.
func TestOwnRegretsByHand(t *testing.T) {
	m := &transfer.Matrix{
		Tasks: []transfer.Task{{ID: "a"}, {ID: "b"}}, Configs: make([]transfer.Config, 4),
		Loss:   [][]float64{{5, 7, math.Inf(1), math.NaN()}, {0, 0, 0, 0}},
		Status: [][]study.Status{{study.Complete, study.Complete, study.TimedOut, study.Pending}, {study.Complete, study.Complete, study.Complete, study.Complete}},
	}
	b := &transfer.Belief{Mean: [][]float64{{.2, .6, 1, .1}, {.4, .6, 0, .9}}}
	p := &taskPosterior{m: m, belief: b, groups: []int{0, 1}}
	equal := []float64{.5, .5}
	own := p.own(0, opinion{first: equal, later: equal, equal: equal})
	if math.Abs(own.scale-1/.15) > 1e-9 {
		t.Errorf("scale %v, want %v", own.scale, 1/.15)
	}
	want := [][]float64{{.2, .2 + 2*.15, 2, .1}, {.4, .4 + 2*.15, 2, .9}}
	for s := range want {
		for c := range want[s] {
			if math.Abs(own.belief.Mean[s][c]-want[s][c]) > 1e-9 {
				t.Errorf("if like task %d, configuration %d has regret %v, want %v", s, c, own.belief.Mean[s][c], want[s][c])
			}
		}
	}
	f := own.forecast([]int{0, 3}, math.Inf(-1), math.Inf(1)) // .1 on A, .4 on B
	if math.Abs(f.Regret.Expected-.25) > 1e-9 || math.Abs(f.Metric.Expected-(5-.05/.15)) > .05 {
		t.Errorf("expected regret %v, metric %v", f.Regret.Expected, f.Metric.Expected)
	}
	// Losses of 5 - .1/.15 or 5, ±.1/.15/sqrt(3), are regrets of .2 or .3, ±.058.
	for i, want := range map[int]float64{0: .12, 4: .19, 9: .25, 14: .31, quantiles - 1: .38} {
		if got := f.Regret.Quantiles[i]; math.Abs(got-want) > .015 {
			t.Errorf("quantile %.2f of the regret is %v, want %v", Level(i), got, want)
		}
	}
	if least := own.forecast([]int{0, 3}, 5, 6).Metric.Quantiles; least[0] != 5 || least[quantiles-1] > 6 {
		t.Errorf("quantiles beyond the bounds: %v", least)
	}
	if p.own(1, opinion{first: equal, later: equal, equal: equal}) == nil {
		t.Error("a task of equal losses is taken for one without results")
	}
}

// TestNothingElseIsKnown: in a knowledge base of the task alone its results decide.
func TestNothingElseIsKnown(t *testing.T) {
	tb := ownTable(func(c int) bool { return c < 6 })
	tb.losses, tb.features = tb.losses[:1], tb.features[:1]
	a := askOwn(t, tb, Posterior, "task000")
	best := 0
	for c := range 6 {
		if tb.losses[0][c] < tb.losses[0][best] {
			best = c
		}
	}
	if a.Own != 6 || numberOf(a.Recommendations[0]) != best {
		t.Errorf("%d results; first is configuration %d, want %d", a.Own, numberOf(a.Recommendations[0]), best)
	}
}

func TestEvenly(t *testing.T) {
	if got := evenly(columnsUpTo(10), 4); !reflect.DeepEqual(got, []int{0, 3, 6, 9}) {
		t.Errorf("%v", got)
	}
	if got := evenly([]int{4, 2}, 4); !reflect.DeepEqual(got, []int{4, 2}) {
		t.Errorf("%v", got)
	}
}
