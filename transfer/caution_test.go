package transfer

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// TestWithoutCautionTheWeightsDecide: the result is the portfolio under the weights, whatever is safe; with endless
// caution it is the portfolio under the safe weights.
func TestWithoutCautionTheWeightsDecide(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		for _, uncertain := range []bool{false, true} {
			b := randomBelief(rng, 12, 15, uncertain)
			p := Policy{Weights: randomWeights(rng, 12), Safe: Uniform(12), Groups: all(12)}
			columns, chosen := all(15)[1:], []int{3, 7}
			for _, c := range []struct {
				caution []float64
				under   []float64
			}{{nil, p.Weights}, {[]float64{1e9}, p.Safe}} {
				p.Caution = c.caution
				got := b.Cautious(columns, chosen, 6, p)
				want := b.Portfolio(c.under, columns, chosen, 6)
				for i := range want {
					if want[i].Gain < 1e-12 {
						break // where the weights see no gain, the safe choice stands
					}
					if got[i].Config != want[i].Config {
						t.Fatalf("caution %v, uncertain %v: picks %v, want %v", c.caution, uncertain, got, want)
					}
					if c.caution == nil && math.Abs(got[i].Gain-want[i].Gain) > 1e-12 {
						t.Errorf("gain %v, want %v", got[i].Gain, want[i].Gain)
					}
				}
			}
		}
	}
}

// TestCautionByHand: on groups A (tasks 0 and 1, weight .3 each) and B (task 2, weight .4), configuration 0 has regret
// .5 everywhere and is safe. Configuration 1 gains .5 on A and loses .2 on B: d = .5, .5, -.2, E = .22,
// SE = sqrt((.6*.28)^2 + (.4*-.42)^2) = .168*sqrt(2) = .2376. So it is ahead by .926 standard errors.
func TestCautionByHand(t *testing.T) {
	b := &Belief{Mean: [][]float64{{.5, 0}, {.5, 0}, {.5, .7}}}
	p := Policy{Weights: []float64{.3, .3, .4}, Safe: []float64{0, 0, 1}, Groups: []int{0, 0, 1}}
	for _, c := range []struct {
		caution float64
		want    int
	}{{.92, 1}, {.93, 0}} {
		p.Caution = []float64{c.caution}
		got := b.Cautious([]int{0, 1}, nil, 1, p)[0]
		if got.Config != c.want || got.Safe != 0 {
			t.Errorf("caution %v: picked %d, want %d; safe is %d", c.caution, got.Config, c.want, got.Safe)
		}
		if lead, doubt := .22*float64(c.want), .168*math.Sqrt2*float64(c.want); math.Abs(got.Lead-lead) > 1e-12 || math.Abs(got.Doubt-doubt) > 1e-12 {
			t.Errorf("caution %v: leads by %v ± %v, want %v ± %v", c.caution, got.Lead, got.Doubt, lead, doubt)
		}
	}
	// As three groups of their own the tasks are more evidence: SE = sqrt(2*(.3*.28)^2 + .168^2) = .2058, 1.069 of them.
	p.Groups, p.Caution = []int{0, 1, 2}, []float64{1.06}
	if got := b.Cautious([]int{0, 1}, nil, 1, p)[0]; got.Config != 1 || math.Abs(got.Gain-(2-.28)) > 1e-12 {
		t.Errorf("by groups of their own: %+v", got)
	}
}

// TestTheFirstOfEqualsIsSafe: among columns that gain the same, those of least regret, and of these the first.
func TestTheFirstOfEqualsIsSafe(t *testing.T) {
	b := &Belief{Mean: [][]float64{{.5, .2, .2, .2}, {.5, .4, .4, .4}}}
	p := Policy{Weights: Uniform(2), Safe: Uniform(2), Groups: []int{0, 1}}
	for i, pick := range b.Cautious([]int{0, 1, 2, 3}, nil, 3, p) {
		if pick.Config != i+1 {
			t.Errorf("pick %d is %d", i, pick.Config)
		}
	}
}

// TestCautionByRank: the last value holds for all later ranks, and configurations chosen before count as ranks.
func TestCautionByRank(t *testing.T) {
	for rank, want := range []float64{3, 2, 2} {
		if got := atRank([]float64{3, 2}, rank); got != want {
			t.Errorf("rank %d: %v, want %v", rank, got, want)
		}
	}
	if got := atRank(nil, 1); got != 0 {
		t.Errorf("without values %v", got)
	}
	b := &Belief{Mean: [][]float64{{1, .5, 0}, {1, .5, .9}}}
	p := Policy{Weights: []float64{.9, .1}, Safe: []float64{.1, .9}, Groups: []int{0, 1}, Caution: []float64{1e9, 0}}
	if got := b.Cautious([]int{1, 2}, nil, 1, p)[0].Config; got != 1 {
		t.Errorf("first picked %d, want the safe one", got)
	}
	if got := b.Cautious([]int{1, 2}, []int{0}, 1, p)[0].Config; got != 2 {
		t.Errorf("picked %d after one was chosen, want the better one", got)
	}
}

// TestMarginByHand: under the weights configuration 1 is ahead of the safe 0 by .2, at a tenth of the cost by 2 per cost.
func TestMarginByHand(t *testing.T) {
	b := &Belief{Mean: [][]float64{{.5, .3}, {.1, 1}}}
	for _, c := range []struct {
		margin float64
		cost   []float64
		want   int
	}{{0, nil, 1}, {.19, nil, 1}, {.21, nil, 0}, {.19, []float64{10, 10}, 1}, {.21, []float64{10, 10}, 0}, {.21, []float64{.1, .1}, 0}} {
		p := Policy{Weights: []float64{1, 0}, Safe: []float64{0, 1}, Groups: []int{0, 1}, Margin: []float64{c.margin}, Cost: c.cost}
		if got := b.Cautious([]int{0, 1}, nil, 1, p)[0].Config; got != c.want {
			t.Errorf("margin %v, costs %v: picked %d, want %d", c.margin, c.cost, got, c.want)
		}
	}
}

// TestFirstWeights hold for the first pick alone, counted with what was chosen before.
func TestFirstWeights(t *testing.T) {
	b := &Belief{Mean: [][]float64{{.9, .1, .5, 2}, {.1, .9, .5, .4}}}
	p := Policy{First: []float64{1, 0}, Weights: []float64{0, 1}, Safe: []float64{.5, .5}, Groups: []int{0, 1}}
	if got := configsOf(b.Cautious(all(4), nil, 2, p)); !slices.Equal(got, []int{1, 0}) {
		t.Errorf("picked %v", got)
	}
	if got := configsOf(b.Cautious(all(4), []int{2}, 1, p)); !slices.Equal(got, []int{0}) {
		t.Errorf("after one was chosen, picked %v", got)
	}
}

// TestBlurByHand: 0 is best on the only task and was chosen; of the others the one that is nearly as good gains most.
// Without blur nothing gains, and the least regret decides among equals too; but then no gain is told.
func TestBlurByHand(t *testing.T) {
	for lead, want := range map[float64]float64{.3: .3, .1: .1, 0: .025, -.05: .00625, -.1: 0, -1: 0} {
		if got := blurredGain(lead, .1); math.Abs(got-want) > 1e-12 {
			t.Errorf("lead %v: %v, want %v", lead, got, want)
		}
	}
	b := &Belief{Mean: [][]float64{{0, .08, .02, 1}}}
	p := Policy{Weights: []float64{1}, Safe: []float64{1}, Groups: []int{0}, Blur: .1}
	picks := b.Cautious(all(4), nil, 4, p)
	if got := configsOf(picks); !slices.Equal(got, []int{0, 2, 1, 3}) || math.Abs(picks[0].Gain-2) > 1e-12 || math.Abs(picks[1].Gain-.016) > 1e-12 || picks[3].Gain != 0 {
		t.Errorf("picked %+v", picks)
	}
	known := &Belief{Mean: b.Mean, SD: [][]float64{{0, 0, 0, 0}}}
	for i, pick := range known.Cautious(all(4), nil, 4, p) {
		if pick.Config != picks[i].Config || math.Abs(pick.Gain-picks[i].Gain) > 1e-12 {
			t.Errorf("with standard deviations of 0: pick %d is %+v, not %+v", i, pick, picks[i])
		}
	}
}

// TestPicksAtOnceAreThoseOneByOne: bounds left from earlier picks change nothing, to the bit.
func TestPicksAtOnceAreThoseOneByOne(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for draw := range 60 {
		b := randomBelief(rng, 20, 40, draw%2 == 0)
		p := Policy{Weights: randomWeights(rng, 20), Safe: Uniform(20), Groups: all(20), Caution: []float64{.5, .2}, Margin: []float64{.002, .001}}
		if draw%3 > 0 {
			p.First, p.Blur = randomWeights(rng, 20), .1
		}
		if draw%5 == 0 {
			for range 40 {
				p.Cost = append(p.Cost, .1+rng.Float64())
			}
			p.Budget = 6
		}
		chosen := []int{3, 7}[:draw%3]
		got := b.Cautious(all(40), chosen, 12, p)
		for i, want := range got {
			one := b.Cautious(all(40), chosen, 1, p)
			if len(one) != 1 || one[0] != want {
				t.Fatalf("draw %d: pick %d is %+v, alone %+v", draw, i, want, one)
			}
			chosen = append(slices.Clone(chosen), want.Config)
		}
		if len(got) < 12 && p.Budget == 0 {
			t.Errorf("draw %d: %d picks", draw, len(got))
		}
	}
}

// TestBudgetHoldsWhatWasChosenBefore: of 5 seconds 3 are spent; 2 more fit, not 4.
func TestBudgetHoldsWhatWasChosenBefore(t *testing.T) {
	b := &Belief{Mean: [][]float64{{.9, .1, .5}}}
	p := Policy{Weights: []float64{1}, Safe: []float64{1}, Groups: []int{0}, Cost: []float64{3, 4, 2}, Budget: 5}
	if got := configsOf(b.Cautious(all(3), []int{0}, 3, p)); !slices.Equal(got, []int{2}) {
		t.Errorf("picked %v", got)
	}
}

// TestCostIsWeighed: of two configurations of which the better costs three times as much, the gain per cost decides,
// and what does not fit the budget is passed over.
func TestCostIsWeighed(t *testing.T) {
	b := &Belief{Mean: [][]float64{{0, .9, 1.2}}}
	p := Policy{Weights: []float64{1}, Safe: []float64{1}, Groups: []int{0}, Cost: []float64{3, 1, 1}}
	if got := configsOf(b.Cautious(all(3), nil, 3, p)); !slices.Equal(got, []int{1, 0, 2}) {
		t.Errorf("picked %v", got) // 2-.9 a second against 2/3; then .9/3 against 0
	}
	p.Budget = 3.5
	if got := configsOf(b.Cautious(all(3), nil, 3, p)); !slices.Equal(got, []int{1, 2}) {
		t.Errorf("within 3.5: picked %v", got)
	}
	p.Budget = .5
	if got := b.Cautious(all(3), nil, 3, p); len(got) != 0 {
		t.Errorf("within .5: picked %v", got)
	}
}

// TestBudgetIsKept whatever the numbers, and nothing is picked twice.
func TestBudgetIsKept(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for range 50 {
		b := randomBelief(rng, 9, 20, false)
		p := Policy{
			Weights: randomWeights(rng, 9), Safe: Uniform(9), Groups: []int{0, 0, 1, 1, 2, 3, 4, 5, 5}, Caution: []float64{2 * rng.Float64()},
			Cost: randomWeights(rng, 20), Budget: rng.Float64(),
		}
		spent := 0.0
		var seen []int
		for _, pick := range b.Cautious(all(20), nil, 20, p) {
			if slices.Contains(seen, pick.Config) || pick.Gain < 0 {
				t.Fatalf("picked %+v after %v", pick, seen)
			}
			seen = append(seen, pick.Config)
			spent += p.Cost[pick.Config]
		}
		if spent > p.Budget+1e-12 {
			t.Fatalf("spent %v of %v", spent, p.Budget)
		}
	}
}

func configsOf(picks []CautiousPick) []int {
	var out []int
	for _, p := range picks {
		out = append(out, p.Config)
	}
	return out
}

func TestCautiousOfNothing(t *testing.T) {
	if got := (&Belief{}).Cautious(nil, nil, 3, Policy{}); got != nil {
		t.Errorf("picked %v", got)
	}
	b := &Belief{Mean: [][]float64{{0, 1}}}
	p := Policy{Weights: []float64{1}, Safe: []float64{1}, Groups: []int{0}}
	if got := configsOf(b.Cautious([]int{0, 1}, []int{0}, 5, p)); !reflect.DeepEqual(got, []int{1}) {
		t.Errorf("picked %v, want what is left", got)
	}
}

func BenchmarkCautious(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	const n = 1000
	belief := randomBelief(rng, n, n, false)
	p := Policy{Weights: randomWeights(rng, n), Safe: Uniform(n), Groups: all(n), Caution: []float64{2, 2, 1.5, 1.5, 1}}
	columns := all(n)
	for b.Loop() {
		belief.Cautious(columns, nil, 5, p)
	}
}
