package smac

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/metaml/metaml/optimizers/coding"
	"github.com/metaml/metaml/optimizers/study"
)

// TestLogExcess checks the targets by hand: the median of the positive excesses 1, 3, 9 over 2 is 3, its fiftieth part
// the unit.
func TestLogExcess(t *testing.T) {
	got := logExcess([]float64{3, 2, 11, 5})
	for i, excess := range []float64{1, 0, 9, 3} {
		if want := math.Log(1 + excess/0.06); math.Abs(got[i]-want) > 1e-12 {
			t.Errorf("target %d is %v, want %v", i, got[i], want)
		}
	}
}

// TestLogExcessKeepsOrder checks on extreme losses that targets are finite, in the losses' order, and the same for
// losses shifted or scaled.
func TestLogExcessKeepsOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		y := make([]float64, 1+rng.IntN(20))
		for i := range y {
			y[i] = []float64{math.MaxFloat64, -math.MaxFloat64, 1e-320, 0, 1e300, -3, rng.Float64()}[rng.IntN(7)]
		}
		got := logExcess(slices.Clone(y))
		for i := range y {
			for k := range y {
				if math.IsNaN(got[i]) || math.IsInf(got[i], 0) || (y[i] < y[k] && got[i] > got[k]) {
					t.Fatalf("losses %v have targets %v", y, got)
				}
			}
		}
	}
	plain, moved := make([]float64, 30), make([]float64, 30)
	for i := range plain {
		plain[i] = rng.ExpFloat64()
		moved[i] = 1000*plain[i] - 7
	}
	plain, moved = logExcess(plain), logExcess(moved)
	for i := range plain {
		if math.Abs(plain[i]-moved[i]) > 1e-9 {
			t.Errorf("target %d is %v, after moving the losses %v", i, plain[i], moved[i])
		}
	}
}

func TestImputed(t *testing.T) {
	nan := math.NaN()
	if got := imputed([]float64{1, nan, 5, nan}); !slices.Equal(got, []float64{1, 5, 5, 5}) {
		t.Errorf("imputed %v", got)
	}
}

// fitted returns a model of a few random trials on branin.
func fitted(t *testing.T, trials int) (*model, *coding.Codec) {
	t.Helper()
	p := find(t, "branin")
	c, err := coding.New(p.Space)
	if err != nil {
		t.Fatal(err)
	}
	m, err := newModel(c, 30, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	for id := range study.TrialID(trials) {
		config, err := p.Space.Sample(study.Problem{}.Stream(id))
		if err != nil {
			t.Fatal(err)
		}
		m.add(c.Encode(config), complete(study.Suggestion{Config: config}, p.Loss(config)))
	}
	if err := m.fit(); err != nil {
		t.Fatal(err)
	}
	return m, c
}

// TestJudge checks the acquisition function: nothing is expected where a trial was or is, and what is pending takes
// from what is near it only.
func TestJudge(t *testing.T) {
	m, c := fitted(t, 40)
	rng := rand.New(rand.NewPCG(1, 1))
	p := pool{width: 2}
	copy(p.grow(), m.rows[0])
	for range 200 {
		c.Sample(p.grow(), rng)
	}
	p.ready()
	m.judge(&p, nil, m.best)
	alone := slices.Clone(p.score)
	if !math.IsInf(alone[0], -1) {
		t.Errorf("at a trial's place the logarithm of the expected improvement is %v", alone[0])
	}
	best := slices.Index(alone, slices.Max(alone))
	m.judge(&p, m.forest.Neighbourhood([][]float64{p.row(best)}), m.best)
	if !math.IsInf(p.score[best], -1) {
		t.Errorf("at the pending trial it is %v", p.score[best])
	}
	same := 0
	for i := range alone {
		if p.score[i] > alone[i] {
			t.Errorf("a pending trial raises candidate %d from %v to %v", i, alone[i], p.score[i])
		}
		if p.score[i] == alone[i] {
			same++
		}
	}
	if same < 50 || same > 195 {
		t.Errorf("%d of 200 candidates are untouched by one pending trial", same)
	}
}

// TestSearchClimbs checks that the best row is better than all random ones, and that rows come from the best on.
func TestSearchClimbs(t *testing.T) {
	m, c := fitted(t, 60)
	s := newSearch(c, 100)
	var ranked [][]float64
	for row := range s.best(m, nil, nil, rand.New(rand.NewPCG(4, 4))) {
		ranked = append(ranked, slices.Clone(row))
	}
	if len(ranked) != 100+startsTold+startsRandom {
		t.Fatalf("%d rows", len(ranked))
	}
	p := pool{width: 2}
	for _, row := range ranked {
		copy(p.grow(), row)
	}
	p.ready()
	m.judge(&p, nil, m.best)
	for i := range p.score[1:] {
		if p.score[i] < p.score[i+1] {
			t.Fatalf("row %d has score %v, the next %v", i, p.score[i], p.score[i+1])
		}
	}
	random := pool{width: 2}
	rng := rand.New(rand.NewPCG(4, 4))
	for range 100 {
		c.Sample(random.grow(), rng)
	}
	random.ready()
	m.judge(&random, nil, m.best)
	if top := slices.Max(random.score); !(p.score[0] > top+0.01) {
		t.Errorf("the search finds %v, random rows %v", p.score[0], top)
	}
}
