package parzen

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/surrogate/kde"
)

func newSpace(t *testing.T, params ...space.Hyperparameter) space.Space {
	t.Helper()
	s, err := space.New(params)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*max(1, math.Abs(want))) {
		t.Errorf("%s is %.16g, want %.16g", what, got, want)
	}
}

var letters = []space.Value{space.String("a"), space.String("b"), space.String("c")}

// example is the space of the reference values: two numbers and a choice of three.
func example(t *testing.T) space.Space {
	return newSpace(t, space.Hyperparameter{Name: "x", High: 1}, space.Hyperparameter{Name: "y", High: 1},
		space.Hyperparameter{Name: "z", Type: space.TypeCategorical, Choices: letters})
}

func exampleConfig(x, y float64, z int) space.Config {
	return space.Config{"x": space.Float(x), "y": space.Float(y), "z": letters[z]}
}

func kernels(m *Model, configs ...space.Config) []Kernel {
	var out []Kernel
	for _, c := range configs {
		out = append(out, Kernel{Point: m.Add(c), Weight: 1})
	}
	return out
}

// TestHpBandSter compares bandwidths and densities with those of statsmodels 0.15.0 as HpBandSter 0.7.4 uses it:
//
//	k = sm.nonparametric.KDEMultivariate(data=…, var_type="ccu", bw="normal_reference"); k.bw; k.pdf(point)
func TestHpBandSter(t *testing.T) {
	reference := Bandwidth{Continuous: 1.06, Grid: 1.06, Floor: 1e-3, Choices: Reference}
	m := New(example(t), Rule{Untruncated: true, Good: reference, Bad: reference})
	c := exampleConfig
	good := kernels(m, c(.10, .80, 0), c(.25, .55, 1), c(.30, .60, 2), c(.22, .71, 1), c(.18, .95, 1))
	bad := kernels(m, c(.90, .10, 2), c(.75, .35, 1), c(.60, .05, 2), c(.55, .45, 1), c(.95, .20, 0), c(.40, .99, 1))
	m.Fit(good, bad)
	for j, want := range []float64{0.15964613396779778, 0.25827407806368907, 0.5639162521885145} {
		near(t, "bandwidth", m.bandwidths[j], want, 1e-12)
	}
	for i, x := range []space.Config{c(.2, .7, 1), c(.5, .5, 0), c(.02, .97, 2), c(.88, .15, 2)} {
		l := []float64{3.3220335003988026, 0.0018834989586244428, 0.1938829882596464, 5.455312726485077e-26}[i]
		g := []float64{0.08465305021602347, 0.276850865653438, 0.01073976328696618, 0.5981931117800112}[i]
		near(t, "log ratio", m.LogRatio(m.space.Encode(x)), math.Log(l/g), 1e-10)
	}
}

// TestOptuna compares densities with those of Optuna 5.0.0 on a case that is the same in both: gaps as bandwidths, and
// no floor that matters. Optuna's prior is a Gaussian of width 1 about the middle instead of uniform, and is taken out
// of both by its weight of 1e-9:
//
//	_ParzenEstimator(obs, space, _ParzenEstimatorParameters(1e-9, True, False, default_weights, True)).log_pdf(points)
func TestOptuna(t *testing.T) {
	s := newSpace(t, space.Hyperparameter{Name: "x", High: 1}, space.Hyperparameter{Name: "y", High: 1})
	m := New(s, Rule{Uniform: 1e-9, Good: Bandwidth{Floor: 1.0 / 4}, Bad: Bandwidth{Floor: 1.0 / 6}})
	c := func(x, y float64) space.Config { return space.Config{"x": space.Float(x), "y": space.Float(y)} }
	m.Fit(kernels(m, c(.2, .7), c(.3, .65)), kernels(m, c(.9, .1), c(.5, .2), c(.1, .9), c(.7, .4)))
	for i, x := range [][]float64{{.25, .7}, {.5, .5}, {.95, .05}} {
		near(t, "l", m.good.LogDensity(x), []float64{1.1975601960479993, 0.4728926903440246, -5.597119856601852}[i], 1e-6)
		near(t, "g", m.bad.LogDensity(x), []float64{-0.5001974406250493, -0.09091916631284469, 1.010493512673951}[i], 1e-6)
	}
}

// TestRatioByHand computes l/g for one good and one bad choice: with k = 2 choices, two kernels' worth of weight in
// each density, one of them uniform, a kernel's smoothing is (1 + 1/2) to 1/2.
func TestRatioByHand(t *testing.T) {
	s := newSpace(t, space.Hyperparameter{Name: "b", Type: space.TypeBool})
	m := New(s, Rule{Uniform: 1})
	m.Fit(kernels(m, space.Config{"b": space.Bool(true)}), kernels(m, space.Config{"b": space.Bool(false)}))
	// P(true) under l = (3/4 + 1/2)/2 = 5/8, under g = (1/4 + 1/2)/2 = 3/8.
	near(t, "log l/g of the good choice", m.LogRatio([]float64{.75}), math.Log(5.0/3), 1e-12)
	near(t, "log l/g of the bad choice", m.LogRatio([]float64{.25}), math.Log(3.0/5), 1e-12)
}

func TestDimensions(t *testing.T) {
	s := newSpace(t,
		space.Hyperparameter{Name: "float", High: 1},
		space.Hyperparameter{Name: "step", High: 1, Step: 0.25},
		space.Hyperparameter{Name: "int", Type: space.TypeInt, Low: 3, High: 7},
		space.Hyperparameter{Name: "many", Type: space.TypeInt, Low: 0, High: 64},
		space.Hyperparameter{Name: "logint", Type: space.TypeInt, Low: 1, High: 8, Log: true},
		space.Hyperparameter{Name: "ordinal", Type: space.TypeOrdinal, Choices: letters},
		space.Hyperparameter{Name: "choice", Type: space.TypeCategorical, Choices: letters},
		space.Hyperparameter{Name: "bool", Type: space.TypeBool},
		space.Hyperparameter{Name: "constant", Type: space.TypeConstant, Choices: letters[:1]},
	)
	want := []kde.Dimension{{}, {Cells: 5}, {Cells: 5}, {}, {}, {Cells: 3}, {Choices: 3}, {Choices: 2}, {Choices: 1}}
	if got := dimensions(s); !reflect.DeepEqual(got, want) {
		t.Errorf("dimensions %v, want %v", got, want)
	}
}

// TestGaps checks the bandwidths of g for coordinates in several orders, with a good point in between.
func TestGaps(t *testing.T) {
	for _, tc := range []struct{ x, want []float64 }{
		{[]float64{.5, .1, .7}, []float64{.4, .4, .2}},
		{[]float64{.3}, []float64{.7}},
		{[]float64{.2, .2, .6}, []float64{.001, .4, .4}},
		{[]float64{.6, .2, .2}, []float64{.4, .001, .4}},
		{nil, nil},
	} {
		m := New(newSpace(t, space.Hyperparameter{Name: "x", High: 1}), Rule{Uniform: 1, Bad: Bandwidth{Floor: .001}})
		one := func(x float64) space.Config { return space.Config{"x": space.Float(x)} }
		good := kernels(m, one(.45))
		var bad []Kernel
		for _, x := range tc.x {
			bad = append(bad, kernels(m, one(x))...)
		}
		m.Fit(good, bad)
		for i, want := range tc.want {
			near(t, "gap", m.bandwidths[i], want, 1e-12)
		}
	}
}

// TestScott checks the weighted bandwidth of the good against its definition, and its floor.
func TestScott(t *testing.T) {
	m := New(newSpace(t, space.Hyperparameter{Name: "x", High: 1}), Rule{Good: Bandwidth{Continuous: 2, Floor: .01}})
	var good []Kernel
	for i, x := range []float64{.1, .2, .6} {
		good = append(good, Kernel{Point: m.Add(space.Config{"x": space.Float(x)}), Weight: float64(3 - i)})
	}
	m.Fit(nil, nil)
	m.fill(&m.good, good, m.rule.Good)
	mean := (3*.1 + 2*.2 + .6) / 6
	variance := (3*(.1-mean)*(.1-mean) + 2*(.2-mean)*(.2-mean) + (.6-mean)*(.6-mean)) / 6
	near(t, "bandwidth", m.bandwidths[0], 2*math.Sqrt(variance)*math.Pow(3, -.2), 1e-12)
	m.fill(&m.good, good[:1], m.rule.Good)
	near(t, "bandwidth of one point", m.bandwidths[0], .01, 0)
}

// TestFloor checks the least bandwidth by the numbers of good and bad points, all in one place.
func TestFloor(t *testing.T) {
	for _, tc := range []struct {
		good, bad int
		want      float64
	}{{1, 0, 1.0 / 3}, {10, 60, 1.0 / 12}, {10, 150, 1.0 / 20}, {10, 2000, 1.0 / 100}} {
		m := New(newSpace(t, space.Hyperparameter{Name: "x", High: 1}), Rule{Good: Bandwidth{Continuous: 1}})
		var all []Kernel
		for range tc.good + tc.bad {
			all = append(all, kernels(m, space.Config{"x": space.Float(.5)})...)
		}
		m.Fit(all[:tc.good], all[tc.good:])
		m.fill(&density{Mixture: m.good.Mixture}, all[:tc.good], m.rule.Good)
		near(t, "least bandwidth", m.bandwidths[0], tc.want, 1e-15)
	}
}

func TestSplit(t *testing.T) {
	m := New(newSpace(t, space.Hyperparameter{Name: "x", High: 1}), Rule{Uniform: 1})
	var r Ranking
	for _, loss := range []float64{5, 1, 3, math.NaN(), 1} {
		p := m.Add(space.Config{"x": space.Float(loss / 10)})
		r.Add()
		if !math.IsNaN(loss) {
			r.Rate(p, 0, loss)
		}
	}
	r.Rate(1, 0, 100) // a second loss
	m.Split(r.Members, 2)
	total := math.Log(3) + math.Log(1.5)
	for i, want := range []Kernel{{1, 2 * math.Log(3) / total}, {4, 2 * math.Log(1.5) / total}} {
		if got := m.goodKernels[i]; got.Point != want.Point {
			t.Errorf("good %d is point %d, want %d", i, got.Point, want.Point)
		} else {
			near(t, "weight", got.Weight, want.Weight, 1e-14)
		}
	}
	if !slices.Equal(m.badKernels, []Kernel{{2, 1}, {0, 1}, {3, 1}}) {
		t.Errorf("bad %v", m.badKernels)
	}
	m.Split(r.Members, 9)
	if len(m.goodKernels) != 4 || len(m.badKernels) != 1 {
		t.Errorf("of 4 with losses, %d are good, %d bad", len(m.goodKernels), len(m.badKernels))
	}
	m.Split(Members{}, 1)
	near(t, "log ratio without points", m.LogRatio([]float64{.5}), 0, 0)
}

// TestRanking checks the order of many losses in classes against sorting.
func TestRanking(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var r Ranking
	type rated struct {
		point int
		class uint8
		loss  float64
	}
	var all []rated
	for i := range 200 {
		r.Add()
		all = append(all, rated{i, uint8(rng.IntN(2)), float64(rng.IntN(20))})
	}
	for _, i := range rng.Perm(150) {
		r.Rate(i, all[i].class, all[i].loss)
	}
	all = all[:150]
	slices.SortStableFunc(all, func(a, b rated) int {
		if a.class != b.class {
			return int(a.class) - int(b.class)
		}
		return int(a.loss - b.loss)
	})
	for i, want := range all {
		if r.Ranked[i] != want.point {
			t.Fatalf("rank %d is point %d, want %d", i, r.Ranked[i], want.point)
		}
	}
	if len(r.Ranked) != 150 || len(r.Rest) != 50 || r.Rest[0] != 150 {
		t.Errorf("%d ranked, rest %v", len(r.Ranked), r.Rest)
	}
}

// TestSuppose ranks points by losses that they do not have yet, which leaves no trace.
func TestSuppose(t *testing.T) {
	var r Ranking
	for range 6 {
		r.Add()
	}
	r.Rate(0, 0, 1)
	r.Rate(1, 0, 3)
	r.Rate(2, 1, 0) // of the worse class
	m := r.Suppose([]int{3, 4, 1}, []float64{2, math.NaN(), -5})
	if !slices.Equal(m.Ranked, []int{0, 3, 1, 2}) || !slices.Equal(m.Rest, []int{5}) {
		t.Errorf("supposed: %+v", m)
	}
	if !slices.Equal(r.Ranked, []int{0, 1, 2}) || !slices.Equal(r.Rest, []int{3, 4, 5}) {
		t.Errorf("afterwards: %+v", r.Members)
	}
	r.Rate(3, 0, 4)
	if !slices.Equal(r.Ranked, []int{0, 1, 3, 2}) {
		t.Errorf("with its true loss: %v", r.Ranked)
	}
}

func conditional(t *testing.T) space.Space {
	return newSpace(t,
		space.Hyperparameter{Name: "z", Type: space.TypeCategorical, Choices: letters},
		space.Hyperparameter{Name: "x", High: 1, When: space.Equals("z", letters[0])},
		space.Hyperparameter{Name: "y", High: 1, When: space.Equals("z", letters[1])},
	)
}

// TestPropose finds the region where good points are, within a pattern and without, and only what is allowed.
func TestPropose(t *testing.T) {
	s := conditional(t)
	m := New(s, Rule{Uniform: 1, Good: Bandwidth{Continuous: 1}, Bad: Bandwidth{Continuous: 1}})
	rng := rand.New(rand.NewPCG(1, 2))
	x := func(u float64) space.Config { return space.Config{"z": letters[0], "x": space.Float(u)} }
	y := func(u float64) space.Config { return space.Config{"z": letters[1], "y": space.Float(u)} }
	m.Fit(kernels(m, x(.8), x(.82), x(.85)), kernels(m, x(.1), x(.2), x(.4), x(.5), y(.3), y(.35), space.Config{"z": letters[2]}))
	yes := func(space.Config) bool { return true }
	for range 20 {
		c, ok := m.Propose(rng, Search{Candidates: 32, Widen: 1, Allowed: yes})
		if !ok || !c["z"].Equal(letters[0]) || c["x"].Float() < .7 {
			t.Errorf("proposed %v, %v", c, ok)
		}
		c, ok = m.Propose(rng, Search{Candidates: 32, Widen: 1, Allowed: yes, Pattern: s.Encode(y(.5))})
		if !ok || !c["z"].Equal(letters[1]) {
			t.Errorf("where y is active, proposed %v, %v", c, ok)
		}
		c, ok = m.Propose(rng, Search{Candidates: 32, Widen: 1, Allowed: func(c space.Config) bool { return !c["z"].Equal(letters[0]) }})
		if ok && c["z"].Equal(letters[0]) {
			t.Errorf("proposed %v, which is not allowed", c)
		}
	}
	if c, ok := m.Propose(rng, Search{Candidates: 32, Widen: 1, Allowed: func(space.Config) bool { return false }}); ok {
		t.Errorf("proposed %v, and nothing is allowed", c)
	}
}

// TestProposeMaximisesTheRatio compares with scoring every one of the same draws in full.
func TestProposeMaximisesTheRatio(t *testing.T) {
	m := New(example(t), Rule{Uniform: 1, Good: Bandwidth{Continuous: 1}})
	rng := rand.New(rand.NewPCG(3, 4))
	draw := func() space.Config { return exampleConfig(rng.Float64(), rng.Float64(), rng.IntN(3)) }
	var good, bad []Kernel
	for range 10 {
		good = append(good, kernels(m, draw())...)
		bad = append(bad, kernels(m, draw(), draw(), draw())...)
	}
	m.Fit(good, bad)
	for seed := range uint64(20) {
		got, ok := m.Propose(rand.New(rand.NewPCG(seed, 1)), Search{Candidates: 40, Widen: 1, Allowed: func(space.Config) bool { return true }})
		again, best, want := rand.New(rand.NewPCG(seed, 1)), math.Inf(-1), space.Config(nil)
		for range 40 {
			x, _ := m.draw(again, 1)
			if ratio := m.LogRatio(x); ratio > best {
				best, want = ratio, m.space.Decode(x)
			}
		}
		if !ok || !got.Equal(want) {
			t.Errorf("seed %d: proposed %v, want %v", seed, got, want)
		}
	}
}

// TestTruncate checks that points added for a while leave no trace.
func TestTruncate(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	rule := Rule{Uniform: 1, Good: Bandwidth{Continuous: 1}}
	fill := func(visits bool) *Model {
		rng := rand.New(rand.NewPCG(8, 8))
		m := New(example(t), rule)
		for range 30 {
			m.Add(exampleConfig(rng.Float64(), rng.Float64(), rng.IntN(3)))
			if visits {
				n := m.Len()
				m.Add(exampleConfig(.3, .3, 1))
				m.Add(exampleConfig(.1, .9, 0))
				m.Truncate(n)
			}
		}
		m.Truncate(m.Len() + 5)
		return m
	}
	plain, visited := fill(false), fill(true)
	if !reflect.DeepEqual(plain.order, visited.order) || !reflect.DeepEqual(plain.points, visited.points) {
		t.Error("points that were truncated leave a trace")
	}
	for range 5 {
		x := []float64{rng.Float64(), rng.Float64(), rng.Float64()}
		for _, m := range []*Model{plain, visited} {
			m.Split(Members{Ranked: []int{3, 1, 2, 9}, Rest: []int{4, 5, 6}}, 2)
		}
		near(t, "log ratio", visited.LogRatio(x), plain.LogRatio(x), 0)
	}
}

// TestFitAllocatesNothing checks that fitting again, as every Ask does, works in the memory there is.
func TestFitAllocatesNothing(t *testing.T) {
	m := New(example(t), Rule{Uniform: 1, Good: Bandwidth{Continuous: 1}})
	rng := rand.New(rand.NewPCG(3, 4))
	var r Ranking
	for i := range 200 {
		m.Add(exampleConfig(rng.Float64(), rng.Float64(), rng.IntN(3)))
		r.Add()
		r.Rate(i, 0, rng.Float64())
	}
	good := 20
	again := func() {
		m.Split(r.Members, good)
		good = 41 - good
	}
	again()
	again()
	if n := testing.AllocsPerRun(10, again); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestFitRemembers fits a model again and again, to what it was fitted to before or not, with points that come and go,
// and compares it with one that is made anew.
func TestFitRemembers(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 9))
	rule := Rule{Uniform: 1, Good: Bandwidth{Continuous: 1}}
	m, kept := New(example(t), rule), []space.Config{}
	draw := func() space.Config { return exampleConfig(rng.Float64(), rng.Float64(), rng.IntN(3)) }
	choose := func(n int) []Kernel {
		var list []Kernel
		for i := range n {
			if rng.IntN(8) > 0 {
				list = append(list, Kernel{Point: i, Weight: 1})
			}
		}
		return list
	}
	var good, bad []Kernel
	for step := range 300 {
		all := slices.Clone(kept)
		for range rng.IntN(3) {
			c := draw()
			all = append(all, c)
			m.Add(c)
		}
		if rng.IntN(3) == 0 {
			good = choose(min(6, len(kept)))
		}
		if rng.IntN(3) == 0 || len(all) < len(bad) {
			bad = choose(len(all))
		}
		fresh := New(example(t), rule)
		for _, c := range all {
			fresh.Add(c)
		}
		present := func(k Kernel) bool {
			return k.Point < len(all) && !slices.ContainsFunc(good, func(g Kernel) bool { return g.Point == k.Point })
		}
		worse := slices.DeleteFunc(slices.Clone(bad), func(k Kernel) bool { return !present(k) })
		m.Fit(good, worse)
		fresh.Fit(good, worse)
		x := []float64{rng.Float64(), rng.Float64(), rng.Float64()}
		if got, want := m.LogRatio(x), fresh.LogRatio(x); got != want {
			t.Fatalf("step %d: log ratio %v, want %v", step, got, want)
		}
		if rng.IntN(2) == 0 {
			kept = all
		}
		m.Truncate(len(kept))
	}
}
