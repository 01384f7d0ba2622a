package warmstart

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/metaml/metaml/transfer"
)

// uniformPrediction has the quantiles of the uniform distribution on [low, high].
func uniformPrediction(low, high float64) Prediction {
	p := Prediction{Expected: (low + high) / 2}
	for i := range p.Quantiles {
		p.Quantiles[i] = low + Level(i)*(high-low)
	}
	return p
}

func TestInterval(t *testing.T) {
	p := uniformPrediction(0, 1)
	if got := p.Interval(); math.Abs(got[0]-.1) > 1e-12 || math.Abs(got[1]-.9) > 1e-12 {
		t.Errorf("interval %v", got)
	}
	far := uniformPrediction(1, 2)
	far.bounded = true
	if got := far.Interval(); math.Abs(got[0]-1.1) > 1e-12 || math.Abs(got[1]-1.9) > 1e-12 {
		t.Errorf("far from 0 a tenth lies on either side: %v", got)
	}
	p.bounded = true
	for i := range p.Quantiles { // of the square: dense at 0, thin at 1
		p.Quantiles[i] *= p.Quantiles[i]
	}
	if got := p.Interval(); got[0] != 0 || math.Abs(got[1]-.64) > 1e-12 {
		t.Errorf("from 0 on is shorter than [.01, .81]: %v", got)
	}
	p.Expected = .7
	if got := p.Interval(); got[0] != 0 || got[1] != .7 {
		t.Errorf("what is expected is inside: %v", got)
	}
}

// TestCRPS: for a forecast spread evenly over [0, 1] the score of its centre is 1/12, of 1 it is 1/3; of a point its
// distance. The first two are approximate.
func TestCRPS(t *testing.T) {
	u, point := uniformPrediction(0, 1), uniformPrediction(.3, .3)
	for _, c := range []struct {
		p                   Prediction
		outcome, want, slip float64
	}{{u, .5, 1. / 12, .004}, {u, 1, 1. / 3, .02}, {point, .7, .4, 1e-12}, {point, .3, 0, 1e-12}} {
		if got := c.p.CRPS(c.outcome); math.Abs(got-c.want) > c.slip {
			t.Errorf("outcome %v: %v, want %v", c.outcome, got, c.want)
		}
	}
}

// TestAsFarAsKnown: two groups bound no quantile above 2/3, four none above 4/5; nineteen bound all.
func TestAsFarAsKnown(t *testing.T) {
	for n, bounded := range map[int]int{0: 0, 1: 10, 2: 13, 4: 16, 9: 18, 18: 18, 19: 19, 200: 19} {
		p := uniformPrediction(0, 1).asFarAsKnown(n)
		got := slices.IndexFunc(p.Quantiles[:], func(q float64) bool { return q == transfer.MaxRegret })
		if got < 0 {
			got = quantiles
		}
		if got != bounded || p.Expected != .5 {
			t.Errorf("%d groups bound %d quantiles, want %d", n, got, bounded)
		}
	}
}

func TestPredictionsTurned(t *testing.T) {
	p := uniformPrediction(1, 3)
	n := p.negated()
	if n.Expected != -2 || n.Interval() != [2]float64{-p.Interval()[1], -p.Interval()[0]} || !slices.IsSorted(n.Quantiles[:]) {
		t.Errorf("negated %+v", n)
	}
	low := p.atMost(uniformPrediction(0, 2))
	if low.Expected != 1 || !slices.IsSorted(low.Quantiles[:]) || low.Quantiles[quantiles-1] > 2 {
		t.Errorf("at most: %+v", low)
	}
	p.Expected = 5
	if c := p.consistent(); c.Interval()[1] != 5 || !slices.IsSorted(c.Quantiles[:]) {
		t.Errorf("consistent: %+v", c)
	}
}

// TestForecastsAreHonest: over fresh tasks of the kinds that are known, 80 % intervals hold about 80 % of the regrets
// and of the metrics, and forecasts improve with the rank.
func TestForecastsAreHonest(t *testing.T) {
	const n, configs = 4, 12
	rng := rand.New(rand.NewPCG(1, 1))
	m := kinds(rng, 120, configs, n).matrix(t)
	s, err := NewStrategy(Posterior)
	if err != nil {
		t.Fatal(err)
	}
	r := learn(t, Posterior, m)
	f, err := NewForecaster(m, s, r, Options{K: 3})
	if err != nil {
		t.Fatal(err)
	}
	fresh := kinds(rng, 120, configs, n)
	held, heldMetric := 0., 0.
	all := fresh.matrix(t)
	for i, x := range fresh.features {
		ranking := r.Recommend(Query{Features: x, K: 3})
		forecasts := f.Forecast(x, ranking)
		for rank := 1; rank < 3; rank++ {
			if forecasts[rank].Regret.Expected > forecasts[rank-1].Regret.Expected {
				t.Fatalf("rank %d is expected to make things worse", rank)
			}
		}
		regrets, _ := all.Normalised(i)
		first := ranking.Configs[0]
		held += inside(forecasts[0].Regret, regrets[first]) / 120
		heldMetric += inside(*forecasts[0].Metric, all.Loss[i][first]) / 120
	}
	if held < .65 || held > .95 || heldMetric < .65 || heldMetric > .95 {
		t.Errorf("80 %% intervals hold %.2f of the regrets, %.2f of the metrics", held, heldMetric)
	}
	if _, ok := f.Unconditional(2); !ok {
		t.Error("no unconditional forecast of the last rank")
	}
	if _, ok := f.Unconditional(3); ok {
		t.Error("a forecast of a rank that no case has")
	}
}

func inside(p Prediction, outcome float64) float64 {
	if ends := p.Interval(); ends[0] <= outcome && outcome <= ends[1] {
		return 1
	}
	return 0
}
