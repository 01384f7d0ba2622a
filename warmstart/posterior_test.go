package warmstart

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/metaml/metaml/transfer"
)

// kindOf asks a strategy about a fresh task of a kind and returns the kind of its first choice.
func kindOf(r Recommender, m *transfer.Matrix, kind float64, kinds int) int {
	first := r.Recommend(Query{Features: []float64{kind, 0, 0}, K: 1}).Configs[0]
	return number(m, first) % kinds
}

// TestPosteriorActsOnClearEvidence and returns to the greedy portfolio on tasks unlike any, without meta-features and
// with few tasks.
func TestPosteriorActsOnClearEvidence(t *testing.T) {
	const n = 3
	m := kinds(rand.New(rand.NewPCG(1, 1)), 90, 12, n).matrix(t)
	p, g := learn(t, Posterior, m), learn(t, Greedy, m)
	for kind := range n {
		if got := kindOf(p, m, float64(kind), n); got != kind {
			t.Errorf("on a task of kind %d it chose for kind %d", kind, got)
		}
	}
	for name, x := range map[string][]float64{"far away": {1e4, 1e4, -1e4}, "no features": m.Vector(nil)} {
		q := Query{Features: x, K: 8}
		if got, want := p.Recommend(q).Configs, g.Recommend(q).Configs; !slices.Equal(got, want) {
			t.Errorf("%s: %v, want the greedy portfolio %v", name, got, want)
		}
	}
	few := m.Rows(columnsUpTo(fewestTasks - 1))
	q := Query{Features: []float64{1, 0, 0}, K: 8}
	if got, want := learn(t, Posterior, few).Recommend(q).Configs, learn(t, Greedy, few).Recommend(q).Configs; !slices.Equal(got, want) {
		t.Errorf("with few tasks: %v, want %v", got, want)
	}
}

func columnsUpTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// TestPosteriorIgnoresNoise: where the meta-features say nothing, the choice is nearly always the greedy portfolio's.
func TestPosteriorIgnoresNoise(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	tb := kinds(rng, 90, 12, 3)
	rng.Shuffle(len(tb.features), func(i, j int) { tb.features[i], tb.features[j] = tb.features[j], tb.features[i] })
	m := tb.matrix(t)
	p, safe := learn(t, Posterior, m), learn(t, Greedy, m).Recommend(Query{K: 1}).Configs[0]
	departs := 0
	for range 100 {
		x := []float64{3 * rng.Float64(), rng.NormFloat64(), rng.NormFloat64()}
		if p.Recommend(Query{Features: x, K: 1}).Configs[0] != safe {
			departs++
		}
	}
	if departs > 20 {
		t.Errorf("departs from the safe choice on %d of 100 tasks", departs)
	}
}

// TestPosteriorHeedsTime: within a budget, what it recommends takes no longer than expected, and cheap configurations
// come before dear ones that are little better.
func TestPosteriorHeedsTime(t *testing.T) {
	tb := kinds(rand.New(rand.NewPCG(3, 3)), 60, 12, 3)
	m := tb.matrix(t) // configuration number i takes i+1 seconds
	p := learn(t, Posterior, m)
	for _, seconds := range []float64{.5, 1, 3, 10, 30} {
		spent := 0.0
		ranking := p.Recommend(Query{Features: []float64{1, 0, 0}, K: 12, Seconds: seconds})
		for _, c := range ranking.Configs {
			spent += float64(number(m, c) + 1)
		}
		if spent > seconds+1e-9 || (seconds < 1) != (len(ranking.Configs) == 0) {
			t.Errorf("%v s: %v take %v s", seconds, numbers(m, ranking.Configs), spent)
		}
	}
	x := []float64{1, 0, 0}
	free, timed := p.Recommend(Query{Features: x, K: 3}), p.Recommend(Query{Features: x, K: 3, Seconds: 1000})
	cost := func(configs []int) (sum float64) {
		for _, c := range configs {
			sum += m.Cost[0][c]
		}
		return sum
	}
	if !(cost(timed.Configs) < cost(free.Configs)) {
		t.Errorf("by gain per second %v, by gain %v", numbers(m, timed.Configs), numbers(m, free.Configs))
	}
}

func TestExpectedSeconds(t *testing.T) {
	nan := math.NaN()
	m := &transfer.Matrix{Configs: make([]transfer.Config, 3), Tasks: make([]transfer.Task, 2), Cost: [][]float64{{1, nan, nan}, {16, 6, nan}}}
	got := expectedSeconds(transfer.NewStopwatch(m), []float64{.75, .25}, transfer.Size{})
	for c, want := range []float64{2, 6, 4} { // 16^.25; the median of 2 and 6 where nothing is known
		if math.Abs(got[c]-want) > 1e-9 {
			t.Errorf("configuration %d: %v, want %v", c, got[c], want)
		}
	}
	m.Cost = [][]float64{{nan, nan, nan}, {nan, nan, nan}}
	if got := expectedSeconds(transfer.NewStopwatch(m), []float64{.75, .25}, transfer.Size{}); !slices.Equal(got, []float64{1, 1, 1}) {
		t.Errorf("nothing is known: %v", got)
	}
}

// TestSequentialLearnsFromResults: without telling meta-features, results on a task move the choices to its kind.
func TestSequentialLearnsFromResults(t *testing.T) {
	const n = 3
	tb := kinds(rand.New(rand.NewPCG(4, 4)), 90, 24, n)
	for i := range tb.features {
		tb.features[i] = []float64{1, 1, 1}
	}
	m := tb.matrix(t)
	s := learn(t, PosteriorSeq, m).(Sequential)
	for kind := range n {
		var results []Result
		var own int
		for range 8 {
			c, ok := s.Next(Query{Features: []float64{1, 1, 1}}, results)
			if !ok || slices.ContainsFunc(results, func(r Result) bool { return r.Config == c }) {
				t.Fatalf("column %d, %v after %v", c, ok, results)
			}
			loss := .5
			if number(m, c)%n == kind {
				loss = .2
				if len(results) >= 3 {
					own++
				}
			}
			results = append(results, Result{Config: c, Loss: loss + .01*float64(len(results)%3)})
		}
		if own < 4 {
			t.Errorf("kind %d: %d of the last 5 choices are of the kind", kind, own)
		}
	}
}

// TestSequentialStaysCautious: results change what the tasks weigh, not what a departure from the choice for all tasks
// needs; and they are blurred where meta-features say nothing, too.
func TestSequentialStaysCautious(t *testing.T) {
	tb := kinds(rand.New(rand.NewPCG(4, 4)), 90, 24, 3)
	for i := range tb.features {
		tb.features[i] = []float64{1, 1, 1}
	}
	m := tb.matrix(t)
	s := learn(t, PosteriorSeq, m).(*sequentialPosterior)
	equal := transfer.Uniform(90)
	var results []Result
	for c := range 4 { // of kinds 0, 1, 2, 0 by number
		policy, tried := s.after(Query{Features: []float64{1, 1, 1}}, results)
		if len(tried) != c || !slices.Equal(policy.Safe, equal) || !slices.Equal(policy.Caution, s.caution) || !slices.Equal(policy.Margin, s.margin) {
			t.Errorf("after %d results: %+v", c, policy)
		}
		if spoken := c >= firstResults; slices.Equal(policy.Weights, equal) == spoken || (policy.Blur == blur) != spoken {
			t.Errorf("after %d results: blur %v, weights %v", c, policy.Blur, policy.Weights)
		}
		results = append(results, Result{Config: c, Loss: []float64{.2, .5, .6, .25}[number(m, c)%3]})
	}
}

// TestSequentialStartsAsStatic and ends when nothing is left; results that are not known only count as tried.
func TestSequentialStartsAsStatic(t *testing.T) {
	m := kinds(rand.New(rand.NewPCG(5, 5)), 60, 9, 3).matrix(t)
	for _, name := range []string{PosteriorSeq, ActiveTesting} {
		s := learn(t, name, m).(Sequential)
		q := Query{Features: []float64{1, 0, 0}, K: 1}
		first, ok := s.Next(q, nil)
		if want := s.Recommend(q).Configs[0]; !ok || first != want {
			t.Errorf("%s: starts with %d, recommends %d", name, first, want)
		}
		var results []Result
		for {
			c, ok := s.Next(q, results)
			if !ok {
				break
			}
			results = append(results, Result{Config: c, Loss: math.NaN()})
		}
		var seen []int
		for _, r := range results {
			seen = append(seen, r.Config)
		}
		if len(seen) != 9 || !distinct(seen) {
			t.Errorf("%s: tried %v of 9", name, seen)
		}
	}
}

// TestActiveTestingByHand on the table byHand: average rank starts with configuration 1, which beats 0 on tasks 1 and
// 2 and 2 on task 1. Its competitors: 0 gains 2/3 on task 0, 2 gains nothing anywhere.
func TestActiveTestingByHand(t *testing.T) {
	m := byHand().matrix(t)
	s := learn(t, ActiveTesting, m).(Sequential)
	column := func(i int) int {
		return slices.IndexFunc(m.Configs, func(c transfer.Config) bool { return int(c.Values["number"].Int()) == i })
	}
	next := func(results ...Result) int {
		c, ok := s.Next(Query{}, results)
		if !ok {
			t.Fatal("nothing left")
		}
		return number(m, c)
	}
	if got := next(); got != 1 {
		t.Errorf("starts with %d", got)
	}
	one := Result{Config: column(1), Loss: .5}
	if got := next(one); got != 0 {
		t.Errorf("then %d, want 0", got)
	}
	// 0 won: task 0 alone agrees, and on it nothing beats 0, so average rank decides.
	if got := next(one, Result{Config: column(0), Loss: .4}); got != 2 {
		t.Errorf("after 0 won %d, want 2", got)
	}
	// 0 lost, as on tasks 1 and 2, where nothing beats 1.
	if got := next(one, Result{Config: column(0), Loss: .6}); got != 2 {
		t.Errorf("after 0 lost %d, want 2", got)
	}
}

// TestActiveTestingAsksTheTasksThatAgree: on the first five tasks 2 beats 1 and 3 beats 2; on the other five 2 loses
// to 1 and 4 beats 1.
func TestActiveTestingAsksTheTasksThatAgree(t *testing.T) {
	var tb table
	for i := range 10 {
		row := []float64{.9, .5, .4, .3, .8}
		if i >= 5 {
			row = []float64{.9, .3, .35, .8, .1}
		}
		tb.losses = append(tb.losses, row)
	}
	m := tb.matrix(t)
	s := learn(t, ActiveTesting, m).(Sequential)
	column := func(i int) int {
		return slices.IndexFunc(m.Configs, func(c transfer.Config) bool { return int(c.Values["number"].Int()) == i })
	}
	for _, c := range []struct {
		loss float64
		want int
	}{{.1, 3}, {.9, 4}} {
		got, _ := s.Next(Query{}, []Result{{column(1), .5}, {column(2), c.loss}})
		if number(m, got) != c.want {
			t.Errorf("2 reached %v against .5: next is %d, want %d", c.loss, number(m, got), c.want)
		}
	}
}
