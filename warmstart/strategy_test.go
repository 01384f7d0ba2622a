package warmstart

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/metaml/metaml/transfer"
)

// byHand has three tasks and four configurations. Ranks, from 0:
//
//	task 0: 0 1 2 3   task 1: 3 0 1 2   task 2: 2.5 0 1 2.5
//
// so the mean ranks are 5.5/3, 1/3, 4/3, 7.5/3. The features put task 2 between task 0 and task 1.
func byHand() table {
	return table{
		losses:   [][]float64{{.1, .2, .3, .4}, {.9, .1, .2, .3}, {.8, .2, .4, .8}},
		features: [][]float64{{0, 10}, {10, 0}, {4, 6}},
	}
}

func TestStrategiesByHand(t *testing.T) {
	m := byHand().matrix(t)
	for _, c := range []struct {
		strategy string
		features []float64
		want     []int
	}{
		{AverageRank, nil, []int{1, 2, 0, 3}},
		// Regrets: task 0 (best .1, median .25): 0 2/3 4/3 2; task 1 (best .1, median .25): 2 0 2/3 4/3; task 2 (best
		// .2, median .6): 1.5 0 .5 1.5. The first pick 1 leaves 2/3, 0, 0; then 0 wins, and 2 has less regret than 3.
		{Greedy, nil, []int{1, 0, 2, 3}},
		// Nearest is task 1, then 2, then 0; the bests are 1, 1, 0; greedy fills up.
		{KNN, []float64{9, 1}, []int{1, 0, 2, 3}},
		{KNN, []float64{0, 9}, []int{0, 1, 2, 3}},
	} {
		x := c.features
		if x == nil {
			x = []float64{math.NaN(), math.NaN()}
		}
		for k := range 5 {
			got := numbers(m, learn(t, c.strategy, m).Recommend(Query{Features: x, K: k}).Configs)
			if !slices.Equal(got, c.want[:min(k, 4)]) {
				t.Errorf("%s, k = %d: %v, want %v", c.strategy, k, got, c.want[:min(k, 4)])
			}
		}
	}
}

// TestFLAMLByHand: configuration 0 leaves .19 beyond the bound of .01, less than the others, and with 1 nothing; 2 is
// best on task 2, but only by .005, so it is no part of the portfolio. On the nearest task, by rows, columns, classes
// and share of numeric columns, the portfolio is put in order.
func TestFLAMLByHand(t *testing.T) {
	tb := table{
		losses: [][]float64{
			{.100, .300, .290, .5},
			{.300, .100, .290, .5},
			{.105, .300, .100, .5},
		},
		names: []string{"NumberOfInstances", "NumberOfFeatures", "NumberOfClasses", "NumberOfNumericFeatures", "noise"},
		features: [][]float64{
			{100, 10, 2, 10, 5},
			{200, 10, 2, 0, -5},
			{300, 20, 3, 20, 0},
		},
	}
	m := tb.matrix(t)
	for _, c := range []struct {
		features map[string]float64
		want     []int
	}{
		{map[string]float64{"NumberOfInstances": 110, "NumberOfFeatures": 10, "NumberOfClasses": 2, "NumberOfNumericFeatures": 10, "noise": -99}, []int{0, 1, 2, 3}},
		{map[string]float64{"NumberOfInstances": 200, "NumberOfFeatures": 10, "NumberOfClasses": 2, "NumberOfNumericFeatures": 1, "noise": 99}, []int{1, 0, 2, 3}},
	} {
		ranking := learn(t, FLAML, m).Recommend(Query{Features: m.Vector(c.features), K: 4})
		if got := numbers(m, ranking.Configs); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.features, got, c.want)
		}
	}
}

func TestFLAMLFeaturesUnderEveryName(t *testing.T) {
	for _, values := range []map[string]float64{
		{"NumberOfInstances": 100, "NumberOfFeatures": 8, "NumberOfClasses": 3, "NumberOfNumericFeatures": 6},
		{"nr_inst": 100, "nr_attr": 8, "nr_class": 3, "nr_num": 6},
		{"log_nr_inst": math.Log(100), "log_nr_attr": math.Log(8), "log_nr_class": math.Log(3), "cat_share": .25},
	} {
		var names []string
		for name := range values {
			names = append(names, name)
		}
		slices.Sort(names)
		x := make([]float64, len(names))
		for i, name := range names {
			x[i] = values[name]
		}
		for i, want := range []float64{100, 8, 3, .75} {
			if got := flamlFeatures(names, x)[i]; math.Abs(got-want) > 1e-9 {
				t.Errorf("%v: feature %d is %v, want %v", names, i, got, want)
			}
		}
	}
	if x := flamlFeatures([]string{"other"}, []float64{1}); !transfer.Undefined(x) {
		t.Errorf("features from nowhere: %v", x)
	}
}

func TestExpectedLeastIsTheMeanOverAllDraws(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	values := make([]float64, 7)
	for i := range values {
		values[i] = math.Round(10*rng.Float64()) / 10
	}
	for k := 1; k <= 7; k++ {
		sum, n := 0.0, 0.0
		for set := range 1 << 7 { // every subset of k
			least, size := math.Inf(1), 0
			for i, v := range values {
				if set>>i&1 == 1 {
					least = min(least, v)
					size++
				}
			}
			if size == k {
				sum += least
				n++
			}
		}
		if got := ExpectedLeast(values, k); math.Abs(got-sum/n) > 1e-12 {
			t.Errorf("k = %d: %v, want %v", k, got, sum/n)
		}
	}
	if got := ExpectedLeast(values, 99); got != slices.Min(values) {
		t.Errorf("more draws than values: %v", got)
	}
}

// TestEveryStrategyReturnsDistinctConfigurations for full and incomplete tables, with features, without, and with a
// query that knows none, for any k; fewer are the first of more.
func TestEveryStrategyReturnsDistinctConfigurations(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	full := kinds(rng, 40, 12, 3)
	sparse := kinds(rng, 40, 12, 3)
	for _, row := range sparse.losses {
		for c := range row {
			switch rng.IntN(6) {
			case 0:
				row[c] = math.NaN()
			case 1:
				row[c] = math.Inf(1)
			}
		}
		sparse.features[rng.IntN(40)][rng.IntN(3)] = math.NaN()
	}
	blind := table{losses: full.losses}
	small := table{losses: full.losses[:3], features: full.features[:3]}
	for name, tb := range map[string]table{"full": full, "sparse": sparse, "without features": blind, "small": small} {
		m := tb.matrix(t)
		known := m.Tasks[1].Features
		unknown := m.Vector(nil)
		for _, strategy := range Strategies() {
			r := learn(t, strategy, m)
			for _, x := range [][]float64{known, unknown} {
				all := r.Recommend(Query{Features: x, K: 12}).Configs
				for _, k := range []int{0, 1, 5, 12, 30} {
					ranking := r.Recommend(Query{Features: x, K: k})
					if !slices.Equal(ranking.Configs, all[:min(k, 12)]) {
						t.Fatalf("%s, %s: %d of %v are %v", name, strategy, k, all, ranking.Configs)
					}
					if len(ranking.Configs) != min(k, 12) || !distinct(ranking.Configs) {
						t.Fatalf("%s, %s, k = %d: %v", name, strategy, k, ranking.Configs)
					}
					sum := 0.0
					for _, w := range ranking.Weights {
						sum += w
					}
					if len(ranking.Weights) != len(m.Tasks) || math.Abs(sum-1) > 1e-9 {
						t.Fatalf("%s, %s: weights %v sum to %v", name, strategy, ranking.Weights, sum)
					}
				}
			}
		}
	}
}

// TestTheOrderOfRecordsDoesNotChangeAnyRecommendation: nor does sharing of maps, and everything is deterministic.
func TestTheOrderOfRecordsDoesNotChangeAnyRecommendation(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	tb := kinds(rng, 45, 10, 3)
	m := tb.matrix(t)
	set := tb.set()
	rng.Shuffle(len(set.Runs), func(i, j int) { set.Runs[i], set.Runs[j] = set.Runs[j], set.Runs[i] })
	rng.Shuffle(len(set.Features), func(i, j int) { set.Features[i], set.Features[j] = set.Features[j], set.Features[i] })
	mixed, err := transfer.New(set, transfer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, strategy := range Strategies() {
		a, b := learn(t, strategy, m), learn(t, strategy, mixed)
		for i := range 5 {
			q := Query{Features: m.Tasks[i].Features, K: 10}
			x, y := a.Recommend(q), b.Recommend(q)
			if !slices.Equal(x.Configs, y.Configs) || !slices.Equal(x.Weights, y.Weights) {
				t.Errorf("%s: %v and %v", strategy, x.Configs, y.Configs)
			}
		}
	}
}

// TestEqualTasksInAnotherOrderGiveTheSameClassics: those without a forest must not see the order of tasks at all.
func TestEqualTasksInAnotherOrderGiveTheSameClassics(t *testing.T) {
	tb := kinds(rand.New(rand.NewPCG(4, 4)), 30, 9, 3)
	m := tb.matrix(t)
	order := rand.New(rand.NewPCG(5, 5)).Perm(30)
	mixed := m.Rows(order)
	for _, strategy := range []string{Random, AverageRank, Greedy, KNN, FLAML} {
		q := Query{Features: []float64{1, 0, 0}, K: 9}
		x, y := learn(t, strategy, m).Recommend(q), learn(t, strategy, mixed).Recommend(q)
		if !slices.Equal(x.Configs, y.Configs) {
			t.Errorf("%s: %v and %v", strategy, x.Configs, y.Configs)
		}
	}
}

// regretAt is the mean regret of the first k recommendations over fresh tasks of the same kinds.
func regretAt(t *testing.T, m *transfer.Matrix, strategy string, fresh *transfer.Matrix, k int) float64 {
	r := learn(t, strategy, m)
	sum := 0.0
	for i := range fresh.Tasks {
		least := transfer.MaxRegret
		for _, c := range r.Recommend(Query{Features: fresh.Tasks[i].Features, K: k}).Configs {
			least = min(least, fresh.Regret[i][c])
		}
		sum += least / float64(len(fresh.Tasks))
	}
	return sum
}

// TestMetaFeaturesHelpWhereTheyTell, and shuffled over tasks they take the advantage away but do little harm.
func TestMetaFeaturesHelpWhereTheyTell(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	tb := kinds(rng, 80, 24, 4)
	m, fresh := tb.matrix(t), kinds(rng, 40, 24, 4).matrix(t)
	plain := regretAt(t, m, Greedy, fresh, 1)
	for _, strategy := range []string{KNN, Forest, ForestGreedy} {
		if r := regretAt(t, m, strategy, fresh, 1); r > .5*plain {
			t.Errorf("%s: regret %.3f, greedy portfolio %.3f", strategy, r, plain)
		}
	}
	rng.Shuffle(len(tb.features), func(i, j int) { tb.features[i], tb.features[j] = tb.features[j], tb.features[i] })
	misled := tb.matrix(t)
	own, greedy := regretAt(t, misled, ForestGreedy, fresh, 5), regretAt(t, misled, Greedy, fresh, 5)
	if own > greedy+.1 {
		t.Errorf("shuffled features: regret %.3f, greedy portfolio %.3f", own, greedy)
	}
}

// TestForestGreedyIsThePortfolioWhereNothingElseIsKnown: few tasks, tasks from far away, no meta-features.
func TestForestGreedyIsThePortfolioWhereNothingElseIsKnown(t *testing.T) {
	tb := kinds(rand.New(rand.NewPCG(7, 7)), 60, 12, 3)
	many := tb.matrix(t)
	few := table{losses: tb.losses[:24], features: tb.features[:24]}.matrix(t)
	blind := table{losses: tb.losses}.matrix(t)
	for _, c := range []struct {
		name     string
		m        *transfer.Matrix
		features []float64
		same     bool
	}{
		{"near", many, many.Tasks[0].Features, false},
		{"few", few, few.Tasks[0].Features, true},
		{"far", many, []float64{1e6, 1e6, 1e6}, true},
		{"query without features", many, many.Vector(nil), true},
		{"tasks without features", blind, nil, true},
	} {
		q := Query{Features: c.features, K: 6}
		got, want := learn(t, ForestGreedy, c.m).Recommend(q).Configs, learn(t, Greedy, c.m).Recommend(q).Configs
		if slices.Equal(got, want) != c.same {
			t.Errorf("%s: %v, the portfolio is %v", c.name, got, want)
		}
	}
}

// TestUnseenSectionsHaveNotSeenTheGroup: what is said of a task as if it were new must not change when its group's
// results do.
func TestUnseenSectionsHaveNotSeenTheGroup(t *testing.T) {
	tb := kinds(rand.New(rand.NewPCG(8, 8)), 50, 8, 2)
	tb.groups = make([]string, 50)
	for i := range tb.groups {
		tb.groups[i] = []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}[i/5]
	}
	before := tb.matrix(t)
	targets := func(m *transfer.Matrix) [][]float64 { return m.Regret }
	f, err := growForest(before, targets(before), 60, forestLeaf, 1)
	if err != nil {
		t.Fatal(err)
	}
	changed := slices.Clone(before.Regret)
	for i := range 5 {
		changed[i] = []float64{9, 9, 9, 9, 9, 9, 9, 9}
	}
	g, err := growForest(before, changed, 60, forestLeaf, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		x := before.Tasks[i].Features
		p := f.unseen(i, x)
		if !slices.Equal(p, g.unseen(i, x)) {
			t.Errorf("task %d: its own group's results change what is said of it", i)
		}
		for s := range 5 {
			if p[s] != 0 {
				t.Errorf("task %d: a sibling has weight %v", i, p[s])
			}
		}
		if slices.Equal(f.proximity(x), g.proximity(x)) {
			t.Errorf("task %d: the forest as a whole should change", i)
		}
	}
}

func TestUnknownStrategy(t *testing.T) {
	_, err := NewStrategy("oracle")
	if !errors.Is(err, ErrStrategy) || !strings.Contains(err.Error(), "forest-greedy") {
		t.Errorf("error %v should name the strategies", err)
	}
	if s, err := NewStrategy(""); err != nil || s != (posterior{}) {
		t.Errorf("default: %T, %v", s, err)
	}
}
