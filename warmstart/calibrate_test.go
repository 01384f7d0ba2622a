package warmstart

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/transfer"
)

// cases makes a calibration of n tasks of their own groups, at distances 0, 1, …, that reached these regrets.
func cases(n int, reached func(i int) float64) (*calibration, *transfer.Matrix) {
	c, m := &calibration{}, &transfer.Matrix{Tasks: make([]transfer.Task, n)}
	for i := range n {
		m.Tasks[i].Group = string(rune('a' + i))
		c.cases = append(c.cases, held{task: i, weight: 1, distance: float64(i), reached: []float64{reached(i)}})
	}
	c.sort()
	return c, m
}

// TestDistributionMixesAlikeAndAll: two thirds of the mass are equal, one as the weights say, and the group itself is
// left out; values rise.
func TestDistributionMixesAlikeAndAll(t *testing.T) {
	c, m := cases(4, func(i int) float64 { return float64(4-i) / 10 })
	got := c.distribution([]float64{.8, .2, 0, 0}, 0, m.Tasks[3].Group, m)
	want := distribution{{.2, 2. / 9}, {.3, 2./9 + .2/3}, {.4, 2./9 + .8/3}}
	for i := range want {
		if math.Abs(got[i].weight-want[i].weight) > 1e-12 || math.Abs(got[i].value-want[i].value) > 1e-12 {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	for _, nothing := range [][]float64{nil, {0, 0, 0, 0}} {
		if got := c.distribution(nothing, 0, "", m); len(got) != 4 || got[0].weight != got[3].weight {
			t.Errorf("where nothing is alike: %v", got)
		}
	}
	if got := c.distribution([]float64{1, 0, 0, 0}, 1, "", m); got != nil {
		t.Errorf("at a rank that no case has: %v", got)
	}
}

// TestGroupsSpeakOnce: the two tasks of a group weigh together what one alone does, also among those that are alike.
func TestGroupsSpeakOnce(t *testing.T) {
	c, m := cases(3, func(i int) float64 { return float64(i) })
	m.Tasks[1].Group = m.Tasks[0].Group
	c.cases[0].weight, c.cases[1].weight = .5, .5
	for _, weights := range [][]float64{nil, {.3, .3, .3}} {
		if got := c.distribution(weights, 0, "", m); math.Abs(got[0].weight+got[1].weight-got[2].weight) > 1e-12 {
			t.Errorf("weights %v: %v", weights, got)
		}
	}
}

// TestOnlyWhatTellsIsBelieved: weights that name the cases which did the same score better, those that name the others
// worse, and those that say nothing no better.
func TestOnlyWhatTellsIsBelieved(t *testing.T) {
	c, m := cases(40, func(i int) float64 { return float64(i % 2) })
	for name, names := range map[string]func(i, j int) bool{
		"the same":   func(i, j int) bool { return i%2 == j%2 },
		"the others": func(i, j int) bool { return i%2 != j%2 },
		"all":        func(i, j int) bool { return true },
	} {
		alike := make([][]float64, 40)
		for i := range alike {
			alike[i] = make([]float64, 40)
			for j := range 40 {
				if names(i, j) {
					alike[i][j] = 1. / 20
				}
			}
		}
		if got := c.telling(alike, m); got != (name == "the same") {
			t.Errorf("weights that name %s are believed: %v", name, got)
		}
	}
}

// TestOutcomesFollowMetaFeatures: where half of the tasks are easy and a meta-feature says so, forecasts differ; with
// meta-features of other tasks they are the same for all.
func TestOutcomesFollowMetaFeatures(t *testing.T) {
	const n = 60
	rng := rand.New(rand.NewPCG(1, 1))
	easy := func(i int) float64 { return float64(i % 2) }
	for _, shuffled := range []bool{false, true} {
		c, m := cases(n, func(i int) float64 { return easy(i) + .1*rng.Float64() })
		m.FeatureNames = []string{"easy"}
		for i := range n {
			m.Tasks[i].ID, m.Tasks[i].Features = record.ID(m.Tasks[i].Group), []float64{easy(i)}
			if shuffled {
				m.Tasks[i].Features[0] = rng.Float64()
			}
		}
		if err := c.learn(m, 1); err != nil {
			t.Fatal(err)
		}
		if shuffled != (c.outcomes == nil) {
			t.Fatalf("shuffled %v: forest %v", shuffled, c.outcomes)
		}
		low := c.distribution(c.alike([]float64{0}), 0, "", m).mean()
		high := c.distribution(c.alike([]float64{1}), 0, "", m).mean()
		if want := 1. / 3; !shuffled && math.Abs(high-low-want) > .02 {
			t.Errorf("means %v and %v, want them %v apart", low, high, want)
		}
		for i, h := range c.cases {
			if len(h.expected) != 1 || !shuffled && math.Abs(h.expected[0]-.55-(easy(i)-.5)/3) > .05 {
				t.Errorf("shuffled %v, case %d: expected %v", shuffled, i, h.expected)
			}
		}
		if len(c.places) != n || !slices.IsSortedFunc(c.places, func(x, y weighted) int { return cmp.Compare(x.value, y.value) }) {
			t.Errorf("%d places: %v", len(c.places), c.places)
		}
	}
}

// TestCalibrationWidensWhatIsTooNarrow: where outcomes lay at the ends of what was predicted, the interval goes to them;
// where they lay in the middle, it shrinks to that.
func TestCalibrationWidensWhatIsTooNarrow(t *testing.T) {
	c, _ := cases(60, func(int) float64 { return .5 })
	var d distribution
	for i := range 3001 { // even between 1.1 and 2.1, so that by itself the interval is [1.2, 2]
		d = append(d, weighted{1.1 + float64(i)/3000, 1})
	}
	for _, x := range []struct {
		name  string
		place func(i int) float64
		want  [2]float64
	}{
		{"at the ends", func(i int) float64 { return float64(i % 2) }, [2]float64{1.1, 2.1}},
		{"in the middle", func(int) float64 { return .5 }, [2]float64{1.6, 1.6}},
		{"everywhere", func(i int) float64 { return (float64(i) + .5) / 60 }, [2]float64{1.2, 2}},
	} {
		c.places = nil
		for i := range c.cases {
			c.places = append(c.places, weighted{x.place(i), 1})
		}
		c.places.sort()
		got := c.predict(d).consistent().Interval()
		if math.Abs(got[0]-x.want[0]) > .01 || math.Abs(got[1]-x.want[1]) > .01 {
			t.Errorf("outcomes %s: interval %v, want %v", x.name, got, x.want)
		}
	}
	few := &calibration{cases: c.cases[:fewestCases-1], places: distribution{{.5, 1}}}
	if got := few.predict(d).Interval(); math.Abs(got[0]-1.2) > 1e-3 || math.Abs(got[1]-2) > 1e-3 {
		t.Errorf("with too few cases the distribution stands as it is: %v", got)
	}
	if got := c.predict(nil); got.Expected != transfer.MaxRegret || got.Quantiles[0] != transfer.MaxRegret {
		t.Errorf("nothing is known: %+v", got)
	}
}

// TestCalibrationLeavesOutWhatCannotBeJudged: tasks whose configurations are all the same, wherever they stand.
func TestCalibrationLeavesOutWhatCannotBeJudged(t *testing.T) {
	tb := kinds(rand.New(rand.NewPCG(3, 1)), 30, 9, 3)
	for _, i := range []int{0, 11} {
		for c := range tb.losses[i] {
			tb.losses[i][c] = .5
		}
	}
	m := tb.matrix(t)
	f, err := NewForecaster(m, greedy{}, learn(t, Greedy, m), Options{K: 2})
	if err != nil {
		t.Fatal(err)
	}
	var judged []int
	for _, h := range f.calibration.cases {
		judged = append(judged, h.task)
	}
	if len(judged) != 28 || slices.Contains(judged, 0) || slices.Contains(judged, 11) || judged[27] != 29 {
		t.Errorf("judged %v", judged)
	}
}

// TestCalibrationLooksAtTasksAsFarAway: held-out tasks at a like distance count double.
func TestCalibrationLooksAtTasksAsFarAway(t *testing.T) {
	c, _ := cases(90, func(int) float64 { return 0 })
	for i, h := range c.near(75) {
		if want := 1 + float64((89-i)/45); h.weight != want || (want == 2) != (h.distance >= 45) {
			t.Fatalf("case %d at distance %v has weight %v", i, h.distance, h.weight)
		}
	}
	if n := len(c.near(math.Inf(1))); n != 90 {
		t.Errorf("%d cases for a task that cannot be compared", n)
	}
	if c.cases[80].weight != 1 {
		t.Error("the cases themselves were changed")
	}
}

// TestHeldOutTasksAreNotTheirOwnEvidence, for strategies that cross-fit and for those that learn again.
func TestHeldOutTasksAreNotTheirOwnEvidence(t *testing.T) {
	tb := kinds(rand.New(rand.NewPCG(1, 1)), 40, 9, 3)
	tb.groups = make([]string, 40)
	for i := range tb.groups {
		tb.groups[i] = string(rune('a' + i/2))
	}
	m := tb.matrix(t)
	for _, name := range Strategies() {
		s, err := NewStrategy(name)
		if err != nil {
			t.Fatal(err)
		}
		rankings, err := heldOut(m, s, learn(t, name, m), Options{K: 3})
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range rankings {
			sum := 0.0
			for s, w := range r.Weights {
				sum += w
				if w > 0 && m.Tasks[s].Group == m.Tasks[i].Group {
					t.Errorf("%s: task %d is judged by task %d of its own group", name, i, s)
				}
			}
			if len(r.Configs) != 3 || math.Abs(sum-1) > 1e-9 {
				t.Errorf("%s, task %d: %v, weights sum to %v", name, i, r.Configs, sum)
			}
		}
	}
	alone := m.WithGroups(slices.Repeat([]string{"one"}, 40))
	rankings, err := heldOut(alone, greedy{}, learn(t, Greedy, alone), Options{K: 3})
	if err != nil || rankings[0].Configs != nil {
		t.Errorf("with one group nothing can be held out: %v, %v", rankings[0], err)
	}
}

func TestNovelty(t *testing.T) {
	tb := table{features: [][]float64{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {3, 4}}}
	for range tb.features {
		tb.losses = append(tb.losses, []float64{1, 2})
	}
	tb.groups = []string{"", "", "", "g", "g"}
	m := tb.matrix(t)
	n := newNovelty(m)
	if n.own[3] == 0 || n.own[3] != n.own[4] {
		t.Errorf("siblings are each other's nearest: %v", n.own)
	}
	if d := n.nearest([]float64{3, 4}); d != 0 {
		t.Errorf("distance %v of a task that is known", d)
	}
	near, far := n.nearest([]float64{1.5, 2.5}), n.nearest([]float64{30, 40})
	if !(near < far) || n.strangeness(near) != 0 || n.strangeness(far) != 1 {
		t.Errorf("distances %v and %v, strangeness %v and %v", near, far, n.strangeness(near), n.strangeness(far))
	}
	if s := n.strangeness(1.5 * n.limit()); math.Abs(s-.5) > 1e-9 {
		t.Errorf("strangeness half-way is %v", s)
	}
	if d := n.nearest(m.Vector(nil)); !math.IsInf(d, 1) || n.strangeness(d) != 1 {
		t.Errorf("without features the distance is %v", d)
	}
	blind := newNovelty(table{losses: tb.losses}.matrix(t))
	if blind.limit() != 0 || blind.strangeness(blind.nearest(nil)) != 1 {
		t.Errorf("limit %v without features", blind.limit())
	}
}

// TestComparableKeepsForeignFeatures and cuts metaml's own to those by which tasks compare.
func TestComparableKeepsForeignFeatures(t *testing.T) {
	tb := table{losses: [][]float64{{1, 2}}, features: [][]float64{{1, 2}}, names: []string{"log_nr_inst", "nr_inst"}}
	m := tb.matrix(t)
	if got := Comparable(m).FeatureNames; len(got) != 2 {
		t.Errorf("features of %s: %v", m.Extractor, got)
	}
	set := tb.set()
	set.Features[0].Extractor = "metaml/1"
	own, err := transfer.New(set, transfer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := Comparable(own).FeatureNames; !slices.Equal(got, []string{"log_nr_inst"}) {
		t.Errorf("metaml's own features: %v", got)
	}
}
