package transfer

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestLikelihoodByHand: two results in the order of task 0, against that of task 1, and equal on task 2.
func TestLikelihoodByHand(t *testing.T) {
	l := NewRankLikelihood(&Belief{Mean: [][]float64{{0, .6, 2}, {.6, 0, 2}, {1, 1, 2}}})
	got := l.Log([]int{0, 1}, []float64{.1, .2})
	// Phi(.6 / (sqrt2 * .3)) = Phi(sqrt 2) = .9213503965
	for i, want := range []float64{math.Log(.9*.9213503965 + .05), math.Log(.9*(1-.9213503965) + .05), math.Log(.5)} {
		if math.Abs(got[i]-want) > 1e-8 {
			t.Errorf("task %d: %v, want %v", i, got[i], want)
		}
	}
	for name, got := range map[string][]float64{
		"one result":          l.Log([]int{0}, []float64{.1}),
		"none":                l.Log(nil, nil),
		"equal losses":        l.Log([]int{0, 1}, []float64{.2, .2 + 1e-12}),
		"two without results": l.Log([]int{0, 1}, []float64{math.Inf(1), math.Inf(1)}),
	} {
		if !slices.Equal(got, []float64{0, 0, 0}) {
			t.Errorf("%s says %v", name, got)
		}
	}
	failed := l.Log([]int{0, 1}, []float64{.3, math.Inf(1)})
	if failed[0] != got[0] {
		t.Errorf("a failure is worse than any result: %v, want %v", failed[0], got[0])
	}
	// Three results in the order of task 0: three comparisons count half each. Phi(2 / (sqrt2 * .3)) = .9999987858,
	// Phi(1.4 / (sqrt2 * .3)) = .9995162858
	three := l.Log([]int{0, 1, 2}, []float64{.1, .2, .3})
	if want := (got[0] + math.Log(.9*.9999987858+.05) + math.Log(.9*.9995162858+.05)) / 2; math.Abs(three[0]-want) > 1e-7 {
		t.Errorf("three results: %v, want %v", three[0], want)
	}
}

// TestUncertainCellsSayLess: a regret that is believed, not known, speaks less for or against its task.
func TestUncertainCellsSayLess(t *testing.T) {
	mean := [][]float64{{0, 1}}
	known := NewRankLikelihood(&Belief{Mean: mean}).Log([]int{0, 1}, []float64{.1, .2})[0]
	believed := NewRankLikelihood(&Belief{Mean: mean, SD: [][]float64{{0, .8}}}).Log([]int{0, 1}, []float64{.1, .2})[0]
	if !(believed < known && believed > math.Log(.5)) {
		t.Errorf("known %v, believed %v", known, believed)
	}
}

// TestLikelihoodIsLevelAndScaleFree: only the order of the losses matters, and not that of the results.
func TestLikelihoodIsLevelAndScaleFree(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	m := mustNew(t, clusteredTable(rng, 20, 10), Options{})
	b, err := m.Believe(1)
	if err != nil {
		t.Fatal(err)
	}
	l := NewRankLikelihood(b)
	columns, losses := []int{4, 0, 7, 2}, []float64{.4, .9, .2, .5}
	want := l.Log(columns, losses)
	scaled := make([]float64, len(losses))
	for i, x := range losses {
		scaled[i] = 1e6 + 1000*math.Exp(x)
	}
	turned, turnedLosses := slices.Clone(columns), slices.Clone(losses)
	slices.Reverse(turned)
	slices.Reverse(turnedLosses)
	for _, got := range [][]float64{l.Log(columns, scaled), l.Log(turned, turnedLosses)} {
		for i := range want {
			if math.Abs(got[i]-want[i]) > 1e-9 {
				t.Fatalf("task %d: %v, want %v", i, got[i], want[i])
			}
		}
	}
}

// TestPosteriorFindsTheKind: results of one kind of task move the mass to the tasks of that kind.
func TestPosteriorFindsTheKind(t *testing.T) {
	m := mustNew(t, clusteredTable(rand.New(rand.NewPCG(2, 2)), 60, 12), Options{})
	b, err := m.Believe(1)
	if err != nil {
		t.Fatal(err)
	}
	groups := m.GroupNumbers()
	for _, kind := range []int{0, 1} {
		first := slices.IndexFunc(m.Tasks, func(x Task) bool { return math.Round(x.Features[0]) == float64(kind) })
		columns := []int{0, 3, 6, 9}
		var losses []float64
		for _, c := range columns {
			losses = append(losses, m.Loss[first][c])
		}
		w := Posterior(Uniform(60), NewRankLikelihood(b).Log(columns, losses), groups, 10)
		same, sum := 0.0, 0.0
		for i := range m.Tasks {
			sum += w[i]
			if math.Round(m.Tasks[i].Features[0]) == float64(kind) {
				same += w[i]
			}
		}
		if math.Abs(sum-1) > 1e-9 || same < .9 {
			t.Errorf("kind %d has mass %v of %v", kind, same, sum)
		}
	}
}

// TestPosteriorGoesAsFarAsItMay: where the whole likelihood leaves too few groups, the power is the largest that does
// not, so that they are as few as is allowed, and the tasks that agree weigh most.
func TestPosteriorGoesAsFarAsItMay(t *testing.T) {
	const n, fewest = 40, 10
	log := make([]float64, n)
	for i := range log {
		log[i] = -float64(i)
	}
	w := Posterior(Uniform(n), log, all(n), fewest)
	if got := EffectiveGroups(w, all(n)); math.Abs(got-fewest) > 0.01 {
		t.Errorf("%v effective groups, want %d", got, fewest)
	}
	for i := 1; i < n; i++ {
		if w[i] >= w[i-1] {
			t.Fatalf("task %d, which agrees less, weighs %v, the one before %v", i, w[i], w[i-1])
		}
	}
	for i := range log { // weak evidence is taken whole
		log[i] /= 1000
	}
	w = Posterior(Uniform(n), log, all(n), fewest)
	if got, want := w[0]/w[n-1], math.Exp(log[0]-log[n-1]); math.Abs(got-want) > 1e-9 {
		t.Errorf("the first weighs %v times the last, want %v", got, want)
	}
}

// TestPosteriorKeepsItsGroups: however strong the likelihood, the effective number of groups stays.
func TestPosteriorKeepsItsGroups(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for range 30 {
		n := 5 + rng.IntN(60)
		log, groups := make([]float64, n), make([]int, n)
		for i := range log {
			log[i], groups[i] = -1000*rng.Float64(), i/2
		}
		prior := randomWeights(rng, n)
		w := Posterior(prior, log, groups, 10)
		if got, want := EffectiveGroups(w, groups), min(10, EffectiveGroups(prior, groups)); got < want-1e-9 {
			t.Errorf("%d tasks: %v effective groups, want %v", n, got, want)
		}
	}
	flat := make([]float64, 4)
	if w := Posterior(Uniform(4), flat, all(4), 10); !slices.Equal(w, Uniform(4)) {
		t.Errorf("without evidence %v", w)
	}
}

func TestEffectiveGroups(t *testing.T) {
	for _, c := range []struct {
		groups []int
		want   float64
	}{{[]int{0, 1, 2, 3}, 4}, {[]int{0, 0, 0, 0}, 1}, {[]int{0, 0, 1, 1}, 2}, {[]int{0, 0, 0, 1}, 1.6}} {
		if got := EffectiveGroups(Uniform(4), c.groups); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("groups %v: %v, want %v", c.groups, got, c.want)
		}
	}
}

func TestGroupNumbers(t *testing.T) {
	m := &Matrix{Tasks: []Task{{Group: "b"}, {Group: "a"}, {Group: "b"}, {Group: "c"}}}
	if got := m.GroupNumbers(); !slices.Equal(got, []int{0, 1, 0, 2}) {
		t.Errorf("groups %v", got)
	}
}
