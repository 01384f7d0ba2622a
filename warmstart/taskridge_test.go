package warmstart

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/metaml/metaml/transfer"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// sloped is a table of tasks in groups of two: the loss of the configurations of one half rises with the first
// meta-feature, that of the others falls, as steeply as told; more meta-features say nothing.
func sloped(rng *rand.Rand, tasks int, slope float64) table {
	var tb table
	for i := range tasks {
		x := rng.NormFloat64()
		tb.features = append(tb.features, []float64{x, rng.NormFloat64(), rng.NormFloat64()})
		tb.groups = append(tb.groups, string(rune('a'+i/2)))
		row := make([]float64, 10)
		for c := range row {
			sign := float64(2*(c%2) - 1)
			row[c] = .5 + slope*sign*x + .02*float64(c) + .05*rng.NormFloat64()
		}
		tb.losses = append(tb.losses, row)
	}
	return tb
}

func ridgeOf(t *testing.T, m *transfer.Matrix) *taskRidge {
	t.Helper()
	r, err := fitRidge(m, m.Regret, m.GroupNumbers())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestNormalScoresByHand(t *testing.T) {
	sorted := []float64{1, 2, 2, 3}
	for v, want := range map[float64]float64{2: 0, 1: -1.1503493803760079, 3: 1.1503493803760079, 0: -3, 9: 3, 2.5: .6744897501960817, math.NaN(): 0} {
		if got := normalScore(sorted, v); math.Abs(got-want) > 1e-12 {
			t.Errorf("%v: %v, want %v", v, got, want)
		}
	}
	if got := normalScore(nil, 1); got != 0 {
		t.Errorf("among none: %v", got)
	}
}

// TestHeldOutWeightsAreThoseOfARefit: what the identity gives for a group is what ridge regression with an intercept gives
// that has not seen it, solved by its normal equations.
func TestHeldOutWeightsAreThoseOfARefit(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	const n, p, penalty = 12, 3, .7
	x, y := mat.NewDense(n, p, nil), mat.NewDense(n, 2, nil)
	for i := range n {
		for j := range p {
			x.Set(i, j, rng.NormFloat64())
		}
		y.SetRow(i, []float64{rng.NormFloat64(), rng.NormFloat64()})
	}
	for j := range p { // columns are centred, as standardised ones
		column := mat.Col(nil, j, x)
		floats.AddConst(-floats.Sum(column)/n, column)
		x.SetCol(j, column)
	}
	h := alongPrincipal(t, x, y, [][]int{{0, 1, 2}, {3}, {4, 5}, {6, 7, 8, 9, 10, 11}})
	for _, block := range h.blocks {
		got, err := h.weights(h.shrunk(penalty), block)
		if err != nil {
			t.Fatal(err)
		}
		for i, task := range block {
			if want := refitted(t, x, block, task, penalty); !floats.EqualApprox(got.RawRowView(i), want, 1e-9) {
				t.Errorf("group %v, task %d:\n%v, want\n%v", block, task, got.RawRowView(i), want)
			}
		}
	}
	loss, err := h.loss(penalty)
	want := 0.0
	for _, block := range h.blocks {
		for _, task := range block {
			for c := range 2 {
				e := y.At(task, c) - floats.Dot(refitted(t, x, block, task, penalty), mat.Col(nil, c, y))
				want += e * e / float64(len(block))
			}
		}
	}
	if err != nil || math.Abs(loss-want) > 1e-9 {
		t.Errorf("squared error %v (%v), want %v", loss, err, want)
	}
}

func alongPrincipal(t *testing.T, x, y *mat.Dense, blocks [][]int) *crossFit {
	t.Helper()
	_, p := x.Dims()
	gram := mat.NewSymDense(p, nil)
	gram.SymOuterK(1, x.T())
	var eigen mat.EigenSym
	if !eigen.Factorize(gram, true) {
		t.Fatal("no eigenvalues")
	}
	var directions, along mat.Dense
	eigen.VectorsTo(&directions)
	along.Mul(x, &directions)
	return &crossFit{along: &along, values: eigen.Values(nil), y: y, blocks: blocks}
}

// refitted returns the weights of the rows outside the block for a task: a row of [1 x] (A'A + penalty D)^-1 A', A = [1 x]
// of those rows and D not penalising the intercept.
func refitted(t *testing.T, x *mat.Dense, block []int, task int, penalty float64) []float64 {
	t.Helper()
	n, p := x.Dims()
	with := func(i int) []float64 { return append([]float64{1}, x.RawRowView(i)...) }
	a := mat.NewDense(n, p+1, nil)
	for i := range n {
		if !slices.Contains(block, i) {
			a.SetRow(i, with(i))
		}
	}
	var normal, solved mat.Dense
	normal.Mul(a.T(), a)
	for j := 1; j <= p; j++ {
		normal.Set(j, j, normal.At(j, j)+penalty)
	}
	if err := solved.Solve(&normal, a.T()); err != nil {
		t.Fatal(err)
	}
	var out mat.Dense
	out.Mul(mat.NewDense(1, p+1, with(task)), &solved)
	return out.RawRowView(0)
}

// TestThePenaltyIsTheBestTried: of noise nothing can be foretold and the largest is taken; of a slope a smaller one, none of
// the others being better.
func TestThePenaltyIsTheBestTried(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	const n, p = 60, 8
	x, noise, slope := mat.NewDense(n, p, nil), mat.NewDense(n, 1, nil), mat.NewDense(n, 1, nil)
	var blocks [][]int
	for i := range n {
		for j := range p {
			x.Set(i, j, rng.NormFloat64())
		}
		noise.Set(i, 0, rng.NormFloat64())
		slope.Set(i, 0, x.At(i, 0)+.1*noise.At(i, 0))
		blocks = append(blocks, []int{i})
	}
	for name, y := range map[string]*mat.Dense{"noise": noise, "slope": slope} {
		h := alongPrincipal(t, x, y, blocks)
		got, err := h.penalty()
		if err != nil {
			t.Fatal(err)
		}
		largest := h.values[p-1]
		if top := got > 3*largest; top != (name == "noise") {
			t.Errorf("%s: penalty %v of %v", name, got, largest)
		}
		least, err := h.loss(got)
		for e := -4; e <= 0; e++ {
			loss, failed := h.loss(largest * math.Pow(10, float64(e)))
			if err != nil || failed != nil || loss < least {
				t.Errorf("%s: error %v with the penalty taken, %v with 10^%d (%v, %v)", name, least, loss, e, err, failed)
			}
		}
	}
}

// TestRidgeFollowsASlope, where there is one: from rank 1 to rank 2 losses that rise and fall go on as before.
func TestRidgeFollowsASlope(t *testing.T) {
	spread := func(slope, x float64) float64 { // of the losses around their mean over configurations; slope x expected
		m := sloped(rand.New(rand.NewPCG(3, 3)), 40, slope).matrix(t)
		r, err := fitRidge(m, m.Loss, m.GroupNumbers())
		if err != nil {
			t.Fatal(err)
		}
		mean := (&transfer.Belief{Mean: m.Loss}).Expected(r.weights([]float64{x, 0, 0}))
		floats.AddConst(-floats.Sum(mean)/10, mean)
		return floats.Norm(mean, 2) / math.Sqrt(10)
	}
	if at2, at1 := spread(.2, 2), spread(.2, .9); at1 < .13 || at2 < 1.5*at1 || at2 > .45 {
		t.Errorf("at .9 and 2 losses spread by %v and %v", at1, at2)
	}
	if got := spread(0, 2); got > .08 { // .06 of it is there at any x
		t.Errorf("without a slope losses spread by %v", got)
	}
}

// TestTheFirstPickHearsTheRidge as much as the forest, by what regrets have in common; the others do not.
func TestTheFirstPickHearsTheRidge(t *testing.T) {
	tb := sloped(rand.New(rand.NewPCG(6, 6)), 60, .2)
	p, err := learnPosterior(tb.matrix(t), 1)
	if err != nil || p.forest == nil || p.ridge == nil {
		t.Fatalf("meta-features are not believed: %v", err)
	}
	usual, far := []float64{1, 0, 0}, []float64{100, 100, 100}
	o := p.opinion(usual)
	if want := transfer.Mix(p.forest.proximity(usual), p.ridge.weights(usual), ridgeShare); !floats.EqualApprox(o.bet, want, 1e-12) {
		t.Errorf("bets by %v, want %v", o.bet, want)
	}
	if o := p.opinion(far); o.bet != nil {
		t.Errorf("far from all that is known bets by %v", o.bet)
	}
	policy := p.policy(o)
	policy.First = o.bet
	first := p.common.Cautious(p.candidates, nil, 1, policy)[0].Config
	later := p.belief.Cautious(p.candidates, []int{first}, 2, p.policy(o))
	want := []int{first, later[0].Config, later[1].Config}
	if got := p.Recommend(Query{Features: usual, K: 3}).Configs; !slices.Equal(got, want) {
		t.Errorf("picked %v, want %v", got, want)
	}
	if got := p.Recommend(Query{Features: usual}).Configs; len(got) != 0 {
		t.Errorf("picked %v of none asked for", got)
	}
	for i := range p.m.Tasks {
		held := transfer.Mix(p.forest.unseen(i, p.m.Tasks[i].Features), p.ridge.held[i], ridgeShare)
		policy.First = transfer.Mix(held, uniformWithout(p.m, i), p.novelty.strangeness(p.novelty.own[i]))
		policy.Safe = uniformWithout(p.m, i)
		want := p.common.Cautious(p.candidates, nil, 1, policy)[0].Config
		if got := p.unseen(i, Query{K: 1}).Configs[0]; got != want && p.novelty.strangeness(p.novelty.own[i]) < 1 {
			t.Errorf("held-out task %d: picked %d, want %d", i, got, want)
		}
	}
}

// TestRidgeWeights sum to one, leave the group out that they are held out for, and count no task without meta-features;
// an unknown meta-feature is the mean one.
func TestRidgeWeights(t *testing.T) {
	tb := sloped(rand.New(rand.NewPCG(4, 4)), 30, .2)
	unknown := []float64{math.NaN(), math.NaN(), math.NaN()}
	tb.features[7], tb.features[9][1] = unknown, math.NaN()
	m := tb.matrix(t)
	r := ridgeOf(t, m)
	out := slices.IndexFunc(m.Tasks, func(task transfer.Task) bool { return transfer.Undefined(task.Features) })
	if out < 0 || r.held[out] != nil {
		t.Fatalf("task %d has no meta-features, but weights", out)
	}
	groups := m.GroupNumbers()
	check := func(name string, w []float64) {
		if math.Abs(floats.Sum(w)-1) > 1e-9 || w[out] != 0 {
			t.Errorf("%s: sum %v, the task without meta-features counts %v", name, floats.Sum(w), w[out])
		}
	}
	for i, w := range r.held {
		if w == nil {
			continue
		}
		check("held out", w)
		for s := range w {
			if groups[s] == groups[i] && w[s] != 0 {
				t.Errorf("task %d of the group of %d counts %v", s, i, w[s])
			}
		}
	}
	check("new", r.weights([]float64{1, 2, 3}))
	if got := r.weights(unknown); !floats.EqualApprox(got, r.weights([]float64{math.NaN(), math.NaN(), math.NaN()}), 0) {
		t.Errorf("nothing known: %v", got)
	}
	check("unknown", r.weights(unknown))
}

// TestAConstantMetaFeatureCountsNothing, whatever it is in the new task.
func TestAConstantMetaFeatureCountsNothing(t *testing.T) {
	tb := sloped(rand.New(rand.NewPCG(7, 7)), 30, .2)
	for i := range tb.features {
		tb.features[i][2] = 5
	}
	r := ridgeOf(t, tb.matrix(t))
	want := r.weights([]float64{1, 2, 5})
	for _, v := range []float64{4, 6, math.NaN()} {
		if got := r.weights([]float64{1, 2, v}); !slices.Equal(got, want) || math.IsNaN(got[0]) {
			t.Errorf("%v in the new task: %v, want %v", v, got, want)
		}
	}
}

// TestFewTasksHaveNoRidge: nor have those without meta-features.
func TestFewTasksHaveNoRidge(t *testing.T) {
	if r := ridgeOf(t, sloped(rand.New(rand.NewPCG(5, 5)), 2*forestLeaf-1, .2).matrix(t)); r != nil {
		t.Errorf("from few tasks: %+v", r)
	}
}
