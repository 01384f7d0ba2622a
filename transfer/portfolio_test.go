package transfer

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// randomBelief draws regrets in [0, MaxRegret], with uncertain cells if uncertain.
func randomBelief(rng *rand.Rand, tasks, configs int, uncertain bool) *Belief {
	b := &Belief{Mean: randomLosses(rng, tasks, configs)}
	for _, row := range b.Mean {
		for c := range row {
			row[c] *= MaxRegret
		}
	}
	if uncertain {
		b.SD = randomLosses(rng, tasks, configs)
		for _, row := range b.SD {
			for c := range row {
				row[c] = max(0, row[c]-.5) // half of the cells are certain
			}
		}
	}
	return b
}

func randomWeights(rng *rand.Rand, n int) []float64 {
	w, sum := make([]float64, n), 0.0
	for i := range w {
		w[i] = rng.Float64() * float64(rng.IntN(3)) // some are zero
		sum += w[i]
	}
	w[0] += .1
	for i := range w {
		w[i] /= sum + .1
	}
	return w
}

func all(n int) []int {
	columns := make([]int, n)
	for i := range columns {
		columns[i] = i
	}
	return columns
}

// value is the weighted expected reduction of the least regret by a set of columns.
func value(b *Belief, weights []float64, set []int) float64 {
	sum := 0.0
	for t, least := range b.Least(set) {
		sum += weights[t] * (MaxRegret - least)
	}
	return sum
}

// TestPortfolioByHand: configuration 1 has the least mean regret; 0 then covers task 0, and 2 gains nothing more
// than 3 elsewhere.
func TestPortfolioByHand(t *testing.T) {
	b := &Belief{Mean: [][]float64{
		{0.0, 1.0, 1.5, 2.0},
		{2.0, 0.2, 0.4, 2.0},
		{2.0, 0.2, 0.1, 0.0},
	}}
	picks := b.Portfolio(Uniform(3), all(4), nil, 4)
	want := []Pick{{1, (1.0 + 1.8 + 1.8) / 3}, {0, 1.0 / 3}, {3, .2 / 3}, {2, 0}}
	for i, p := range picks {
		if p.Config != want[i].Config || math.Abs(p.Gain-want[i].Gain) > 1e-12 {
			t.Errorf("pick %d: %+v, want %+v", i+1, p, want[i])
		}
	}
	if got := b.Least([]int{1, 0}); !slices.Equal(got, []float64{0, .2, .2}) {
		t.Errorf("least regrets %v", got)
	}
	if got := b.Portfolio(Uniform(3), []int{0, 3}, []int{1, 3}, 4); len(got) != 1 || got[0].Config != 0 {
		t.Errorf("picks %v: only candidates that were not chosen can be picked", got)
	}
	if got := b.Portfolio([]float64{0, 0, 1}, all(4), nil, 1); got[0].Config != 3 {
		t.Errorf("with all weight on the last task the pick is %v", got)
	}
}

// TestPortfolioIsPlainGreedy compares with the definition, which computes every gain at every step.
func TestPortfolioIsPlainGreedy(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for trial := range 60 {
		tasks, configs := 1+rng.IntN(12), 1+rng.IntN(15)
		b := randomBelief(rng, tasks, configs, trial%2 == 1)
		if trial%3 == 0 { // ties
			for _, row := range b.Mean {
				for c := range row {
					row[c] = math.Round(row[c])
				}
			}
		}
		w := randomWeights(rng, tasks)
		got := b.Portfolio(w, all(configs), nil, configs)
		var chosen []int
		for step, p := range got {
			most := 0.0
			for c := range configs {
				if !slices.Contains(chosen, c) {
					most = max(most, value(b, w, append(slices.Clone(chosen), c))-value(b, w, chosen))
				}
			}
			if math.Abs(p.Gain-most) > 1e-9 {
				t.Fatalf("trial %d, step %d: gain %v, the best is %v", trial, step, p.Gain, most)
			}
			if slices.Contains(chosen, p.Config) {
				t.Fatalf("trial %d: %d picked twice", trial, p.Config)
			}
			chosen = append(chosen, p.Config)
		}
		if len(chosen) != configs {
			t.Fatalf("trial %d: %d of %d picked", trial, len(chosen), configs)
		}
	}
}

// TestTheObjectiveIsMonotoneAndSubmodular on random sets, certain and uncertain: adding a configuration never
// hurts, and helps a larger set no more than a smaller one. The lazy evaluation rests on it.
func TestTheObjectiveIsMonotoneAndSubmodular(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for trial := range 300 {
		b := randomBelief(rng, 6, 9, trial%2 == 1)
		w := randomWeights(rng, 6)
		order := rng.Perm(9)
		small, large, next := order[:rng.IntN(4)], order[:4+rng.IntN(4)], order[8]
		atSmall := value(b, w, append(slices.Clone(small), next)) - value(b, w, small)
		atLarge := value(b, w, append(slices.Clone(large), next)) - value(b, w, large)
		if atLarge < -1e-12 || atLarge > atSmall+1e-9 {
			t.Fatalf("trial %d: gain %v of a smaller set, %v of a larger one", trial, atSmall, atLarge)
		}
	}
}

func TestTheFirstPickMinimisesExpectedRegret(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for range 50 {
		b, w := randomBelief(rng, 8, 12, false), randomWeights(rng, 8)
		mean := b.Expected(w)
		if p := b.Portfolio(w, all(12), nil, 1)[0]; mean[p.Config] != slices.Min(mean) {
			t.Fatalf("picked expected regret %v of %v", mean[p.Config], mean)
		}
	}
}

// TestColumnsCanBePermuted: which configurations are picked does not depend on how they are numbered.
func TestColumnsCanBePermuted(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for range 20 {
		b, w := randomBelief(rng, 7, 10, true), randomWeights(rng, 7)
		order := rng.Perm(10)
		mixed := &Belief{}
		for i := range b.Mean {
			mixed.Mean, mixed.SD = append(mixed.Mean, pick(b.Mean[i], order)), append(mixed.SD, pick(b.SD[i], order))
		}
		want, got := b.Portfolio(w, all(10), nil, 10), mixed.Portfolio(w, all(10), nil, 10)
		for i := range got {
			if order[got[i].Config] != want[i].Config {
				t.Fatalf("pick %d is %d, want %d", i, order[got[i].Config], want[i].Config)
			}
		}
	}
}

// TestUncertainRegretsKeepTheirMean: being unknown is no advantage for the first pick, and an insurance later.
func TestUncertainRegretsKeepTheirMean(t *testing.T) {
	for _, c := range []struct{ mean, sd, current, want float64 }{
		{.5, .3, 2, 1.5},           // mean only
		{.5, .3, .6, (.4 + 0) / 2}, // .2 or .8
		{.5, .3, .1, 0},            // no chance
		{.1, .5, .1, .05},          // 0 or .2: the spread is cut to the mean
		{1.9, .6, 2, .1},           // 1.8 or 2
		{1.9, 9, 1.9, .05},
	} {
		b := &Belief{Mean: [][]float64{{c.mean}}, SD: [][]float64{{c.sd}}}
		if got := b.improvement(0, 0, c.current); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%+v: %v", c, got)
		}
	}
	b := &Belief{Mean: [][]float64{{.5, .5, .4}}, SD: [][]float64{{0, .4, 0}}}
	if got := b.Portfolio([]float64{1}, all(3), nil, 3); got[0].Config != 2 || got[1].Config != 1 {
		t.Errorf("picks %v: the best by mean first, then what may turn out better", got)
	}
}

func TestWeights(t *testing.T) {
	if got := Uniform(4); !slices.Equal(got, []float64{.25, .25, .25, .25}) {
		t.Errorf("uniform: %v", got)
	}
	if got := Mix([]float64{1, 0}, []float64{0, 1}, .25); !slices.Equal(got, []float64{.75, .25}) {
		t.Errorf("mix: %v", got)
	}
}

func BenchmarkPortfolio(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	belief, w := randomBelief(rng, 140, 100, false), Uniform(140)
	candidates := all(100)
	b.ResetTimer()
	for b.Loop() {
		belief.Portfolio(w, candidates, nil, 10)
	}
}
