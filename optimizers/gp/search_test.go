package gp

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/metaml/metaml/optimizers/acquisition"
	"github.com/metaml/metaml/optimizers/study"
)

// ready returns an optimizer whose model is fitted to a study of so many trials.
func ready(t *testing.T, name string, trials int) *Optimizer {
	t.Helper()
	o, _ := play(t, name, 2, trials, Settings{Candidates: 64, Starts: 1})
	if err := o.model.condition(); err != nil {
		t.Fatal(err)
	}
	return o
}

// TestJudgeMissesNothing compares the candidates that are left when bounds have ended the search with judging all.
func TestJudgeMissesNothing(t *testing.T) {
	for _, name := range []string{"branin", "cash"} {
		o := ready(t, name, 20)
		s := newSearch(o.inputs, Settings{Candidates: 500})
		list := s.candidates(o.model, rand.New(rand.NewPCG(1, 2)))
		var all []float64
		for _, c := range list {
			mean, variance := o.model.posterior.Predict(c.point)
			all = append(all, acquisition.LogEI(mean, math.Sqrt(variance), o.model.best))
		}
		slices.Sort(all)
		slices.Reverse(all)
		s.screen(o.model, list)
		for i, c := range s.judge(o.model, list) {
			if math.Abs(c.score-all[i]) > 1e-6*max(1, math.Abs(all[i])) {
				t.Errorf("%s: candidate %d scores %v, want %v", name, i, c.score, all[i])
			}
		}
	}
}

// TestClimbEndsHigher checks that climbs end in rows of the space, at grid points, and no lower than they began; most
// of them gain.
func TestClimbEndsHigher(t *testing.T) {
	for _, name := range []string{"hartmann6", "cash"} {
		o := ready(t, name, 25)
		s, rng := newSearch(o.inputs, Settings{Candidates: 200}), rand.New(rand.NewPCG(3, 4))
		list := s.candidates(o.model, rng)
		s.screen(o.model, list)
		gains := 0
		for _, from := range s.judge(o.model, list) {
			to := s.climb.from(o.model, from, rng)
			if to.score < from.score {
				t.Errorf("%s: climbed from %v down to %v", name, from.score, to.score)
			}
			if to.score > from.score {
				gains++
			}
			c := o.inputs.codec.Decode(to.row)
			if err := o.problem.Space.Validate(c); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			for i, v := range o.inputs.codec.Encode(c) {
				if math.Abs(v-to.row[i]) > 1e-9 || math.IsNaN(v) != math.IsNaN(to.row[i]) {
					t.Errorf("%s: coordinate %d is %v, that of its value %v", name, i, to.row[i], v)
				}
			}
		}
		if gains < 7 {
			t.Errorf("%s: %d of 10 climbs gain", name, gains)
		}
	}
}

// TestCandidatesAreSpread checks that every tenth of every coordinate has its share of the rows from everywhere.
func TestCandidatesAreSpread(t *testing.T) {
	o := ready(t, "hartmann6", 12)
	const n = 1000
	list := newSearch(o.inputs, Settings{Candidates: n}).candidates(o.model, rand.New(rand.NewPCG(5, 6)))
	for d := range 6 {
		var counts [10]int
		for _, c := range list[:n] {
			counts[int(c.row[d]*10)]++
		}
		if slices.Min(counts[:]) < 99 || slices.Max(counts[:]) > 101 {
			t.Errorf("coordinate %d: %v of %d in each tenth", d, counts, n)
		}
	}
}

// TestExchanges checks the values that are tried instead of one.
func TestExchanges(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	levels := []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	if got := exchanges(levels, false, 3, rng); !slices.Equal(got, []float64{2, 4, 1, 5, 7}) {
		t.Errorf("on a grid: %v", got)
	}
	if got := exchanges(levels[:3], true, 1, rng); !slices.Equal(got, []float64{0, 2}) {
		t.Errorf("without order: %v", got)
	}
	many := make([]float64, 100)
	for i := range many {
		many[i] = float64(i)
	}
	if got := exchanges(many, true, 50, rng); len(got) != mostExchanges || slices.Contains(got, 50) {
		t.Errorf("of many: %v", got)
	}
}

// TestSettings checks that settings out of range are refused.
func TestSettings(t *testing.T) {
	p := study.Problem{}
	for _, s := range []Settings{{Initial: -1}, {Candidates: -2}, {Starts: -3}} {
		if _, err := New(p, s); err == nil {
			t.Errorf("%+v is accepted", s)
		}
	}
}

// TestWideSpaces: the more hyperparameters, the fewer candidates and climbs; up to 100 it makes no difference.
func TestWideSpaces(t *testing.T) {
	for _, tc := range []struct{ width, starts, candidates int }{{1, 10, 2048}, {97, 10, 2048}, {300, 3, 666}, {768, 2, 260}, {2000, 2, 256}} {
		s := newSearch(&inputs{smooth: make([]bool, tc.width)}, Settings{})
		if got := s.settings.Starts; got != tc.starts {
			t.Errorf("%d climbs in %d hyperparameters, want %d", got, tc.width, tc.starts)
		}
		if got := s.count(100); got != tc.candidates {
			t.Errorf("%d candidates in %d hyperparameters, want %d", got, tc.width, tc.candidates)
		}
	}
}
